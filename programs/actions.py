import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import StudentProfile, User
from accounts.roles import Role
from authorization import clearances
from core import clock
from core.workflow import MoveRefused
from programs.emails import record_changed, record_opened, record_outside, record_waiting, settled_version
from programs.models import Program, ProgramEvent, ProgramManager, ProgramRecord, ProgramStep, RecordStep
from programs.reminders import deciders
from programs.rules import falls_short
from programs.workflow import MANAGER, OFFICE, SYSTEM, WORKFLOW, Status, StepState

NOT_YOURS = "You cannot do that with this record."
STEPS_FIRST = "Steps of the checklist are open. Mark each as done, or as not needed, then clear it."
ANEW: dict[str, Any] = {
    "cleared_from": None,
    "cleared_until": None,
    "reason": "",
    "decided_at": None,
    "decided_by": None,
}


@transaction.atomic
def open_record(
    student: StudentProfile,
    *,
    country: str,
    purpose: str,
    starts: dt.date,
    ends: dt.date,
    by: Any,
    now: dt.datetime | None = None,
) -> ProgramRecord:
    """On acceptance of work for a host abroad. Where no program administers the country, career staff hold it."""
    now = now or clock.now()
    program = _held(Program.objects.filter(active=True, countries__country=country))
    record = ProgramRecord.objects.create(
        student=student,
        program=program,
        country=country,
        purpose=purpose,
        starts=starts,
        ends=ends,
        opened_at=now,
        opened_by=by,
    )
    _copy_steps(record)
    _event(record, "open", by, now)
    _tell_deciders(record_opened, record, version=str(record.program_id or ""), now=now)
    return record


@transaction.atomic
def move_dates(
    record: ProgramRecord, *, starts: dt.date, ends: dt.date, by: Any, now: dt.datetime | None = None
) -> ProgramRecord:
    """A clearance keeps its dates: where they no longer cover the work, whoever decides is told, and it shows
    everywhere until it is corrected."""
    now, record = now or clock.now(), _locked(record)
    if record.is_closed or (record.starts, record.ends) == (starts, ends):
        return record
    record.starts, record.ends = starts, ends
    record.save(update_fields=["starts", "ends"])
    event = _event(record, "dates", by, now, note=_span(starts, ends))
    if falls_short(record):
        _tell_deciders(record_outside, record, version=str(event.pk), now=now)
    clearances.changed(record, by=by, now=now)
    return record


@transaction.atomic
def close_record(record: ProgramRecord, *, by: Any, now: dt.datetime | None = None) -> ProgramRecord:
    """The work is over, or will not happen. Closing twice is closing once."""
    now, record = now or clock.now(), _locked(record)
    if record.is_closed:
        return record
    return _make(record, "close", {SYSTEM}, by, now, closed_at=now, closed_by=by)


@transaction.atomic
def mark_step(step: RecordStep, *, state: str, by: Any, now: dt.datetime | None = None) -> RecordStep:
    """The student where the step says so, and whoever decides on the record; that it is not needed, only the latter."""
    now, record = now or clock.now(), _locked(step.record)
    step = record.steps.get(pk=step.pk)
    if record.status != Status.OPEN:
        raise MoveRefused("The checklist of this record is not open now.")
    if state not in markable(step, roles_of(record, by)):
        raise MoveRefused(NOT_YOURS)
    if state == step.state:
        return step
    is_open = state == StepState.OPEN
    step.state, step.settled_at, step.settled_by = state, None if is_open else now, None if is_open else by
    step.save(update_fields=["state", "settled_at", "settled_by"])
    _event(record, "undone" if is_open else state, by, now, note=step.name)
    _note_settled(record, now)
    return step


def clear(
    record: ProgramRecord,
    *,
    cleared_from: dt.date,
    cleared_until: dt.date,
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> ProgramRecord:
    return _decide(record, "clear", by=by, note=note, now=now, **_dates(cleared_from, cleared_until))


def amend(
    record: ProgramRecord,
    *,
    cleared_from: dt.date,
    cleared_until: dt.date,
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> ProgramRecord:
    return _decide(record, "amend", by=by, note=note, now=now, **_dates(cleared_from, cleared_until))


def refuse(record: ProgramRecord, *, by: Any, note: str, now: dt.datetime | None = None) -> ProgramRecord:
    if not note.strip():
        raise MoveRefused("Say why it is not cleared: the student reads it.")
    return _decide(record, "refuse", by=by, note=note, now=now, reason=note)


def reopen(record: ProgramRecord, *, by: Any, note: str, now: dt.datetime | None = None) -> ProgramRecord:
    """A decision is taken back, whichever it was."""
    return _decide(record, "reopen", by=by, note=note, now=now)


@transaction.atomic
def assign(record: ProgramRecord, *, program: Program, by: Any, now: dt.datetime | None = None) -> ProgramRecord:
    """Career staff hand a record that nobody administers to a program; from then on it is the program's alone."""
    now = now or clock.now()
    held = _held(Program.objects.filter(active=True, pk=program.pk))
    record = _locked(record)
    if record.is_closed or record.program_id or not roles_of(record, by) & {*OFFICE}:
        raise MoveRefused(NOT_YOURS)
    if held is None:
        raise MoveRefused("This program is retired: choose another.")
    _hand_over(record, program, by, now)
    return record


@transaction.atomic
def take_over(program: Program, *, by: Any, now: dt.datetime | None = None) -> int:
    """After its countries have changed: what waits there without a program is the program's now. How many."""
    now = now or clock.now()
    if _held(Program.objects.filter(active=True, pk=program.pk)) is None:
        return 0
    orphans = ProgramRecord.objects.select_for_update(of=("self",)).select_related("student")
    orphans = orphans.filter(program=None, country__in=program.countries.values("country")).exclude(
        status=Status.CLOSED
    )
    records = list(orphans.order_by("pk"))
    for record in records:
        _hand_over(record, program, by, now)
    return len(records)


@transaction.atomic
def grant_manager(program: Program, *, user: User, by: Any, now: dt.datetime | None = None) -> ProgramManager:
    if not user.is_active or not user.has_role(Role.PROGRAM_MANAGER):
        raise MoveRefused("Only who has the staff role of a program manager can look after a program.")
    Program.objects.select_for_update().get(pk=program.pk)
    manager, made = ProgramManager.objects.get_or_create(
        program=program, user=user, revoked_at=None, defaults={"since": now or clock.now(), "granted_by": by}
    )
    if not made:
        raise MoveRefused(f"{user} looks after this program already.")
    return manager


@transaction.atomic
def revoke_manager(program: Program, *, user: User, by: Any, now: dt.datetime | None = None) -> ProgramManager:
    manager = ProgramManager.objects.select_for_update().filter(program=program, user=user, revoked_at=None).first()
    if manager is None:
        raise MoveRefused(f"{user} does not look after this program.")
    manager.revoked_at, manager.revoked_by = now or clock.now(), by
    manager.save(update_fields=["revoked_at", "revoked_by"])
    return manager


@transaction.atomic
def retire(program: Program, *, by: Any, now: dt.datetime | None = None) -> Program:
    """Its countries are free for another; its records stay with its managers, so none may be undecided."""
    program = Program.objects.select_for_update().get(pk=program.pk)
    if not program.active:
        raise MoveRefused("This program is retired already.")
    waiting = program.records.filter(status=Status.OPEN).count()
    if waiting:
        raise MoveRefused(f"{waiting} of its records {'is' if waiting == 1 else 'are'} open: decide on them first.")
    program.countries.all().delete()
    program.active = False
    program.save(update_fields=["active"])
    return program


@transaction.atomic
def restore(program: Program, *, by: Any, now: dt.datetime | None = None) -> Program:
    program = Program.objects.select_for_update().get(pk=program.pk)
    if program.active:
        raise MoveRefused("This program is active.")
    program.active = True
    program.save(update_fields=["active"])
    return program


def roles_of(record: ProgramRecord, by: Any) -> set[str]:
    """A manager is nobody's manager in a record of her own. Career staff stand in where nobody manages, and have no
    say beside those who do."""
    if by.pk == record.student.user_id:
        return {Role.STUDENT.value}
    managers = ProgramManager.objects.current().filter(program=record.program_id).values_list("user", flat=True)
    if managers:
        return {MANAGER} if by.pk in managers else set()
    return {role for role in OFFICE if by.has_role(role)}


def markable(step: RecordStep, roles: set[str]) -> tuple[str, ...]:
    if roles & {MANAGER, *OFFICE}:
        return (StepState.DONE, StepState.NOT_NEEDED, StepState.OPEN)
    if Role.STUDENT in roles and step.by_student and step.state != StepState.NOT_NEEDED:
        return (StepState.DONE, StepState.OPEN)
    return ()


@transaction.atomic
def _decide(
    record: ProgramRecord, move: str, *, by: Any, note: str, now: dt.datetime | None, **fields: Any
) -> ProgramRecord:
    now, record = now or clock.now(), _locked(record)
    roles = roles_of(record, by)
    WORKFLOW.target(move, record.status, roles)
    if move == "clear" and record.steps.filter(state=StepState.OPEN).exists():
        raise MoveRefused(STEPS_FIRST)
    decided = {} if move == "reopen" else {"decided_at": now, "decided_by": by}
    if "cleared_from" in fields:
        note = "\n".join(filter(None, [_span(fields["cleared_from"], fields["cleared_until"]), note]))
    return _make(record, move, roles, by, now, note=note, **(ANEW | decided | fields))


def _make(
    record: ProgramRecord, move: str, roles: set[str], by: Any, now: dt.datetime, *, note: str = "", **fields: Any
) -> ProgramRecord:
    before, record.status = record.status, WORKFLOW.target(move, record.status, roles)
    fields = (ANEW if move == "close" else {}) | fields
    for name, value in fields.items():
        setattr(record, name, value)
    record.save(update_fields=["status", *fields])
    event = _event(record, move, by, now, from_status=before, note=note)
    if move != "close":
        record_changed.queue(to=record.student.user, subject_id=record.pk, version=str(event.pk), now=now)
    clearances.changed(record, by=by, now=now)
    return record


def _note_settled(record: ProgramRecord, now: dt.datetime) -> None:
    """When the last step is settled, whoever decides is told at once."""
    settled = not record.steps.filter(state=StepState.OPEN).exists()
    record.settled_at = now if settled else None
    record.save(update_fields=["settled_at"])
    if settled:
        _tell_deciders(record_waiting, record, version=settled_version(record), now=now)


def _hand_over(record: ProgramRecord, program: Program, by: Any, now: dt.datetime) -> None:
    record.program = program
    record.save(update_fields=["program"])
    _event(record, "assign", by, now, note=str(program))
    _tell_deciders(record_opened, record, version=str(program.pk), now=now)
    record_changed.queue(to=record.student.user, subject_id=record.pk, version=f"program {program.pk}", now=now)


def _copy_steps(record: ProgramRecord) -> None:
    steps = ProgramStep.objects.filter(program=None)
    if record.program_id:
        steps |= ProgramStep.objects.filter(program=record.program_id)
    copied = ("name", "hint", "by_student", "position")
    RecordStep.objects.bulk_create(
        RecordStep(record=record, **{name: getattr(step, name) for name in copied}) for step in steps
    )


def _tell_deciders(mail: Any, record: ProgramRecord, *, version: str, now: dt.datetime) -> None:
    for person in User.objects.filter(pk__in=deciders([record.program_id])[record.program_id]):
        mail.queue(to=person, subject_id=record.pk, version=version, now=now)


def _span(first: dt.date, last: dt.date) -> str:
    return f"{first:%b %-d, %Y} to {last:%b %-d, %Y}"


def _dates(first: dt.date, last: dt.date) -> dict[str, Any]:
    if last < first:
        raise MoveRefused("The last cleared day must not be before the first.")
    return {"cleared_from": first, "cleared_until": last}


def _held(programs: QuerySet[Program]) -> Program | None:
    """The program, locked before any record of it, so that nobody retires it meanwhile; one that was retired a moment
    ago is not found."""
    return programs.select_for_update(of=("self",), no_key=True).order_by().first()


def _locked(record: ProgramRecord) -> ProgramRecord:
    rows = ProgramRecord.objects.select_for_update(of=("self",)).select_related("student__user")
    return rows.get(pk=record.pk)


def _event(
    record: ProgramRecord, move: str, by: Any, at: dt.datetime, *, from_status: str = "", note: str = ""
) -> ProgramEvent:
    before = from_status or (record.status if move != "open" else "")
    return ProgramEvent.objects.create(
        record=record, at=at, by=by, move=move, from_status=before, to_status=record.status, note=note
    )
