"""What the index must know of each posting, and every set that it is in."""

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import BooleanField, CharField, ExpressionWrapper, F, Func, Q, Value

from postings.finding.facets import HOUR_STEPS, MONTHS_AHEAD, PAY_STEPS, WEEK_SPANS
from postings.models import HOME_CURRENCY, PAID
from postings.workflow import Status

SLOT = 900  # seconds: every zone in use differs from UTC by whole quarters of an hour
SLOTS_A_DAY = 24 * 60 * 60 // SLOT
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
Fact = tuple[str, Hashable]


class Row(NamedTuple):
    pk: int
    organization_id: int
    stream_id: int
    opportunity_type_id: int
    engagement_type_id: int
    location_mode: str
    country: str
    named_levels: str
    pay_kind: str
    effective_hourly: Decimal | None
    currency: str
    weeks_min: int | None
    weeks_max: int | None
    hours_week_min: int
    start_earliest: dt.date
    start_latest: dt.date
    asks_more: bool
    campus_only: bool
    status: str
    published_at: dt.datetime
    opens_at: dt.datetime | None
    apply_by: dt.datetime | None


# The driver is slow to take arrays apart.
IN_SHORT: dict[str, Any] = {
    "named_levels": Func(F("levels"), Value(" "), function="array_to_string", output_field=CharField()),
    "asks_more": ExpressionWrapper(~Q(extra_materials=[], questions=[]), output_field=BooleanField()),
}


def facts(row: Row, contractors: set[int]) -> Iterator[Fact]:
    """Every set that a posting is in."""
    yield "organization", row.organization_id
    yield "stream", row.stream_id
    yield "type", row.opportunity_type_id
    yield "location", row.location_mode
    yield "country", row.country
    for level in row.named_levels.split(" "):
        yield "level", level
    yield from _pay_facts(row.pay_kind, row.effective_hourly, row.currency)
    yield from _length_facts(row.weeks_min, row.weeks_max, row.hours_week_min)
    yield from _start_facts(row.start_earliest, row.start_latest)
    if not row.asks_more:
        yield "materials", "none"
    if row.engagement_type_id in contractors:
        yield "contractor", True
    if row.campus_only:
        yield "campus_only", True
    if row.status == Status.SCHEDULED:
        yield "opens", row.opens_at
    if row.apply_by:
        yield "closes", row.apply_by
    yield "deadline", row.apply_by or NEVER
    yield "day", slot(row.published_at) // SLOTS_A_DAY
    yield "published", slot(row.published_at)


# A process that starts reads all postings, and many have these in common.


@lru_cache(10_000)
def _pay_facts(kind: str, hourly: Decimal | None, currency: str) -> tuple[Fact, ...]:
    steps = [step for step in PAY_STEPS if currency == HOME_CURRENCY and (hourly or 0) >= step]
    paid = ["paid"] if kind in PAID else []
    return (("worth", worth(hourly, currency)), *(("pay", str(value)) for value in [*paid, *steps]))


def worth(hourly: Decimal | None, currency: str) -> tuple[int, Decimal]:
    """Rising in the order of the sort by pay. An amount in another currency says nothing beside ours, so it follows."""
    return (int(currency != HOME_CURRENCY), Decimal("Infinity") if hourly is None else -hourly)


@lru_cache(10_000)
def _length_facts(least: int | None, most: int | None, hours: int) -> tuple[Fact, ...]:
    spans = WEEK_SPANS.items() if least and most else ()
    weeks = (("weeks", name) for name, (low, high) in spans if (least or 0) <= high and (most or 0) >= low)
    return (*weeks, *(("hours", str(step)) for step in HOUR_STEPS if hours <= step))


@lru_cache(10_000)
def _start_facts(first: dt.date, last: dt.date) -> tuple[Fact, ...]:
    """The months that a window touches; more than two years on, nobody can choose them."""
    months: list[Fact] = []
    month = first.replace(day=1)
    while month <= last and len(months) < 2 * MONTHS_AHEAD:
        months.append(("start", f"{month:%Y-%m}"))
        month = (month + dt.timedelta(days=31)).replace(day=1)
    return (("start_earliest", first), ("start_latest", last), *months)


def slot(moment: dt.datetime) -> int:
    """The quarter of an hour, counted since 1970."""
    return int(moment.timestamp() // SLOT)


def slots(days: Iterable[int]) -> Iterator[int]:
    for day in days:
        yield from range(day * SLOTS_A_DAY, (day + 1) * SLOTS_A_DAY)
