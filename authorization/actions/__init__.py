"""Every change of a record, of a declaration and of a route's row, one verb a function."""

from authorization.actions.approving import amend, approve
from authorization.actions.documents import keep_document, open_document, remove_document
from authorization.actions.moves import advise, deny, file, require, revoke, waive
from authorization.actions.records import announce_offer, close_record, declare, move_dates, open_record
from authorization.actions.routes import keep_route, verify_route
from authorization.actions.talking import answer, ask, comment, tick, untick
from authorization.actions.writing import lock_student

__all__ = [
    "advise",
    "amend",
    "announce_offer",
    "answer",
    "approve",
    "ask",
    "close_record",
    "comment",
    "declare",
    "deny",
    "file",
    "keep_document",
    "keep_route",
    "lock_student",
    "move_dates",
    "open_document",
    "open_record",
    "remove_document",
    "require",
    "revoke",
    "tick",
    "untick",
    "verify_route",
    "waive",
]
