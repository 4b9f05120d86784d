"""What every action on a record does beside its own: who acts, what is written down, who is told."""

import datetime as dt
from typing import Any

from accounts.models import StudentProfile
from accounts.roles import Role
from authorization import clearances
from authorization.caps import Caps
from authorization.emails import item_changed, item_moved, item_stuck, item_waiting, moved_version, stuck_version
from authorization.models import AuthorizationEvent, AuthorizationRecord
from authorization.reminders import international_advisers, nine, told_stuck
from authorization.rules import Coverage, Standing, World, filing_notices, standing, version, versions
from authorization.workflow import WORKFLOW
from core import clock
from core.workflow import MoveRefused
from notifications.mail import Mail

CLOSED = "This record is closed: the work it was for is over, or will not happen."
NO_CLEARANCE: dict[str, Any] = {
    "cleared_from": None,
    "cleared_until": None,
    "cleared_at": None,
    "authorized_hours": "",
    "extent": "",
    "over_cap": "",
}


def lock_student(student: StudentProfile) -> None:
    """Before whatever says of a student what is cleared: of two at the same moment the later sees the earlier."""
    StudentProfile.objects.select_for_update(of=("self",), no_key=True).get(pk=student.pk)


def lock_record(record: AuthorizationRecord) -> AuthorizationRecord:
    """The record as it is now; a closed one stands still. Its student is locked before it: hours a week are counted
    over all records."""
    lock_student(record.student)
    locked = lock_even_closed(record)
    if locked.is_closed:
        raise MoveRefused(CLOSED)
    return locked


def lock_even_closed(record: AuthorizationRecord) -> AuthorizationRecord:
    rows = AuthorizationRecord.objects.select_for_update(of=("self",)).select_related("student__user")
    locked: AuthorizationRecord = rows.get(pk=record.pk)
    return locked


def roles_of(record: AuthorizationRecord, by: Any) -> set[str]:
    """An advisor is nobody's advisor in a record of her own."""
    if by.pk == record.student.user_id:
        return {Role.STUDENT.value}
    return {Role.INTERNATIONAL_ADVISER.value} if by.has_role(Role.INTERNATIONAL_ADVISER) else set()


def refuse_others(record: AuthorizationRecord, by: Any, *roles: Role) -> None:
    if not roles_of(record, by) & {role.value for role in roles}:
        raise MoveRefused("You cannot do that with this record.")


def clearance_of(first: dt.date, last: dt.date, now: dt.datetime) -> dict[str, Any]:
    if last < first:
        raise MoveRefused("The last approved day must not be before the first.")
    return {"cleared_from": first, "cleared_until": last, "cleared_at": now}


def clear_as_unneeded(record: AuthorizationRecord, now: dt.datetime) -> None:
    record.status = WORKFLOW.target("declare_unneeded", record.status, {Role.STUDENT.value})
    for name, value in clearance_of(record.starts, record.ends, now).items():
        setattr(record, name, value)


def clearance_changed(record: AuthorizationRecord, *, by: Any, now: dt.datetime) -> None:
    """Tell whoever must know; where the student's work now comes to too many hours in term, student and advisors."""
    clearances.changed(record, by=by, now=now)
    caps = Caps.of(record.student_id)
    for one in caps.records[record.student_id]:
        weeks = caps.over(one, since=clock.today(now))
        if weeks:
            _tell_both(item_changed, one, version(one.pk, *weeks), now)


def write_event(
    record: AuthorizationRecord, move: str, *, by: Any, at: dt.datetime, from_status: str = "", **words: str
) -> AuthorizationEvent:
    """The route goes with each event: what was tried before stays readable after the record has moved on."""
    return AuthorizationEvent.objects.create(
        record=record,
        at=at,
        by=by,
        move=move,
        from_status=from_status,
        to_status=record.status,
        route=record.route,
        **words,
    )


def tell_student(record: AuthorizationRecord, *, by: Any, version: str, now: dt.datetime) -> None:
    """Of what somebody else did."""
    if by.pk != record.student.user_id:
        item_changed.queue(to=record.student.user, subject_id=record.pk, version=version, now=now)


def tell_advisers(record: AuthorizationRecord, *, by: Any, version: str, now: dt.datetime) -> None:
    for adviser in international_advisers():
        if adviser.pk != by.pk:
            item_changed.queue(to=adviser, subject_id=record.pk, version=version, now=now)


def tell_what_is_past(record: AuthorizationRecord, now: dt.datetime, *, again: bool = False) -> bool:
    """One mail for every moment that was over before the record began, or before its route or its dates were known."""
    world = World.load()
    one = standing(record, world)
    if one.is_impossible(clock.today(now)):
        return tell_stuck(record, one, now, again=again)
    if any(nine(day) <= now for _, day in filing_notices(one, world.campus)):
        item_waiting.queue(to=record.student.user, subject_id=record.pk, version=versions(one)[1], now=now)
        return True
    return False


def tell_stuck(record: AuthorizationRecord, one: Standing, now: dt.datetime, *, again: bool = False) -> bool:
    """At once, when a move leaves a start that can no longer be met. What the calendar changes, the sweep tells.
    `again`: of other dates than were told of before."""
    if not one.is_impossible(clock.today(now)) or (not again and record.pk in told_stuck([record.pk])):
        return False
    _tell_both(item_stuck, record, stuck_version(one), now)
    return True


def tell_moved(record: AuthorizationRecord, now: dt.datetime) -> bool:
    """The dates have moved away from what was approved: told once for these dates."""
    if standing(record, World.load()).coverage not in (Coverage.NOT_THE_START, Coverage.NOT_THE_END):
        return False
    _tell_both(item_moved, record, moved_version(record), now)
    return True


def _tell_both(mail: Mail, record: AuthorizationRecord, version: str, now: dt.datetime) -> None:
    for person in {record.student.user, *international_advisers()}:
        mail.queue(to=person, subject_id=record.pk, version=version, now=now)
