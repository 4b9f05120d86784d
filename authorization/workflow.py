"""The states of a work authorization and who may move it."""

from django.db import models

from accounts.roles import Role
from core.workflow import Move, Workflow


class Status(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    ADVISED = "advised", "Advised"
    FILED = "filed", "Filed"
    APPROVED = "approved", "Approved"
    DENIED = "denied", "Denied"
    NOT_NEEDED = "not_needed", "Not needed"


class Needs(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNSAID = "unsaid", "Prefer not to say"


class RouteKind(models.TextChoices):
    CPT = "cpt", "F-1 CPT"
    OPT = "opt", "F-1 OPT"
    AT = "at", "J-1 Academic Training"
    VISA = "visa", "Work visa"
    NONE = "none", "None needed"
    UNSURE = "unsure", "Not sure"


class Extent(models.TextChoices):
    """How much an approval is for: the cap on hours in term holds part-time."""

    PART_TIME = "part_time", "Part-time"
    FULL_TIME = "full_time", "Full-time"


MET = frozenset({Status.ADVISED, Status.FILED, Status.APPROVED, Status.DENIED})
UNFILED = frozenset({Status.NOT_STARTED, Status.ADVISED})
STUDENT, ADVISER = Role.STUDENT.value, Role.INTERNATIONAL_ADVISER.value

WORKFLOW = Workflow(
    [
        Move("advise", (Status.NOT_STARTED, Status.DENIED), Status.ADVISED, (STUDENT, ADVISER), "Met the advisor"),
        Move("file", (Status.ADVISED,), Status.FILED, (STUDENT, ADVISER), "Filed"),
        Move("approve", (Status.FILED,), Status.APPROVED, (ADVISER,), "Approved"),
        Move("deny", (Status.FILED,), Status.DENIED, (ADVISER,), "Denied"),
        Move("amend", (Status.APPROVED,), Status.APPROVED, (ADVISER,), "Approved dates corrected"),
        Move("revoke", (Status.APPROVED,), Status.ADVISED, (ADVISER,), "Approval taken back"),
        Move(
            "waive",
            (Status.NOT_STARTED, Status.ADVISED, Status.DENIED),
            Status.NOT_NEEDED,
            (ADVISER,),
            "Found not to be needed",
        ),
        Move("declare_unneeded", (Status.NOT_STARTED,), Status.NOT_NEEDED, (STUDENT,), "Declared as not needed"),
        Move("declare_needed", (Status.NOT_NEEDED,), Status.NOT_STARTED, (STUDENT, ADVISER), "Found to be needed"),
    ],
    noun="record",
)

EVENT_WORDS = {
    "open": "Record opened",
    "close": "Record closed: this work is over, or will not happen",
    "route": "Route changed",
    "dates": "Dates of the work moved",
    "tick": "Ticked",
    "untick": "Tick taken back",
    "upload": "Document uploaded",
    "replace_document": "Document replaced",
    "remove_document": "Document removed",
    "comment": "Comment",
    "over_cap": "Still cleared, over the hours a week in term",
    **{move.name: move.label for move in WORKFLOW},
}
