"""How long a posting has waited for the career office, which staff and its host count alike."""

import datetime as dt
from dataclasses import dataclass

from campus.calendar import Calendar, campus_calendar
from campus.models import ProgramSettings
from core import clock
from postings.models import Posting
from postings.workflow import Status


@dataclass(frozen=True)
class ReviewClock:
    """In campus business days; the day on which it was submitted does not count. `within`: what is usual."""

    days: int
    within: int

    @property
    def is_late(self) -> bool:
        return self.days > self.within

    def __str__(self) -> str:
        if not self.days:
            return "less than a business day"
        return f"{self.days} business day{'' if self.days == 1 else 's'}"


def review_clock(submitted_at: dt.datetime, *, today: dt.date, calendar: Calendar, within: int) -> ReviewClock:
    return ReviewClock(calendar.count(clock.today(submitted_at), today), within)


def clock_of(posting: Posting, now: dt.datetime | None = None) -> ReviewClock | None:
    """None for what does not wait."""
    if posting.status != Status.SUBMITTED or posting.submitted_at is None:
        return None
    within = ProgramSettings.load().review_within
    return review_clock(posting.submitted_at, today=clock.today(now), calendar=campus_calendar(), within=within)
