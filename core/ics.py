"""Calendar files that Google, Apple and Outlook read alike; icalendar folds the lines and escapes the text.

Google goes by the name of a zone, Apple by its description in the file, Outlook by that description too, and there by
yearly rules alone: so a zone stands in the file with the rule that its clocks follow.
"""

import calendar as months
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

CONTENT_TYPE = "text/calendar; charset=utf-8"
PUBLISH, CANCEL = "PUBLISH", "CANCEL"
REFRESH = dt.timedelta(hours=1)
YEARS = 6  # of a zone's clocks that are looked at for a rule: long enough to tell the last Sunday from the fourth
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Entry:
    """One event. `key` names the thing for good, in this board; `sequence` rises with each change that matters. A
    date is a whole day; a moment is shown in the zone that it is given in, where that can be described."""

    key: str
    title: str
    starts: dt.date
    ends: dt.date
    modified: dt.datetime
    sequence: int = 0
    url: str = ""
    text: str = ""
    place: str = ""
    busy: bool = False
    organizer: str = ""
    canceled: bool = False


def whole_day(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first day and the day after the last, as calendars want it."""
    return day, day + dt.timedelta(days=1)


def calendar(entries: Iterable[Entry], *, method: str = PUBLISH, name: str = "") -> bytes:
    entries = list(entries)
    found = Calendar()
    found.add("prodid", "-//Microintern//Calendar//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", method)
    if name:
        _name(found, name)
    for zone, year in sorted(_zones(entries).items()):
        described = _described(zone, year)
        if described:
            found.add_component(described)
    for entry in entries:
        found.add_component(_event(entry))
    return bytes(found.to_ical())


def _name(found: Calendar, name: str) -> None:
    """What a subscribed calendar is called, and how often to ask for it."""
    found.add("name", name)
    found.add("x-wr-calname", name)
    found.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", entry.modified.astimezone(dt.UTC))
    event.add("last-modified", entry.modified.astimezone(dt.UTC))
    event.add("sequence", entry.sequence)
    event.add("dtstart", _moment(entry.starts))
    event.add("dtend", _moment(entry.ends))
    event.add("summary", entry.title)
    for name, value in (("description", entry.text), ("location", entry.place), ("url", entry.url)):
        if value:
            event.add(name, value)
    if entry.organizer:
        event.add("organizer", f"mailto:{entry.organizer}")
    event.add("status", "CANCELLED" if entry.canceled else "CONFIRMED")
    event.add("transp", "OPAQUE" if entry.busy and not entry.canceled else "TRANSPARENT")
    return event


def _moment(moment: dt.date) -> dt.date:
    """In UTC, where nothing that all of them read could be said of the zone."""
    zone = _zone(moment)
    return moment.astimezone(dt.UTC) if isinstance(moment, dt.datetime) and not zone else moment


def _zone(moment: dt.date) -> str:
    zone = str(getattr(getattr(moment, "tzinfo", None), "key", "UTC"))
    return zone if zone != "UTC" and _described(zone, moment.year) else ""


def _zones(entries: Iterable[Entry]) -> dict[str, int]:
    """The zones that moments stand in, each with the first year that matters."""
    found: dict[str, int] = {}
    for entry in entries:
        if zone := _zone(entry.starts):
            found[zone] = min(found.get(zone, entry.starts.year), entry.starts.year)
    return found


@lru_cache(maxsize=64)
def _described(zone: str, year: int) -> Timezone | None:
    """What the zone's clocks do from the year before on, where that is nothing or a yearly rule."""
    found = Timezone.from_tzid(zone, first_date=dt.date(year - 1, 1, 1), last_date=dt.date(year + YEARS, 1, 1))
    found.pop("COMMENT", None)
    changes = [part for part in found.subcomponents if part.TZOFFSETFROM != part.TZOFFSETTO]
    rules = [_rule(part) for part in changes]
    if not changes:
        return found
    if len(changes) != 2 or not all(rules):
        return None
    for part, rule in zip(changes, rules, strict=True):
        del part["RDATE"]
        part.DTSTART = _on_the_old_clock(part)
        part.add("rrule", rule)
    found.subcomponents[:] = changes
    return found


def _on_the_old_clock(part: TimezoneDaylight | TimezoneStandard) -> dt.datetime:
    """A change is given by the clock that it ends. The library finds one forward where the new clock begins."""
    forward: dt.timedelta = max(part.TZOFFSETTO - part.TZOFFSETFROM, dt.timedelta())
    begins: dt.datetime = part.DTSTART
    return begins - forward


def _rule(part: TimezoneDaylight | TimezoneStandard) -> dict[str, object] | None:
    """The second Sunday in March, or the last, when that is what all these days are."""
    rest = part.get("RDATE")
    days = [part.DTSTART, *(one.dt for one in (rest.dts if rest else []))]
    if len(days) < YEARS or len({(day.month, day.weekday(), day.time()) for day in days}) > 1:
        return None
    weeks = {(day.day - 1) // 7 + 1 for day in days}
    if all(day.day + 7 > months.monthrange(day.year, day.month)[1] for day in days):
        weeks = {-1}
    if len(weeks) > 1:
        return None
    return {"freq": "yearly", "bymonth": days[0].month, "byday": f"{weeks.pop()}{WEEKDAYS[days[0].weekday()]}"}
