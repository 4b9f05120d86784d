"""The moves of an application, of an interview and of an offer: who may make which, from where to where."""

from django.db import models

from core.workflow import Move, Workflow

SYSTEM = "system"
STUDENT = ("student",)
HOST = ("host",)
STAFF = ("adviser", "moderator")


class ApplicationStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    IN_REVIEW = "in_review", "In review"
    INTERVIEW = "interview", "Interview"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined by student"
    OFFER_EXPIRED = "offer_expired", "Offer expired"
    OFFER_RESCINDED = "offer_rescinded", "Offer rescinded"
    NOT_SELECTED = "not_selected", "Not selected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ACCEPTANCE_WITHDRAWN = "acceptance_withdrawn", "Acceptance withdrawn"


class InterviewStatus(models.TextChoices):
    PROPOSED = "proposed", "Times proposed"
    PICKED = "picked", "Time picked"
    TIMES_REFUSED = "times_refused", "Other times asked for"
    CANCELED = "canceled", "Canceled"


class OfferStatus(models.TextChoices):
    OPEN = "open", "Open"
    ON_HOLD = "on_hold", "On hold"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Expired"
    RESCINDED = "rescinded", "Rescinded"
    ACCEPTANCE_WITHDRAWN = "acceptance_withdrawn", "Acceptance withdrawn"


A = ApplicationStatus
I = InterviewStatus  # noqa: E741  beside A and O
O = OfferStatus  # noqa: E741  beside A, and read only in the two tables below

BEFORE_OFFER = (A.SUBMITTED, A.IN_REVIEW, A.INTERVIEW)
RUNNING = (*BEFORE_OFFER, A.OFFERED)
SUBMITTED_OR_LATER = tuple(status for status in A if status != A.DRAFT)
UNDECIDED = (O.OPEN, O.ON_HOLD)
TALKING = (A.INTERVIEW, A.OFFERED, A.ACCEPTED)  # in which an interview whose time was picked takes place
BEING_ARRANGED = (I.PROPOSED, I.TIMES_REFUSED)

APPLICATION = Workflow(
    [
        Move("submit", (A.DRAFT,), A.SUBMITTED, STUDENT, "Send the application"),
        Move("review", (A.SUBMITTED,), A.IN_REVIEW, HOST, "Start the review"),
        Move("interview", BEFORE_OFFER, A.INTERVIEW, HOST, "Invite to an interview"),
        Move("offer", BEFORE_OFFER, A.OFFERED, HOST, "Write an offer"),
        Move("not_select", BEFORE_OFFER, A.NOT_SELECTED, HOST, "Do not select"),
        Move("withdraw", BEFORE_OFFER, A.WITHDRAWN, STUDENT, "Withdraw the application"),
        Move("start_again", (A.WITHDRAWN,), A.DRAFT, STUDENT, "Apply again"),
        Move("accept", (A.OFFERED,), A.ACCEPTED, STUDENT, "Accept the offer"),
        Move("decline", (A.OFFERED,), A.DECLINED, STUDENT, "Decline the offer"),
        Move("expire", (A.OFFERED,), A.OFFER_EXPIRED, (SYSTEM,), "The deadline passed"),
        Move("reopen", (A.OFFER_EXPIRED,), A.OFFERED, STAFF, "Reopen the offer"),
        Move("rescind", (A.OFFERED,), A.OFFER_RESCINDED, HOST + STAFF, "Rescind the offer"),
        Move("withdraw_acceptance", (A.ACCEPTED,), A.ACCEPTANCE_WITHDRAWN, STAFF, "Withdraw the acceptance"),
    ],
    noun="application",
)

INTERVIEW = Workflow(
    [
        Move("propose", (I.PROPOSED, I.TIMES_REFUSED, I.PICKED), I.PROPOSED, HOST, "Propose other times"),
        Move("pick", (I.PROPOSED,), I.PICKED, STUDENT, "Pick this time"),
        Move("change_place", (I.PICKED,), I.PICKED, HOST, "Change how you meet"),
        Move("refuse_times", (I.PROPOSED, I.PICKED), I.TIMES_REFUSED, STUDENT, "Ask for other times"),
        Move("cancel", (I.PROPOSED, I.TIMES_REFUSED, I.PICKED), I.CANCELED, STUDENT + HOST, "Cancel the interview"),
    ],
    noun="interview",
)

OFFER = Workflow(
    [
        Move("accept", (O.OPEN,), O.ACCEPTED, STUDENT, "Accept"),
        Move("decline", UNDECIDED, O.DECLINED, STUDENT, "Decline"),
        Move("extend", (O.OPEN,), O.OPEN, HOST + STAFF, "Give more time"),
        Move("reopen", (O.EXPIRED,), O.OPEN, STAFF, "Give more time"),
        Move("expire", (O.OPEN,), O.EXPIRED, (SYSTEM,), "The deadline passed"),
        Move("rescind", UNDECIDED, O.RESCINDED, HOST + STAFF, "Rescind"),
        Move("hold", (O.OPEN,), O.ON_HOLD, STAFF, "Put on hold"),
        Move("resume", (O.ON_HOLD,), O.OPEN, STAFF, "Resume"),
        Move("withdraw_acceptance", (O.ACCEPTED,), O.ACCEPTANCE_WITHDRAWN, STAFF, "Withdraw the acceptance"),
    ],
    noun="offer",
)
