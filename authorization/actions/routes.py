import datetime as dt
from typing import Any

from django.db import transaction

from authorization.models import FIGURES, Route, RouteChange
from core import clock
from core.workflow import MoveRefused

KEPT = (
    *("kind", "name", "who_decides", "proof", "preparation_days", "lead_days", "lead_unit", "post_days"),
    *("typical_days", "earliest_days", "after_offer", "employer_specific", "weekly_cap", "link", "source"),
    *("last_verified", "verified_by"),
)
NO_REASON = "Say why the figures change: it is kept in the history of the row."


@transaction.atomic
def keep_route(route: Route, *, by: Any, why: str = "", now: dt.datetime | None = None) -> list[RouteChange]:
    """Save a row as it was edited, with its history. Nobody answers for figures that came after the verification, so
    a row whose figures changed is unverified unless the day of verification was entered anew."""
    stored = Route.objects.select_for_update().filter(pk=route.pk).first()
    changed = _changed(stored, route)
    if stored and FIGURES & changed:
        if not why.strip():
            raise MoveRefused(NO_REASON)
        if "last_verified" not in changed:
            route.last_verified = None
    if route.last_verified is None:
        route.verified_by = None
    elif stored is None or "last_verified" in changed:
        route.verified_by = by
    route.save()
    return _history(stored, route, by, why, now or clock.now())


@transaction.atomic
def verify_route(route: Route, *, by: Any, on: dt.date | None = None, now: dt.datetime | None = None) -> Route:
    """Somebody compared the row with its source."""
    now = now or clock.now()
    stored = Route.objects.select_for_update().get(pk=route.pk)
    route.last_verified, route.verified_by = on or clock.today(now), by
    route.save(update_fields=["last_verified", "verified_by"])
    _history(stored, route, by, "Compared with its source", now, only={"last_verified", "verified_by"})
    return route


def _changed(stored: Route | None, route: Route) -> set[str]:
    return {name for name in KEPT if stored is None or getattr(stored, name) != getattr(route, name)}


def _history(
    stored: Route | None, route: Route, by: Any, why: str, at: dt.datetime, *, only: set[str] | None = None
) -> list[RouteChange]:
    values = [(name, _words(stored, name), _words(route, name)) for name in KEPT if only is None or name in only]
    return RouteChange.objects.bulk_create(
        RouteChange(route=route, at=at, by=by, field=name, before=before, after=after, why=why.strip())
        for name, before, after in values
        if before != after
    )


def _words(route: Route | None, name: str) -> str:
    if route is None:
        return ""
    value = getattr(route, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    display = getattr(route, f"get_{name}_display", None)
    return str(display()) if display else "" if value is None else str(value)
