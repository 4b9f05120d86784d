"""What a student asks about an offer, and how it is answered."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from applications import emails, rules
from applications.actions.moving import (
    lock_offer,
    note_on_offer,
    refuse_if_suspended,
    roles_of,
    tell_hosts,
    tell_office,
)
from applications.models import Offer, OfferRequest, RequestKind, RequestOutcome
from applications.workflow import STAFF, UNDECIDED, OfferStatus
from core import clock
from core.workflow import MoveRefused

LONGEST = dt.timedelta(days=366)
PASSED = "The deadline for this offer has passed. The career office can reopen it: write to them today."
ON_HOLD = "This offer is on hold while the career office looks at the organization. You lose no days by it."
ASKED = "You asked already, and the answer is still to come."
ANSWERED = "This was answered a moment ago."


@transaction.atomic
def ask_for_time(
    offer: Offer, *, by: User, words: str, wished_day: dt.date, now: dt.datetime | None = None
) -> OfferRequest:
    """Ask the host for a later deadline. Until the answer comes the deadline stays what it is."""
    moment = now or clock.now()
    offer = _of_student(offer, by)
    if offer.status == OfferStatus.ON_HOLD:
        raise MoveRefused(ON_HOLD)
    _refuse_decided(offer, moment)
    refuse_if_suspended(offer.application)
    refusal = wrong_wish(offer, wished_day, moment)
    if refusal:
        raise MoveRefused(refusal)
    request = _ask(offer, RequestKind.MORE_TIME, by=by, words=words, now=moment, wished_day=wished_day)
    tell_hosts(emails.time_asked, offer.application.posting, subject_id=request.pk, now=moment)
    return request


def wrong_wish(offer: Offer, wished_day: dt.date, now: dt.datetime) -> str:
    """Why this is no day to wish for, or nothing."""
    if wished_day <= offer.last_day:
        last = offer.last_day
        return f"Name a day after {last:%B} {last.day}, {last.year}, the last day as it is now."
    if wished_day > rules.local_date(now, offer.zone) + LONGEST:
        return "Name a day within a year from today."
    return ""


@transaction.atomic
def ask_for_talk(offer: Offer, *, by: User, words: str, now: dt.datetime | None = None) -> OfferRequest:
    """Ask the career office to talk the offer over."""
    moment = now or clock.now()
    offer = _of_student(offer, by)
    _refuse_decided(offer, moment)
    request = _ask(offer, RequestKind.TALK, by=by, words=words, now=moment)
    tell_office(emails.talk_asked, subject_id=request.pk, now=moment)
    return request


@transaction.atomic
def ask_to_go_back(offer: Offer, *, by: User, words: str, now: dt.datetime | None = None) -> OfferRequest:
    """Ask the career office to be released from an acceptance: only they can withdraw it."""
    moment = now or clock.now()
    offer = _of_student(offer, by)
    if offer.status != OfferStatus.ACCEPTED:
        raise MoveRefused("Only an offer that you accepted can be gone back on.")
    request = _ask(offer, RequestKind.GOING_BACK, by=by, words=words, now=moment)
    tell_office(emails.going_back_asked, subject_id=request.pk, now=moment)
    return request


def _of_student(offer: Offer, by: User) -> Offer:
    offer = lock_offer(offer)
    if "student" not in roles_of(by, offer.application):
        raise MoveRefused("You cannot do that with this offer.")
    return offer


def _refuse_decided(offer: Offer, now: dt.datetime) -> None:
    if offer.status not in UNDECIDED:
        raise MoveRefused(f"This offer is {offer.get_status_display().lower()} now, so that is no longer possible.")
    if offer.status == OfferStatus.OPEN and now >= offer.deadline:
        raise MoveRefused(PASSED)


def _ask(
    offer: Offer, kind: RequestKind, *, by: User, words: str, now: dt.datetime, wished_day: dt.date | None = None
) -> OfferRequest:
    if not words.strip():
        raise MoveRefused("Say it in a few words.")
    if offer.requests.waiting().filter(kind=kind).exists():
        raise MoveRefused(ASKED)
    request = OfferRequest.objects.create(
        offer=offer, kind=kind, asked_by=by, asked_at=now, words=words, wished_day=wished_day
    )
    until = f"Until {wished_day:%B} {wished_day.day}, {wished_day.year}. " if wished_day else ""
    note_on_offer(offer, f"ask_{kind}", by=by, now=now, note=until + words)
    return request


@transaction.atomic
def record_talk(offer: Offer, *, by: User, note: str, now: dt.datetime | None = None) -> OfferRequest:
    """Put on record that the student talked with the career office, whether or not it was asked for on the board."""
    moment = now or clock.now()
    offer = lock_offer(offer)
    _refuse_others_than_staff(offer, by)
    if not note.strip():
        raise MoveRefused("Write a sentence about the talk: it stays on record.")
    talk = offer.requests.waiting().filter(kind=RequestKind.TALK).first()
    if talk is None:
        talk = OfferRequest(offer=offer, kind=RequestKind.TALK, asked_by=by, asked_at=moment, words=note)
    _settle(talk, RequestOutcome.HELD, by=by, now=moment, note=note)
    if offer.talk_id is None:
        offer.talk = talk
        offer.save(update_fields=["talk"])
    note_on_offer(offer, "record_talk", by=by, now=moment, note=note)
    emails.talk_recorded.queue(to=offer.student, subject_id=talk.pk, now=moment)
    return talk


@transaction.atomic
def drop_talk(request: OfferRequest, *, by: User, reason: str, now: dt.datetime | None = None) -> OfferRequest:
    """A talk that does not take place: nobody came, or it is no longer wished for. The student may ask again."""
    moment = now or clock.now()
    offer = lock_offer(request.offer)
    _refuse_others_than_staff(offer, by)
    request = offer.requests.get(pk=request.pk)
    if not request.is_open or request.kind != RequestKind.TALK:
        raise MoveRefused(ANSWERED)
    _settle(request, RequestOutcome.VOID, by=by, now=moment, note=reason)
    note_on_offer(offer, "drop_talk", by=by, now=moment, note=reason)
    return request


@transaction.atomic
def refuse_request(request: OfferRequest, *, by: User, reason: str, now: dt.datetime | None = None) -> OfferRequest:
    """No to more time, by the host or staff; or the acceptance stands, by staff alone. The student reads why."""
    moment = now or clock.now()
    offer = lock_offer(request.offer)
    request = offer.requests.get(pk=request.pk)
    if request.kind == RequestKind.MORE_TIME:
        _refuse_strangers(offer, by)
    else:
        _refuse_others_than_staff(offer, by)
    if not request.is_open:
        raise MoveRefused(ANSWERED)
    if request.kind == RequestKind.TALK:
        raise MoveRefused("A talk is held or no longer needed; it is not refused.")
    if not reason.strip():
        raise MoveRefused("Give the reason: the student reads it.")
    _settle(request, RequestOutcome.REFUSED, by=by, now=moment, note=reason)
    note_on_offer(offer, f"refuse_{request.kind}", by=by, now=moment, note=reason)
    mail = emails.time_refused if request.kind == RequestKind.MORE_TIME else emails.going_back_refused
    mail.queue(to=offer.student, subject_id=request.pk, now=moment)
    return request


@transaction.atomic
def take_back_request(request: OfferRequest, *, by: User, now: dt.datetime | None = None) -> OfferRequest:
    """By the student, as long as it waits. Sent twice, it is one. It can be asked for again."""
    moment = now or clock.now()
    offer = _of_student(request.offer, by)
    request = offer.requests.get(pk=request.pk)
    if request.outcome == RequestOutcome.TAKEN_BACK:
        return request
    if not request.is_open:
        raise MoveRefused("This has been answered, so there is nothing left to take back.")
    _settle(request, RequestOutcome.TAKEN_BACK, by=by, now=moment)
    note_on_offer(offer, f"take_back_{request.kind}", by=by, now=moment, note="")
    if request.kind == RequestKind.MORE_TIME:
        tell_hosts(emails.time_taken_back, offer.application.posting, subject_id=request.pk, now=moment)
    return request


def settle_requests(
    offer: Offer, outcome: RequestOutcome, *kinds: RequestKind, by: User | None, now: dt.datetime
) -> None:
    """What happens to a locked offer answers what was asked about it; its own event says what happened."""
    for request in offer.requests.waiting().filter(kind__in=kinds):
        _settle(request, outcome, by=by, now=now)


def _settle(
    request: OfferRequest, outcome: RequestOutcome, *, by: User | None, now: dt.datetime, note: str = ""
) -> None:
    request.settled_at, request.settled_by, request.outcome, request.note = now, by, outcome, note
    request.save()


def _refuse_others_than_staff(offer: Offer, by: User) -> None:
    """A career adviser who is the student, or the host, of this offer is not its office."""
    roles = roles_of(by, offer.application)
    if not roles & set(STAFF) or roles & {"student", "host"}:
        raise MoveRefused("Only the career office can do that.")


def _refuse_strangers(offer: Offer, by: User) -> None:
    if not roles_of(by, offer.application) & {"host", *STAFF}:
        raise MoveRefused("You cannot do that with this offer.")
