"""The application deadline as a file for calendars, read by a calendar's reader."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from postings.models import Posting
from postings.workflow import Status
from tests.factories import make_host, make_posting, make_student

pytestmark = pytest.mark.django_db
CLOSES = dt.datetime(2026, 6, 2, 4, tzinfo=dt.UTC)  # the end of June 1 in New York
BEFORE = CLOSES - dt.timedelta(days=20)


@pytest.fixture(autouse=True)
def _before():
    with time_machine.travel(BEFORE, tick=False):
        yield


def ask(posting, client=None):
    return (client or Client()).get(f"/postings/{posting.pk}/deadline.ics")


def event_of(response):
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    return event


def test_it_ends_with_the_last_day_on_the_boards_clock():
    title = "Churn; analysis, for a \\ bike-share – " + "long " * 14
    posting = make_posting(title=title.strip(), apply_by=CLOSES, now=BEFORE)
    response = ask(posting)
    event = event_of(response)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="apply-by-{posting.pk}.ics"'
    assert {name: event.decoded(name) for name in ("dtstart", "dtend", "dtstamp")} == {
        "dtstart": CLOSES - dt.timedelta(minutes=30),
        "dtend": CLOSES,
        "dtstamp": posting.updated_at.replace(microsecond=0),
    }
    assert {name: str(event[name]) for name in ("uid", "summary", "url", "sequence", "description")} == {
        "uid": f"posting-{posting.pk}-deadline@127.0.0.1",
        "summary": f"Apply by Jun 1, 2026: {posting.title}",
        "url": f"http://127.0.0.1:8000/postings/{posting.pk}/",
        "sequence": "1",
        "description": f"{posting.organization}\nhttp://127.0.0.1:8000/postings/{posting.pk}/",
    }
    lines = response.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"DTEND:20260602T040000Z" in lines


def test_a_moved_deadline_is_the_same_event_with_a_higher_number():
    posting = make_posting(apply_by=CLOSES, now=BEFORE)
    first = event_of(ask(posting))
    Posting.objects.filter(pk=posting.pk).update(apply_by=CLOSES + dt.timedelta(days=7), version=2)
    second = event_of(ask(posting))
    assert first["uid"] == second["uid"]
    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert second.decoded("dtend") - first.decoded("dtend") == dt.timedelta(days=7)


def test_without_a_deadline_there_is_none():
    posting = make_posting(now=BEFORE)
    assert ask(posting).status_code == 404
    assert "deadline.ics" not in Client().get(posting.get_absolute_url()).content.decode()


def test_the_page_links_to_it():
    posting = make_posting(apply_by=CLOSES, now=BEFORE)
    page = Client().get(posting.get_absolute_url()).content.decode()
    assert f'<a href="/postings/{posting.pk}/deadline.ics">Add the deadline to your calendar</a>' in page


@pytest.mark.parametrize("status", [Status.CLOSED, Status.FILLED, Status.EXPIRED])
def test_what_is_over_is_gone(status):
    assert ask(make_posting(status, apply_by=CLOSES, now=BEFORE)).status_code == 410


def test_gone_to_the_second():
    posting = make_posting(apply_by=CLOSES, now=BEFORE)
    found = []
    for moment in (CLOSES - dt.timedelta(seconds=1), CLOSES):
        with time_machine.travel(moment, tick=False):
            found.append(ask(posting).status_code)
    assert found == [200, 410]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.ON_HOLD])
def test_what_one_does_not_see_is_not_there(status):
    assert ask(make_posting(status, apply_by=CLOSES, now=BEFORE)).status_code == 404


def test_for_the_campus_only():
    posting = make_posting(apply_by=CLOSES, now=BEFORE, campus_only=True)
    found = []
    for user in (None, make_host().user, make_student().user):
        client = Client()
        if user:
            client.force_login(user, backend="accounts.backends.RoleBackend")
        found.append(ask(posting, client).status_code)
    assert found == [404, 404, 200]
