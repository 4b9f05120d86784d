"""Who must know when the closed days change. Apps above register here; nothing is imported from them."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, Protocol

from django.db import connection

from campus.calendar import BusinessCalendar

MOST_SHOWN = 100


@dataclass(frozen=True)
class Moved:
    """A deadline that a new count moves: of which row, its last day as it is and as it will be."""

    row: Any
    before: dt.date
    after: dt.date


@dataclass(frozen=True)
class Moves:
    """What a change would move: how many deadlines from which last day to which, and those that come first by name."""

    counts: Counter[tuple[dt.date, dt.date]] = field(default_factory=Counter)
    first: tuple[Moved, ...] = ()

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def groups(self) -> list[tuple[dt.date, dt.date, int]]:
        return [(before, after, count) for (before, after), count in sorted(self.counts.items())]


class Recount(Protocol):
    """Counts again over the calendar as it is now, and says how many deadlines moved."""

    def __call__(self, *, calendar: BusinessCalendar, by: Any, now: dt.datetime) -> int: ...


class Preview(Protocol):
    """The same count over a calendar as it would be, with nothing written: at most MOST_SHOWN by name."""

    def __call__(self, *, calendar: BusinessCalendar, now: dt.datetime) -> Moves: ...


_callbacks: dict[Recount, Preview] = {}


def on_change(recount: Recount, *, preview: Preview) -> None:
    """Call `recount` after every change of the closed days, in the same transaction: if it fails, so does the change.
    Registering twice is registering once."""
    _callbacks[recount] = preview


def hold() -> None:
    """Nobody changes the closed days until this transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE campus_closure IN SHARE MODE")


def changed(*, calendar: BusinessCalendar, by: Any, now: dt.datetime) -> int:
    return sum(recount(calendar=calendar, by=by, now=now) for recount in _callbacks)


def would_move(*, calendar: BusinessCalendar, now: dt.datetime) -> Moves:
    found = [preview(calendar=calendar, now=now) for preview in _callbacks.values()]
    counts = sum((moves.counts for moves in found), Counter[tuple[dt.date, dt.date]]())
    return Moves(counts, soonest(moved for moves in found for moved in moves.first))


def soonest(moved: Iterable[Moved]) -> tuple[Moved, ...]:
    return tuple(nsmallest(MOST_SHOWN, moved, key=lambda one: (one.after, one.before)))
