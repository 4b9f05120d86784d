import datetime as dt
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campus.calendar import BusinessCalendar, Calendar, ClosedDays, EveryDay, FederalCalendar, Step, federal_holidays

MISSION = BusinessCalendar(
    [
        ClosedDays(date(2024, 11, 11), date(2024, 11, 11), "Veterans Day"),
        ClosedDays(date(2024, 11, 28), date(2024, 11, 29), "Thanksgiving recess"),
        ClosedDays(date(2024, 12, 24), date(2025, 1, 1), "Winter closing"),
    ]
)

days = st.dates(date(2019, 12, 1), date(2030, 1, 31))
counts = st.integers(0, 60)
closures = st.lists(
    st.builds(
        lambda first, length: ClosedDays(first, first + dt.timedelta(days=length), "Closed"), days, st.integers(0, 40)
    ),
    max_size=8,
)
calendars = st.one_of(closures.map(BusinessCalendar), st.just(FederalCalendar()), st.just(EveryDay()))


@pytest.mark.parametrize(
    ("written", "five", "seven"),
    [
        (date(2024, 10, 25), date(2024, 11, 1), date(2024, 11, 5)),
        (date(2024, 11, 22), date(2024, 12, 3), date(2024, 12, 5)),
        (date(2024, 12, 19), date(2025, 1, 6), date(2025, 1, 8)),
    ],
)
def test_counts_business_days_after_the_day_of_writing(written, five, seven):
    assert [MISSION.add(written, 5), MISSION.add(written, 7)] == [five, seven]


def test_both_ends_of_a_closure_are_closed():
    open_days = [day for day in range(23, 32) if MISSION.is_open(date(2024, 12, day))]
    assert open_days == [23]
    assert [MISSION.is_open(date(2025, 1, 1)), MISSION.is_open(date(2025, 1, 2))] == [False, True]


def test_a_count_is_written_out_with_closures_by_name():
    count = MISSION.days(date(2024, 12, 19), 5)
    assert count.steps == (
        Step(date(2024, 12, 20), date(2024, 12, 20), 1),
        Step(date(2024, 12, 21), date(2024, 12, 22), why="weekend"),
        Step(date(2024, 12, 23), date(2024, 12, 23), 2),
        Step(date(2024, 12, 24), date(2025, 1, 1), why="Winter closing"),
        Step(date(2025, 1, 2), date(2025, 1, 2), 3),
        Step(date(2025, 1, 3), date(2025, 1, 3), 4),
        Step(date(2025, 1, 4), date(2025, 1, 5), why="weekend"),
        Step(date(2025, 1, 6), date(2025, 1, 6), 5),
    )
    assert count.last_day == date(2025, 1, 6)
    assert [step.why for step in count.skipped] == ["weekend", "Winter closing", "weekend"]


def test_a_count_of_nothing_ends_where_it_began():
    count = MISSION.days(date(2024, 12, 25), 0)
    assert (count.last_day, count.days, count.skipped) == (date(2024, 12, 25), (), ())


def test_a_day_in_two_closures_goes_by_the_one_that_began_first():
    storm = ClosedDays(date(2025, 2, 4), date(2025, 2, 5), "Snow")
    recess = ClosedDays(date(2025, 2, 3), date(2025, 2, 4), "Recess")
    calendar = BusinessCalendar([storm, recess])
    assert [calendar.closed_by(date(2025, 2, day)) for day in (3, 4, 5, 6)] == ["Recess", "Recess", "Snow", ""]


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        MISSION.add(date(2024, 12, 25), -1)


def test_federal_holidays_close_the_day_they_are_observed_on():
    federal = FederalCalendar()
    assert federal.closed_by(date(2021, 12, 31)) == "New Year's Day (observed)"
    assert federal.closed_by(date(2021, 7, 5)) == "Independence Day (observed)"
    assert federal.closed_by(date(2021, 7, 4)) == "weekend"
    assert federal.closed_by(date(2021, 7, 6)) == ""
    assert len(federal_holidays(2024)) == 11


def brute_add(calendar: Calendar, start: date, n: int) -> date:
    day = start
    while n:
        day += dt.timedelta(days=1)
        n -= calendar.is_open(day)
    return day


@given(calendars, days, counts)
def test_add_is_a_walk_of_days(calendar, start, n):
    assert calendar.add(start, n) == brute_add(calendar, start, n)


@given(calendars, days, counts)
def test_count_undoes_add(calendar, start, n):
    assert calendar.count(start, calendar.add(start, n)) == n


@given(calendars, days, counts)
def test_a_written_count_covers_each_day_once(calendar, start, n):
    count = calendar.days(start, n)
    walk = [start + dt.timedelta(days=i) for i in range(1, (count.last_day - start).days + 1)]
    written = [
        (step.first_day + dt.timedelta(days=i), step.why)
        for step in count.steps
        for i in range((step.last_day - step.first_day).days + 1)
    ]
    assert written == [(day, calendar.closed_by(day)) for day in walk]
    assert [step.number for step in count.steps if step.counted] == list(range(1, n + 1))
    assert count.last_day == calendar.add(start, n)


@given(calendars, days, counts)
def test_latest_before_is_the_last_open_day_that_works(calendar, limit, n):
    latest = calendar.latest_before(limit, n)
    assert calendar.is_open(latest)
    assert brute_add(calendar, latest, n) < limit
    later = [latest + dt.timedelta(days=i) for i in range(1, (limit - latest).days + 1)]
    assert [day for day in later if calendar.is_open(day) and brute_add(calendar, day, n) < limit] == []


@given(calendars, days, counts)
def test_latest_by_may_end_on_the_limit_itself(calendar, limit, n):
    latest = calendar.latest_by(limit, n)
    assert calendar.is_open(latest)
    assert brute_add(calendar, latest, n) <= limit
    later = [latest + dt.timedelta(days=i) for i in range(1, (limit - latest).days + 1)]
    assert [day for day in later if calendar.is_open(day) and brute_add(calendar, day, n) <= limit] == []
