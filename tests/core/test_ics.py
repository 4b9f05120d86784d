"""Calendar files, read by a calendar's reader: the text, the lines, and what the zones in them say."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from core import ics

START = dt.datetime(2026, 3, 9, 14, 30)  # noqa: DTZ001  each test gives it a zone
MODIFIED = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def entry(zone="America/New_York", start=START, **fields):
    starts = start.replace(tzinfo=ZoneInfo(zone))
    given = {"key": "talk-7", "title": "Interview", "starts": starts, "ends": starts + HOUR, "modified": MODIFIED}
    return ics.Entry(**(given | fields))


def written(*entries, **more):
    content = ics.calendar(entries, **more)
    return content, Calendar.from_ical(content)


def test_what_is_written_is_what_is_read():
    title = "Churn; analysis, for a \\ bike-share – " + "lång " * 14
    content, calendar = written(
        entry(
            title=title.strip(), text="One\nTwo, three", place="Room 5; left", sequence=3, url="https://x.example/7/"
        ),
        name="Career office",
    )
    (event,) = calendar.walk("VEVENT")
    assert {name: str(event[name]) for name in ("summary", "description", "location", "url", "uid", "sequence")} == {
        "summary": title.strip(),
        "description": "One\nTwo, three",
        "location": "Room 5; left",
        "url": "https://x.example/7/",
        "uid": "talk-7@127.0.0.1",
        "sequence": "3",
    }
    assert (event.decoded("dtstamp"), event.decoded("last-modified")) == (MODIFIED, MODIFIED)
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert {b"VERSION:2.0", b"METHOD:PUBLISH", b"X-WR-CALNAME:Career office", b"X-PUBLISHED-TTL:PT1H"} <= set(lines)
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"DTSTART;TZID=America/New_York:20260309T143000" in lines


def test_a_whole_day_has_no_zone():
    day = dt.date(2026, 3, 9)
    starts, ends = ics.whole_day(day)
    content, calendar = written(entry(starts=starts, ends=ends))
    assert {b"DTSTART;VALUE=DATE:20260309", b"DTEND;VALUE=DATE:20260310"} <= set(content.split(b"\r\n"))
    assert calendar.walk("VTIMEZONE") == []


def test_a_moment_in_utc_needs_no_zone():
    content, calendar = written(entry("UTC"))
    assert b"DTSTART:20260309T143000Z" in content
    assert calendar.walk("VTIMEZONE") == []


def test_busy_and_canceled():
    found = [written(entry(**fields))[1].walk("VEVENT")[0] for fields in ({"busy": True}, {}, {"canceled": True})]
    assert [(str(event["transp"]), str(event["status"])) for event in found] == [
        ("OPAQUE", "CONFIRMED"),
        ("TRANSPARENT", "CONFIRMED"),
        ("TRANSPARENT", "CANCELLED"),
    ]


RULES = {
    "America/New_York": {"FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"},
    "Europe/Berlin": {"FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"},
    "Australia/Sydney": {"FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=10"},
    "Asia/Kolkata": set(),
    "America/Sao_Paulo": set(),
}


@pytest.mark.parametrize("zone", RULES)
def test_a_zone_stands_in_the_file_with_its_rule(zone):
    _, calendar = written(entry(zone), entry(zone, START + 900 * HOUR, key="talk-8"))
    (described,) = calendar.walk("VTIMEZONE")
    parts = [part for part in described.subcomponents if "rrule" in part]
    assert {part["rrule"].to_ical().decode() for part in parts} == RULES[zone]
    assert str(described["tzid"]) == zone


@pytest.mark.parametrize("zone", [*RULES, "Australia/Lord_Howe"])
def test_what_the_file_says_of_a_zone_is_true(zone):
    """Read by the description alone, as Apple and Outlook do: every half hour of two years."""
    _, calendar = written(entry(zone))
    (described,) = calendar.walk("VTIMEZONE")
    told, true = described.to_tz(lookup_tzid=False), ZoneInfo(zone)
    moments = [MODIFIED.replace(month=1) + number * HOUR / 2 for number in range(2 * 2 * 8766)]
    wrong = [moment for moment in moments if shown(moment, told) != shown(moment, true)]
    assert wrong == []


def shown(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Asia/Gaza", "America/Santiago"])
def test_where_clocks_follow_no_rule_a_moment_is_given_in_utc(zone):
    content, calendar = written(entry(zone))
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == START.replace(tzinfo=ZoneInfo(zone))
    assert b"DTSTART:20260309T" in content
    assert calendar.walk("VTIMEZONE") == []


def test_each_zone_is_described_once_from_its_first_event():
    zones = ["Europe/Berlin", "America/New_York", "Europe/Berlin"]
    _, calendar = written(*(entry(zone, key=f"talk-{number}") for number, zone in enumerate(zones)))
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["America/New_York", "Europe/Berlin"]
