"""The verbs of the table of moves, one function each."""

import datetime as dt
from typing import Any

from django.db import transaction

from authorization.actions.writing import (
    NO_CLEARANCE,
    clearance_changed,
    clearance_of,
    lock_record,
    roles_of,
    tell_stuck,
    tell_student,
    write_event,
)
from authorization.models import AuthorizationRecord
from authorization.rules import World, standing
from authorization.workflow import WORKFLOW, RouteKind
from core import clock
from core.workflow import MoveRefused


def advise(
    record: AuthorizationRecord, *, by: Any, route: str = "", note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    """The advisor was met. A route that was agreed on becomes the record's; after a denial that is another attempt."""
    if route and route not in {kind.value for kind in RouteKind if kind != RouteKind.NONE}:
        raise MoveRefused("Choose one of the routes.")
    chosen = {"route": route} if route else {}
    return take(record, "advise", by=by, note=note, now=now, filed_on="", **chosen)


def file(
    record: AuthorizationRecord, *, filed_on: dt.date, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    if filed_on > clock.today(now):
        raise MoveRefused("The day of filing cannot be in the future.")
    return take(record, "file", by=by, note=note, now=now, filed_on=filed_on.isoformat())


def deny(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return take(record, "deny", by=by, note=note, now=now)


def revoke(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return take(record, "revoke", by=by, note=note, now=now, filed_on="", **NO_CLEARANCE)


@transaction.atomic
def waive(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    now = now or clock.now()
    record = lock_record(record)  # its dates may have moved since it was read
    return take(record, "waive", by=by, note=note, now=now, **clearance_of(record.starts, record.ends, now))


def require(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    # That it is needed is known now, and the way is not.
    unknown = {"route": RouteKind.UNSURE.value} if record.route in ("", RouteKind.NONE) else {}
    return take(record, "declare_needed", by=by, note=note, now=now, **unknown, **NO_CLEARANCE)


@transaction.atomic
def take(
    record: AuthorizationRecord, move: str, *, by: Any, note: str, now: dt.datetime | None, **fields: Any
) -> AuthorizationRecord:
    record = lock_record(record)
    now = now or clock.now()
    before, record.status = record.status, WORKFLOW.target(move, record.status, roles_of(record, by))
    for name, value in fields.items():
        setattr(record, name, value)
    record.save(update_fields=["status", *fields])
    event = write_event(record, move, by=by, at=now, from_status=before, note=note, day=_day(record, move))
    if NO_CLEARANCE.keys() & fields.keys():
        clearance_changed(record, by=by, now=now)
    if not tell_stuck(record, standing(record, World.load()), now):  # the two read alike, and one is enough
        tell_student(record, by=by, version=str(event.pk), now=now)
    return record


def _day(record: AuthorizationRecord, move: str) -> str:
    return record.filed_on if move == "file" else ""
