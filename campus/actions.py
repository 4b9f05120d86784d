import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from campus import closures
from campus.calendar import ONE_DAY, SATURDAY, BusinessCalendar, ClosedDays
from campus.closures import Moves
from campus.models import Closure
from core import clock


@transaction.atomic
def change_closures(
    *,
    added: Sequence[Closure] = (),
    changed: Sequence[Closure] = (),
    removed: Sequence[Closure] = (),
    by: Any,
    now: dt.datetime | None = None,
) -> int:
    """The one way closures change, so that whatever was counted over them is counted again with it; how many deadlines
    moved. Where the same days stay closed (a new name, a closure of a weekend) there is nothing to count."""
    with connection.cursor() as cursor:
        # Two people editing at once would each recount over half of the truth.
        cursor.execute("LOCK TABLE campus_closure IN SHARE ROW EXCLUSIVE MODE")
    calendar = _calendar_with(added=added, changed=changed, removed=removed)
    for closure in (*added, *changed):
        closure.save()
    Closure.objects.filter(pk__in=[closure.pk for closure in removed]).delete()
    return closures.changed(calendar=calendar, by=by, now=now or clock.now()) if calendar else 0


def preview_closures(
    *, added: Sequence[Closure] = (), changed: Sequence[Closure] = (), now: dt.datetime | None = None
) -> Moves:
    """What the change would move. Nothing is written or locked: the count goes over the calendar as it would be."""
    calendar = _calendar_with(added=added, changed=changed)
    return closures.would_move(calendar=calendar, now=now or clock.now()) if calendar else Moves()


def _calendar_with(
    *, added: Sequence[Closure] = (), changed: Sequence[Closure] = (), removed: Sequence[Closure] = ()
) -> BusinessCalendar | None:
    """The calendar after the change; None where the same days stay closed."""
    rows = Closure.objects.values_list("pk", "first_day", "last_day", "name")
    stored = {row[0]: ClosedDays(*row[1:]) for row in rows}
    written = [ClosedDays(one.first_day, one.last_day, one.name) for one in (*added, *changed)]
    touched = {closure.pk for closure in (*changed, *removed)}
    days = [*(kept for pk, kept in stored.items() if pk not in touched), *written]
    return BusinessCalendar(days) if _closed(days) != _closed(stored.values()) else None


def _closed(ranges: Iterable[ClosedDays]) -> set[dt.date]:
    spans = ((one.first_day, (one.last_day - one.first_day).days + 1) for one in ranges)
    days = (first + number * ONE_DAY for first, length in spans for number in range(length))
    return {day for day in days if day.weekday() < SATURDAY}


@transaction.atomic
def import_closures(
    rows: Iterable[ClosedDays], *, source: str, verified_on: dt.date | None, by: Any, now: dt.datetime | None = None
) -> tuple[list[Closure], int]:
    """Add those of the rows that are not listed yet, under any name; what was added, and how many deadlines moved."""
    fresh = not_listed(rows, source=source, verified_on=verified_on)
    return fresh, change_closures(added=fresh, by=by, now=now) if fresh else 0


def not_listed(rows: Iterable[ClosedDays], *, source: str = "", verified_on: dt.date | None = None) -> list[Closure]:
    known = set(Closure.objects.values_list("first_day", "last_day"))
    return [
        Closure(name=row.name, first_day=row.first_day, last_day=row.last_day, source=source, last_verified=verified_on)
        for row in sorted(set(rows))
        if (row.first_day, row.last_day) not in known
    ]
