"""Work whose dates move, and clearances that cover a part of it."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from authorization import actions
from authorization.leadtime import filing_window
from authorization.models import AuthorizationRecord
from authorization.options import later_starts
from authorization.rules import World, is_cleared
from authorization.workflow import Needs, Status
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.workflow import State

from .conftest import END, NOW, START

WEEK = dt.timedelta(days=7)
QUEUE = "admin:authorization_authorizationrecord_changelist"


def fresh(record):
    return AuthorizationRecord.objects.get(pk=record.pk)


def told():
    return sorted(OutboxMail.objects.values_list("kind", "recipient"))


@pytest.fixture
def moved(open_record, sana):
    """An approved record of Sana's whose work has moved by some days."""

    def make(first=WEEK, last=WEEK, **kind):
        record = open_record(Status.APPROVED, **kind)
        OutboxMail.objects.all().delete()
        return actions.move_dates(record, starts=START + first, ends=END + last, by=sana.user, now=NOW)

    return make


def test_what_was_approved_stays_and_the_gate_closes(moved):
    record = fresh(moved(first=-WEEK, last=dt.timedelta()))
    assert (record.status, record.cleared_from, record.cleared_until) == (Status.APPROVED, START, END)
    assert (record.starts, is_cleared(record, record.starts)) == (START - WEEK, False)
    assert [event.move for event in record.events.all()][-1] == "dates"


@pytest.mark.parametrize(
    ("first", "last", "kinds"),
    [(-WEEK, -WEEK, "item.moved"), (WEEK, WEEK, "item.moved"), (WEEK, -WEEK, "")],
    ids=["begins before", "ends after", "within"],
)
def test_student_and_advisors_are_told_where_it_is_not_covered(moved, sana, ines, first, last, kinds):
    moved(first, last)
    assert told() == sorted((kinds, person.pk) for person in (sana.user, ines) if kinds)


def test_it_is_told_once_and_not_when_it_is_mended_before(moved, sana, ines, mailoutbox):
    record = moved()
    actions.move_dates(record, starts=START + WEEK, ends=END + WEEK, by=ines, now=NOW)
    assert OutboxMail.objects.count() == 2
    actions.amend(record, by=ines, valid_from=START, valid_until=END + WEEK, now=NOW)
    drain(clock=lambda: NOW)
    sent = OutboxMail.objects.filter(state=State.SENT).values_list("kind", flat=True)
    assert list(sent) == ["item.changed"]


def test_not_needed_follows_the_dates_in_silence(open_record, sana):
    record = open_record(needs=Needs.NO, route="")
    actions.move_dates(record, starts=START + WEEK, ends=END + WEEK, by=sana.user, now=NOW)
    record = fresh(record)
    assert (record.cleared_from, record.cleared_until) == (START + WEEK, END + WEEK)
    assert told() == []


def test_the_same_dates_are_no_change(open_record, sana):
    record = open_record()
    before = record.events.count()
    actions.move_dates(record, starts=START, ends=END, by=sana.user, now=NOW)
    assert record.events.count() == before


def test_dates_in_disorder_and_closed_records_are_refused(open_record, sana, ines):
    record = open_record()
    with pytest.raises(MoveRefused, match="must not be before"):
        actions.move_dates(record, starts=END, ends=START, by=sana.user)
    actions.close_record(record, by=ines)
    with pytest.raises(MoveRefused, match="is closed"):
        actions.move_dates(record, starts=START + WEEK, ends=END + WEEK, by=sana.user)


def test_a_start_moved_too_near_is_told_to_both(open_record, sana, ines):
    record = open_record()
    near = NOW.date() + dt.timedelta(days=4)
    actions.move_dates(record, starts=near, ends=END, by=ines, now=NOW)
    assert told() == sorted([("item.stuck", sana.user.pk), ("item.stuck", ines.pk)])


def test_a_start_moved_twice_too_near_is_told_twice(open_record, sana, ines):
    record = open_record()
    for days in (4, 60, 5):
        start = NOW.date() + dt.timedelta(days=days)
        actions.move_dates(record, starts=start, ends=END, by=sana.user, now=NOW)
    assert [kind for kind, person in told() if person == ines.pk] == ["item.stuck", "item.stuck"]


@time_machine.travel(NOW)
def test_the_queue_shows_it_first(client, open_record, moved, ines):
    stuck = open_record(starts=dt.date(2024, 12, 2))
    short = open_record(Status.APPROVED, ends=END + WEEK)
    uncovered = moved(first=-WEEK, last=dt.timedelta())
    waits = open_record()
    client.force_login(ines, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(reverse(QUEUE))
    listed = [record.pk for record in response.context["cl"].result_list]
    assert listed == [uncovered.pk, stuck.pk, waits.pk, short.pk]
    page = response.content.decode()
    assert "Approved for other days; starts Dec 30, 2024" in page
    assert "Approved only until Jan 31, 2025; ends Feb 7, 2025" in page
    page = client.get("/admin/").content.decode()
    assert 'Authorization records that wait</a></th><td class="front__number">4<' in page


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (dt.timedelta(), "The approval ends before the work does"),
        (-WEEK, "What is cleared does not cover the first day of work"),
    ],
)
def test_the_student_reads_what_is_not_covered(client, moved, sana, first, words):
    record = moved(first=first)
    client.force_login(sana.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert words in text(client.get(record.get_absolute_url()))
    actions.move_dates(record, starts=START, ends=END, by=sana.user, now=NOW)
    assert words not in text(client.get(record.get_absolute_url()))


def test_later_starts_are_the_first_that_are_in_time(open_record):
    record = open_record(Status.DENIED)
    world, today = World.load(), dt.date(2024, 12, 16)
    day = dt.timedelta(days=1)
    found = {one.route.name: one for one in later_starts(record, world=world, today=today)}
    assert "F-1 pre-completion OPT" not in found
    cpt = found["F-1 CPT"]
    windows = [filing_window(cpt.route, start, world.campus) for start in (cpt.day - day, cpt.day)]
    assert [window.start_by >= today for window in windows] == [False, True]
