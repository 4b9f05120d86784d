"""When work may begin, and on which days hours may be written down. Pure: no query, no clock."""

import datetime as dt

from django.utils.formats import date_format

from authorization.models import AuthorizationRecord
from authorization.rules import is_cleared
from placements.models import Placement
from placements.workflow import UNDER_WAY, Status

NOT_CLEARED = "Not cleared to begin yet, so no work may be done, orientation included."
NOT_CLEARED_FOR_THE_DAY = "You are not cleared to work on this day, so no hours can be written for it."


def state_before_work(record: AuthorizationRecord, starts_on: dt.date) -> Status:
    """What a placement that has not begun waits for: its first day must be covered."""
    return Status.READY if is_cleared(record, starts_on) else Status.AWAITING_AUTHORIZATION


def why_not_begin(placement: Placement, today: dt.date) -> str:
    """Nothing when the work may begin today: from the first day on, while a clearance covers that day and this one."""
    if placement.status != Status.READY or not is_cleared(placement.record, placement.starts_on):
        return NOT_CLEARED
    if today < placement.starts_on:
        return f"The first day is {in_words(placement.starts_on)}. The work can begin then."
    if today > placement.ends_on:
        return "The last day of this placement has passed. Its dates have to be moved first."
    if not is_cleared(placement.record, placement.starts_on, today):
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
    if not is_cleared(placement.record, day):
        return NOT_CLEARED_FOR_THE_DAY
    return ""


def last_cleared_day(placement: Placement) -> dt.date | None:
    """The last day of the clearance, where it does not reach the last day of the work."""
    until = placement.record.cleared_until
    return until if until is not None and until < placement.ends_on and not placement.is_over else None


def in_words(day: dt.date) -> str:
    return date_format(day, "l, F j, Y")
