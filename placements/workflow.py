"""The states of a placement, from the acceptance to the end of the work, and who may move it."""

from django.db import models

from core.workflow import Move, Workflow

SYSTEM = ("system",)  # what follows from a clearance, whoever gave it
STUDENT = ("student",)
HOST = ("host",)
STAFF = ("adviser", "moderator")


class Status(models.TextChoices):
    AWAITING_AUTHORIZATION = "awaiting_authorization", "Awaiting authorization"
    AWAITING_PROGRAM = "awaiting_program", "Awaiting the program"
    READY = "ready", "Ready to begin"
    ACTIVE = "active", "Active"
    DELIVERABLE_SUBMITTED = "deliverable_submitted", "Deliverable submitted"
    COMPLETED = "completed", "Completed"
    ENDED_EARLY = "ended_early", "Ended early"
    CANCELED = "canceled", "Canceled"


S = Status

WAITING = (S.AWAITING_AUTHORIZATION, S.AWAITING_PROGRAM)
TO_COME = (*WAITING, S.READY)
UNDER_WAY = (S.ACTIVE, S.DELIVERABLE_SUBMITTED)
BEGUN = (*UNDER_WAY, S.COMPLETED, S.ENDED_EARLY)
OVER = (S.COMPLETED, S.ENDED_EARLY, S.CANCELED)

PLACEMENT = Workflow(
    [
        Move("clear", WAITING, S.READY, SYSTEM, "Cleared to begin"),
        Move(
            "await_authorization",
            (S.AWAITING_PROGRAM, S.READY),
            S.AWAITING_AUTHORIZATION,
            SYSTEM,
            "Not cleared to begin",
        ),
        Move("await_program", (S.AWAITING_AUTHORIZATION, S.READY), S.AWAITING_PROGRAM, SYSTEM, "Waiting for a program"),
        Move("begin", (S.READY,), S.ACTIVE, STUDENT + HOST, "Begin the work"),
        Move("submit_deliverable", (S.ACTIVE,), S.DELIVERABLE_SUBMITTED, STUDENT, "Hand in the deliverable"),
        Move("complete", (S.DELIVERABLE_SUBMITTED,), S.COMPLETED, HOST + STAFF, "Confirm the completion"),
        Move("end_early", UNDER_WAY, S.ENDED_EARLY, STUDENT + HOST + STAFF, "End it early"),
        Move("cancel", TO_COME, S.CANCELED, STAFF, "Cancel the placement"),
    ],
    noun="placement",
)
