import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import StudentProfile
from accounts.roles import Role
from authorization import clearances
from authorization.emails import item_changed, item_stuck, item_waiting, stuck_version
from authorization.models import AuthorizationEvent, AuthorizationRecord, Declaration, Route
from authorization.reminders import international_advisers, nine, told_stuck
from authorization.rules import Standing, World, declared_needs, filing_notices, standing, versions
from authorization.workflow import UNFILED, WORKFLOW, Needs, RouteKind
from core import clock
from core.workflow import MoveRefused


@transaction.atomic
def open_record(
    student: StudentProfile,
    *,
    purpose: str,
    starts: dt.date,
    ends: dt.date,
    contractor: bool = False,
    by: Any,
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    """On acceptance, for everybody: what the student has declared decides where the record begins."""
    now = now or clock.now()
    _lock(student)
    needs, route = declared_needs(student)
    record = AuthorizationRecord(
        student=student,
        purpose=purpose,
        starts=starts,
        ends=ends,
        contractor=contractor,
        opened_at=now,
        opened_by=by,
        route=route,
    )
    if needs == Needs.NO:
        _clear_as_unneeded(record, now)
    record.save()
    _event(record, by, "open", "", now)
    _tell_what_is_past(record, now)
    return record


@transaction.atomic
def declare(
    student: StudentProfile, *, needs: str, route: str = "", by: Any, now: dt.datetime | None = None
) -> Declaration:
    """The student's own word, at any time; records on which nothing is filed yet follow it."""
    if by.pk != student.user_id:
        raise MoveRefused("Only the student can say this.")
    if needs == Needs.YES and not route:
        raise MoveRefused("Choose a route, or “Not sure”.")
    now = now or clock.now()
    _lock(student)
    said_before, _ = declared_needs(student)
    route = route if needs == Needs.YES else RouteKind.NONE.value if needs == Needs.NO else ""
    declaration, _ = Declaration.objects.update_or_create(
        student=student, defaults={"needs": needs, "route": route, "updated_at": now}
    )
    for record in AuthorizationRecord.objects.select_for_update().filter(student=student, closed_at=None):
        _follow_declaration(record, said_before, needs, route, by, now)
    return declaration


def advise(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return _move(record, "advise", by=by, note=note, now=now)


def file(
    record: AuthorizationRecord, *, filed_on: dt.date, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    if filed_on > clock.today(now):
        raise MoveRefused("The day of filing cannot be in the future.")
    return _move(record, "file", by=by, note=note, now=now, filed_on=filed_on.isoformat())


def approve(
    record: AuthorizationRecord,
    *,
    valid_from: dt.date,
    valid_until: dt.date,
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    return _move(record, "approve", by=by, note=note, now=now, **_clearance(valid_from, valid_until, now))


def amend(
    record: AuthorizationRecord,
    *,
    valid_from: dt.date,
    valid_until: dt.date,
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    return _move(record, "amend", by=by, note=note, now=now, **_clearance(valid_from, valid_until, now))


def deny(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return _move(record, "deny", by=by, note=note, now=now)


def revoke(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return _move(record, "revoke", by=by, note=note, now=now, **NO_CLEARANCE)


def waive(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return _move(record, "waive", by=by, note=note, now=now, **_clearance(record.starts, record.ends, now))


def require(
    record: AuthorizationRecord, *, by: Any, note: str = "", now: dt.datetime | None = None
) -> AuthorizationRecord:
    return _move(record, "declare_needed", by=by, note=note, now=now, **NO_CLEARANCE)


@transaction.atomic
def close_record(record: AuthorizationRecord, *, by: Any, now: dt.datetime | None = None) -> AuthorizationRecord:
    """The work will not happen: nothing is awaited and nobody is reminded anymore. Closing twice is closing once."""
    record = AuthorizationRecord.objects.select_for_update().get(pk=record.pk)
    if record.is_closed:
        return record
    moment = now or clock.now()
    record.closed_at, record.closed_by = moment, by
    record.save(update_fields=["closed_at", "closed_by"])
    _event(record, by, "close", "", moment, from_status=record.status)
    clearances.changed(record, by=by, now=moment)
    return record


def verify_route(route: Route, *, by: Any, on: dt.date | None = None) -> Route:
    """Somebody compared the row with its source."""
    route.last_verified, route.verified_by = on or clock.today(), by
    route.save(update_fields=["last_verified", "verified_by"])
    return route


NO_CLEARANCE: dict[str, Any] = {"cleared_from": None, "cleared_until": None, "cleared_at": None}


@transaction.atomic
def _move(
    record: AuthorizationRecord, move: str, *, by: Any, note: str, now: dt.datetime | None, **fields: Any
) -> AuthorizationRecord:
    record = AuthorizationRecord.objects.select_for_update(of=("self",)).select_related("student").get(pk=record.pk)
    if record.is_closed:
        raise MoveRefused("This record is closed: the work it was for will not happen.")
    roles = _roles(record, by)
    now = now or clock.now()
    before, record.status = record.status, WORKFLOW.target(move, record.status, roles)
    for name, value in fields.items():
        setattr(record, name, value)
    record.save(update_fields=["status", *fields])
    event = _event(record, by, move, note, now, from_status=before)
    if NO_CLEARANCE.keys() & fields.keys():
        clearances.changed(record, by=by, now=now)
    told = _tell_stuck(record, standing(record, World.load()), now)
    if not told and by.pk != record.student.user_id:  # the two read alike, and one is enough
        item_changed.queue(to=record.student.user, subject_id=record.pk, version=str(event.pk), now=now)
    return record


def _roles(record: AuthorizationRecord, by: Any) -> set[str]:
    """An advisor is nobody's advisor in a record of her own."""
    if by.pk == record.student.user_id:
        return {Role.STUDENT.value}
    return {Role.INTERNATIONAL_ADVISER.value} if by.has_role(Role.INTERNATIONAL_ADVISER) else set()


def _clearance(first: dt.date, last: dt.date, now: dt.datetime | None) -> dict[str, Any]:
    if last < first:
        raise MoveRefused("The last approved day must not be before the first.")
    return {"cleared_from": first, "cleared_until": last, "cleared_at": now or clock.now()}


def _clear_as_unneeded(record: AuthorizationRecord, now: dt.datetime) -> None:
    record.status = WORKFLOW.target("declare_unneeded", record.status, {Role.STUDENT.value})
    for name, value in _clearance(record.starts, record.ends, now).items():
        setattr(record, name, value)


def _follow_declaration(
    record: AuthorizationRecord, said_before: str, needs: str, route: str, by: Any, now: dt.datetime
) -> None:
    before = record.status
    own = {Role.STUDENT.value}
    if needs == Needs.NO and WORKFLOW.allows("declare_unneeded", before, own):
        move = "declare_unneeded"
        _clear_as_unneeded(record, now)
    elif said_before == Needs.NO != needs and WORKFLOW.allows("declare_needed", before, own):
        move = "declare_needed"
        record.status = WORKFLOW.target(move, before, own)
        for name, value in NO_CLEARANCE.items():
            setattr(record, name, value)
    elif before in UNFILED and record.route != route and needs != Needs.NO:
        move = "route"
    else:
        return
    record.route = route
    record.save(update_fields=["status", "route", *NO_CLEARANCE])
    _event(record, by, move, "", now, from_status=before)
    if move != "route":
        clearances.changed(record, by=by, now=now)
    _tell_what_is_past(record, now)


def _tell_what_is_past(record: AuthorizationRecord, now: dt.datetime) -> None:
    """One mail for every moment that was over before the record began, or before its route was known."""
    world = World.load()
    one = standing(record, world)
    if one.is_impossible(clock.today(now)):
        _tell_stuck(record, one, now)
    elif any(nine(day) <= now for _, day in filing_notices(one, world.campus)):
        item_waiting.queue(to=record.student.user, subject_id=record.pk, version=versions(one)[1], now=now)


def _tell_stuck(record: AuthorizationRecord, one: Standing, now: dt.datetime) -> bool:
    """At once, when a move leaves a start that can no longer be met. What the calendar changes, the sweep tells."""
    if not one.is_impossible(clock.today(now)) or record.pk in told_stuck([record.pk]):
        return False
    for person in {record.student.user, *international_advisers()}:
        item_stuck.queue(to=person, subject_id=record.pk, version=stuck_version(one), now=now)
    return True


def _lock(student: StudentProfile) -> None:
    """A declaration and an acceptance at the same moment: one sees the other."""
    StudentProfile.objects.select_for_update().get(pk=student.pk)


def _event(
    record: AuthorizationRecord, by: Any, move: str, note: str, at: dt.datetime, *, from_status: str = ""
) -> AuthorizationEvent:
    return AuthorizationEvent.objects.create(
        record=record, at=at, by=by, move=move, from_status=from_status, to_status=record.status, note=note
    )
