"""An approval, and its correction: the days, the hours a week, and the advisor's word where those are over the cap."""

import datetime as dt
from typing import Any

from django.db import transaction

from authorization.actions.moves import take
from authorization.actions.writing import clearance_of, lock_record, roles_of, write_event
from authorization.caps import Caps, in_words
from authorization.models import AuthorizationRecord
from authorization.workflow import WORKFLOW, Extent
from core import clock
from core.workflow import MoveRefused

MOST_HOURS = 80


def approve(
    record: AuthorizationRecord,
    *,
    valid_from: dt.date,
    valid_until: dt.date,
    hours_week: int | None = None,
    extent: str = "",
    still_cleared: str = "",
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    """Of these days, both counted, for so many hours a week: as agreed where none are given, and part-time unless said
    otherwise. `still_cleared` is why, where with the student's other work that is over the cap in term."""
    approval = clearance_of(valid_from, valid_until, now or clock.now()) | _extent_of(hours_week, extent)
    return _approve(record, "approve", approval, still_cleared.strip(), by, note, now or clock.now())


def amend(
    record: AuthorizationRecord,
    *,
    valid_from: dt.date,
    valid_until: dt.date,
    hours_week: int | None = None,
    extent: str = "",
    still_cleared: str = "",
    by: Any,
    note: str = "",
    now: dt.datetime | None = None,
) -> AuthorizationRecord:
    """An approval as it should read: nothing of what it said before is kept."""
    approval = clearance_of(valid_from, valid_until, now or clock.now()) | _extent_of(hours_week, extent)
    return _approve(record, "amend", approval, still_cleared.strip(), by, note, now or clock.now())


def _extent_of(hours_week: int | None, extent: str) -> dict[str, str]:
    if hours_week is not None and not 1 <= hours_week <= MOST_HOURS:
        raise MoveRefused(f"Enter between 1 and {MOST_HOURS} hours a week.")
    return {"authorized_hours": str(hours_week or ""), "extent": extent or Extent.PART_TIME.value}


@transaction.atomic
def _approve(
    record: AuthorizationRecord,
    move: str,
    approval: dict[str, Any],
    why: str,
    by: Any,
    note: str,
    now: dt.datetime,
) -> AuthorizationRecord:
    found = lock_record(record)
    found.status = WORKFLOW.target(move, found.status, roles_of(found, by))
    for name, value in approval.items():
        setattr(found, name, value)
    caps = Caps.of(found.student_id)
    weeks = caps.over_if_approved(found)
    if weeks and not why:
        raise MoveRefused(
            f"With the student’s other work this is over the cap of {caps.cap_in(weeks, found)} hours a week in term, "
            f"in {in_words(weeks)}. Approve fewer hours, or write why it is still cleared."
        )
    excused = str(max(week.hours for week in weeks)) if weeks else ""
    approved = take(record, move, by=by, note=note, now=now, over_cap=excused, **approval)
    if weeks:
        write_event(approved, "over_cap", by=by, at=now, note=f"{why} ({in_words(weeks)})")
    return approved
