import datetime as dt

import pytest

from campus.calendar import BusinessCalendar, ClosedDays
from programs.models import ProgramRecord
from programs.rules import Clearance, danger, falls_short, manager_notices, program_clearance, student_notices
from programs.workflow import Status

from .conftest import END, NOW, START

DAY = dt.timedelta(days=1)
CAMPUS = BusinessCalendar([ClosedDays(dt.date(2026, 3, 23), dt.date(2026, 3, 27), "Spring recess")])


def record(status=Status.OPEN, **fields):
    values = {"country": "PT", "starts": START, "ends": END, "opened_at": NOW, "status": status} | fields
    return ProgramRecord(**values)


def cleared(first=START, last=END, **fields):
    return record(Status.CLEARED, cleared_from=first, cleared_until=last, **fields)


def test_at_home_no_clearance_is_needed_and_every_day_is_covered():
    clearance = program_clearance(None)
    assert clearance == Clearance(needed=False, given=True)
    assert [clearance.covers(day) for day in (dt.date.min, dt.date.max)] == [True, True]


@pytest.mark.parametrize("status", [Status.OPEN, Status.NOT_CLEARED, Status.CLOSED])
def test_before_the_clearance_no_day_is_covered(status):
    clearance = program_clearance(record(status))
    assert (clearance, clearance.covers(START)) == (Clearance(needed=True, given=False), False)


def test_a_clearance_covers_its_first_and_its_last_day():
    clearance = program_clearance(cleared())
    assert clearance == Clearance(needed=True, given=True, first=START, last=END)
    days = [START - DAY, START, END, END + DAY]
    assert [clearance.covers(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("one", "short"),
    [
        (cleared(), False),
        (cleared(first=START + DAY), True),
        (cleared(last=END - DAY), True),
        (cleared(first=START - DAY, last=END + DAY), False),
        (record(), False),
    ],
)
def test_a_clearance_that_does_not_reach_falls_short(one, short):
    assert falls_short(one) is short


@pytest.mark.parametrize(
    ("one", "steps", "today", "words"),
    [
        (record(), 2, NOW.date(), "2 steps open; starts Apr 6, 2026"),
        (record(), 1, NOW.date(), "1 step open; starts Apr 6, 2026"),
        (record(), 0, NOW.date(), "Ready for your decision; starts Apr 6, 2026"),
        (record(), 0, START, "The first day has passed without a clearance"),
        (record(Status.NOT_CLEARED), 0, NOW.date(), "Not cleared; starts Apr 6, 2026"),
        (cleared(last=START), 0, NOW.date(), "The cleared dates do not cover the work"),
        (cleared(), 0, END, "None"),
        (record(Status.CLOSED), 3, END, "None"),
    ],
)
def test_what_presses_is_one_sentence(one, steps, today, words):
    assert danger(one, steps, today) == words


def test_a_student_hears_weekly_and_before_the_start_over_the_recess():
    assert student_notices(record(), CAMPUS) == [
        (dt.date(2026, 3, 9), "w1"),
        (dt.date(2026, 3, 10), "d14"),
        (dt.date(2026, 3, 16), "w2"),
        (dt.date(2026, 3, 19), "d7"),
        (dt.date(2026, 3, 23), "w3"),
        (dt.date(2026, 3, 30), "w4"),
        (dt.date(2026, 4, 1), "d3"),
        (dt.date(2026, 4, 3), "d1"),
    ]


def test_without_the_recess_the_days_before_the_start_lie_later():
    assert [day for day, name in student_notices(record(), BusinessCalendar()) if name == "d14"] == [
        dt.date(2026, 3, 17)
    ]


def test_what_was_past_when_the_record_was_opened_is_not_planned():
    late = record(opened_at=NOW.replace(month=4, day=2))
    assert student_notices(late, CAMPUS) == [(dt.date(2026, 4, 3), "d1")]


def test_a_manager_hears_before_the_start_and_weekly_once_all_is_settled():
    assert [name for _, name in manager_notices(record(), CAMPUS)] == ["d7", "d3", "d1", "start"]
    settled = record(settled_at=NOW.replace(day=10))
    assert manager_notices(settled, CAMPUS) == [
        (dt.date(2026, 3, 17), "w1"),
        (dt.date(2026, 3, 19), "d7"),
        (dt.date(2026, 3, 24), "w2"),
        (dt.date(2026, 3, 31), "w3"),
        (dt.date(2026, 4, 1), "d3"),
        (dt.date(2026, 4, 3), "d1"),
        (dt.date(2026, 4, 6), "start"),
    ]
