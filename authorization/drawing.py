"""Where the parts of a small timeline stand, for a template to draw. Places across are percentages of the line, so
that it fits any width while its words keep their size; places down are heights of a letter."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from authorization.sums import Stretch
from campus.calendar import ONE_DAY

MOST_MONTHS = 6
# A today that lies further before the line than this part of it would squeeze the rest together.
BEFORE = 0.4
FIRST_LANE, LANE = 4.5, 1.75


@dataclass(frozen=True)
class Bar:
    kind: str
    x: str
    width: str


@dataclass(frozen=True)
class Month:
    day: dt.date
    x: str
    year: int | None


@dataclass(frozen=True)
class Mark:
    """A day with its words; `anchor` keeps them inside the drawing, `line` is where the line to them ends."""

    kind: str
    day: dt.date
    x: str
    anchor: str
    y: str
    line: str


@dataclass(frozen=True)
class Drawing:
    bars: tuple[Bar, ...]
    closed: tuple[Bar, ...]
    months: tuple[Month, ...]
    marks: tuple[Mark, ...]
    height: str


@dataclass(frozen=True)
class Line:
    """The days that the drawing is wide."""

    first: dt.date
    last: dt.date

    def at(self, day: dt.date) -> float:
        return 100 * (day - self.first) / (self.last - self.first)

    def bar(self, kind: str, first: dt.date, end: dt.date) -> Bar:
        return Bar(kind, f"{self.at(first):.2f}%", f"{self.at(end) - self.at(first):.2f}%")


def draw(
    days: Sequence[tuple[str, dt.date]], *, parts: Iterable[tuple[str, Stretch]], today: dt.date
) -> Drawing | None:
    """`days`: what each is called and when it is, the first day of work among them. None where all are the same."""
    first, last = min(day for _, day in days), max(day for _, day in days)
    if first == last:
        return None
    if first - BEFORE * (last - first) <= today <= last:
        days, first = [*days, ("today", today)], min(first, today)
    line, parts = Line(first, last), list(parts)
    closed = [step for _, part in parts for step in part.passed]
    return Drawing(
        bars=tuple(line.bar(name, part.first, part.last + ONE_DAY) for name, part in parts),
        closed=tuple(line.bar("closed", step.first_day, step.last_day + ONE_DAY) for step in closed),
        months=tuple(_months(line)),
        marks=tuple(_marks(line, days)),
        height=f"{FIRST_LANE + LANE * len(days) - 1:.2f}em",
    )


def _months(line: Line) -> Iterable[Month]:
    """The first days of months, every second or third of them where many lie on the line."""
    number = (line.last.year - line.first.year) * 12 + line.last.month - line.first.month
    step = -(-number // MOST_MONTHS) or 1
    for passed in range(1, number + 1, step):
        year, month = divmod(line.first.year * 12 + line.first.month - 1 + passed, 12)
        day = dt.date(year, month + 1, 1)
        x = line.at(day)
        if x <= 90:  # or its name would stand outside, with the year already from 70 on
            yield Month(day, f"{x:.2f}%", year if month == 0 and x <= 70 else None)


def _marks(line: Line, days: Sequence[tuple[str, dt.date]]) -> Iterable[Mark]:
    """The latest on top, like stairs that lead down to the first."""
    for lane, (kind, day) in enumerate(sorted(days, key=lambda one: one[1], reverse=True)):
        x, y = line.at(day), FIRST_LANE + LANE * lane
        anchor = "start" if x < 35 else "middle" if x <= 65 else "end"
        yield Mark(kind, day, f"{x:.2f}%", anchor, f"{y:.2f}em", f"{y - 1:.2f}em")
