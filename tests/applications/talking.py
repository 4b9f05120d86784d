"""Interviews in any state, for the tests of them."""

import datetime as dt

import time_machine
from django.core import mail
from icalendar import Calendar

from applications import actions
from notifications.delivery import drain
from tests.applications.making import host_of, make_interview
from tests.factories import NOW

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


LATER = NOW + HOUR


def student_in(interview):
    return interview.application.student.user


def host_in(interview):
    return host_of(interview.application)


def refused(interview=None):
    interview = interview or make_interview()
    return actions.refuse_times(interview, by=student_in(interview), reason="Only Fridays", now=NOW)


def canceled(interview=None):
    interview = interview or make_interview()
    return actions.cancel_interview(interview, by=host_in(interview), reason="Ill", now=NOW)


MOVES = {
    "propose": lambda i, by: actions.propose_times(i, by=by, times=[NOW + 3 * DAY], mode="phone", now=LATER),
    "pick": lambda i, by: actions.pick_time(i, by=by, time=i.times.get(number=2), now=LATER),
    "change_place": lambda i, by: actions.change_place(i, by=by, mode="phone", note="Call 555-0100", now=LATER),
    "refuse_times": lambda i, by: actions.refuse_times(i, by=by, reason="Only Fridays", now=LATER),
    "cancel": lambda i, by: actions.cancel_interview(i, by=by, reason="Ill", now=LATER),
}


# Mails


def sent(at=NOW):
    """What leaves now: whom it goes to, its kind of calendar file and how far that has counted."""
    with time_machine.travel(at, tick=False):
        drain()
    letters, found = list(mail.outbox), []
    mail.outbox.clear()
    for message in letters:
        for name, content, kind in message.attachments:
            calendar = Calendar.from_ical(content)
            (event,) = calendar.walk("VEVENT")
            assert (name, kind) == ("interview.ics", f"text/calendar; method={calendar['method']}")
            found.append((message.to[0], str(calendar["method"]), str(event["status"]), int(event["sequence"])))
        if not message.attachments:
            found.append((message.to[0], "", "", 0))
    return sorted(found)
