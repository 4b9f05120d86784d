"""When work may begin, and on which days hours may be written down. Pure: no query, no clock."""

import datetime as dt

from django.utils.formats import date_format

from authorization.models import AuthorizationRecord
from authorization.rules import World, is_cleared, standing
from core import clock
from placements.models import Placement
from placements.workflow import UNDER_WAY, WAITING, Status
from programs.rules import Clearance, program_clearance

TWO_YEARS = dt.timedelta(days=2 * 366)  # as for an offer
NOT_CLEARED = "Not cleared to begin yet, so no work may be done, orientation included."
NOT_CLEARED_FOR_THE_DAY = "You are not cleared to work on this day, so no hours can be written for it."


def state_before_work(
    record: AuthorizationRecord, program: Clearance, starts_on: dt.date, *, over_the_cap: bool = False
) -> Status:
    """What a placement that has not begun waits for: its first day must be covered, by the program's word too where
    the host is abroad, and its hours in term cleared."""
    if over_the_cap or not is_cleared(record, starts_on):
        return Status.AWAITING_AUTHORIZATION
    return Status.READY if program.covers(starts_on) else Status.AWAITING_PROGRAM


def program_word(placement: Placement) -> Clearance:
    """Work abroad without a record of a program has nobody's word; what began before programs were asked goes on."""
    if placement.lacks_a_program:
        return Clearance(needed=True, given=False)
    return program_clearance(placement.program_record)


def cleared_days(placement: Placement) -> tuple[dt.date, dt.date] | None:
    """The first and the last day that every word needed covers, whatever the days of the work."""
    record, program = placement.record, program_word(placement)
    if record.is_closed or not program.given or record.cleared_from is None or record.cleared_until is None:
        return None
    first = max(record.cleared_from, program.first or record.cleared_from)
    last = min(record.cleared_until, program.last or record.cleared_until)
    return (first, last) if first <= last else None


def covers(placement: Placement, first_day: dt.date, last_day: dt.date | None = None) -> bool:
    days = cleared_days(placement)
    return days is not None and days[0] <= first_day and (last_day or first_day) <= days[1]


def is_over_the_cap(placement: Placement) -> bool:
    """Its first day is covered and it waits all the same: for the hours in term, which are no host's to know of."""
    return placement.status == Status.AWAITING_AUTHORIZATION and covers(placement, placement.starts_on)


def begins_late(placement: Placement) -> dt.date | None:
    """The day from which work may be done, where that comes after the agreed first day: then that has to move."""
    days = cleared_days(placement)
    if placement.status not in WAITING or days is None:
        return None
    return days[0] if placement.starts_on < days[0] <= placement.ends_on else None


def clearance(placement: Placement) -> str:
    """The one sentence a host may read. It does not tell which word is missing, nor why."""
    days = cleared_days(placement)
    if days is None or is_over_the_cap(placement) or days[1] < placement.starts_on:
        return "not cleared to begin yet"
    return f"cleared to begin from {date_format(max(days[0], placement.starts_on), 'D, M j, Y')}"


def footing(placement: Placement, today: dt.date) -> tuple[str, str]:
    """Of work under way: whether it may go on, and the day that matters in words. `stop`, until that day if there is
    one; `stop_after` that day, which comes before the last; or `go_on`."""
    days = cleared_days(placement)
    if days is None or days[0] > today:
        return "stop", in_words(days[0]) if days else ""
    return ("stop_after", in_words(days[1])) if days[1] < placement.ends_on else ("go_on", "")


def why_not_begin(placement: Placement, today: dt.date) -> str:
    """Nothing when the work may begin today: from the first day on, while a clearance covers that day and this one."""
    late = begins_late(placement)
    if late:
        return f"Not cleared for the first day: the work may begin from {in_words(late)}, so the first day has to move."
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


def wrong_dates(
    placement: Placement, starts_on: dt.date, ends_on: dt.date, *, today: dt.date, worked_until: dt.date | None
) -> tuple[str, str]:
    """Why a placement cannot move to these days, after the field at fault; both are empty where it can. `worked_until`
    is the last day with hours."""
    if ends_on < starts_on:
        return "ends_on", "The last day must not be before the first."
    if (starts_on, ends_on) == (placement.starts_on, placement.ends_on):
        return "ends_on", "These are its dates already."
    if placement.has_begun and starts_on != placement.starts_on:
        return "starts_on", "The work has begun, so its first day stays."
    if not placement.has_begun and not today <= starts_on < today + TWO_YEARS:
        return "starts_on", f"The first day cannot lie {'in the past' if starts_on < today else 'two years ahead'}."
    if ends_on - starts_on >= TWO_YEARS:
        return "ends_on", "The last day cannot lie two years after the first."
    if worked_until and worked_until > ends_on:
        return "ends_on", "Hours are written down after that last day."
    return "", ""


def in_words(day: dt.date) -> str:
    return date_format(day, "l, F j, Y")
