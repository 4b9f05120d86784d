"""What both sides of an interview hear, and when."""

import datetime as dt

import pytest
import time_machine

from applications import reminders
from applications.models import Application
from applications.workflow import ApplicationStatus
from notifications.mail import MAILS
from notifications.models import OutboxMail
from tests.applications.making import make_application, make_interview, make_offer, pick
from tests.applications.talking import DAY, LATER, MINUTE, MOVES, canceled, host_in, refused, sent, student_in
from tests.factories import NOW, make_host, make_posting

pytestmark = pytest.mark.django_db


def test_both_sides_hear_of_each_change_with_a_file_for_their_calendars():
    posting = make_posting()
    cohost = make_host(organization=posting.organization)
    posting.cohosts.add(cohost)
    interview = make_interview(make_application(posting))
    student, host, second = student_in(interview).email, host_in(interview).email, cohost.user.email
    everybody = [student, host, second]
    OutboxMail.objects.exclude(kind__startswith="interview.").delete()
    assert sent() == [(student, "", "", 0)]
    pick(interview)
    assert sent() == sorted((who, "PUBLISH", "CONFIRMED", 1) for who in everybody)
    refused(interview)
    assert sent() == sorted((who, "CANCEL", "CANCELLED", 2) for who in everybody)
    MOVES["propose"](interview, host_in(interview))
    assert sent(LATER) == [(student, "", "", 0)]  # the old time has left the calendars
    pick(interview)
    assert sent() == sorted((who, "PUBLISH", "CONFIRMED", 4) for who in everybody)
    MOVES["propose"](interview, host_in(interview))
    assert sent(LATER) == sorted((who, "CANCEL", "CANCELLED", 5) for who in everybody)
    pick(interview)
    canceled(interview)
    assert sent() == sorted((who, "CANCEL", "CANCELLED", 7) for who in everybody)


def test_who_cancels_what_was_never_picked_is_not_told_of_it():
    interview = make_interview()
    OutboxMail.objects.all().delete()
    canceled(interview)
    assert sent() == [(student_in(interview).email, "", "", 0)]


def test_a_mail_that_was_overtaken_is_not_sent():
    interview = pick(make_interview())
    canceled(interview)
    kinds = OutboxMail.objects.filter(kind__startswith="interview.").values_list("kind", flat=True)
    assert set(kinds) == {"interview.proposed", "interview.picked", "interview.canceled"}
    assert {method for _, method, _, _ in sent() if method} == {"CANCEL"}


def test_an_invitation_is_not_sent_once_its_last_time_has_passed():
    interview = make_interview()
    assert OutboxMail.objects.get(kind="interview.proposed").expires == NOW + 2 * DAY
    pick(interview)
    expiries = OutboxMail.objects.filter(kind="interview.picked").values_list("expires", flat=True)
    assert set(expiries) == {NOW + DAY}


def test_an_invitation_names_the_times_that_are_left_when_it_leaves():
    interview = make_interview()
    posting, student = interview.application.posting, student_in(interview)

    def times_and_link():
        with time_machine.travel(LATER, tick=False):
            text = MAILS["interview.proposed"].render(interview.pk, student, interview.version).text
        link = next(line.partition(":")[0] for line in text.splitlines() if "http" in line)
        return [line for line in text.splitlines() if line.startswith("- ")], link, "taken or past" in text

    first, second = [f"- {time}" for time in interview.times.all()]
    assert times_and_link() == ([first, second], "Pick a time", False)
    pick(make_interview(make_application(posting), times=(1,)))
    assert times_and_link() == ([second], "Pick a time", False)
    pick(make_interview(make_application(posting), times=(2,)))
    assert times_and_link() == ([], "Ask for other times", True)


# The reminder


def planned(since=NOW - DAY, until=NOW + 30 * DAY, **who):
    return list(reminders.plan_interviews(since, until, **who))


def test_both_are_reminded_at_nine_the_day_before():
    interview = pick(make_interview(times=(3, 6)), number=2)  # the clocks go forward on the Sunday in between
    due = dt.datetime(2026, 3, 7, 14, tzinfo=dt.UTC)
    found = planned()
    assert [one.recipient_id for one in found] == [student_in(interview).pk, host_in(interview).pk]
    assert {(one.subject_id, one.offset, one.version, one.due, one.expires) for one in found} == {
        (interview.pk, "day_before", "1", due, NOW + 6 * DAY)
    }
    assert planned(due, due + DAY) == []
    assert planned(due - MINUTE, due) == found
    assert [one.recipient_id for one in planned(recipient_id=host_in(interview).pk)] == [host_in(interview).pk]
    assert planned(recipient_id=make_host().user.pk) == []


def test_the_reminder_of_the_day_on_which_clocks_change_is_at_nine_too():
    interview = pick(make_interview(times=(7,)))  # Monday; the day before is the Sunday of the change
    assert {one.due for one in planned()} == {dt.datetime(2026, 3, 8, 13, tzinfo=dt.UTC)}
    assert interview.starts_at == NOW + 7 * DAY


def test_what_is_picked_after_nine_the_day_before_is_not_reminded():
    pick(make_interview(times=(1,)))
    assert planned() == []  # it is ten in the morning, and the interview is tomorrow
    early = pick(make_interview(times=(2,), now=NOW - DAY), now=NOW - DAY)
    assert [one.subject_id for one in planned()] == [early.pk, early.pk]


def test_an_interview_of_an_application_that_ended_is_not_reminded():
    interview = pick(make_interview(times=(5,)))
    offer = make_offer(interview.application)
    assert len(planned()) == 2
    Application.objects.filter(pk=offer.application_id).update(status=ApplicationStatus.DECLINED)
    assert planned() == []
    assert MAILS["interview.picked"].render(interview.pk, student_in(interview), "1") is not None
    assert MAILS["interview.reminder"].render(interview.pk, student_in(interview), interview.pick) is None


def test_an_interview_that_fell_through_is_not_reminded():
    interview = pick(make_interview(times=(5,)))
    assert len(planned()) == 2
    canceled(interview)
    assert planned() == []
