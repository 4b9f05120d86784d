"""Numbers that staff look back at, for the first page of the admin: a table, with bars drawn beside it where it counts
weeks. Each number leads to the list that shows exactly what it counts.

A list has figures by a method `figures(request)` of its ModelAdmin.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Aggregate, Count, DurationField
from django.db.models.functions import TruncWeek
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode

from core import clock

WEEKS = 12
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
TOP, HEIGHT = 1.4, 8.0  # of the drawing, in heights of a letter


@dataclass(frozen=True)
class Cell:
    """`number` rows stand in the list at `url`; a cell that counts nothing has neither."""

    text: str
    number: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Bar:
    """Across in percent of the drawing, down in heights of a letter."""

    x: str
    middle: str
    width: str
    y: str
    height: str
    words: str
    number: int


@dataclass(frozen=True)
class Figure:
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""
    bars: tuple[Bar, ...] = ()


class Median(Aggregate):
    """Of spans of time; None of none."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def figures(request: HttpRequest, site: admin.AdminSite) -> list[Figure]:
    """Of the lists that have figures, those that this person may see; what is drawn comes first."""
    found = [
        figure
        for model_admin in site._registry.values()
        if hasattr(model_admin, "figures") and model_admin.has_view_permission(request)
        for figure in model_admin.figures(request)
    ]
    return sorted(found, key=lambda figure: not figure.bars)


def count(number: int, url: str, **lookups: Any) -> Cell:
    return Cell(f"{number:,}", number, listed(url, **lookups))


def part(number: int, of: int, url: str, **lookups: Any) -> Cell:
    share = f" ({100 * number / of:.0f}%)" if of else ""
    return Cell(f"{number:,}{share}", number, listed(url, **lookups))


def days(span: dt.timedelta | None) -> Cell:
    return Cell("–" if span is None else f"{span / DAY:.1f}")


def listed(url: str, **lookups: Any) -> str:
    return f"{url}?{urlencode({name: said(value) for name, value in lookups.items()})}"


def said(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def within(field: str, start: dt.datetime, end: dt.datetime) -> dict[str, dt.datetime]:
    return {f"{field}__gte": start, f"{field}__lt": end}


def start_of(day: dt.date) -> dt.datetime:
    """The first instant of that day on the board's clock."""
    return clock.end_of_day(day - DAY, timezone.get_default_timezone())


def last_weeks(today: dt.date) -> list[dt.date]:
    """Their Mondays, this week's last."""
    monday = today - today.weekday() * DAY
    return [monday - number * WEEK for number in reversed(range(WEEKS))]


def weekly(title: str, rows: Any, field: str, url: str, **lookups: Any) -> Figure:
    """How many of the rows fall into each of the last weeks, on the board's clock; the newest week stands last."""
    mondays = last_weeks(clock.today())
    spans = {monday: within(field, start_of(monday), start_of(monday + WEEK)) for monday in mondays}
    recent = rows.filter(**within(field, start_of(mondays[0]), start_of(mondays[-1] + WEEK))).order_by()
    week = TruncWeek(field, tzinfo=timezone.get_default_timezone())
    found = {row["week"].date(): row["n"] for row in recent.values(week=week).annotate(n=Count("pk"))}
    numbers = [found.get(monday, 0) for monday in mondays]
    return Figure(
        title,
        ("Week of", "Number"),
        tuple(
            (f"{monday:%b %-d}", (count(number, url, **lookups, **spans[monday]),))
            for monday, number in zip(mondays, numbers, strict=True)
        ),
        bars=tuple(bars([f"{monday:%b %-d}" for monday in mondays], numbers)),
    )


def bars(words: list[str], numbers: list[int]) -> Iterable[Bar]:
    step, most = 100 / len(numbers), max(*numbers, 1)
    for place, (word, number) in enumerate(zip(words, numbers, strict=True)):
        height = HEIGHT * number / most
        yield Bar(
            x=f"{step * (place + 0.15):.2f}%",
            middle=f"{step * (place + 0.5):.2f}%",
            width=f"{step * 0.7:.2f}%",
            y=f"{TOP + HEIGHT - height:.2f}em",
            height=f"{height:.2f}em",
            words=word,
            number=number,
        )
