"""How a placement reads to each side. What it waits for is told to the student alone: a host reads whether it is
cleared, and staff neither."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from authorization.rules import is_cleared
from authorization.workflow import Status as AuthorizationStatus
from placements.models import DateProposal, Placement, PlacementEvent
from placements.rules import begins_late, in_words, is_over_the_cap, program_word, why_not_begin
from placements.workflow import PLACEMENT, SYSTEM, TO_COME, WAITING, Status

TONES = {
    Status.AWAITING_AUTHORIZATION: "waiting",
    Status.AWAITING_PROGRAM: "waiting",
    Status.READY: "active",
    Status.ACTIVE: "active",
    Status.DELIVERABLE_SUBMITTED: "waiting",
    Status.COMPLETED: "success",
}
NOT_CLEARED = "Not cleared yet"
BEGINS_LATE = "Not cleared for the first day"
TO_STAFF = "To come"
OVER_THE_CAP = "Get your hours in term cleared: your work authorization page says which weeks are over."
WORDS = {
    "make": "Offer accepted",
    "ask_program": "Program asked",
    "clear": "Cleared to begin",
    "await_authorization": "Not cleared to begin",
    "await_program": "Waiting for the program",
    "stop": "Not cleared to go on",
    "stop_after": "No work after this day",
    "go_on": "Cleared to go on",
    "begin": "Work begun",
    "submit_deliverable": "Deliverable handed in",
    "complete": "Completion confirmed",
    "end_early": "Ended early",
    "cancel": "Canceled by the career office",
    "remove_hours": "Hours removed",
    "move_dates": "Dates moved by the career office",
    "propose_dates": "New dates proposed",
    "agree_dates": "New dates agreed",
    "decline_dates": "New dates not agreed",
    "take_back_dates": "New dates taken back",
}
PROPOSED = {True: "Answer the new dates that the host proposes.", False: "New dates are proposed: wait for the answer."}
BY_CLEARANCE = frozenset(move.name for move in PLACEMENT if move.who == SYSTEM) | {"stop", "stop_after", "go_on"}


@dataclass(frozen=True)
class Entry:
    at: dt.datetime
    text: str
    by: Any
    note: str


def state(placement: Placement, roles: set[str]) -> tuple[str, str]:
    """What stands beside the title, and its tone."""
    status = Status(placement.status)
    if not roles & {"student", "host"} and status in TO_COME:
        return TO_STAFF, "waiting"
    if begins_late(placement):
        return BEGINS_LATE, "warning"
    if "student" in roles or status not in TO_COME:
        return status.label, TONES.get(status, "ended")
    return (NOT_CLEARED if status in WAITING else status.label), TONES[status]


def next_step(placement: Placement, roles: set[str], today: dt.date) -> str:
    """In a sentence; nothing when it is over, or for staff."""
    if "student" in roles:
        return _students_next(placement, today)
    return _hosts_next(placement, today) if "host" in roles else ""


def _students_next(placement: Placement, today: dt.date) -> str:
    last, late = in_words(placement.ends_on), begins_late(placement)
    if late:
        return f"You may begin from {in_words(late)}. The first day has to move: agree with your host on a later one."
    if is_over_the_cap(placement):
        return OVER_THE_CAP
    return {
        Status.AWAITING_AUTHORIZATION: "Get cleared to begin: your work authorization page says what is still needed.",
        Status.AWAITING_PROGRAM: "Finish what the program asks for before your first day.",
        Status.READY: why_not_begin(placement, today) or "Begin the work.",
        Status.ACTIVE: f"Write down your hours, and hand in the deliverable by {last}.",
        Status.DELIVERABLE_SUBMITTED: "The host looks at what you handed in and confirms the completion.",
    }.get(Status(placement.status), "")


def _hosts_next(placement: Placement, today: dt.date) -> str:
    name, last = placement.student.get_short_name(), in_words(placement.ends_on)
    late = begins_late(placement)
    if late:
        return f"{name} may begin from {in_words(late)}. The first day has to move: agree on a later one."
    if placement.status in WAITING:
        return f"Wait until {name} is cleared. You are told at once."
    return {
        Status.READY: why_not_begin(placement, today) or "Begin the work.",
        Status.ACTIVE: f"{name} works on it until {last}, and hands in the deliverable.",
        Status.DELIVERABLE_SUBMITTED: f"Look at what {name} handed in, and confirm the completion.",
    }.get(Status(placement.status), "")


def cleared_for(placement: Placement, dates: DateProposal) -> str:
    """What new dates would mean for the student, who alone reads it; nothing where no clearance is needed."""
    program = program_word(placement)
    unneeded = placement.record.status == AuthorizationStatus.NOT_NEEDED
    if unneeded and not program.needed:
        return ""
    days = dates.starts_on, dates.ends_on
    if (unneeded or is_cleared(placement.record, *days)) and all(map(program.covers, days)):
        return "What you are cleared for covers all of these days."
    if placement.status in WAITING:
        return "You are not cleared to begin yet. Ask whether you can be for these days before you agree to them."
    return (
        "What you are cleared for does not cover all of these days. Once you agree, no work may be done on the others "
        "until it does: ask before you agree."
    )


def entries(placement: Placement, roles: set[str]) -> list[Entry]:
    events = placement.events.select_related("by")
    return [_entry(event, roles) for event in events if _is_told(event, roles)]


def _is_told(event: PlacementEvent, roles: set[str]) -> bool:
    if event.move not in BY_CLEARANCE or "student" in roles:
        return True
    between = event.from_status in WAITING and event.to_status in WAITING
    return "host" in roles and not between


def _entry(event: PlacementEvent, roles: set[str]) -> Entry:
    """Why the office canceled stays with the office."""
    text = WORDS[event.move]
    if event.move in BY_CLEARANCE and event.to_status in WAITING and "student" not in roles:
        text = WORDS["await_authorization"]
    own = event.move == "cancel" and roles & {"student", "host"}
    return Entry(event.at, text, event.by or "", "" if own else event.note)
