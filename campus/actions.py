import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from campus import closures
from campus.calendar import ClosedDays
from campus.closures import Moved
from campus.models import Closure
from core import clock


@transaction.atomic
def change_closures(
    *,
    added: Sequence[Closure] = (),
    changed: Sequence[Closure] = (),
    removed: Iterable[Closure] = (),
    by: Any,
    now: dt.datetime | None = None,
) -> list[Moved]:
    """The one way closures change, so that whatever was counted over them is counted again with it; what moved."""
    with connection.cursor() as cursor:
        # Two people editing at once would each recount over half of the truth.
        cursor.execute("LOCK TABLE campus_closure IN SHARE ROW EXCLUSIVE MODE")
    for closure in (*added, *changed):
        closure.save()
    Closure.objects.filter(pk__in=[closure.pk for closure in removed]).delete()
    return closures.changed(by=by, now=now or clock.now())


def preview_closures(
    *, added: Sequence[Closure] = (), changed: Sequence[Closure] = (), by: Any, now: dt.datetime | None = None
) -> list[Moved]:
    """What the change would move: it is made, looked at and taken back, so that the two cannot differ."""
    with transaction.atomic():
        moved = change_closures(added=added, changed=changed, by=by, now=now)
        transaction.set_rollback(True)
    return moved


@transaction.atomic
def import_closures(
    rows: Iterable[ClosedDays], *, source: str, verified_on: dt.date | None, by: Any, now: dt.datetime | None = None
) -> list[Closure]:
    """Add those of the rows that are not listed yet, under any name; what was added."""
    fresh = not_listed(rows, source=source, verified_on=verified_on)
    if fresh:
        change_closures(added=fresh, by=by, now=now)
    return fresh


def not_listed(rows: Iterable[ClosedDays], *, source: str = "", verified_on: dt.date | None = None) -> list[Closure]:
    known = set(Closure.objects.values_list("first_day", "last_day"))
    return [
        Closure(name=row.name, first_day=row.first_day, last_day=row.last_day, source=source, last_verified=verified_on)
        for row in sorted(set(rows))
        if (row.first_day, row.last_day) not in known
    ]
