"""The lead-time check beside a walk over the days, one at a time, that knows none of its shortcuts."""

import datetime as dt
from datetime import date

import pytest
from hypothesis import example, given

from authorization.leadtime import LeadUnit, Outcome, count_back, filing_window, soonest_start
from campus.calendar import ONE_DAY, BusinessCalendar, ClosedDays

from .test_leadtime import CPT, OPT, PREMIUM, VISA, check, closures, is_open, routes, starts, walk

# A leap day, the days around a year's end, and a start on a closed day.
EDGES = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 12, 31), date(2025, 1, 1), date(2028, 2, 29), date(2021, 1, 2)]
NONE: list[ClosedDays] = []
RECESS = [ClosedDays(date(2024, 2, 26), date(2024, 3, 1), "Recess"), ClosedDays(date(2024, 12, 24), EDGES[3], "Winter")]


def at_the_edges(test):
    for start in EDGES:
        for closed in (NONE, RECESS):
            for route in (CPT, OPT, PREMIUM):
                test = example(route, start, closed)(test)
    return test


def ends_in_time(route, filed, start, campus):
    """Filing on that day, the decision and the post come before the first day of work."""
    return walk(filed, route.lead, route.unit, campus) + dt.timedelta(days=route.post) < start


@at_the_edges
@given(routes, starts, closures)
def test_the_latest_safe_filing_works_and_the_day_after_does_not(route, start, closed):
    campus = BusinessCalendar(closed)
    latest = filing_window(route, start, campus).latest_filing
    assert is_open(latest, route.unit, campus)
    assert ends_in_time(route, latest, start, campus)
    later = [latest + number * ONE_DAY for number in range(1, (start - latest).days + 1)]
    assert [day for day in later if is_open(day, route.unit, campus) and ends_in_time(route, day, start, campus)] == []


@at_the_edges
@given(routes, starts, closures)
def test_whoever_starts_on_the_last_day_is_prepared_in_time_and_a_day_later_is_not(route, start, closed):
    campus = BusinessCalendar(closed)
    window = filing_window(route, start, campus)
    assert is_open(window.start_by, LeadUnit.CAMPUS, campus)
    assert walk(window.start_by, route.preparation, LeadUnit.CAMPUS, campus) <= window.latest_filing
    later = walk(window.start_by, 1, LeadUnit.CAMPUS, campus)
    assert walk(later, route.preparation, LeadUnit.CAMPUS, campus) > window.latest_filing


@at_the_edges
@given(routes, starts, closures)
def test_each_verdict_ends_on_its_day(route, start, closed):
    campus = BusinessCalendar(closed)
    window = filing_window(route, start, campus)
    days = [window.start_by, window.start_by + ONE_DAY, window.latest_filing, window.latest_filing + ONE_DAY, start]
    found = [check(route, day, start, campus).outcome for day in days]
    if window.earliest and window.latest_filing < window.earliest:
        assert set(found) == {Outcome.NO_WINDOW}
        return
    tight = window.start_by < window.latest_filing
    after = Outcome.TIGHT if tight else Outcome.TOO_LATE
    last = Outcome.TIGHT if tight else Outcome.IN_TIME
    assert found == [Outcome.IN_TIME, after, last, Outcome.TOO_LATE, Outcome.TOO_LATE]


@at_the_edges
@given(routes, starts, closures)
def test_the_sum_names_every_day_between_once(route, start, closed):
    """The parts touch, count what the route asks for, and pass over what is closed and nothing else."""
    campus = BusinessCalendar(closed)
    window = filing_window(route, start, campus)
    found = count_back(route, window, start, campus)
    asked = [
        (found.preparation, route.preparation, LeadUnit.CAMPUS, window.start_by),
        (found.decision, route.lead, route.unit, window.latest_filing),
        (found.post, route.post, LeadUnit.CALENDAR, start - (route.post + 1) * ONE_DAY),
    ]
    for part, length, unit, after in asked:
        assert (part.length if part else 0) == length
        if part:
            span = [after + number * ONE_DAY for number in range(1, (part.last - after).days + 1)]
            assert (part.first, list(part.counted)) == (span[0], [day for day in span if is_open(day, unit, campus)])
            passed = [step.first_day + i * ONE_DAY for step in part.passed for i in range(_length(step))]
            assert passed == [day for day in span if not is_open(day, unit, campus)]
    ends = [part.last for _, part in found.parts]
    assert all(day < start for day in ends)


def _length(step):
    return (step.last_day - step.first_day).days + 1


@given(routes, starts, closures)
def test_the_soonest_start_is_the_first_that_leaves_time(route, ready, closed):
    campus = BusinessCalendar(closed)
    free = filing_window  # without the first filing day, which empties windows and moves none
    soonest = soonest_start(route, ready=ready, campus=campus)
    start = ready
    while free(route, start, campus).start_by < ready:
        start += ONE_DAY
    assert soonest == (None if free(route, start, campus).is_empty else start)


def test_nothing_is_counted_without_a_lead():
    assert soonest_start(VISA, ready=EDGES[0], campus=BusinessCalendar()) is None
    assert check(VISA, EDGES[0]).sum is check(VISA, EDGES[0]).drawing is None


@pytest.mark.parametrize(("route", "start"), [(CPT, date(2024, 12, 24)), (PREMIUM, date(2025, 2, 21)), (OPT, None)])
def test_the_soonest_start_from_a_day(route, start):
    # CPT from Monday, Dec 2: prepared on Dec 9, decided on Dec 23 over no closure.
    # Premium: prepared on Dec 16, 30 federal business days over three holidays to Jan 30, and 21 days of post.
    assert soonest_start(route, ready=date(2024, 12, 2), campus=BusinessCalendar(RECESS)) == start
