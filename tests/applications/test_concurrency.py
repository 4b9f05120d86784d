"""Real threads on a real database: what happens at the same instant has one outcome."""

import datetime as dt
import threading
from collections import Counter
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client

from applications import actions, rules
from applications.actions.applying import CLOSED
from applications.models import (
    Acknowledgment,
    Application,
    ApplicationEvent,
    Case,
    CaseLook,
    DocumentVersion,
    Offer,
    OfferRequest,
)
from applications.workflow import OfferStatus
from campus.actions import change_closures
from campus.calendar import campus_calendar
from campus.models import Closure
from core import clock
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from postings.actions import close, fill
from postings.models import Posting
from tests.applications.making import (
    RESUME,
    TERMS,
    host_of,
    make_application,
    make_draft,
    make_interview,
    make_offer,
    student_of,
)
from tests.core.documents import pdf, upload
from tests.factories import NOW, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Run the calls in threads that start together; what each came to, a refusal being an outcome too."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(name, call):
        try:
            barrier.wait()
            call()
            outcomes.append(name)
        except MoveRefused:
            outcomes.append("refused")
        except Exception as error:
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


def accept(offer):
    return "accepted", lambda: actions.accept_offer(offer, by=student_of(offer), now=NOW)


def picks(interview, number):
    student, time = interview.application.student.user, interview.times.get(number=number)
    return "picked", lambda: actions.pick_time(interview, by=student, time=time, now=NOW)


def test_of_picks_of_one_interview_one_wins():
    interview = make_interview(times=range(1, 6))
    assert at_once(*(picks(interview, number) for number in range(1, 6))) == {"picked": 1, "refused": 4}
    interview.refresh_from_db()
    assert (interview.is_picked, interview.sequence) == (True, 1)


def test_of_students_who_pick_the_same_hour_of_one_host_one_wins():
    posting = make_posting()
    interviews = [make_interview(make_application(posting), times=(1,)) for _ in range(6)]
    assert at_once(*(picks(interview, 1) for interview in interviews)) == {"picked": 1, "refused": 5}


def test_a_pick_and_a_cancellation_at_one_instant_end_canceled_or_refused():
    interview = make_interview()
    host = host_of(interview.application)

    def cancel():
        actions.cancel_interview(interview, by=host, reason="Ill", now=NOW)

    outcomes = at_once(picks(interview, 1), ("canceled", cancel))
    assert outcomes in ({"picked": 1, "canceled": 1}, {"refused": 1, "canceled": 1})
    interview.refresh_from_db()
    assert interview.status == "canceled"


def test_of_acceptances_of_the_last_position_one_wins(at_length):
    threads = at_length(8, 32)
    students = [make_student() for _ in range(threads)]
    for _ in range(at_length(1, 50)):
        posting = make_posting(positions=1)
        offers = [make_offer(make_application(posting, student)) for student in students]
        assert at_once(*(accept(offer) for offer in offers)) == {"accepted": 1, "refused": threads - 1}
        assert Offer.objects.filter(application__posting=posting, status=OfferStatus.ACCEPTED).count() == 1
        assert Posting.objects.get(pk=posting.pk).status == "filled"


def test_a_closure_that_is_entered_while_an_offer_is_written_counts_for_it(at_length):
    staff = make_staff()
    for number in range(at_length(4, 40)):
        application, day = make_application(), (NOW + dt.timedelta(days=1 + number % 4)).date()
        snow = Closure(name=f"Snow {number}", first_day=day, last_day=day)
        offer = partial(actions.make_offer, application, by=host_of(application), terms=TERMS, days=5, now=NOW)
        close = partial(change_closures, added=[snow], by=staff, now=NOW)
        assert at_once(("offered", offer), ("closed", close)) == {"offered": 1, "closed": 1}
        made = Offer.objects.get(application=application)
        assert rules.days_until(made.written_at, made.last_day, campus_calendar(), made.zone) == 5
        snow.delete()


def test_a_closure_that_is_entered_while_more_time_is_given_counts_for_it(at_length):
    staff, named = make_staff(), NOW.date() + dt.timedelta(days=10)
    for number in range(at_length(4, 40)):
        offer, day = make_offer(), NOW.date() + dt.timedelta(days=9)
        snow = Closure(name=f"Snow {number}", first_day=day, last_day=day)
        extend = partial(actions.extend_offer, offer, by=staff, last_day=named, now=NOW)
        close = partial(change_closures, added=[snow], by=staff, now=NOW)
        assert at_once(("extended", extend), ("closed", close)) == {"extended": 1, "closed": 1}
        offer.refresh_from_db()
        assert rules.days_until(offer.written_at, offer.last_day, campus_calendar(), offer.zone) == offer.days
        assert (offer.days, offer.last_day - named) in ((7, dt.timedelta(0)), (8, dt.timedelta(days=1)))
        snow.delete()


def test_an_offer_that_is_reopened_while_a_closure_is_entered_counts_over_it():
    offer, staff = make_offer(), make_staff()
    after, day = offer.deadline + dt.timedelta(minutes=1), NOW.date() + dt.timedelta(days=9)
    actions.expire_offers(now=after)
    snow = Closure(name="Snow", first_day=day, last_day=day)
    close = partial(change_closures, added=[snow], by=staff, now=after)
    reopen = partial(actions.extend_offer, offer, by=staff, last_day=day + dt.timedelta(days=1), now=after)
    assert len(overlapping(close, reopen)) == 1
    offer.refresh_from_db()
    assert (offer.status, offer.days) == (OfferStatus.OPEN, 7)


def test_two_positions_take_two():
    posting = make_posting(positions=2)
    offers = [make_offer(make_application(posting)) for _ in range(6)]
    assert at_once(*(accept(offer) for offer in offers)) == {"accepted": 2, "refused": 4}


def test_accept_decline_and_rescind_at_one_instant_have_one_outcome(at_length):
    for _ in range(at_length(3, 50)):
        offer = make_offer()
        student, host = student_of(offer), host_of(offer.application)
        outcomes = at_once(
            accept(offer),
            ("declined", partial(actions.decline_offer, offer, by=student, now=NOW)),
            ("rescinded", partial(actions.rescind_offer, offer, by=host, reason="Budget", now=NOW)),
        )
        assert outcomes.pop("refused") == 2
        (winner,) = outcomes
        offer.refresh_from_db()
        assert offer.status == winner
        assert offer.application.status == {"rescinded": "offer_rescinded"}.get(winner, winner)


# What both sides are told of each outcome: the student's mail, and the host's where it is not the host who did it.
TOLD = {
    OfferStatus.ACCEPTED: {"offer.accepted", "offer.accepted_host"},
    OfferStatus.EXPIRED: {"offer.expired", "offer.expired_host"},
    OfferStatus.RESCINDED: {"offer.rescinded"},
}


def test_accept_expire_and_rescind_at_the_last_instant_have_one_outcome_and_both_sides_hear_the_same(at_length):
    for _ in range(at_length(4, 50)):
        offer = make_offer()
        student, host = student_of(offer), host_of(offer.application)
        before, over = offer.deadline - dt.timedelta(microseconds=1), offer.deadline
        outcomes = at_once(
            ("accepted", partial(actions.accept_offer, offer, by=student, now=before)),
            ("looked", partial(actions.expire_offer, offer, now=over)),
            ("rescinded", partial(actions.rescind_offer, offer, by=host, reason="Budget", now=before)),
        )
        offer.refresh_from_db()
        expired = offer.status == OfferStatus.EXPIRED
        assert (outcomes["accepted"] + outcomes["rescinded"] + expired, outcomes["looked"]) == (1, 1)
        assert offer.application.status == {"accepted": "accepted"}.get(offer.status, f"offer_{offer.status}")
        outcome_mails = OutboxMail.objects.filter(subject_id=offer.pk, kind__in=set().union(*TOLD.values()))
        assert set(outcome_mails.values_list("kind", flat=True)) == TOLD[offer.status]


def test_of_four_who_look_at_a_case_at_once_three_are_told():
    offer = make_offer()
    actions.rescind_offer(offer, by=host_of(offer.application), reason="Budget", now=NOW)
    case, staff = Case.objects.get(), [make_staff() for _ in range(4)]
    looks = [("looked", partial(actions.look_at, case, by=by, note="Called.", now=NOW)) for by in staff]
    assert (at_once(*looks), CaseLook.objects.count()) == ({"looked": 1, "refused": 3}, 1)


@pytest.mark.parametrize("_", range(3))
def test_a_suspension_and_an_acceptance_do_not_both_happen_to_an_offer_unseen(_):
    offer = make_offer()
    organization, moderator = offer.application.posting.organization, make_staff("moderator")
    outcomes = at_once(
        accept(offer),
        ("suspended", lambda: actions.suspend_organization(organization, by=moderator, reason="Report", now=NOW)),
    )
    offer.refresh_from_db()
    accepted = outcomes["accepted"] == 1
    assert outcomes["suspended"] == 1
    assert offer.status == (OfferStatus.ACCEPTED if accepted else OfferStatus.ON_HOLD)


def test_a_draft_is_begun_and_sent_once():
    posting, student = make_posting(), make_student()
    begin = ("begun", lambda: actions.start_application(posting, by=student.user, now=NOW))
    assert at_once(begin, begin, begin) == {"begun": 3}
    assert Application.objects.count() == 1
    draft = make_draft(posting, student)
    send = ("sent", lambda: actions.submit(draft, by=student.user, now=NOW))
    assert at_once(send, send, send) == {"sent": 3}
    assert ApplicationEvent.objects.filter(move="submit").count() == 1


def test_more_time_is_asked_for_once_however_often_the_button_is_pressed():
    offer = make_offer()
    day = offer.last_day + dt.timedelta(days=7)
    ask = (
        "asked",
        lambda: actions.ask_for_time(offer, by=student_of(offer), words="Exams", wished_day=day, now=NOW),
    )
    assert at_once(ask, ask, ask) == {"asked": 1, "refused": 2}
    assert OfferRequest.objects.count() == 1


@pytest.mark.parametrize("_", range(3))
def test_of_yes_and_no_to_more_time_the_student_reads_one_answer(_):
    offer = make_offer()
    host, day = host_of(offer.application), offer.last_day + dt.timedelta(days=7)
    request = actions.ask_for_time(offer, by=student_of(offer), words="Exams", wished_day=day, now=NOW)
    outcomes = at_once(
        ("granted", lambda: actions.extend_offer(offer, by=host, last_day=day, now=NOW)),
        ("refused_it", lambda: actions.refuse_request(request, by=host, reason="No.", now=NOW)),
    )
    request.refresh_from_db()
    if request.outcome == "granted":
        assert outcomes == {"granted": 1, "refused": 1}
    else:  # the no came first, and a later day was given after all
        assert (request.outcome, outcomes) == ("refused", {"granted": 1, "refused_it": 1})
    assert Offer.objects.get(pk=offer.pk).last_day == day


@pytest.mark.parametrize("_", range(3))
def test_an_acceptance_and_a_request_for_time_leave_nothing_open_behind(_):
    offer = make_offer()
    student, day = student_of(offer), offer.last_day + dt.timedelta(days=7)
    ask = ("asked", lambda: actions.ask_for_time(offer, by=student, words="Exams", wished_day=day, now=NOW))
    assert at_once(accept(offer), ask)["accepted"] == 1
    assert not OfferRequest.objects.waiting().exists()


def test_what_becomes_an_offer_is_not_withdrawn_at_the_same_instant():
    application = make_application()
    student, host = application.student.user, host_of(application)
    outcomes = at_once(
        ("let go", lambda: refused(actions.let_go([application], [], by=student, now=NOW))),
        ("offered", lambda: actions.make_offer(application, by=host, terms=TERMS, days=5, now=NOW)),
    )
    status = Application.objects.get().status
    assert (status, outcomes) in (
        ("withdrawn", {"let go": 1, "refused": 1}),
        ("offered", {"offered": 1, "refused": 1}),
    )


def refused(refusals):
    if refusals:
        raise refusals[0]


def press(student, posting):
    """The button of the application form."""

    def call():
        client = Client()
        client.force_login(student.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        data = {"resume": upload(pdf()), "cover_letter_text": "I count things for fun.", "guidelines": "on"}
        response = client.post(f"/postings/{posting.pk}/apply/", data)
        assert (response.status_code, response.headers["Location"][:14]) == (302, "/applications/")

    return "sent", call


def overlapping(first, second):
    """The second begins when the first has done its work and not committed yet."""
    outcomes = []

    def run():
        try:
            outcomes.append(second())
        except MoveRefused as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(timeout=0.5)  # where it does not wait for the first it is through by then
    thread.join()
    return outcomes


ENDINGS = {
    "close": lambda posting: close(posting, by=posting.host.user, now=NOW),
    "fill": lambda posting: fill(posting, now=NOW),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_a_posting_first_refuses_the_application(ending):
    draft = make_draft()
    end = partial(ENDINGS[ending], draft.posting)
    send = partial(actions.submit, draft, by=draft.student.user, now=NOW)
    assert overlapping(end, send) == [CLOSED]
    draft.refresh_from_db()
    assert draft.status == "draft"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_a_posting_a_moment_later_tells_who_applied(ending):
    draft = make_draft()
    end = partial(ENDINGS[ending], draft.posting)
    send = partial(actions.submit, draft, by=draft.student.user, now=NOW)
    assert len(overlapping(send, end)) == 1
    draft.refresh_from_db()
    mails = OutboxMail.objects.filter(kind__startswith="application.posting_", subject_id=draft.pk)
    assert (draft.status, [row.recipient for row in mails]) == ("submitted", [draft.student.user])


def test_the_form_of_a_posting_that_closes_as_it_is_sent_comes_back_with_what_was_typed():
    student, posting = make_student(), make_posting(now=clock.now())
    client, answers = Client(), []
    client.force_login(student.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    data = {"resume": upload(pdf()), "cover_letter_text": "I count things for fun.", "guidelines": "on"}

    def send():
        answers.append(client.post(f"/postings/{posting.pk}/apply/", data))

    overlapping(partial(close, posting, by=posting.host.user), send)
    (response,) = answers
    assert (response.status_code, response.context["form"].errors) == (422, {"__all__": [CLOSED]})
    assert response.context["form"]["cover_letter_text"].value() == "I count things for fun."
    assert Application.objects.get().status == "draft"


@pytest.mark.parametrize("_", range(3))
def test_a_closing_and_an_application_at_one_instant_end_refused_or_told(_):
    draft = make_draft()
    outcomes = at_once(
        ("closed", partial(close, draft.posting, by=draft.posting.host.user, now=NOW)),
        ("sent", partial(actions.submit, draft, by=draft.student.user, now=NOW)),
    )
    told = OutboxMail.objects.filter(kind="application.posting_closed", subject_id=draft.pk).count()
    assert (outcomes, told) in (({"closed": 1, "sent": 1}, 1), ({"closed": 1, "refused": 1}, 0))


@pytest.mark.parametrize("drafted", [True, False])
def test_a_button_pressed_twice_sends_one_application_and_keeps_one_document(drafted):
    student, posting = make_student(), make_posting(now=clock.now())
    if drafted:
        actions.start_application(posting, by=student.user)
    assert at_once(*[press(student, posting)] * 2) == {"sent": 2}
    application = Application.objects.get()
    assert [event.move for event in application.events.all()] == ["start", "submit"]
    assert sorted(application.materials.values_list("kind", flat=True)) == ["cover_letter", "resume"]
    assert OutboxMail.objects.filter(kind="application.received").count() == 1
    assert DocumentVersion.objects.count() == Acknowledgment.objects.count() == 1


def test_guidelines_acknowledged_at_one_instant_are_acknowledged_once():
    student = make_student()
    acknowledge = ("acknowledged", lambda: actions.acknowledge_guidelines(student.user, now=NOW))
    assert at_once(*[acknowledge] * 4) == {"acknowledged": 4}
    assert Acknowledgment.objects.count() == 1


@pytest.mark.parametrize("_", range(3))
def test_a_document_removed_while_it_is_chosen_is_kept_or_refused(_):
    student = make_student()
    version = actions.add_document(kind="resume", upload=RESUME, by=student.user, now=NOW)
    draft = actions.start_application(make_posting(), by=student.user, now=NOW)
    outcomes = at_once(
        ("removed", lambda: actions.remove_document(version.document, by=student.user, now=NOW)),
        ("kept", lambda: actions.keep_version(draft, version=version, by=student.user, now=NOW)),
    )
    assert outcomes["removed"] == 1
    assert outcomes["kept"] == draft.materials.count() == DocumentVersion.objects.count()
