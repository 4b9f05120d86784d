"""The states of a posting and of a revision, and every move between them."""

from django.db import models

from core.workflow import Move, Workflow

HOST, MODERATOR, SYSTEM = "host", "moderator", "system"


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for review"
    CHANGES_REQUESTED = "changes_requested", "Changes requested"
    SCHEDULED = "scheduled", "Scheduled"
    OPEN = "open", "Open"
    ON_HOLD = "on_hold", "On hold"
    CLOSED = "closed", "Closed"
    FILLED = "filled", "Filled"
    EXPIRED = "expired", "Expired"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


APPROVED = (Status.SCHEDULED, Status.OPEN, Status.ON_HOLD, Status.CLOSED, Status.FILLED, Status.EXPIRED)
LIVE = (Status.SCHEDULED, Status.OPEN, Status.ON_HOLD)
OVER = (Status.CLOSED, Status.FILLED, Status.EXPIRED)
ENDED = (*OVER, Status.WITHDRAWN)
WRITABLE = (Status.DRAFT, Status.SUBMITTED, Status.CHANGES_REQUESTED)
JUDGED = (Status.CHANGES_REQUESTED, Status.DECLINED)
UNSUBMITTED = (Status.DRAFT, Status.WITHDRAWN)
PREVIEWED = (Status.SUBMITTED, Status.CHANGES_REQUESTED, Status.SCHEDULED)


workflow = Workflow(
    [
        Move("submit", (Status.DRAFT, Status.CHANGES_REQUESTED), Status.SUBMITTED, (HOST,), "Submit for review"),
        Move("request_changes", (Status.SUBMITTED,), Status.CHANGES_REQUESTED, (MODERATOR,), "Request changes"),
        Move("approve", (Status.SUBMITTED,), Status.OPEN, (MODERATOR,), "Approve"),
        Move("schedule", (Status.SUBMITTED,), Status.SCHEDULED, (MODERATOR,), "Approve for later"),
        Move("decline", (Status.SUBMITTED, Status.CHANGES_REQUESTED), Status.DECLINED, (MODERATOR,), "Decline"),
        Move(
            "withdraw",
            (Status.DRAFT, Status.SUBMITTED, Status.CHANGES_REQUESTED, Status.SCHEDULED),
            Status.WITHDRAWN,
            (HOST,),
            "Withdraw",
        ),
        Move("open", (Status.SCHEDULED,), Status.OPEN, (SYSTEM,), "Open"),
        Move("hold", (Status.OPEN, Status.SCHEDULED), Status.ON_HOLD, (MODERATOR,), "Put on hold"),
        Move("resume", (Status.ON_HOLD,), Status.OPEN, (MODERATOR,), "Resume"),
        Move("reschedule", (Status.ON_HOLD,), Status.SCHEDULED, (MODERATOR,), "Resume for later"),
        Move("close", (Status.OPEN, Status.ON_HOLD), Status.CLOSED, (HOST, MODERATOR), "Close"),
        Move("fill", (Status.OPEN, Status.ON_HOLD), Status.FILLED, (SYSTEM,), "Mark filled"),
        Move("expire", (Status.OPEN,), Status.EXPIRED, (SYSTEM,), "Expire"),
    ],
    noun="posting",
)


class RevisionStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for review"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    REPLACED = "replaced", "Replaced"


revision_workflow = Workflow(
    [
        Move("approve", (RevisionStatus.WAITING,), RevisionStatus.APPROVED, (MODERATOR,), "Approve the changes"),
        Move("decline", (RevisionStatus.WAITING,), RevisionStatus.DECLINED, (MODERATOR,), "Decline the changes"),
        Move("replace", (RevisionStatus.WAITING,), RevisionStatus.REPLACED, (HOST, SYSTEM), "Replace"),
    ],
    noun="revision",
)


class Reason(models.TextChoices):
    """Why a posting needs changes or is declined; the host reads the label."""

    PAY = "pay", "Pay structure"
    COST_TO_STUDENT = "cost_to_student", "Cost to the student"
    THIRD_PARTY = "third_party", "Third party or staffing agency"
    LOCATION = "location", "Location (on site or abroad where it cannot be listed as it is)"
    RESIDENTIAL = "residential", "Residential address"
    NOT_ENOUGH = "not_enough", "Not enough information"
    SUPERVISION = "supervision", "Supervision or feedback missing"
    ONGOING = "ongoing", "An ongoing role, not a project"
    ENGAGEMENT = "engagement", "Engagement type"
    OFFER_TERMS = "offer_terms", "Offer terms (exploding, penalties)"
    CONTACT = "contact", "Contact details or links in the brief"
    UNSAFE = "unsafe", "Unsafe or regulated work"
    UNPAID = "unpaid", "Unpaid without a basis"
    DISCRIMINATORY = "discriminatory", "Discriminatory requirement"
    FRAUD = "fraud", "Suspected fraud"
    DUPLICATE = "duplicate", "Duplicate"
    OTHER = "other", "Other"


class HoldCause(models.TextChoices):
    REVIEW = "review", "Looked at by the career office"
    SUSPENSION = "suspension", "Organization suspended"
