"""The states of a student's record with a program abroad, and who may move it."""

from django.db import models

from accounts.roles import Role
from core.workflow import Move, Workflow


class Status(models.TextChoices):
    OPEN = "open", "Open"
    CLEARED = "cleared", "Cleared"
    NOT_CLEARED = "not_cleared", "Not cleared"
    CLOSED = "closed", "Closed"


class StepState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"


MANAGER, SYSTEM = Role.PROGRAM_MANAGER.value, "system"
# Career staff stand in where no program administers the country, and for a program that nobody manages.
OFFICE = (Role.ADVISER.value, Role.MODERATOR.value)
DECIDES = (MANAGER, *OFFICE)

WORKFLOW = Workflow(
    [
        Move("clear", (Status.OPEN, Status.NOT_CLEARED), Status.CLEARED, DECIDES, "Cleared"),
        Move("amend", (Status.CLEARED,), Status.CLEARED, DECIDES, "Cleared dates corrected"),
        Move("refuse", (Status.OPEN, Status.CLEARED), Status.NOT_CLEARED, DECIDES, "Not cleared"),
        Move("reopen", (Status.CLEARED, Status.NOT_CLEARED), Status.OPEN, DECIDES, "Opened again"),
        Move("close", (Status.OPEN, Status.CLEARED, Status.NOT_CLEARED), Status.CLOSED, (SYSTEM,), "Closed"),
    ],
    noun="record",
)

EVENT_WORDS = {
    "open": "Record opened",
    "dates": "Dates moved",
    "assign": "Given to a program",
    "done": "Step done",
    "not_needed": "Step not needed",
    "undone": "Step open again",
    **{move.name: move.label for move in WORKFLOW},
    "close": "Closed: nothing is awaited anymore",
}
