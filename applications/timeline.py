"""What happened and what comes next, in words."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import User
from applications import waiting
from applications.models import Application, ApplicationQuerySet, Interview, Offer
from applications.wording import moment
from applications.workflow import ApplicationStatus, InterviewStatus, OfferStatus
from campus.calendar import BusinessCalendar, campus_calendar
from core import clock
from core.events import Event
from postings.wording import last_day_to_apply

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
    "ask_more_time": "More time to decide asked for",
    "take_back_more_time": "Request for more time taken back",
    "refuse_more_time": "More time to decide refused",
    "ask_talk": "Talk with the career office asked for",
    "take_back_talk": "Request for a talk with the career office taken back",
    "record_talk": "Talk with the career office on record",
    "drop_talk": "Talk with the career office did not take place",
    "ask_going_back": "Going back on the acceptance asked for",
    "take_back_going_back": "Request to go back on the acceptance taken back",
    "refuse_going_back": "The acceptance stands, the career office answered",
}
INTERVIEW_WORDS = {
    "propose": "Times for the interview proposed anew",
    "pick": "Time for the interview picked",
    "change_place": "Place of the interview changed",
    "refuse_times": "Other times for the interview asked for",
    "cancel": "Interview canceled",
}
# Between staff and the record: others see that it happened, not what was written.
STAFF_NOTES = ("waive", "withdraw_acceptance", "record_talk", "drop_talk")
# Between the student and the career office: hosts do not see that there was anything.
BETWEEN_STUDENT_AND_STAFF = (
    *("ask_talk", "take_back_talk", "record_talk", "drop_talk"),
    *("ask_going_back", "take_back_going_back", "refuse_going_back"),
)
FOR_TIMELINE = ("events__by", "offers__events__by", "interviews__events__by")
NEWEST = 3


@dataclass(frozen=True)
class Entry:
    at: object
    text: str
    by: str
    note: str


def entries(application: Application, *, viewer: User) -> list[Entry]:
    """The application's events and, between them, what happened to its interviews and offers. No query where
    FOR_TIMELINE was prefetched."""
    prefetch_related_objects([application], *FOR_TIMELINE)
    staff = viewer.has_perm("applications.view_application")
    own = application.student.user_id == viewer.pk
    events: list[tuple[Event, dict[str, str]]] = [
        (event, APPLICATION_WORDS) for event in application.events.all() if own or event.move != "start"
    ]
    for interview in application.interviews.all():
        events += [(event, INTERVIEW_WORDS) for event in interview.events.all() if event.from_status]
    for offer in application.offers.all():
        events += [
            (event, OFFER_WORDS)
            for event in offer.events.all()
            if event.move in OFFER_WORDS and (staff or own or event.move not in BETWEEN_STUDENT_AND_STAFF)
        ]
    return [
        Entry(
            at=event.at,
            text=words[event.move],
            by=event.by.display_name if event.by else "",
            note=event.note if staff or event.move not in STAFF_NOTES else "",
        )
        for event, words in sorted(events, key=lambda pair: (pair[0].at, pair[1] is not APPLICATION_WORDS, pair[0].pk))
    ]


def newest(application: Application, *, viewer: User) -> list[Entry]:
    """The last few, the newest first, as a list of several applications shows them."""
    return entries(application, viewer=viewer)[-NEWEST:][::-1]


class Group(models.TextChoices):
    NEEDS_YOU = "needs_you", "Needs you"
    WAITING = "waiting", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    OVER = "over", "Over"


@dataclass(frozen=True)
class Next:
    """What the student can expect, or has to do, until when, and among which of the list's groups that puts it. `day`
    puts the soonest first."""

    text: str
    by_when: str = ""
    group: Group = Group.WAITING
    day: dt.date = dt.date.max


def with_steps(applications: ApplicationQuerySet, now: dt.datetime) -> ApplicationQuerySet:
    """Reads along what `Steps` needs, in as many queries for one as for fifty."""
    interviews = Interview.objects.with_can_be_picked(now)
    return waiting.with_since(applications).prefetch_related("offers", Prefetch("interviews", interviews))


class Steps:
    """What comes next, at one moment, of applications from `with_steps`; the closures are read once, if at all."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    @cached_property
    def calendar(self) -> BusinessCalendar:
        return campus_calendar()

    def next(self, application: Application) -> Next:
        offer = next(iter(application.offers.all()), None)
        if application.status == A.OFFERED and offer:
            return self._of_offer(offer)
        if application.status == A.ACCEPTED and offer:
            return Next("Your first day", _day(offer.starts_on), Group.ACCEPTED, offer.starts_on)
        if application.status == A.DRAFT:
            return self._of_draft(application)
        if application.status == A.INTERVIEW:
            return self._of_interview(application)
        if application.status in (A.SUBMITTED, A.IN_REVIEW):
            text = "The host reads your application" if application.status == A.SUBMITTED else _DECIDES
            return self._of_host(application, text)
        return Next(_OVER.get(A(application.status), ""), group=Group.OVER)

    def _of_offer(self, offer: Offer) -> Next:
        if offer.status == OfferStatus.ON_HOLD:
            return Next("Wait: the offer is on hold, and you lose no days by it")
        text = "Talk to the career office, then decide on the offer" if offer.needs_talk else "Decide on the offer"
        return Next(text, f"until {offer.deadline_shown}", Group.NEEDS_YOU, offer.last_day)

    def _of_draft(self, application: Application) -> Next:
        if not application.posting.is_open_at(self.now):
            return Next("The posting takes no more applications", group=Group.OVER)
        last_day = last_day_to_apply(application.posting)
        if last_day is None:
            return Next("Finish and send it", group=Group.NEEDS_YOU)
        return Next("Finish and send it", f"until {_day(last_day)}", Group.NEEDS_YOU, last_day)

    def _of_interview(self, application: Application) -> Next:
        """A time to pick, or to ask for, else the next one; after the last the host is to say how it goes on."""
        interviews = list(application.interviews.all())
        proposed = next((one for one in interviews if one.status == InterviewStatus.PROPOSED), None)
        if proposed:
            text = "Pick a time for your interview" if proposed.can_be_picked else _ALL_GONE  # type: ignore[attr-defined]
            return Next(text, group=Group.NEEDS_YOU)
        if any(interview.status == InterviewStatus.TIMES_REFUSED for interview in interviews):
            return Next("The host proposes other times for your interview")
        to_come = sorted(begins for one in interviews if one.is_picked and (begins := one.span[0]) > self.now)
        if to_come:
            return Next("Your interview", moment(to_come[0]), day=clock.today(to_come[0]))
        return self._of_host(application, _DECIDES)

    def _of_host(self, application: Application, text: str) -> Next:
        """Counted from the last word, as the host is nudged."""
        days, since = application.answer_within, waiting.since(application)
        if not days or since > self.now:
            return Next(text)
        promised = self.calendar.add(clock.today(since), days)
        verb = "was promised" if promised < clock.today(self.now) else "promised"
        return Next(text, f"answer {verb} by {_day(promised)}", day=promised)


_ALL_GONE = "Ask for other times for your interview: those that were proposed are taken or past"
_DECIDES = "The host decides how to go on"
_OVER = {
    A.OFFER_EXPIRED: "If you meant to answer, write to the career office",
    A.OFFER_RESCINDED: "Talk to the career office if something does not seem right",
    A.NOT_SELECTED: "New projects are posted all year",
}


def _day(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
