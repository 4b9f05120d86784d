"""A record from its opening to its closing, and what it follows meanwhile: declaration and dates."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import StudentProfile
from accounts.roles import Role
from authorization.actions.writing import (
    NO_CLEARANCE,
    clear_as_unneeded,
    clearance_changed,
    clearance_of,
    lock_record,
    lock_student,
    tell_moved,
    tell_student,
    tell_what_is_past,
    write_event,
)
from authorization.emails import item_offered
from authorization.models import AuthorizationRecord, Declaration
from authorization.rules import declared_needs
from authorization.workflow import UNFILED, WORKFLOW, Needs, RouteKind, Status
from core import clock
from core.workflow import MoveRefused


@transaction.atomic
def open_record(
    student: StudentProfile,
    *,
    purpose: str,
    starts: dt.date,
    ends: dt.date,
    hours_week: int | None = None,
    contractor: bool = False,
    by: Any,
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    """On acceptance, for everybody: what the student has declared decides where the record begins."""
    now = now or clock.now()
    lock_student(student)
    needs, route = declared_needs(student)
    record = AuthorizationRecord(
        student=student,
        purpose=purpose,
        starts=starts,
        ends=ends,
        hours_week=hours_week,
        contractor=contractor,
        opened_at=now,
        opened_by=by,
        route=route,
    )
    if needs == Needs.NO:
        clear_as_unneeded(record, now)
    record.save()
    write_event(record, "open", by=by, at=now)
    tell_what_is_past(record, now)
    return record


def announce_offer(
    student: StudentProfile, *, offer_id: int, expires: dt.datetime, now: dt.datetime | None = None
) -> None:
    """Within the transaction of the offer: who has said that authorization is needed hears that an item waits."""
    if declared_needs(student)[0] == Needs.YES:
        item_offered.queue(to=student.user, subject_id=offer_id, expires=expires, now=now)


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
    lock_student(student)
    said_before = declared_needs(student)
    route = route if needs == Needs.YES else RouteKind.NONE.value if needs == Needs.NO else ""
    declaration, _ = Declaration.objects.update_or_create(
        student=student, defaults={"needs": needs, "route": route, "updated_at": now}
    )
    for record in AuthorizationRecord.objects.select_for_update().filter(student=student, closed_at=None):
        _follow_declaration(record, said_before, needs, route, by, now)
    return declaration


@transaction.atomic
def move_dates(
    record: AuthorizationRecord, *, starts: dt.date, ends: dt.date, by: Any, now: dt.datetime | None = None
) -> AuthorizationRecord:
    """The work moves, days inclusive. What was approved stays on record as it is: where it does not cover the new
    days, the gate is closed for those, and student and advisors are told once. Not needed is not needed then either."""
    if ends < starts:
        raise MoveRefused("The last day must not be before the first day.")
    record = lock_record(record)
    if (record.starts, record.ends) == (starts, ends):
        return record
    now = now or clock.now()
    record.starts, record.ends = starts, ends
    fields: dict[str, Any] = {}
    if record.status == Status.NOT_NEEDED:
        fields = clearance_of(starts, ends, now)
        for name, value in fields.items():
            setattr(record, name, value)
    record.save(update_fields=["starts", "ends", *fields])
    event = write_event(record, "dates", by=by, at=now, note=f"{starts:%b %-d, %Y} to {ends:%b %-d, %Y}")
    clearance_changed(record, by=by, now=now)
    if record.status == Status.NOT_NEEDED:
        return record
    if not tell_moved(record, now) and not tell_what_is_past(record, now, again=True):  # they read alike
        tell_student(record, by=by, version=str(event.pk), now=now)
    return record


@transaction.atomic
def close_record(record: AuthorizationRecord, *, by: Any, now: dt.datetime | None = None) -> AuthorizationRecord:
    """The work is over, or will not happen: nothing is awaited, nobody is reminded. Closing twice is closing once."""
    lock_student(record.student)
    record = AuthorizationRecord.objects.select_for_update().get(pk=record.pk)
    if record.is_closed:
        return record
    now = now or clock.now()
    record.closed_at, record.closed_by = now, by
    record.save(update_fields=["closed_at", "closed_by"])
    write_event(record, "close", by=by, at=now, from_status=record.status)
    clearance_changed(record, by=by, now=now)
    return record


def _follow_declaration(
    record: AuthorizationRecord, said_before: tuple[str, str], needs: str, route: str, by: Any, now: dt.datetime
) -> None:
    before = record.status
    own = {Role.STUDENT.value}
    if needs == Needs.NO and WORKFLOW.allows("declare_unneeded", before, own) and not _found_needed(record, by):
        move = "declare_unneeded"
        clear_as_unneeded(record, now)
    elif said_before[0] == Needs.NO != needs and WORKFLOW.allows("declare_needed", before, own):
        move = "declare_needed"
        record.status = WORKFLOW.target(move, before, own)
        for name, value in NO_CLEARANCE.items():
            setattr(record, name, value)
    elif before in UNFILED and record.route != route and route != said_before[1] and needs != Needs.NO:
        move = "route"  # only a word that is new: a record may be on another route since, after a denial
    else:
        return
    record.route = route
    record.save(update_fields=["status", "route", *NO_CLEARANCE])
    write_event(record, move, by=by, at=now, from_status=before)
    if move != "route":
        clearance_changed(record, by=by, now=now)
    tell_what_is_past(record, now)


def _found_needed(record: AuthorizationRecord, student: Any) -> bool:
    """An advisor's last finding, which the student's word does not undo."""
    findings = [event for event in record.events.all() if event.move in ("waive", "declare_needed")]
    found = [event.move for event in findings if event.by_id != student.pk]
    return found[-1:] == ["declare_needed"]
