import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from applications import rules
from applications.wording import shown
from campus.calendar import BusinessCalendar, ClosedDays

NEW_YORK = "America/New_York"
ZONES = sorted(available_timezones() - {"localtime"})
# Where clocks skip a date or an hour at midnight, change by half an hour or two hours, change for Ramadan, or are
# furthest from Greenwich.
ODD = [
    "Africa/Casablanca",
    "America/Goose_Bay",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Etc/GMT+12",
    "Etc/GMT-14",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
]


def closed(first, last="", name="Closed"):
    return ClosedDays(dt.date.fromisoformat(first), dt.date.fromisoformat(last or first), name)


AUTUMN = BusinessCalendar(
    [
        closed("2024-11-11", name="Veterans Day"),
        closed("2024-11-28", name="Thanksgiving"),
        closed("2024-11-29", name="Day after Thanksgiving"),
        closed("2024-12-24", "2025-01-01", name="Winter recess"),
    ]
)


def noon(day, zone=NEW_YORK):
    return dt.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("written", "five", "seven"),
    [
        ("2024-10-25", "2024-11-01", "2024-11-05"),
        ("2024-11-22", "2024-12-03", "2024-12-05"),
        ("2024-12-19", "2025-01-06", "2025-01-08"),
    ],
)
def test_the_examples_of_the_mission(written, five, seven):
    assert rules.deadline(noon(written), 5, AUTUMN, NEW_YORK).last_day.isoformat() == five
    assert rules.deadline(noon(written), 7, AUTUMN, NEW_YORK).last_day.isoformat() == seven


def test_open_up_to_but_not_including_the_following_midnight():
    found = rules.deadline(noon("2024-10-25"), 5, AUTUMN, NEW_YORK)
    assert found.instant == dt.datetime(2024, 11, 2, 4, tzinfo=dt.UTC)
    assert shown(found.last_day, NEW_YORK) == "Friday, November 1, 2024, 23:59 New York time (EDT)"


def test_day_zero_is_the_date_on_the_boards_clock():
    late = dt.datetime(2024, 10, 26, 3, 59, tzinfo=dt.UTC)  # still Friday, a minute before midnight, in New York
    assert rules.deadline(late, 5, AUTUMN, NEW_YORK).last_day == dt.date(2024, 11, 1)
    assert rules.deadline(late + dt.timedelta(minutes=1), 5, AUTUMN, NEW_YORK).last_day == dt.date(2024, 11, 1)
    monday = dt.datetime(2024, 10, 29, 3, 59, tzinfo=dt.UTC)
    assert rules.deadline(monday, 5, AUTUMN, NEW_YORK).last_day == dt.date(2024, 11, 4)
    assert rules.deadline(monday + dt.timedelta(minutes=1), 5, AUTUMN, NEW_YORK).last_day == dt.date(2024, 11, 5)


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        # Goose Bay went back from 00:01 to 23:01: midnight came twice, and the later one ends the day.
        ("2010-11-06", "America/Goose_Bay", "2010-11-07T04:00+00:00"),
        # Sao Paulo jumped from midnight to 01:00: the day ends at the jump.
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00+00:00"),
        # Sao Paulo went back from midnight to 23:00: the hour is still the day's.
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T03:00+00:00"),
        # Apia had no 30 December 2011.
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00+00:00"),
    ],
)
def test_where_clocks_change_at_midnight(day, zone, ends):
    assert rules.end_of_day(dt.date.fromisoformat(day), zone) == dt.datetime.fromisoformat(ends)


def test_a_date_that_the_clocks_skipped_is_not_counted():
    written = noon("2011-12-28", "Pacific/Apia")
    assert rules.deadline(written, 2, BusinessCalendar(), "Pacific/Apia").last_day == dt.date(2012, 1, 2)
    assert rules.deadline(written, 2, BusinessCalendar(), NEW_YORK).last_day == dt.date(2011, 12, 30)


def test_a_deadline_without_letters_shows_its_offset():
    text = shown(dt.date(2024, 11, 1), "America/Sao_Paulo")
    assert text == "Friday, November 1, 2024, 23:59 Sao Paulo time (UTC-0300)"
    assert shown(dt.date(2024, 11, 1), "UTC") == "Friday, November 1, 2024, 23:59 UTC"


def test_the_days_are_counted_one_by_one_with_the_closures_named():
    count = rules.counted(noon("2024-11-22"), dt.date(2024, 12, 3), AUTUMN, NEW_YORK)
    assert [day.isoformat() for day in count.days] == [
        "2024-11-25",
        "2024-11-26",
        "2024-11-27",
        "2024-12-02",
        "2024-12-03",
    ]
    assert [step.why for step in count.skipped] == [
        "weekend",
        "Thanksgiving",
        "Day after Thanksgiving",
        "weekend",
    ]


def test_a_recount_moves_later_only():
    written, last_day = noon("2024-10-25"), dt.date(2024, 11, 1)
    more = rules.Recount(BusinessCalendar([*AUTUMN.closures, closed("2024-10-30")]))
    assert more.last_day(written, 5, NEW_YORK, last_day) == dt.date(2024, 11, 4)
    fewer = rules.Recount(BusinessCalendar())
    assert fewer.last_day(noon("2024-11-22"), 5, NEW_YORK, dt.date(2024, 12, 3)) == dt.date(2024, 12, 3)


def test_the_days_lost_on_hold_are_those_touched():
    def lost(start, end):
        return rules.days_lost(noon(start), noon(end), AUTUMN, NEW_YORK)

    assert lost("2024-10-28", "2024-10-28") == 1
    assert lost("2024-10-26", "2024-10-27") == 0
    assert lost("2024-11-27", "2024-12-02") == 2


def words(written, last_day, moved=None):
    found = rules.reminders(
        written_at=noon(written),
        moved_at=moved or noon(written),
        last_day=dt.date.fromisoformat(last_day),
        calendar=AUTUMN,
        zone=NEW_YORK,
    )
    return [(reminder.word, reminder.due.astimezone(ZoneInfo(NEW_YORK)).isoformat()[:16]) for reminder in found]


def test_reminders_of_seven_days():
    assert words("2024-10-25", "2024-11-05") == [
        ("halfway", "2024-10-31T09:00"),
        ("two_before", "2024-11-01T09:00"),
        ("one_before", "2024-11-04T09:00"),
        ("last_day", "2024-11-05T09:00"),
    ]


def test_reminders_of_one_day_merge_into_the_most_urgent():
    assert words("2024-10-25", "2024-11-01") == [
        ("two_before", "2024-10-30T09:00"),
        ("one_before", "2024-10-31T09:00"),
        ("last_day", "2024-11-01T09:00"),
    ]
    assert words("2024-10-25", "2024-10-29") == [("one_before", "2024-10-28T09:00"), ("last_day", "2024-10-29T09:00")]
    assert words("2024-10-25", "2024-10-28") == [("last_day", "2024-10-28T09:00")]


def test_reminders_that_were_past_when_the_deadline_moved_are_dropped():
    moved = noon("2024-11-01")
    assert words("2024-10-25", "2024-11-05", moved=moved) == [
        ("one_before", "2024-11-04T09:00"),
        ("last_day", "2024-11-05T09:00"),
    ]


@pytest.mark.parametrize(
    ("written", "last_day", "expected"),
    [
        # written on a Monday at 8:59 and at 9:01, New York
        ("2024-10-28T12:59", "2024-10-29", [("one_before", "28"), ("last_day", "29")]),
        ("2024-10-28T13:01", "2024-10-29", [("last_day", "29")]),
        ("2024-10-28T12:59", "2024-10-30", [("two_before", "28"), ("one_before", "29"), ("last_day", "30")]),
        ("2024-10-28T13:01", "2024-10-30", [("one_before", "29"), ("last_day", "30")]),
        # written on a Saturday: the business day before lies before the offer
        ("2024-10-26T12:59", "2024-10-28", [("last_day", "28")]),
    ],
)
def test_reminders_of_a_very_short_offer_may_fall_on_the_day_it_was_written(written, last_day, expected):
    moment = dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC)
    found = rules.reminders(
        written_at=moment,
        moved_at=moment,
        last_day=dt.date.fromisoformat(last_day),
        calendar=AUTUMN,
        zone=NEW_YORK,
    )
    assert [(reminder.word, f"{reminder.due:%d}") for reminder in found] == expected


zones = st.one_of(st.sampled_from(ODD), st.sampled_from(ZONES))
closures = st.lists(
    st.tuples(st.integers(-5, 40), st.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=4
)
moments = st.integers(63_072_000, 2_840_140_800).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))


def calendar_of(ranges, written, zone):
    start = written.astimezone(ZoneInfo(zone)).date()
    days = dt.timedelta(days=1)
    return BusinessCalendar(ClosedDays(start + a * days, start + b * days, "Closed") for a, b in ranges)


STEP = dt.timedelta(minutes=15)


def brute_force(written, n, is_closed, zone):
    """Walk the clock on the wall a quarter of an hour at a time: the dates it shows, and when the last one was seen."""
    tz = ZoneInfo(zone)
    seen = [written.astimezone(tz).date()]
    last_seen, moment, promised = written, written, None
    while promised is None or moment < last_seen + dt.timedelta(days=2):
        moment += STEP
        day = moment.astimezone(tz).date()
        if day not in seen:
            seen.append(day)
        counted = [date for date in sorted(seen[1:]) if date > seen[0] and date.weekday() < 5 and not is_closed(date)]
        if promised is None and len(counted) == n:
            promised = counted[-1]
        if day == promised:
            last_seen = moment
    return promised, last_seen


@settings(max_examples=120, deadline=None)
@given(zones, moments, st.integers(1, 8), closures)
@example("Pacific/Apia", dt.datetime(2011, 12, 28, 12, tzinfo=dt.UTC), 2, [])
@example("America/Goose_Bay", dt.datetime(2010, 11, 1, 12, tzinfo=dt.UTC), 5, [])
@example("America/Sao_Paulo", dt.datetime(2018, 10, 28, 12, tzinfo=dt.UTC), 5, [])
def test_the_deadline_agrees_with_the_clock_on_the_wall(zone, written, n, ranges):
    calendar = calendar_of(ranges, written, zone)
    found = rules.deadline(written, n, calendar, zone)
    promised, last_seen = brute_force(written, n, lambda day: any(day in c for c in calendar.closures), zone)
    assert found.last_day == promised
    assert last_seen < found.instant <= last_seen + STEP


@settings(max_examples=200, deadline=None)
@given(zones, moments, st.integers(1, 25), closures)
def test_reminders_come_once_a_day_in_the_open_window_and_end_with_the_last_day(zone, written, n, ranges):
    calendar = calendar_of(ranges, written, zone)
    found = rules.deadline(written, n, calendar, zone)
    planned = rules.reminders(
        written_at=written, moved_at=written, last_day=found.last_day, calendar=calendar, zone=zone
    )
    assert planned == sorted(planned, key=lambda reminder: reminder.due)
    assert len({rules.local_date(reminder.due, zone) for reminder in planned}) == len(planned)
    assert all(written <= reminder.due < found.instant for reminder in planned)
    assert planned[-1].word == "last_day"
