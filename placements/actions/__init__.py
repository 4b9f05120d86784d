"""Every change of a placement, one verb a function."""

from placements.actions.dates import move_dates
from placements.actions.following import follow_clearance
from placements.actions.hours import log_hours, remove_hours
from placements.actions.making import accept_offer, cancel, follow_withdrawal
from placements.actions.working import begin, complete, end_early, submit_deliverable

__all__ = [
    "accept_offer",
    "begin",
    "cancel",
    "complete",
    "end_early",
    "follow_clearance",
    "follow_withdrawal",
    "log_hours",
    "move_dates",
    "remove_hours",
    "submit_deliverable",
]
