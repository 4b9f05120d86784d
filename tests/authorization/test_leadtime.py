import datetime as dt
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorization.leadtime import Figures, LeadUnit, Outcome, Verdict, check_route, check_routes, filing_window
from campus.calendar import BusinessCalendar, ClosedDays, federal_holidays

CPT = Figures("F-1 CPT", "cpt", preparation=5, lead=10, unit=LeadUnit.CAMPUS)
OPT = Figures("F-1 OPT", "opt", preparation=10, lead=120, unit=LeadUnit.CALENDAR, typical=90, earliest_before=90)
PREMIUM = Figures("Premium", "opt", preparation=10, lead=30, unit=LeadUnit.FEDERAL, post=21, earliest_before=90)
VISA = Figures("Work visa", "visa", preparation=0, lead=None, unit=LeadUnit.CAMPUS)

START, END = date(2025, 1, 6), date(2025, 1, 31)
FEDERAL = BusinessCalendar(
    ClosedDays(day, day, name) for year in (2024, 2025) for day, name in federal_holidays(year).items()
)
CAMPUS = BusinessCalendar(
    [
        ClosedDays(date(2024, 11, 11), date(2024, 11, 11), "Veterans Day"),
        ClosedDays(date(2024, 11, 28), date(2024, 11, 29), "Thanksgiving recess"),
        ClosedDays(date(2024, 12, 24), date(2025, 1, 1), "Winter closing"),
    ]
)


def check(route: Figures, today: date, start: date = START, campus: BusinessCalendar = CAMPUS, **more) -> Verdict:
    return check_route(route, start=start, end=start + dt.timedelta(days=25), today=today, campus=campus, **more)


@pytest.mark.parametrize(
    ("campus", "latest_filing", "start_by"),
    [(FEDERAL, date(2024, 12, 18), date(2024, 12, 11)), (CAMPUS, date(2024, 12, 11), date(2024, 12, 4))],
)
def test_cpt_is_counted_back_over_the_closures(campus, latest_filing, start_by):
    window = filing_window(CPT, START, campus)
    assert (window.latest_filing, window.start_by, window.earliest) == (latest_filing, start_by, None)


@pytest.mark.parametrize(
    ("today", "outcome"),
    [
        (date(2024, 12, 4), Outcome.IN_TIME),
        (date(2024, 12, 5), Outcome.TIGHT),
        (date(2024, 12, 11), Outcome.TIGHT),
        (date(2024, 12, 12), Outcome.TOO_LATE),
        (START, Outcome.TOO_LATE),
        (date(2025, 2, 1), Outcome.TOO_LATE),
    ],
)
def test_each_day_has_its_verdict(today, outcome):
    assert check(CPT, today).outcome == outcome


def test_opt_has_no_safe_window_and_says_why():
    verdict = check(OPT, date(2024, 9, 1))
    assert verdict.outcome == Outcome.NO_WINDOW
    assert (verdict.window.latest_filing, verdict.window.earliest) == (date(2024, 9, 7), date(2024, 10, 8))
    assert verdict.empty.first_possible == date(2024, 10, 8)
    assert verdict.empty.ends == ((90, date(2025, 1, 6)), (120, date(2025, 2, 5)))
    assert verdict.empty.typical_is_empty_too


def test_the_first_possible_filing_day_is_never_past():
    empty = check(OPT, date(2024, 11, 20)).empty
    assert (empty.first_possible, empty.ends[1]) == (date(2024, 11, 20), (120, date(2025, 3, 20)))


def test_a_shorter_typical_time_has_a_window():
    assert not check(replace(OPT, typical=60), date(2024, 9, 1)).empty.typical_is_empty_too


def test_premium_processing_counts_federal_days_and_the_post():
    window = filing_window(PREMIUM, START, CAMPUS)
    # 21 calendar days for the post reach back to December 16; before it, 30 federal business days over two holidays.
    assert window.latest_filing == date(2024, 10, 30)
    assert window.start_by == date(2024, 10, 16)
    assert not window.is_empty


def test_before_the_earliest_filing_the_verdict_says_from_when():
    early, later = check(PREMIUM, date(2024, 10, 7)), check(PREMIUM, date(2024, 10, 8))
    assert [early.outcome, early.not_before] == [Outcome.IN_TIME, date(2024, 10, 8)]
    assert [later.outcome, later.not_before] == [Outcome.IN_TIME, None]


def test_an_approval_that_covers_all_days_ends_the_question():
    covering, short = (START, date(2025, 1, 31)), (START, date(2025, 1, 30))
    assert check(CPT, START, authorized=[short, covering]).covered == covering
    assert check(CPT, START, authorized=[covering]).outcome == Outcome.ALREADY
    assert check(CPT, START, authorized=[short]).outcome == Outcome.TOO_LATE
    assert check(VISA, START, authorized=[covering]).outcome == Outcome.ALREADY


@pytest.mark.parametrize("route", [VISA, replace(CPT, verified=False)])
def test_what_cannot_be_counted_with_goes_to_the_office(route):
    verdict = check(route, date(2024, 9, 1))
    assert (verdict.outcome, verdict.window) == (Outcome.ASK, None)
    assert verdict.question


def test_a_contractor_with_cpt_is_a_question():
    verdicts = check_routes(START, END, date(2024, 10, 15), routes=[CPT, PREMIUM], campus=CAMPUS, contractor=True)
    assert [verdict.outcome for verdict in verdicts] == [Outcome.ASK, Outcome.IN_TIME]
    assert verdicts[0].question == "Whether work as a contractor fits with CPT is a question for that office."


starts = st.dates(date(2019, 12, 20), date(2029, 3, 5))
closures = st.lists(
    st.builds(
        lambda day, length: ClosedDays(day, day + dt.timedelta(days=length), "Closed"), starts, st.integers(0, 30)
    ),
    max_size=6,
)
routes = st.builds(
    Figures,
    name=st.just("Any"),
    kind=st.just("cpt"),
    preparation=st.integers(0, 15),
    lead=st.integers(0, 130),
    unit=st.sampled_from(LeadUnit),
    post=st.integers(0, 30),
    earliest_before=st.none() | st.integers(0, 200),
)


def is_open(day: date, unit: LeadUnit, campus: BusinessCalendar) -> bool:
    if unit == LeadUnit.CALENDAR:
        return True
    if unit == LeadUnit.FEDERAL:
        return day.weekday() < 5 and day not in federal_holidays(day.year)
    return day.weekday() < 5 and not any(closed.first_day <= day <= closed.last_day for closed in campus.closures)


def walk(day: date, n: int, unit: LeadUnit, campus: BusinessCalendar) -> date:
    while n:
        day += dt.timedelta(days=1)
        n -= is_open(day, unit, campus)
    return day


def last_day_that(works, limit: date) -> date:
    day = limit
    while not works(day):
        day -= dt.timedelta(days=1)
    return day


@given(routes, starts, closures)
def test_the_window_is_what_a_walk_over_the_days_finds(route, start, closed):
    campus = BusinessCalendar(closed)

    def files_in_time(day):
        done = walk(day, route.lead, route.unit, campus) + dt.timedelta(days=route.post)
        return is_open(day, route.unit, campus) and done < start

    latest = last_day_that(files_in_time, start)

    def is_prepared(day):
        return is_open(day, LeadUnit.CAMPUS, campus) and walk(day, route.preparation, LeadUnit.CAMPUS, campus) <= latest

    window = filing_window(route, start, campus)
    assert (window.latest_filing, window.start_by) == (latest, last_day_that(is_prepared, latest))


@given(routes, starts, closures, st.integers(-30, 400))
def test_verdicts_only_get_worse_as_days_pass(route, start, closed, ahead):
    campus, today = BusinessCalendar(closed), start - dt.timedelta(days=ahead)
    order = [Outcome.IN_TIME, Outcome.TIGHT, Outcome.TOO_LATE]
    now, tomorrow = (check(route, day, start, campus).outcome for day in (today, today + dt.timedelta(days=1)))
    if Outcome.NO_WINDOW in (now, tomorrow):
        assert now == tomorrow
    else:
        assert order.index(tomorrow) >= order.index(now)
