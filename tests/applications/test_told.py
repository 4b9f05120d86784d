"""Who hears of what happened to an offer, and who does not."""

import datetime as dt

import pytest

from accounts.models import Membership
from accounts.roles import Role
from applications import actions, reminders
from applications.actions.moving import roles_of
from applications.models import Offer, OfferEvent
from applications.workflow import OfferStatus
from core.workflow import MoveRefused
from notifications.delivery import compose, drain
from notifications.mail import MAILS
from notifications.models import OutboxMail
from postings.models import Posting
from tests.applications.making import (
    host_of,
    make_application,
    make_interview,
    make_offer,
    make_unpaid_offer,
    student_of,
)
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def told(kind):
    return [row.recipient for row in OutboxMail.objects.filter(kind=kind).order_by("pk")]


def test_of_an_offer_taken_back_the_office_and_the_hosts_hear_too():
    dev, mo = make_staff(Role.ADVISER), make_staff(Role.MODERATOR)
    offer = make_offer()
    host = host_of(offer.application)
    actions.rescind_offer(offer, by=mo, reason="The project is off.", now=NOW)
    assert told("offer.rescinded") == [student_of(offer)]
    assert (told("offer.rescinded_host"), told("offer.rescinded_office")) == ([host], [dev])
    row = OutboxMail.objects.get(kind="offer.rescinded_office")
    assert compose(row, MAILS[row.kind], {}).subject == f"Offer taken back: {offer.application.posting.title}"


def test_what_has_lapsed_is_not_taken_back():
    offer = make_offer()
    with pytest.raises(MoveRefused, match="nothing left to take back"):
        actions.rescind_offer(offer, by=host_of(offer.application), reason="Late", now=offer.deadline)
    actions.expire_offer(offer, now=offer.deadline)
    assert Offer.objects.get(pk=offer.pk).status == OfferStatus.EXPIRED


def test_a_place_that_becomes_free_is_told_to_who_was_told_that_it_was_taken():
    posting = make_posting(positions=1)
    first, second = (make_offer(make_application(posting)) for _ in range(2))
    actions.accept_offer(first, by=student_of(first), now=NOW)
    assert told("offer.place_taken") == [student_of(second)]
    actions.withdraw_acceptance(first, by=make_staff(), reason="Ill", now=NOW)
    assert told("offer.place_free") == [student_of(second)]
    row = OutboxMail.objects.get(kind="offer.place_free")
    assert compose(row, MAILS[row.kind], {}) is not None
    actions.accept_offer(second, by=student_of(second), now=NOW)
    assert compose(row, MAILS[row.kind], {}) is None


def test_while_another_place_is_free_nothing_becomes_free():
    posting = make_posting(positions=3)
    first, _ = (make_offer(make_application(posting)) for _ in range(2))
    actions.accept_offer(first, by=student_of(first), now=NOW)
    actions.withdraw_acceptance(first, by=make_staff(), reason="Ill", now=NOW)
    assert told("offer.place_free") == []


def test_who_left_the_organization_hears_nothing_more_and_who_is_there_does():
    offer = make_offer()
    posting, host = offer.application.posting, host_of(offer.application)
    colleague = make_host(organization=posting.organization)
    actions.decline_offer(offer, by=student_of(offer), now=NOW)
    assert told("offer.declined_host") == [host]
    Membership.objects.get(user=host).delete()
    drain(clock=lambda: NOW)
    assert OutboxMail.objects.get(kind="offer.declined_host").state == "superseded"
    student = make_student()
    application = make_application(posting, student)
    assert set(told("application.received")) == {host, colleague.user}
    actions.withdraw(application, by=student.user, reason="", now=NOW)
    assert told("application.withdrawn") == [colleague.user]


def test_of_an_interview_whose_host_has_left_a_colleague_hears():
    interview = make_interview(times=(1,))
    posting, host = interview.application.posting, host_of(interview.application)
    colleague = make_host(organization=posting.organization)
    Membership.objects.get(user=host).delete()
    actions.pick_time(interview, by=interview.student, time=interview.times.get(), now=NOW)
    drain(clock=lambda: NOW)
    rows = OutboxMail.objects.filter(kind="interview.picked").values_list("recipient", "state")
    assert dict(rows) == {interview.student.pk: "sent", colleague.user.pk: "sent", host.pk: "superseded"}


def test_of_postings_whose_host_has_left_colleagues_are_reminded_and_nudged():
    interview = make_interview(make_application(make_posting(answer_within=5)), times=(3, 4))
    posting = interview.application.posting
    cohost, colleague = (make_host(organization=posting.organization).user for _ in range(2))
    posting.cohosts.add(cohost.host)
    other = make_application(make_posting(answer_within=5)).posting
    make_application(posting)
    actions.pick_time(interview, by=interview.student, time=interview.times.get(number=1), now=NOW)

    def heard(plan):
        found = plan(NOW, NOW + dt.timedelta(days=4))
        return {(one.subject_id, one.recipient_id) for one in found} - {(interview.pk, interview.student.pk)}

    host, elsewhere = posting.host.user, (other.pk, other.host.user_id)
    assert heard(reminders.plan_interviews) == {(interview.pk, host.pk), (interview.pk, cohost.pk)}
    assert heard(reminders.plan_nudges) == {(posting.pk, host.pk), (posting.pk, cohost.pk), elsewhere}
    Membership.objects.filter(user__in=[host, cohost]).delete()
    assert heard(reminders.plan_interviews) == {(interview.pk, host.pk), (interview.pk, colleague.pk)}  # host proposed
    assert heard(reminders.plan_nudges) == {(posting.pk, colleague.pk), elsewhere}
    soon = NOW + dt.timedelta(days=4)
    for plan in (reminders.plan_interviews, reminders.plan_nudges):
        assert {one.recipient_id for one in plan(NOW, soon, recipient_id=colleague.pk)} == {colleague.pk}
        assert list(plan(NOW, soon, recipient_id=cohost.pk)) == []


def test_the_hosts_of_any_number_of_postings_are_one_question(django_assert_num_queries):
    for number in (1, 5):
        postings = [make_posting() for _ in range(number)]
        with django_assert_num_queries(1):
            found = Posting.objects.filter(pk__in=[posting.pk for posting in postings]).hosts()
        assert found == {posting.pk: [posting.host.user_id] for posting in postings}


def test_nobody_is_the_office_of_an_application_of_their_own():
    offer = make_offer()
    student = student_of(offer)
    assert roles_of(student, offer.application) == {"student"}
    from accounts.actions import set_staff_roles

    set_staff_roles(student, roles=[Role.ADVISER], by=None)
    student = type(student).objects.get(pk=student.pk)
    assert roles_of(student, offer.application) == {"student"}
    later = offer.last_day + dt.timedelta(days=7)
    with pytest.raises(MoveRefused):
        actions.extend_offer(offer, by=student, last_day=later, now=NOW)


def test_an_adviser_who_is_of_the_organization_is_not_the_office_that_the_student_talks_to():
    offer = make_unpaid_offer()
    dev = make_staff(Role.ADVISER)
    Membership.objects.create(user=dev, organization=offer.application.posting.organization)
    with pytest.raises(MoveRefused, match="Only the career office"):
        actions.record_talk(offer, by=dev, note="We talked.", now=NOW)
    actions.record_talk(offer, by=make_staff(Role.ADVISER), note="We talked.", now=NOW)


def test_an_offer_that_cannot_expire_holds_up_no_other(monkeypatch):
    first, second = make_offer(), make_offer()
    move = actions.deadlines.move_offer

    def stumble(offer, *args, **options):
        if offer.pk == first.pk:
            raise RuntimeError("a fault")
        move(offer, *args, **options)

    monkeypatch.setattr(actions.deadlines, "move_offer", stumble)
    assert actions.expire_offers(now=second.deadline) == 1
    assert [Offer.objects.get(pk=one.pk).status for one in (first, second)] == [OfferStatus.OPEN, OfferStatus.EXPIRED]
    assert not OfferEvent.objects.filter(offer=first, move="expire").exists()
