"""Every change of a placement, one verb a function."""

from placements.actions.dates import agree_to_dates, decline_dates, move_dates, propose_dates, take_back_dates
from placements.actions.following import follow_clearance
from placements.actions.hours import log_hours, remove_hours
from placements.actions.making import accept_offer, ask_program, cancel, follow_withdrawal
from placements.actions.working import begin, complete, end_early, submit_deliverable

__all__ = [
    "accept_offer",
    "agree_to_dates",
    "ask_program",
    "begin",
    "cancel",
    "complete",
    "decline_dates",
    "end_early",
    "follow_clearance",
    "follow_withdrawal",
    "log_hours",
    "move_dates",
    "propose_dates",
    "remove_hours",
    "submit_deliverable",
    "take_back_dates",
]
