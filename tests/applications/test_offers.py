import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from applications import actions
from applications.models import Offer
from applications.workflow import ApplicationStatus, OfferStatus
from authorization.actions import declare
from authorization.rules import clearance
from core.workflow import MoveRefused
from notifications.mail import MAILS
from notifications.models import OutboxMail
from postings.models import EngagementType, Posting
from tests.applications.making import (
    MINUTE,
    TERMS,
    UNPAID,
    host_of,
    make_application,
    make_offer,
    make_unpaid_offer,
    student_of,
)
from tests.factories import NOW, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def kinds_of(subject):
    return sorted(
        OutboxMail.objects.filter(subject_id=subject.pk, kind__startswith="offer").values_list("kind", flat=True)
    )


def test_an_offer_freezes_its_policy_and_tells_the_student():
    offer = make_offer(days=7)
    assert (offer.status, offer.policy_days, offer.policy_least, offer.days) == (OfferStatus.OPEN, 7, 5, 7)
    assert (offer.zone, offer.written_at) == ("America/New_York", NOW)
    assert offer.last_day == dt.date(2026, 3, 11)
    assert offer.deadline == dt.datetime(2026, 3, 12, 4, tzinfo=dt.UTC)  # after the clocks went forward on March 8
    assert offer.application.status == ApplicationStatus.OFFERED
    mail = OutboxMail.objects.get(kind="offer.made")
    assert (mail.recipient, mail.expires, mail.must_arrive) == (student_of(offer), offer.deadline, True)
    kind = offer.application.posting.opportunity_type
    kind.offer_days_least, kind.offer_days_recommended = 20, 20
    kind.save()
    offer.refresh_from_db()
    assert (offer.policy_least, offer.last_day) == (5, dt.date(2026, 3, 11))


def test_a_host_cannot_write_an_exploding_offer():
    application = make_application()
    with pytest.raises(MoveRefused) as refused:
        make_offer(application, days=2)
    assert refused.value.message == (
        "Students get at least 5 business days to decide, so that nobody has to choose in a rush. Enter 5 or more. "
        "If there is a reason for fewer, the career office can grant it."
    )
    assert not Offer.objects.exists()


def test_staff_can_allow_fewer_days_with_a_written_reason():
    application, adviser = make_application(), make_staff("adviser")
    for by, days, reason in ((host_of(application), 2, "Rush"), (adviser, 2, " "), (adviser, 0, "Rush")):
        with pytest.raises(MoveRefused):
            actions.waive_least_days(application, by=by, days=days, reason=reason, now=NOW)
    actions.waive_least_days(application, by=adviser, days=2, reason="The lab opens on Thursday.", now=NOW)
    with pytest.raises(MoveRefused):
        make_offer(application, days=1)
    offer = make_offer(application, days=2)
    assert (offer.policy_days, offer.policy_least) == (2, 2)
    assert (offer.waiver_reason, offer.waived_by) == ("The lab opens on Thursday.", adviser)
    assert offer.last_day == dt.date(2026, 3, 4)


def test_a_suspended_organization_makes_no_offer():
    application = make_application()
    organization = application.posting.organization
    actions.suspend_organization(organization, by=make_staff(), reason="A report", now=NOW)
    with pytest.raises(MoveRefused, match="suspended"):
        make_offer(application)


def test_acceptance_opens_a_record_for_everybody_and_tells_both_sides():
    offer = make_offer()
    student = offer.application.student
    accepted = actions.accept_offer(offer, by=student.user, now=NOW + MINUTE)
    assert (accepted.status, accepted.status_at, accepted.status_by) == (
        OfferStatus.ACCEPTED,
        NOW + MINUTE,
        student.user,
    )
    record = accepted.authorization
    assert (record.student, record.starts, record.ends) == (student, TERMS.starts_on, TERMS.ends_on)
    assert clearance(record) == "not cleared to begin yet"
    assert kinds_of(offer) == ["offer.accepted", "offer.accepted_host", "offer.made"]


@pytest.mark.parametrize(("engagement", "contractor"), [("contractor", True), ("project-intern", False)])
def test_the_record_says_whether_the_work_is_as_a_contractor(engagement, contractor):
    engaged = make_posting(engagement_type=EngagementType.objects.get(slug=engagement))
    offer = make_offer(make_application(engaged))
    assert actions.accept_offer(offer, by=student_of(offer), now=NOW).authorization.contractor is contractor


def test_a_student_who_needs_no_authorization_is_cleared_at_once():
    application = make_application()
    declare(application.student, needs="no", by=application.student.user, now=NOW)
    offer = make_offer(application)
    accepted = actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert clearance(accepted.authorization) == "cleared to begin from Mon, May 4, 2026"


def test_acceptance_looks_at_the_deadline_to_the_instant():
    offer = make_offer()
    with pytest.raises(MoveRefused, match="deadline for this offer has passed"):
        actions.accept_offer(offer, by=student_of(offer), now=offer.deadline)
    with pytest.raises(MoveRefused, match="deadline for this offer has passed"):
        actions.decline_offer(offer, by=student_of(offer), now=offer.deadline)
    last_moment = offer.deadline - dt.timedelta(microseconds=1)
    assert actions.accept_offer(offer, by=student_of(offer), now=last_moment).status == OfferStatus.ACCEPTED


def test_the_last_position_fills_the_posting_and_refuses_the_next():
    posting = make_posting(positions=1)
    first, second = (make_offer(make_application(posting)) for _ in range(2))
    actions.accept_offer(first, by=student_of(first), now=NOW)
    assert Posting.objects.get(pk=posting.pk).status == "filled"
    with pytest.raises(MoveRefused, match="last position was taken"):
        actions.accept_offer(second, by=student_of(second), now=NOW)
    second.refresh_from_db()
    assert second.status == OfferStatus.OPEN


def test_who_has_an_open_offer_hears_once_that_the_last_position_was_taken():
    posting = make_posting(positions=2)
    first, second, third, declined, past = (make_offer(make_application(posting)) for _ in range(5))
    actions.decline_offer(declined, by=student_of(declined), now=NOW)
    Offer.objects.filter(pk=past.pk).update(deadline=NOW + MINUTE)
    actions.accept_offer(first, by=student_of(first), now=NOW)
    reminder, taken = MAILS["offer.reminder"], MAILS["offer.place_taken"]
    assert reminder.render(third.pk, student_of(third), third.version) is not None
    assert not OutboxMail.objects.filter(kind="offer.place_taken").exists()
    accepted = actions.accept_offer(second, by=student_of(second), now=NOW + MINUTE)
    told = OutboxMail.objects.get(kind="offer.place_taken")
    assert (told.recipient, told.subject_id, told.expires) == (student_of(third), third.pk, third.deadline)
    assert reminder.render(third.pk, student_of(third), third.version) is None
    mail = taken.render(third.pk, student_of(third), told.version)
    assert mail.subject == f"The last position was taken: “{posting.title}”"
    assert "we will not remind you to decide" in mail.text
    actions.withdraw_acceptance(accepted, by=make_staff(), reason="Illness", now=NOW + MINUTE)
    assert reminder.render(third.pk, student_of(third), third.version) is not None
    assert taken.render(third.pk, student_of(third), told.version) is None


def test_an_acceptance_that_staff_withdraw_frees_the_position():
    posting = make_posting(positions=1)
    first, second = (make_offer(make_application(posting)) for _ in range(2))
    accepted = actions.accept_offer(first, by=student_of(first), now=NOW)
    with pytest.raises(MoveRefused):
        actions.withdraw_acceptance(accepted, by=make_staff(), reason=" ", now=NOW)
    withdrawn = actions.withdraw_acceptance(accepted, by=make_staff(), reason="Illness", now=NOW + MINUTE)
    assert withdrawn.application.status == ApplicationStatus.ACCEPTANCE_WITHDRAWN
    withdrawn.authorization.refresh_from_db()
    assert withdrawn.authorization.is_closed
    assert {"offer.acceptance_withdrawn", "offer.acceptance_withdrawn_host"} <= set(kinds_of(first))
    assert actions.accept_offer(second, by=student_of(second), now=NOW + MINUTE).status == OfferStatus.ACCEPTED


def test_another_student_cannot_answer():
    offer = make_offer()
    for answer in (actions.accept_offer, actions.decline_offer):
        with pytest.raises(MoveRefused):
            answer(offer, by=make_student().user, now=NOW)


def test_declining_and_rescinding_tell_the_other_side():
    declined, rescinded = make_offer(), make_offer()
    actions.decline_offer(declined, by=student_of(declined), reason="Exams", now=NOW)
    assert "offer.declined_host" in kinds_of(declined)
    with pytest.raises(MoveRefused):
        actions.rescind_offer(rescinded, by=host_of(rescinded.application), reason="", now=NOW)
    actions.rescind_offer(rescinded, by=host_of(rescinded.application), reason="Budget", now=NOW)
    assert "offer.rescinded" in kinds_of(rescinded)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"status": "expired"}, "offer_status_by_someone"),
        ({"status": "accepted"}, "offer_accepted_with_a_start_gate"),
        ({"held_at": NOW}, "offer_held_since_a_moment"),
        ({"ends_on": dt.date(2026, 5, 3)}, "offer_dates_in_order"),
        ({"policy_days": 4}, "offer_days_within_policy"),
        ({"waiver_reason": "A reason of nobody"}, "offer_waiver_with_reason"),
        ({"pay_kind": "unpaid"}, "offer_pay_matches_its_kind"),
        ({"deadline": NOW}, "offer_deadline_after_it_was_written"),
    ],
)
def test_the_database_refuses_what_the_code_forgot(change, constraint):
    offer = make_offer()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**change)


def test_one_open_offer_for_an_application():
    offer = make_offer()
    offer.pk = None
    offer._state.adding = True
    with pytest.raises(IntegrityError, match="offer_one_at_a_time"), transaction.atomic():
        offer.save()


def test_an_offer_is_unpaid_only_where_the_posting_is():
    assert make_unpaid_offer().pay_amount is None
    paid = make_application()
    with pytest.raises(MoveRefused, match="The posting promises pay"):
        make_offer(paid, terms=UNPAID)
    assert not paid.offers.exists()


@pytest.mark.parametrize(
    ("terms", "warnings"),
    [
        ({}, []),
        ({"pay_amount": Decimal(15), "hours_week": 15}, []),
        (
            {"pay_amount": Decimal("14.99")},
            ["An hour comes to 14.99 USD at the least, under the floor of 15.00 (everywhere)."],
        ),
        (  # 26 days at 12 hours a week come to 45 hours, whatever total the posting states
            {"pay_kind": "fixed_fee", "pay_amount": Decimal(600)},
            ["An hour comes to 13.33 USD at the least, under the floor of 15.00 (everywhere)."],
        ),
        ({"hours_week": 16}, ["16 hours a week are more than the 15 of your posting."]),
    ],
)
def test_terms_that_fall_short_are_said_to_the_host_and_refused_by_nobody(client, terms, warnings):
    with time_machine.travel(NOW, tick=False):
        offer = make_offer(terms=replace(TERMS, **terms))
        for user, sees in ((host_of(offer.application), warnings), (student_of(offer), []), (make_staff(), [])):
            client.force_login(user)
            page = client.get(offer.get_absolute_url())
            assert page.context["warnings"] == sees
            assert ("Terms to look at again" in page.content.decode()) == bool(sees)


@pytest.mark.parametrize(
    ("terms", "pay"),
    [
        ({}, "$20 an hour"),
        ({"pay_kind": "fixed_fee", "pay_amount": Decimal(1250)}, "$1,250 fixed fee"),
        ({"pay_amount": Decimal("17.50"), "currency": "EUR"}, "€17.50 EUR an hour"),
    ],
)
def test_the_offer_says_its_pay_as_the_posting_does(client, terms, pay):
    offer = make_offer(terms=replace(TERMS, **terms))
    client.force_login(student_of(offer))
    (term,) = (term for term in client.get(offer.get_absolute_url()).context["terms"] if term.name == "Pay")
    assert term.offered == pay


def test_an_unpaid_offer_is_accepted_after_a_talk_with_staff_on_record():
    offer, adviser = make_unpaid_offer(), make_staff("adviser")
    student = student_of(offer)
    with pytest.raises(MoveRefused, match="talk it over with the career office first"):
        actions.accept_offer(offer, by=student, now=NOW)
    actions.ask_for_talk(offer, by=student, words="Is that usual?", now=NOW)
    with pytest.raises(MoveRefused, match="talk it over with the career office first"):
        actions.accept_offer(offer, by=student, now=NOW)
    talk = actions.record_talk(offer, by=adviser, note="She learns what she wants to.", now=NOW)
    accepted = actions.accept_offer(offer, by=student, now=NOW)
    assert (accepted.status, accepted.talk) == (OfferStatus.ACCEPTED, talk)


def test_the_database_keeps_an_unpaid_acceptance_to_its_talk():
    offer = make_unpaid_offer()
    actions.record_talk(offer, by=make_staff("adviser"), note="Said.", now=NOW)
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    with pytest.raises(IntegrityError, match="offer_unpaid_accepted_after_a_talk"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(talk=None)


def test_the_database_takes_no_talk_about_another_offer():
    offer, other = make_unpaid_offer(), make_unpaid_offer()
    talk = actions.record_talk(other, by=make_staff("adviser"), note="Said.", now=NOW)
    refer_to(talk, other)
    with pytest.raises(IntegrityError, match="offer_talk_is_about_it"), transaction.atomic():
        refer_to(talk, offer)


def refer_to(talk, offer):
    """As though the transaction ended there."""
    Offer.objects.filter(talk=talk).update(talk=None)
    Offer.objects.filter(pk=offer.pk).update(talk=talk)
    connection.check_constraints()


def test_the_talk_is_said_on_the_page_before_an_unpaid_offer_can_be_accepted(client):
    with time_machine.travel(NOW, tick=False):
        offer = make_unpaid_offer()
        client.force_login(student_of(offer))
        url = offer.get_absolute_url()
        before = client.get(url).content.decode()
        assert ("This offer is unpaid." in before, f"{url}acceptance/" in before) == (True, False)
        client.post(f"{url}acceptance/")
        assert Offer.objects.get().status == OfferStatus.OPEN
        actions.record_talk(offer, by=make_staff("adviser"), note="Said.")
        after = client.get(url).content.decode()
        assert ("This offer is unpaid." in after, f"{url}acceptance/" in after) == (False, True)
        client.post(f"{url}acceptance/")
        assert Offer.objects.get().status == OfferStatus.ACCEPTED
