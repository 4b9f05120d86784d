"""A time that stood in people's calendars and no longer holds leaves each of them once, however it came to that."""

import pytest
import time_machine
from django.core import mail

from applications import actions
from applications.models import Interview
from applications.workflow import InterviewStatus
from notifications.delivery import drain
from postings.actions import close, tick
from postings.models import Posting
from tests.applications.making import host_of, make_application, make_interview, make_offer, pick
from tests.applications.talking import DAY, HOUR, LATER, MINUTE, MOVES, host_in, refused, sent, student_in
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

I = InterviewStatus  # noqa: E741
NEXT = LATER + MINUTE


def picked(posting=None):
    return pick(make_interview(make_application(posting), times=(20, 21)))


def files(at=NEXT):
    """The calendar files that leave, and nothing of the mails without one."""
    return [one for one in sent(at) if one[1]]


def canceled_for(interview, sequence, *, people=()):
    people = people or (student_in(interview), host_in(interview))
    return sorted((person.email, "CANCEL", "CANCELLED", sequence) for person in people)


def accept_elsewhere(application):
    """Another offer is accepted, and this application is let go with the others."""
    offer = make_offer(make_application(make_posting(), application.student))
    actions.accept_offer(offer, by=offer.student, now=NOW)
    assert actions.let_go([application], [], by=offer.student, now=NEXT) == []


def decline_for_another(application):
    actions.let_go([], [make_offer(application)], by=application.student.user, now=NEXT)


def expire(application):
    offer = make_offer(application)
    Interview.objects.update(starts_at=offer.deadline + DAY, ends_at=offer.deadline + DAY + HOUR)
    actions.expire_offer(offer, now=offer.deadline)


def rescind(application):
    actions.rescind_offer(make_offer(application), by=make_staff(), reason="Budget", now=NEXT)


def withdraw_acceptance(application):
    offer = actions.accept_offer(make_offer(application), by=application.student.user, now=NEXT)
    actions.withdraw_acceptance(offer, by=make_staff(), reason="Ill", now=NEXT)


ENDINGS = {
    "withdrawn": lambda application: actions.withdraw(application, by=application.student.user, now=NEXT),
    "accepted elsewhere": accept_elsewhere,
    "not selected": lambda application: actions.not_select(application, by=host_of(application), now=NEXT),
    "declined": lambda application: actions.decline_offer(
        make_offer(application), by=application.student.user, now=NEXT
    ),
    "declined for another": decline_for_another,
    "expired": expire,
    "rescinded": rescind,
    "gone back on": withdraw_acceptance,
}
LIFTS = ("propose", "refuse_times")


@pytest.mark.parametrize("end", ENDINGS)
def test_a_time_that_holds_leaves_the_calendars_with_the_application(end):
    interview = picked()
    sent()
    ENDINGS[end](interview.application)
    assert Interview.objects.get(pk=interview.pk).status == I.CANCELED
    assert files(NEXT + 9 * DAY) == canceled_for(interview, 2)
    assert files(NEXT + 10 * DAY) == []


@pytest.mark.parametrize("mails_left", [False, True], ids=["before the mail leaves", "after"])
@pytest.mark.parametrize("lift", LIFTS)
@pytest.mark.parametrize("end", ENDINGS)
def test_a_time_that_was_given_up_leaves_them_once_though_the_application_ends(end, lift, mails_left):
    interview = picked()
    sent()
    MOVES[lift](interview, host_in(interview) if lift == "propose" else student_in(interview))
    found = files(LATER) if mails_left else []
    ENDINGS[end](interview.application)
    assert Interview.objects.get(pk=interview.pk).status == I.CANCELED
    assert found + files(NEXT + 9 * DAY) == canceled_for(interview, 2 if mails_left else 3)


@pytest.mark.parametrize("side", [student_in, host_in])
@pytest.mark.parametrize("lift", LIFTS)
def test_so_does_one_that_is_canceled_after_it_was_given_up(lift, side):
    interview = picked()
    sent()
    MOVES[lift](interview, host_in(interview) if lift == "propose" else student_in(interview))
    MOVES["cancel"](interview, side(interview))
    assert files() == canceled_for(interview, 3)


def test_proposing_again_before_the_mail_leaves_overtakes_no_calendar():
    posting = make_posting()
    colleague, cohost = (make_host(organization=posting.organization) for _ in range(2))
    posting.cohosts.add(cohost)
    interview = picked(posting)
    sent()
    refused(interview)
    for by in (colleague.user, host_in(interview)):
        MOVES["propose"](interview, by)
    everybody = (student_in(interview), host_in(interview), cohost.user)
    assert files() == canceled_for(interview, 4, people=everybody)
    assert files() == []


def test_whoever_proposed_the_time_is_told_though_a_colleague_proposes_others():
    posting = make_posting()
    colleague = make_host(organization=posting.organization).user
    application, times = make_application(posting), [NOW + DAY]
    interview = actions.invite_to_interview(application, by=colleague, times=times, mode="video", now=NOW)
    pick(interview)
    sent()
    MOVES["propose"](interview, host_in(interview))
    assert files() == canceled_for(interview, 2, people=(student_in(interview), host_in(interview), colleague))


@pytest.mark.parametrize("lift", LIFTS)
def test_a_time_that_is_picked_anew_is_the_one_that_reaches_the_calendars(lift):
    interview = picked()
    sent()
    MOVES[lift](interview, host_in(interview) if lift == "propose" else student_in(interview))
    if lift == "refuse_times":
        MOVES["propose"](interview, host_in(interview))
    pick(interview, now=NEXT)
    both = (student_in(interview), host_in(interview))
    sequence = Interview.objects.get().sequence
    assert files() == sorted((person.email, "PUBLISH", "CONFIRMED", sequence) for person in both)
    MOVES["cancel"](interview, host_in(interview))
    assert files() == canceled_for(interview, sequence + 1)


@pytest.mark.parametrize("end", ["closed", "expired", "filled"])
def test_the_end_of_a_posting_ends_no_talk_and_the_application_that_ends_later_does(end):
    posting = make_posting(positions=1)
    interview = picked(posting)
    taken = make_offer(make_application(posting, make_student()))
    sent()
    if end == "closed":
        close(posting, by=posting.host.user, now=LATER)
    elif end == "expired":
        Posting.objects.filter(pk=posting.pk).update(apply_by=LATER)
        tick(now=LATER)
    else:
        actions.accept_offer(taken, by=taken.student, now=LATER)
    posting.refresh_from_db()
    assert posting.status == end
    assert (files(), Interview.objects.get().status) == ([], I.PICKED)
    actions.not_select(interview.application, by=host_in(interview), now=NEXT)
    assert files() == canceled_for(interview, 2)


def letter_to(person, at=LATER):
    """What leaves for this person now: subject and text."""
    with time_machine.travel(at, tick=False):
        drain()
    (found,) = [one for one in mail.outbox if one.to == [person.email]]
    mail.outbox.clear()
    return found.subject, " ".join(found.body.split())


def test_the_one_mail_says_how_it_goes_on_to_each_side():
    interview = picked()
    title = interview.application.posting.title
    student, host = student_in(interview), host_in(interview)
    sent()
    refused(interview)
    subject, text = letter_to(host)
    assert (subject, "Only Fridays" in text) == (f"{student.display_name} asks for other times: {title}", True)
    pick(MOVES["propose"](interview, host), now=LATER)
    sent()
    MOVES["propose"](interview, host)
    subject, text = letter_to(student)
    organization = interview.application.posting.organization
    assert subject == f"{organization} proposes other times: {title}"
    assert "- Thursday, March 5, 2026, 10:00 a.m. New York time (EST)" in text
    assert "Pick a time: http" in text


def test_when_all_that_was_proposed_has_passed_the_mail_proposes_nothing():
    interview = picked()
    sent()
    MOVES["propose"](interview, host_in(interview))
    subject, text = letter_to(student_in(interview), at=NOW + 3 * DAY)
    assert subject == f"Another time is sought: {interview.application.posting.title}"
    assert ("Pick" in text, "Other times were proposed." in text) == (False, True)


def test_a_colleague_who_proposed_before_is_told_of_the_time_picked_since():
    application = make_application()
    colleague = make_host(organization=application.posting.organization).user
    interview = actions.invite_to_interview(application, by=colleague, times=[NOW + DAY], mode="video", now=NOW)
    pick(interview)
    drain()
    interview = Interview.objects.get()
    actions.propose_times(interview, by=host_of(application), times=[NOW + 3 * DAY], mode="video", now=NOW)
    pick(interview)
    mail.outbox.clear()
    drain()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        person.email for person in (student_in(interview), host_of(application), colleague)
    )
