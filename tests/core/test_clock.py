"""Days begin and end on local clocks, whatever those clocks do, in every zone there is."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import end_of_day, nine_o_clock, today

ZONES = sorted(available_timezones())
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)

zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(dt.date(1970, 1, 2), dt.date(2037, 12, 30))


def shown(instant, zone):
    """What a clock on the wall shows."""
    return instant.astimezone(zone).replace(tzinfo=None)


def transitions(year, zone):
    """The hours of a year in which the zone changes its offset."""
    hour = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    before = hour.astimezone(zone).utcoffset()
    while hour.year == year:
        hour += dt.timedelta(hours=1)
        offset = hour.astimezone(zone).utcoffset()
        if offset != before:
            yield hour
        before = offset


def utc(*moment):
    return dt.datetime(*moment, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("America/New_York", dt.date(2024, 11, 5), utc(2024, 11, 6, 5)),
        ("America/New_York", dt.date(2026, 3, 8), utc(2026, 3, 9, 4)),  # 23 hours long
        ("America/New_York", dt.date(2026, 11, 1), utc(2026, 11, 2, 5)),  # 25 hours long
        ("Africa/Cairo", dt.date(2023, 4, 27), utc(2023, 4, 27, 22)),  # midnight skipped: the next day begins at 01:00
        ("America/St_Johns", dt.date(2010, 11, 6), utc(2010, 11, 7, 3, 30)),  # 00:01 back to 23:01: midnight twice
        ("America/Havana", dt.date(2026, 10, 31), utc(2026, 11, 1, 5)),  # 01:00 back to 00:00: midnight twice
        ("America/Sao_Paulo", dt.date(2018, 11, 3), utc(2018, 11, 4, 3)),  # midnight skipped
        ("Pacific/Apia", dt.date(2011, 12, 29), utc(2011, 12, 30, 10)),  # the 30th was skipped whole
        ("Pacific/Apia", dt.date(2011, 12, 30), utc(2011, 12, 30, 10)),
    ],
)
def test_known_ends_of_days(zone, day, end):
    assert end_of_day(day, ZoneInfo(zone)) == end


@given(zone=zones, day=days)
def test_a_day_ends_where_the_next_begins(zone, day):
    end, midnight = end_of_day(day, zone), dt.datetime.combine(day + DAY, dt.time())
    assert end.tzinfo is dt.UTC
    assert shown(end, zone) >= midnight
    assert shown(end - SECOND, zone) < midnight or shown(end, zone) == midnight
    later = [end + dt.timedelta(minutes=minutes) for minutes in range(0, 24 * 60, 7)]
    assert all(shown(instant, zone) >= midnight for instant in later)


@given(zone=zones, day=days)
def test_ends_of_days_come_in_order(zone, day):
    assert end_of_day(day - DAY, zone) <= end_of_day(day, zone) <= end_of_day(day + DAY, zone)


@given(zone=zones, day=days)
def test_nine_o_clock_is_nine_on_the_wall_or_the_first_moment_after_a_jump_over_it(zone, day):
    instant, nine = nine_o_clock(day, zone), dt.datetime.combine(day, dt.time(9))
    assert instant.tzinfo is dt.UTC
    assert shown(instant, zone) >= nine
    assert shown(instant, zone) == nine or shown(instant - SECOND, zone) < nine
    assert all(shown(instant - dt.timedelta(minutes=minutes), zone) < nine for minutes in range(1, 8 * 60, 7))


@pytest.mark.parametrize("year", [1987, 2010, 2011, 2018, 2026])
@pytest.mark.parametrize(
    "name", ["America/New_York", "America/Havana", "America/Asuncion", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia"]
)
def test_every_change_of_clocks_keeps_days_apart(name, year):
    zone = ZoneInfo(name)
    for change in transitions(year, zone):
        for days_away in (-2, -1, 0, 1):
            day = shown(change, zone).date() + days_away * DAY
            end, midnight = end_of_day(day, zone), dt.datetime.combine(day + DAY, dt.time())
            seconds = (end + dt.timedelta(seconds=step) for step in range(-5400, 5400, 60))
            readings = {instant: shown(instant, zone) >= midnight for instant in seconds}
            assert all(is_next for instant, is_next in readings.items() if instant >= end)
            assert shown(end, zone) == midnight or not any(
                is_next for instant, is_next in readings.items() if instant < end
            )


def test_today_is_the_date_on_the_boards_clock():
    assert today(utc(2026, 3, 3, 4, 59)) == dt.date(2026, 3, 2)
    assert today(utc(2026, 3, 3, 5)) == dt.date(2026, 3, 3)
