"""Everything that changes a posting. Each verb locks the row, asks the workflow, writes an event, queues its mail."""

from postings.actions.lifecycle import (
    close,
    fill,
    hold,
    hold_for_suspension,
    resume,
    resume_after_suspension,
    tick,
    withdraw,
)
from postings.actions.moves import roles_of
from postings.actions.review import approve, approve_revision, decline, decline_revision, request_changes, submit
from postings.actions.writing import draft, refresh_search_contexts, set_labels, with_changes, write

__all__ = [
    "approve",
    "approve_revision",
    "close",
    "decline",
    "decline_revision",
    "draft",
    "fill",
    "hold",
    "hold_for_suspension",
    "refresh_search_contexts",
    "request_changes",
    "resume",
    "resume_after_suspension",
    "roles_of",
    "set_labels",
    "submit",
    "tick",
    "with_changes",
    "withdraw",
    "write",
]
