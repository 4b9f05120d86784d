"""When work may begin, and on which days hours may be written down. Pure: no query, no clock."""

import datetime as dt

from django.utils.formats import date_format

from authorization.models import AuthorizationRecord
from authorization.rules import World, is_cleared, standing
from authorization.rules import clearance as authorization_clearance
from core import clock
from placements.models import Placement
from placements.workflow import UNDER_WAY, Status
from programs.models import ProgramRecord
from programs.rules import program_clearance

NOT_CLEARED = "Not cleared to begin yet, so no work may be done, orientation included."
NOT_CLEARED_FOR_THE_DAY = "You are not cleared to work on this day, so no hours can be written for it."


def state_before_work(record: AuthorizationRecord, program_record: ProgramRecord | None, starts_on: dt.date) -> Status:
    """What a placement that has not begun waits for: its first day must be covered, by the program's word too where
    the host is abroad."""
    if not is_cleared(record, starts_on):
        return Status.AWAITING_AUTHORIZATION
    return Status.READY if program_clearance(program_record).covers(starts_on) else Status.AWAITING_PROGRAM


def covers(placement: Placement, first_day: dt.date, last_day: dt.date | None = None) -> bool:
    program = program_clearance(placement.program_record)
    given = program.covers(first_day) and program.covers(last_day or first_day)
    return given and is_cleared(placement.record, first_day, last_day)


def clearance(placement: Placement) -> str:
    """The one sentence a host may read. It does not tell which of the two words is missing."""
    program = program_clearance(placement.program_record)
    if program.needed and not (program.first and covers(placement, _first_cleared(placement, program.first))):
        return "not cleared to begin yet"
    if program.first:
        return f"cleared to begin from {date_format(_first_cleared(placement, program.first), 'D, M j, Y')}"
    return authorization_clearance(placement.record)


def _first_cleared(placement: Placement, by_program: dt.date) -> dt.date:
    return max(placement.record.cleared_from or by_program, by_program, placement.starts_on)


def why_not_begin(placement: Placement, today: dt.date) -> str:
    """Nothing when the work may begin today: from the first day on, while a clearance covers that day and this one."""
    if placement.status != Status.READY or not covers(placement, placement.starts_on):
        return NOT_CLEARED
    if today < placement.starts_on:
        return f"The first day is {in_words(placement.starts_on)}. The work can begin then."
    if today > placement.ends_on:
        return "The last day of this placement has passed. Its dates have to be moved first."
    if not covers(placement, placement.starts_on, today):
        return NOT_CLEARED
    return ""


def why_no_hours(placement: Placement, day: dt.date, today: dt.date) -> str:
    """Nothing when the student may write hours for this day."""
    if placement.status not in UNDER_WAY:
        return "This work is over." if placement.is_over else "The work has not begun yet: begin it first."
    if day > today:
        return "This day is still to come."
    if not placement.starts_on <= day <= placement.ends_on:
        return f"Enter a day from {in_words(placement.starts_on)} to {in_words(placement.ends_on)}."
    if not covers(placement, day):
        return NOT_CLEARED_FOR_THE_DAY
    return ""


def start_is_lost_from(placement: Placement, world: World) -> dt.date | None:
    """The day from which the first day can no longer be met: nothing filed in time, or approved for later days only."""
    record = placement.record
    if record.cleared_from and record.cleared_from > placement.starts_on:
        return clock.today(placement.made_at)
    return standing(record, world).impossible_from


def last_cleared_day(placement: Placement) -> dt.date | None:
    """The last day of the clearance, where it does not reach the last day of the work."""
    program = program_clearance(placement.program_record)
    ends = [day for day in (placement.record.cleared_until, program.last) if day is not None]
    until = min(ends, default=None)
    return until if until is not None and until < placement.ends_on and not placement.is_over else None


def in_words(day: dt.date) -> str:
    return date_format(day, "l, F j, Y")
