"""The table of moves as a whole: every move from every status by every role."""

import pytest

from core.workflow import MoveRefused
from postings.workflow import HOST, MODERATOR, SYSTEM, Status, workflow

# Written out on purpose, and not derived from the table: a change of the table must be made twice.
ALLOWED = {
    ("submit", "draft", HOST): "submitted",
    ("submit", "changes_requested", HOST): "submitted",
    ("request_changes", "submitted", MODERATOR): "changes_requested",
    ("approve", "submitted", MODERATOR): "open",
    ("schedule", "submitted", MODERATOR): "scheduled",
    ("decline", "submitted", MODERATOR): "declined",
    ("decline", "changes_requested", MODERATOR): "declined",
    ("withdraw", "draft", HOST): "withdrawn",
    ("withdraw", "submitted", HOST): "withdrawn",
    ("withdraw", "changes_requested", HOST): "withdrawn",
    ("withdraw", "scheduled", HOST): "withdrawn",
    ("open", "scheduled", SYSTEM): "open",
    ("hold", "open", MODERATOR): "on_hold",
    ("hold", "scheduled", MODERATOR): "on_hold",
    ("resume", "on_hold", MODERATOR): "open",
    ("reschedule", "on_hold", MODERATOR): "scheduled",
    ("close", "open", HOST): "closed",
    ("close", "open", MODERATOR): "closed",
    ("close", "on_hold", HOST): "closed",
    ("close", "on_hold", MODERATOR): "closed",
    ("fill", "open", SYSTEM): "filled",
    ("fill", "on_hold", SYSTEM): "filled",
    ("expire", "open", SYSTEM): "expired",
}


@pytest.mark.parametrize("role", [HOST, MODERATOR, SYSTEM, "student"])
@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("move", list(workflow.moves))
def test_every_move_from_every_status_by_every_role(move, status, role):
    target = ALLOWED.get((move, status, role))
    if target:
        assert workflow.target(move, status, {role}) == target
    else:
        with pytest.raises(MoveRefused):
            workflow.target(move, status, {role})


def test_nothing_leaves_a_state_that_is_final():
    final = {Status.CLOSED, Status.FILLED, Status.EXPIRED, Status.DECLINED, Status.WITHDRAWN}
    assert {source for move in workflow for source in move.sources} & final == set()
