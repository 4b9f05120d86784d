"""Mails about work for a host abroad. They name the project and say that something waits, and nothing of the steps."""

from typing import Any

from django.conf import settings

from accounts.models import User
from notifications.mail import Mail
from programs.models import ProgramRecord
from programs.rules import falls_short
from programs.workflow import Status


def dates_version(record: ProgramRecord) -> str:
    """Of reminders: whoever moves the first day silences those before it."""
    return record.starts.isoformat()


def settled_version(record: ProgramRecord) -> str:
    return f"{record.starts:%Y-%m-%d} {record.settled_at.isoformat() if record.settled_at else ''}".strip()


def _record(pk: int, recipient: User) -> ProgramRecord | None:
    visible = ProgramRecord.objects.visible_to(recipient).with_open_steps()
    return visible.select_related("student__user", "program").filter(pk=pk).first()


def _context(record: ProgramRecord) -> dict[str, Any]:
    return {"record": record, "record_url": settings.BASE_URL + record.get_absolute_url()}


def _steps(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    if record is None or record.status != Status.OPEN or version != dates_version(record):
        return None
    return _context(record) if record.open_steps else None  # type: ignore[attr-defined]  # annotated


def _opened(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    return _context(record) if record and record.status == Status.OPEN else None


def _waiting(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    if record is None or record.status != Status.OPEN:
        return None
    return _context(record) if version in {dates_version(record), settled_version(record)} else None


def _outside(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    """The version is the move of the dates: not wanted after the next, or once the clearance is corrected or taken
    back."""
    record = _record(subject_id, recipient)
    if record is None or not falls_short(record):
        return None
    latest = record.events.filter(move="dates").latest("pk")
    return _context(record) if str(latest.pk) == version else None


def _changed(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    return _context(record) if record and not record.is_closed else None


steps_open = Mail("program.steps", template="programs/mail/steps", context=_steps, audience="student", must_arrive=True)
record_changed = Mail(
    "program.changed", template="programs/mail/changed", context=_changed, audience="student", must_arrive=True
)
record_opened = Mail(
    "program.opened", template="programs/mail/opened", context=_opened, audience="program_manager", must_arrive=True
)
record_waiting = Mail(
    "program.waiting", template="programs/mail/waiting", context=_waiting, audience="program_manager", must_arrive=True
)
record_outside = Mail(
    "program.outside", template="programs/mail/outside", context=_outside, audience="program_manager", must_arrive=True
)
