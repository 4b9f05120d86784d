"""The decision deadline, pure: dates and instants in, dates and instants out. Nothing here asks what
time it is, or the database."""

import copy
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from applications.models import Offer
from campus.calendar import ONE_DAY, BusinessCalendar, Calendar, Count
from core import clock
from postings import checks
from postings.models import PayFloor

# A word for each reminder, the least urgent first: of those that fall on one day the last one is kept.
HALFWAY, TWO_BEFORE, ONE_BEFORE, LAST_DAY = "halfway", "two_before", "one_before", "last_day"


class DayCalendar(Calendar):
    """Business days on the clocks of one place. A date that its clocks skipped (Apia had no 30 December 2011)
    cannot be promised to anybody."""

    unit = "business days"

    def __init__(self, campus: BusinessCalendar, zone: str) -> None:
        self.campus = campus
        self.zone = zone

    def closed_by(self, day: dt.date) -> str:
        if end_of_day(day, self.zone) <= end_of_day(day - ONE_DAY, self.zone):
            return "not on the calendar here"
        return self.campus.closed_by(day)


@dataclass(frozen=True)
class Deadline:
    """The last counted day, and the first instant at which it is over."""

    last_day: dt.date
    instant: dt.datetime


@dataclass(frozen=True)
class Moment:
    word: str
    due: dt.datetime


@lru_cache(maxsize=4096)
def end_of_day(day: dt.date, zone: str) -> dt.datetime:
    return clock.end_of_day(day, ZoneInfo(zone))


def local_date(moment: dt.datetime, zone: str) -> dt.date:
    return moment.astimezone(ZoneInfo(zone)).date()


def deadline(written_at: dt.datetime, days: int, calendar: BusinessCalendar, zone: str) -> Deadline:
    """`days` business days after the local date of the written offer, which is day 0 and does not count."""
    return on(DayCalendar(calendar, zone).add(local_date(written_at, zone), days), zone)


def on(last_day: dt.date, zone: str) -> Deadline:
    return Deadline(last_day, end_of_day(last_day, zone))


class Recount:
    """New counts over one calendar. Each is made once: of many offers most were written on the same few days."""

    def __init__(self, calendar: BusinessCalendar) -> None:
        self._counted = cache(lambda start, days, zone: DayCalendar(calendar, zone).add(start, days))

    def last_day(self, written_at: dt.datetime, days: int, zone: str, last_day: dt.date) -> dt.date:
        """The later of the last day as it was and what a new count gives."""
        return max(last_day, self._counted(local_date(written_at, zone), days, zone))


def days_until(written_at: dt.datetime, last_day: dt.date, calendar: BusinessCalendar, zone: str) -> int:
    """The count that a named last day amounts to, so that later closures can move it as they move any other."""
    return DayCalendar(calendar, zone).count(local_date(written_at, zone), last_day)


def days_lost(held_at: dt.datetime, resumed_at: dt.datetime, calendar: BusinessCalendar, zone: str) -> int:
    """Business days of which any part was spent on hold."""
    return DayCalendar(calendar, zone).count(local_date(held_at, zone) - ONE_DAY, local_date(resumed_at, zone))


def counted(written_at: dt.datetime, last_day: dt.date, calendar: BusinessCalendar, zone: str) -> Count:
    """Every day from the offer to its deadline, one by one, with what was passed over and why."""
    days = DayCalendar(calendar, zone)
    start = local_date(written_at, zone)
    return days.days(start, days.count(start, last_day))


def reminders(
    *, written_at: dt.datetime, moved_at: dt.datetime, last_day: dt.date, calendar: BusinessCalendar, zone: str
) -> list[Moment]:
    """What is to be said before the deadline, in order, without what was past when the offer was written or moved."""
    planned = moments(local_date(written_at, zone), last_day, calendar, zone)
    return [reminder for reminder in planned if reminder.due >= moved_at]


def moments(start: dt.date, last_day: dt.date, calendar: BusinessCalendar, zone: str) -> list[Moment]:
    """For every offer that was written on one local date and is open until the end of another."""
    open_days = DayCalendar(calendar, zone)
    days = list(open_days.days(start, open_days.count(start, last_day)).days)
    words = dict(_words_by_day(days, last_day, [start] if open_days.is_open(start) else []))
    return [Moment(word, clock.nine_o_clock(day, ZoneInfo(zone))) for day, word in sorted(words.items())]


def _words_by_day(days: list[dt.date], last_day: dt.date, day_0: list[dt.date]) -> Iterator[tuple[dt.date, str]]:
    """Least urgent first: a dict of these keeps the most urgent of a day. Of a very short offer the day it was written
    may be the one that lies two business days, or one, before the last."""
    before = [day for day in (*day_0, *days) if day < last_day]
    if days:
        yield days[(len(days) + 1) // 2 - 1], HALFWAY
    if len(before) >= 2:
        yield before[-2], TWO_BEFORE
    if before:
        yield before[-1], ONE_BEFORE
    yield last_day, LAST_DAY


def day_before(moment: dt.datetime, zone: str) -> dt.datetime:
    """Nine o'clock on the local day before."""
    return clock.nine_o_clock(local_date(moment, zone) - ONE_DAY, ZoneInfo(zone))


def began_to_wait(day: dt.date, number: int, calendar: BusinessCalendar, zone: str) -> tuple[dt.datetime, dt.datetime]:
    """From and until when those began to wait for whom this open day is the one of that number."""
    first, following = calendar.subtract(day, number), calendar.subtract(day, number - 1)
    return end_of_day(first - ONE_DAY, zone), end_of_day(following - ONE_DAY, zone)


def past_before(today: dt.date, days: int, calendar: BusinessCalendar, zone: str) -> dt.datetime:
    """Whoever began to wait before this moment has waited more than so many business days today."""
    return end_of_day(calendar.subtract(today + ONE_DAY, days + 1) - ONE_DAY, zone)


def terms_to_look_at(offer: Offer, floors: Iterable[PayFloor]) -> list[str]:
    """Where the terms of an offer fall short of the guidelines or of its posting: to be said to the host, and refused
    by nobody."""
    posting = offer.application.posting
    offered = copy.copy(posting)
    offered.pay_kind, offered.pay_amount, offered.currency = offer.pay_kind, offer.pay_amount, offer.currency
    offered.total_hours = round(((offer.ends_on - offer.starts_on).days + 1) / 7 * offer.hours_week)
    failed = checks.failed(offered, checks.Rows(floors))
    found = [failure.text for failure in failed if failure.name in ("under_floor", "under_wage")]
    if posting.hours_week_max and offer.hours_week > posting.hours_week_max:
        found.append(f"{offer.hours_week} hours a week are more than the {posting.hours_week_max} of your posting.")
    return found
