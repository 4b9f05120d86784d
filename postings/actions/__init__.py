"""Everything that changes a posting. Each verb locks the row, asks the workflow, writes an event, queues its mail."""

from postings.actions.desk import claim, claim_next, make_preview, take_back_preview
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
from postings.actions.reports import handle_report, report, why_no_report
from postings.actions.review import approve, approve_revision, decline, decline_revision, request_changes, submit
from postings.actions.saving import (
    announce,
    change_search,
    delete_search,
    question,
    save_posting,
    save_search,
    unsave_posting,
)
from postings.actions.upkeep import forget_changes
from postings.actions.writing import (
    CONTENT,
    draft,
    refresh_search_contexts,
    set_labels,
    with_changes,
    with_content,
    write,
)

__all__ = [
    "CONTENT",
    "announce",
    "approve",
    "approve_revision",
    "change_search",
    "claim",
    "claim_next",
    "close",
    "decline",
    "decline_revision",
    "delete_search",
    "draft",
    "fill",
    "forget_changes",
    "handle_report",
    "hold",
    "hold_for_suspension",
    "make_preview",
    "question",
    "refresh_search_contexts",
    "report",
    "request_changes",
    "resume",
    "resume_after_suspension",
    "roles_of",
    "save_posting",
    "save_search",
    "set_labels",
    "submit",
    "take_back_preview",
    "tick",
    "unsave_posting",
    "why_no_report",
    "with_changes",
    "with_content",
    "withdraw",
    "write",
]
