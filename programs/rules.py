"""What a record says about dates: the clearance, the days to be reminded, how pressing it is. No query."""

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format

from campus.calendar import BusinessCalendar
from core import clock
from programs.models import ProgramRecord
from programs.workflow import Status

NOTICE_DAYS = (14, 7, 3, 1)
LATE_NOTICE_DAYS = (7, 3, 1)
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Clearance:
    """A program's word on a stretch of work, the first and the last day both within it. Not needed at home: given, and
    without dates."""

    needed: bool
    given: bool
    first: dt.date | None = None
    last: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        if not self.given:
            return False
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def program_clearance(record: ProgramRecord | None) -> Clearance:
    """Of a placement's record; None for a posting at home."""
    if record is None:
        return Clearance(needed=False, given=True)
    if record.status != Status.CLEARED:
        return Clearance(needed=True, given=False)
    return Clearance(needed=True, given=True, first=record.cleared_from, last=record.cleared_until)


def falls_short(record: ProgramRecord) -> bool:
    """Cleared, but not for all of the work: the dates have moved, or only a part was cleared."""
    clearance = program_clearance(record)
    return clearance.given and not (clearance.covers(record.starts) and clearance.covers(record.ends))


def danger(record: ProgramRecord, open_steps: int, today: dt.date) -> str:
    """The one thing that a manager should know of it."""
    starts = f"starts {date_format(record.starts, 'M j, Y')}"
    if falls_short(record):
        return "The cleared dates do not cover the work"
    if record.status == Status.NOT_CLEARED:
        return f"Not cleared; {starts}"
    if record.status != Status.OPEN:
        return "None"
    if record.starts <= today:
        return "The first day has passed without a clearance"
    if not open_steps:
        return f"Ready for your decision; {starts}"
    return f"{open_steps} step{'s' if open_steps != 1 else ''} open; {starts}"


def opened_on(record: ProgramRecord) -> dt.date:
    return clock.today(record.opened_at)


def student_notices(record: ProgramRecord, campus: BusinessCalendar) -> list[tuple[dt.date, str]]:
    """Weekly from the acceptance, and 14, 7, 3 and 1 campus business days before the first day of work; of those that
    fall on one day the more pressing. The soonest first."""
    first = opened_on(record)
    weeks = ((record.starts - first).days - 1) // WEEK.days
    notices = {first + number * WEEK: f"w{number}" for number in range(1, weeks + 1)}
    notices |= {campus.subtract(record.starts, days): f"d{days}" for days in NOTICE_DAYS}
    return sorted((day, name) for day, name in notices.items() if day > first)


def manager_notices(record: ProgramRecord, campus: BusinessCalendar) -> list[tuple[dt.date, str]]:
    """Weekly while all steps are settled and nobody has decided; 7, 3 and 1 campus business days before the first day
    whatever is open; and on that day. The soonest first."""
    notices: dict[dt.date, str] = {}
    if record.settled_at:
        since = clock.today(record.settled_at)
        weeks = max(((record.starts - since).days - 1) // WEEK.days, 0)
        notices = {since + number * WEEK: f"w{number}" for number in range(1, weeks + 1)}
    notices |= {campus.subtract(record.starts, days): f"d{days}" for days in LATE_NOTICE_DAYS}
    notices[record.starts] = "start"
    return sorted((day, name) for day, name in notices.items() if day > opened_on(record))
