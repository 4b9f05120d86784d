"""A count of days written out: which were counted, and which were passed over and why. Pure."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from campus.calendar import ONE_DAY, WEEKEND, Calendar, Step

MOST_LISTED = 45


@dataclass(frozen=True)
class Stretch:
    """So many days of one calendar, all between `first` and `last`, where days that do not count may lie too."""

    length: int
    unit: str
    first: dt.date
    last: dt.date
    counted: tuple[dt.date, ...]
    passed: tuple[Step, ...]

    @property
    def listed(self) -> tuple[dt.date, ...]:
        """The counted days, where naming them one by one says more than the first and the last."""
        return self.counted if self.passed and self.length <= MOST_LISTED else ()

    @property
    def weekends(self) -> bool:
        return any(step.why == WEEKEND for step in self.passed)

    @property
    def named(self) -> tuple[Step, ...]:
        """The closures and holidays that were passed over."""
        return tuple(step for step in self.passed if step.why != WEEKEND)


@dataclass(frozen=True)
class Sum:
    """What lies between the day to begin and the first day of work; None for what takes no day."""

    preparation: Stretch | None
    decision: Stretch | None
    post: Stretch | None

    @property
    def parts(self) -> list[tuple[str, Stretch]]:
        """In the order of the calendar, with the name of each."""
        named = [("preparation", self.preparation), ("decision", self.decision), ("post", self.post)]
        return [(name, part) for name, part in named if part]


def stretch(calendar: Calendar, *, after: dt.date, before: dt.date) -> Stretch | None:
    """The days between the two that the calendar counts; both days themselves stay out."""
    span = [after + number * ONE_DAY for number in range(1, (before - after).days)]
    reasons = [calendar.closed_by(day) for day in span]
    counted = tuple(day for day, why in zip(span, reasons, strict=True) if not why)
    if not counted:
        return None
    runs = [(why, list(group)) for why, group in groupby(range(len(span)), reasons.__getitem__) if why]
    passed = tuple(Step(span[days[0]], span[days[-1]], why=why) for why, days in runs)
    return Stretch(len(counted), calendar.unit, span[0], span[-1], counted, passed)
