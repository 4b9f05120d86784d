"""What happened and what comes next, in words."""

from dataclasses import dataclass

from accounts.models import User
from applications.models import Application, Offer
from applications.workflow import ApplicationStatus, OfferStatus
from core.events import Event

A = ApplicationStatus

TONES = {
    A.DRAFT: "neutral",
    A.SUBMITTED: "waiting",
    A.IN_REVIEW: "waiting",
    A.INTERVIEW: "active",
    A.OFFERED: "active",
    A.ACCEPTED: "success",
    A.OFFER_RESCINDED: "danger",
}
OFFER_TONES = {
    OfferStatus.OPEN: "active",
    OfferStatus.ON_HOLD: "warning",
    OfferStatus.ACCEPTED: "success",
    OfferStatus.RESCINDED: "danger",
}

APPLICATION_WORDS = {
    "start": "Draft begun",
    "submit": "Application sent",
    "review": "Review begun",
    "interview": "Invited to an interview",
    "offer": "Offer written",
    "not_select": "Not selected",
    "withdraw": "Application withdrawn",
    "start_again": "Application taken up again",
    "accept": "Offer accepted",
    "decline": "Offer declined",
    "expire": "Offer lapsed: the deadline passed without an answer",
    "reopen": "Offer reopened with a new deadline",
    "rescind": "Offer taken back",
    "withdraw_acceptance": "Acceptance withdrawn by the career office",
    "waive": "Fewer days to decide allowed by the career office",
}
OFFER_WORDS = {
    "extend": "More time to decide",
    "hold": "Offer put on hold",
    "resume": "Offer released from its hold",
    "recount": "Deadline moved later",
    "letter": "Words of the offer letter filled in",
}
# Between staff and the record: others see that it happened, not what was written.
STAFF_NOTES = ("waive", "withdraw_acceptance")


@dataclass(frozen=True)
class Entry:
    at: object
    text: str
    by: str
    note: str


def entries(application: Application, *, viewer: User) -> list[Entry]:
    """The application's events and, between them, what happened to the deadline of its offers. Two queries."""
    staff = viewer.has_perm("applications.view_application")
    events: list[tuple[Event, dict[str, str]]] = [
        (event, APPLICATION_WORDS)
        for event in application.events.select_related("by")
        if event.move != "start" or application.student.user_id == viewer.pk
    ]
    for offer in application.offers.prefetch_related("events__by"):
        events += [(event, OFFER_WORDS) for event in offer.events.all() if event.move in OFFER_WORDS]
    return [
        Entry(
            at=event.at,
            text=words[event.move],
            by=event.by.display_name if event.by else "",
            note=event.note if staff or event.move not in STAFF_NOTES else "",
        )
        for event, words in sorted(events, key=lambda pair: (pair[0].at, pair[1] is OFFER_WORDS, pair[0].pk))
    ]


@dataclass(frozen=True)
class Next:
    text: str
    by_when: str = ""


def next_step(application: Application) -> Next:
    """What the student can expect, or has to do, and until when. Reads prefetched offers and interviews."""
    offer = next(iter(application.offers.all()), None)
    if application.status == A.OFFERED and offer:
        return _next_of_offer(offer)
    if application.status == A.ACCEPTED and offer:
        return Next("Your first day", f"{offer.starts_on:%B} {offer.starts_on.day}, {offer.starts_on.year}")
    if application.status == A.INTERVIEW:
        return Next("Prepare for the interview")
    return _NEXT.get(ApplicationStatus(application.status), Next(""))


def _next_of_offer(offer: Offer) -> Next:
    if offer.status == OfferStatus.ON_HOLD:
        return Next("Wait: the offer is on hold, and you lose no days by it")
    return Next("Decide on the offer", f"until {offer.deadline_shown}")


_NEXT = {
    A.DRAFT: Next("Finish and send it"),
    A.SUBMITTED: Next("The host reads your application"),
    A.IN_REVIEW: Next("The host decides how to go on"),
    A.OFFER_EXPIRED: Next("If you meant to answer, write to the career office"),
    A.OFFER_RESCINDED: Next("Talk to the career office if something does not seem right"),
    A.NOT_SELECTED: Next("New projects are posted all year"),
}
