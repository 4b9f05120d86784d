"""Dates that move take the records along, and the gate closes again where nothing covers them."""

import datetime as dt

import pytest

from accounts.roles import Role
from authorization import actions as authorizing
from core.workflow import MoveRefused
from notifications.mail import MAILS
from notifications.models import OutboxMail
from placements import actions
from placements.reminders import plan
from placements.workflow import Status
from tests.factories import NOW, make_staff
from tests.placements.making import (
    DAY,
    END,
    FIRST_DAY,
    START,
    clear,
    decide,
    fresh,
    host_of,
    log,
    make_placement,
    record_of,
)

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(days=14)


def move(placement, starts=START + LATER, ends=END + LATER, *, by=None, reason="Both asked for it", now=NOW + DAY):
    by = by or make_staff()
    return actions.move_dates(placement, by=by, starts_on=starts, ends_on=ends, reason=reason, now=now)


def test_the_records_move_along():
    placement = make_placement(country="PT")
    staff = make_staff()
    found = move(placement, by=staff)
    record, program = record_of(placement), found.program_record
    days = (START + LATER, END + LATER)
    assert [(one.starts, one.ends) for one in (record, program)] == [days, days]
    event = placement.events.get(move="move_dates")
    assert (event.by, event.note) == (
        staff,
        "Monday, May 18, 2026 to Friday, June 12, 2026. Both asked for it",
    )


def test_an_approval_that_no_longer_covers_closes_the_gate_until_it_does():
    placement = make_placement()
    clear(placement)
    assert move(placement, END + DAY, END + LATER).status == Status.AWAITING_AUTHORIZATION
    with pytest.raises(MoveRefused, match="Not cleared"):
        actions.begin(placement, by=placement.student, now=FIRST_DAY + 30 * DAY)
    assert move(placement, START + DAY, END).status == Status.READY


def test_a_start_moved_to_what_was_approved_makes_it_ready():
    placement = make_placement()
    clear(placement, START + 7 * DAY, END)
    assert fresh(placement).status == Status.AWAITING_AUTHORIZATION
    assert move(placement, START + 7 * DAY, END).status == Status.READY


def test_the_program_has_to_cover_the_new_days_too():
    placement = make_placement(country="PT")
    clear(placement, START, END + 60 * DAY)
    decide(placement)
    assert move(placement, END + DAY, END + LATER).status == Status.AWAITING_PROGRAM


def test_whoever_needs_none_stays_ready():
    assert move(make_placement(needs="no")).status == Status.READY


def test_work_under_way_moves_its_last_day_alone():
    placement = make_placement(Status.ACTIVE)
    log(placement, START + DAY, now=FIRST_DAY + 2 * DAY)
    later = FIRST_DAY + 2 * DAY
    with pytest.raises(MoveRefused, match="its first day stays"):
        move(placement, START + DAY, END, now=later)
    with pytest.raises(MoveRefused, match="Hours are written down after"):
        move(placement, START, START, now=later)
    assert move(placement, START, END + LATER, now=later).ends_on == END + LATER
    with pytest.raises(MoveRefused, match="not cleared to work"):
        log(placement, END + DAY, now=FIRST_DAY + 40 * DAY)


@pytest.mark.parametrize(
    ("starts", "ends", "reason", "words"),
    [
        (START, END, "Why", "These are its dates already"),
        (START, START - DAY, "Why", "The last day must not be before"),
        (NOW.date(), END, "Why", "cannot lie in the past"),
        (START + DAY, END, " ", "Give the reason"),
    ],
)
def test_dates_that_make_no_sense_are_refused(starts, ends, reason, words):
    with pytest.raises(MoveRefused, match=words):
        move(make_placement(), starts, ends, reason=reason)


def test_only_staff_move_them_and_only_before_the_end():
    placement = make_placement()
    for by in (placement.student, host_of(placement), make_staff(Role.INTERNATIONAL_ADVISER)):
        with pytest.raises(MoveRefused, match="The career office moves the dates"):
            move(placement, by=by)
    with pytest.raises(MoveRefused, match="This work is over"):
        move(make_placement(Status.ENDED_EARLY))
    assert move(placement, by=make_staff(Role.ADVISER)).starts_on == START + LATER


def letters(kind):
    rows = OutboxMail.objects.filter(kind=kind).order_by("pk")
    return [(row.recipient, MAILS[kind].render(row.subject_id, row.recipient, row.version)) for row in rows]


def test_both_sides_are_told_the_new_dates():
    placement = make_placement()
    clear(placement)
    move(placement, END + DAY, END + LATER)
    told = letters("placement.dates_moved")
    assert {to for to, _ in told} == {placement.student, host_of(placement)}
    assert all("Saturday, May 30, 2026 to Friday, June 12, 2026" in letter.text for _, letter in told)
    assert all("not cleared to begin yet" in letter.text for _, letter in told)
    assert {row.recipient for row in OutboxMail.objects.filter(kind="item.moved")} >= {placement.student}


def planned(since, until):
    return [(one.recipient_id, one.subject_id, one.version) for one in plan(since, until)]


def test_a_start_that_is_lost_is_told_to_the_hosts_once_and_not_why():
    placement = make_placement()
    host = host_of(placement)
    assert planned(NOW, NOW + DAY) == []
    row = (host.pk, placement.pk, START.isoformat())
    on_the_day = FIRST_DAY.replace(hour=13)
    assert planned(on_the_day - DAY, on_the_day) == [row]
    assert planned(on_the_day + 3 * DAY, on_the_day + 4 * DAY) == [row]
    letter = MAILS["placement.start_must_move"].render(placement.pk, host, START.isoformat())
    assert letter.subject == f"The start date of “{placement.posting.title}” must move"
    assert MAILS["placement.start_must_move"].render(placement.pk, placement.student, "2026-01-01") is None
    clear(placement)
    assert planned(on_the_day - DAY, on_the_day) == []
    assert MAILS["placement.start_must_move"].render(placement.pk, host, START.isoformat()) is None


def test_who_has_not_said_what_is_needed_loses_the_start_on_the_first_day_alone():
    """Until then it can be said that none is, and the host hears of no start that is lost."""
    placement = make_placement(needs="")
    host = host_of(placement)
    assert planned(NOW, FIRST_DAY - DAY) == []
    assert planned(FIRST_DAY - DAY, FIRST_DAY) == [(host.pk, placement.pk, START.isoformat())]
    student = placement.offer.application.student
    authorizing.declare(student, needs="no", by=student.user, now=FIRST_DAY)
    assert planned(FIRST_DAY - DAY, FIRST_DAY) == []
    assert actions.begin(placement, by=host, now=FIRST_DAY).status == Status.ACTIVE


def test_an_approval_for_later_days_loses_the_start_at_once():
    placement = make_placement()
    clear(placement, START + 7 * DAY, END)
    assert planned(NOW, NOW + DAY) == [(host_of(placement).pk, placement.pk, START.isoformat())]
    move(placement, START + 7 * DAY, END)
    assert planned(NOW, NOW + DAY) == []
