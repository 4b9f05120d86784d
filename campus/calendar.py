"""Which days count, and counting them.

Three calendars behind one interface: the campus (Monday to Friday less closures), the federal government (Monday to
Friday less observed federal holidays) and plain calendar days. The day a count starts from is day 0 and never counts.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final

import holidays

ONE_DAY: Final = timedelta(days=1)
SATURDAY: Final = 5
WEEKEND: Final = "weekend"


@dataclass(frozen=True, order=True)
class ClosedDays:
    """A named range on which the university is closed; its first and its last day are both closed."""

    first_day: date
    last_day: date
    name: str

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Step:
    """One line of a count written out: a counted day with its number, or a run of days passed over and why."""

    first_day: date
    last_day: date
    number: int | None = None
    why: str = ""

    @property
    def counted(self) -> bool:
        return self.number is not None


@dataclass(frozen=True)
class Count:
    """A count written out from the day after `start`, in order."""

    start: date
    steps: tuple[Step, ...]

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(step.first_day for step in self.steps if step.counted)

    @property
    def skipped(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.counted)

    @property
    def last_day(self) -> date:
        return self.steps[-1].last_day if self.steps else self.start


class Calendar(ABC):
    """Counting over the days that are open; a calendar only says what closes a day."""

    unit: str

    @abstractmethod
    def closed_by(self, day: date) -> str:
        """Why a day does not count ("weekend", a closure's name), or nothing when it does."""

    def is_open(self, day: date) -> bool:
        return not self.closed_by(day)

    def add(self, start: date, n: int) -> date:
        """The n-th open day after `start`; `start` itself when n is 0."""
        return _nth(self._open_after(start), n, start)

    def subtract(self, start: date, n: int) -> date:
        """The n-th open day before `start`; `start` itself when n is 0."""
        return _nth(self._open_before(start), n, start)

    def count(self, start: date, end: date) -> int:
        """How many open days lie after `start`, up to and including `end`."""
        return sum(self.is_open(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))

    def days(self, start: date, n: int) -> Count:
        """The n open days after `start` one by one, with what was passed over between them."""
        last = self.add(start, n)
        span = [start + timedelta(days=i) for i in range(1, (last - start).days + 1)]
        steps: list[Step] = []
        number = 0
        for why, group in groupby(span, self.closed_by):
            run = list(group)
            if why:
                steps.append(Step(run[0], run[-1], why=why))
            else:
                steps.extend(Step(day, day, number + i) for i, day in enumerate(run, start=1))
                number += len(run)
        return Count(start, tuple(steps))

    def last_open_before(self, day: date) -> date:
        return next(self._open_before(day))

    def latest_before(self, limit: date, n: int) -> date:
        """The last open day from which counting n open days still ends before `limit`."""
        return self.subtract(self.last_open_before(limit), n)

    def latest_by(self, limit: date, n: int) -> date:
        """The last open day from which counting n open days ends on `limit` at the latest."""
        return self.latest_before(limit + ONE_DAY, n)

    def _open_after(self, day: date) -> Iterator[date]:
        while True:
            day += ONE_DAY
            if self.is_open(day):
                yield day

    def _open_before(self, day: date) -> Iterator[date]:
        while True:
            day -= ONE_DAY
            if self.is_open(day):
                yield day


class BusinessCalendar(Calendar):
    """Monday to Friday less the university's closures. A day two closures share goes by the one that began first."""

    unit = "campus business days"

    def __init__(self, closures: Iterable[ClosedDays] = ()) -> None:
        self.closures = tuple(sorted(closures))

    def closed_by(self, day: date) -> str:
        named = next((closed.name for closed in self.closures if day in closed), "")
        return named or (WEEKEND if day.weekday() >= SATURDAY else "")


class FederalCalendar(Calendar):
    """Monday to Friday less federal holidays on the days they are observed."""

    unit = "federal business days"

    def closed_by(self, day: date) -> str:
        if day.weekday() >= SATURDAY:
            return WEEKEND
        return federal_holidays(day.year).get(day, "")


class EveryDay(Calendar):
    """Every day counts."""

    unit = "calendar days"

    def closed_by(self, day: date) -> str:
        return ""


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> dict[date, str]:
    """Federal holidays that take a working day of this year, under the day they are observed on."""
    return {
        day: name
        for day, name in sorted(holidays.country_holidays("US", years=year).items())
        if day.weekday() < SATURDAY
    }


def campus_calendar() -> BusinessCalendar:
    """The university's calendar as its closures stand now, in one query."""
    from campus.models import Closure  # the classes above stay usable without Django

    rows = Closure.objects.values_list("first_day", "last_day", "name")
    return BusinessCalendar(ClosedDays(*row) for row in rows)


def _nth(days: Iterator[date], n: int, start: date) -> date:
    if n < 0:
        raise ValueError("A count of days cannot be negative.")
    day = start
    for _ in range(n):
        day = next(days)
    return day
