import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import transaction

from accounts.models import User
from applications import emails, rules, withdrawals
from applications.actions.applying import withdraw
from applications.actions.endings import tell_who_waits
from applications.actions.interviewing import call_off_interviews
from applications.actions.moving import (
    lock_application,
    lock_offer,
    lock_organization,
    move_application,
    move_offer,
    refuse_if_suspended,
    roles_of,
    tell_hosts,
    tell_office,
)
from applications.actions.requests import ON_HOLD, PASSED, settle_requests
from applications.models import Application, Offer, RequestKind, RequestOutcome, Side, positions_left
from applications.workflow import BEING_ARRANGED, OFFER, OfferStatus
from authorization.actions import announce_offer, close_record, open_record
from campus import closures
from campus.calendar import campus_calendar
from core import clock
from core.workflow import MoveRefused
from notifications.mail import Mail, supersede
from postings.actions import fill
from postings.models import CONTRACTOR, PayKind, Posting

UNPAID = "The posting promises pay, so the offer pays too. Talk to the career office if that has changed."
TALK_FIRST = "This offer is unpaid: talk it over with the career office first. They put the talk on record."
LAPSED = "The deadline of this offer has passed, so there is nothing left to take back."
TAKEN = "The last position was taken a moment ago. The career office can tell you what is possible now."
# A talk that was asked for is still owed when the host takes the offer back or the clock ends it.
BEFORE_THE_ANSWER = (RequestKind.MORE_TIME, RequestKind.TALK)


@dataclass(frozen=True)
class Terms:
    """What is offered."""

    starts_on: dt.date
    ends_on: dt.date
    hours_week: int
    pay_kind: str
    pay_amount: Decimal | None
    currency: str
    note: str = ""


@transaction.atomic
def make_offer(application: Application, *, by: User, terms: Terms, days: int, now: dt.datetime | None = None) -> Offer:
    """Write an offer that is open for `days` business days, by the policy as it stands now."""
    moment = now or clock.now()
    closures.hold()  # or a closure that is entered meanwhile would count for all offers but this one
    lock_organization(application.pk)
    application = lock_application(application.pk)
    refuse_if_suspended(application)
    if days < application.least_days:
        raise MoveRefused(too_few_days(application))
    if terms.pay_kind == PayKind.UNPAID and not application.posting.is_unpaid:
        raise MoveRefused(UNPAID)
    move_application(application, "offer", by=by, now=moment)
    call_off_interviews(application, by=by, reason="An offer was written.", now=moment, statuses=BEING_ARRANGED)
    found = rules.deadline(moment, days, campus_calendar(), settings.TIME_ZONE)
    offer = Offer.objects.create(
        application=application,
        status_at=moment,
        status_by=by,
        written_at=moment,
        written_by=by,
        zone=settings.TIME_ZONE,
        policy_days=days,
        policy_least=application.least_days,
        waiver_reason=application.waived_reason,
        waived_by=application.waived_by,
        days=days,
        last_day=found.last_day,
        deadline=found.instant,
        deadline_set_at=moment,
        **asdict(terms),
    )
    emails.offer_made.queue(to=offer.student, subject_id=offer.pk, expires=offer.deadline, now=moment)
    announce_offer(application.student, offer_id=offer.pk, expires=offer.deadline, now=moment)
    return offer


def too_few_days(application: Application) -> str:
    least = application.least_days
    number = f"{least} business day{'s' if least != 1 else ''}"
    return (
        f"Students get at least {number} to decide, so that nobody has to choose in a rush. Enter {least} or more. "
        "If there is a reason for fewer, the career office can grant it."
    )


@transaction.atomic
def accept_offer(offer: Offer, *, by: User, now: dt.datetime | None = None) -> Offer:
    """The student's yes, as `placements.actions.accept_offer` asks for it. The posting is locked first, so that of two
    for the last position one wins."""
    moment = now or clock.now()
    posting = Posting.objects.select_for_update(of=("self",)).get(applications__offers=offer.pk)
    offer = lock_offer(offer)
    _refuse_unacceptable(offer, posting, moment)
    OFFER.target("accept", offer.status, roles_of(by, offer.application))
    offer.authorization = open_record(
        offer.application.student,
        purpose=f"{posting.title}, {posting.organization}",
        starts=offer.starts_on,
        ends=offer.ends_on,
        hours_week=offer.hours_week,
        contractor=posting.engagement_type is not None and posting.engagement_type.slug == CONTRACTOR,
        by=by,
        now=moment,
    )
    move_offer(offer, "accept", by=by, now=moment, fields=["authorization"])
    move_application(offer.application, "accept", by=by, now=moment)
    if positions_left(posting) < 1:
        fill(posting, by=by, now=moment)
        _tell_the_others(emails.offer_place_taken, posting, now=moment)
        tell_who_waits(posting, now=moment)  # here too: a posting that was closed before is not filled any more
    _end_reminders(offer)
    settle_requests(offer, RequestOutcome.VOID, *BEFORE_THE_ANSWER, by=by, now=moment)
    emails.offer_accepted.queue(to=by, subject_id=offer.pk, version=moment.isoformat(), now=moment)
    tell_hosts(emails.offer_accepted_host, posting, subject_id=offer.pk, version=moment.isoformat(), now=moment)
    return offer


def _tell_the_others(mail: Mail, posting: Posting, *, now: dt.datetime) -> None:
    """Whoever still has an open offer hears that it cannot be accepted now, instead of being told to decide; and that
    it can be again."""
    others = Offer.objects.filter(application__posting=posting, status=OfferStatus.OPEN, deadline__gt=now)
    for offer in others.with_people():
        mail.queue(to=offer.student, subject_id=offer.pk, version=now.isoformat(), expires=offer.deadline, now=now)


def _refuse_unacceptable(offer: Offer, posting: Posting, now: dt.datetime) -> None:
    on_hold = offer.status == OfferStatus.ON_HOLD
    if on_hold or (offer.status == OfferStatus.OPEN and offer.application.posting.organization.is_suspended):
        raise MoveRefused(ON_HOLD)
    if offer.status == OfferStatus.OPEN and now >= offer.deadline:
        raise MoveRefused(PASSED)
    if offer.status == OfferStatus.OPEN and positions_left(posting) < 1:
        raise MoveRefused(TAKEN)
    if offer.status == OfferStatus.OPEN and offer.needs_talk:
        raise MoveRefused(TALK_FIRST)


@transaction.atomic
def decline_offer(offer: Offer, *, by: User, reason: str = "", now: dt.datetime | None = None) -> Offer:
    moment = now or clock.now()
    offer = lock_offer(offer)
    if offer.status == OfferStatus.OPEN and moment >= offer.deadline:
        raise MoveRefused(PASSED)
    move_offer(offer, "decline", by=by, now=moment, note=reason, fields=_let_go(offer))
    move_application(offer.application, "decline", by=by, now=moment, note=reason)
    call_off_interviews(offer.application, by=by, reason="The offer was declined.", now=moment)
    _end_reminders(offer)
    settle_requests(offer, RequestOutcome.VOID, *BEFORE_THE_ANSWER, by=by, now=moment)
    tell_hosts(
        emails.offer_declined_host,
        offer.application.posting,
        subject_id=offer.pk,
        version=moment.isoformat(),
        now=moment,
    )
    return offer


@transaction.atomic
def rescind_offer(offer: Offer, *, by: User, reason: str, now: dt.datetime | None = None) -> Offer:
    moment = now or clock.now()
    if not reason.strip():
        raise MoveRefused("Give the reason: the student reads it.")
    offer = lock_offer(offer)
    if offer.status == OfferStatus.OPEN and moment >= offer.deadline:
        raise MoveRefused(LAPSED)
    move_offer(offer, "rescind", by=by, now=moment, note=reason, fields=_let_go(offer))
    move_application(offer.application, "rescind", by=by, now=moment, note=reason)
    call_off_interviews(offer.application, by=by, reason="The offer was rescinded.", now=moment)
    _end_reminders(offer)
    settle_requests(offer, RequestOutcome.VOID, RequestKind.MORE_TIME, by=by, now=moment)
    version, posting = moment.isoformat(), offer.application.posting
    emails.offer_rescinded.queue(to=offer.student, subject_id=offer.pk, version=version, now=moment)
    tell_hosts(emails.offer_rescinded_host, posting, subject_id=offer.pk, version=version, now=moment)
    tell_office(emails.offer_rescinded_office, subject_id=offer.pk, version=version, now=moment)
    return offer


@transaction.atomic
def withdraw_acceptance(
    offer: Offer, *, by: User, reason: str, gone_back: str = Side.STUDENT, now: dt.datetime | None = None
) -> Offer:
    """Going back on a yes goes through staff, whoever's wish it is. Its position can be given to another applicant; a
    posting that was filled stays filled."""
    moment = now or clock.now()
    if not reason.strip():
        raise MoveRefused("Give the reason: it stays on record.")
    offer = lock_offer(offer)
    offer.gone_back = gone_back
    move_offer(offer, "withdraw_acceptance", by=by, now=moment, note=reason, fields=["gone_back"])
    move_application(offer.application, "withdraw_acceptance", by=by, now=moment, note=reason)
    call_off_interviews(offer.application, by=by, reason="The acceptance was withdrawn.", now=moment)
    if offer.authorization:
        close_record(offer.authorization, by=by, now=moment)
    withdrawals.withdrawn(offer, by=by, reason=reason, now=moment)
    outcome = RequestOutcome.GRANTED if gone_back == Side.STUDENT else RequestOutcome.VOID
    settle_requests(offer, outcome, RequestKind.GOING_BACK, by=by, now=moment)
    version = moment.isoformat()
    emails.acceptance_withdrawn.queue(to=offer.student, subject_id=offer.pk, version=version, now=moment)
    posting = offer.application.posting
    tell_hosts(emails.acceptance_withdrawn_host, posting, subject_id=offer.pk, version=version, now=moment)
    if positions_left(posting) == 1:  # there was none
        _tell_the_others(emails.offer_place_free, posting, now=moment)
    return offer


def _let_go(offer: Offer) -> list[str]:
    """An offer that is decided is no longer on hold."""
    offer.held_at = None
    return ["held_at"]


def _end_reminders(offer: Offer) -> None:
    supersede(kind_prefix="offer.reminder", subject_id=offer.pk)


def let_go(
    applications: Iterable[Application],
    offers: Iterable[Offer],
    *,
    by: User,
    reason: str = "",
    now: dt.datetime | None = None,
) -> list[MoveRefused]:
    """Withdraw these applications and decline these offers, each in a transaction of its own: what has moved in the
    meantime stays as it is, and says why. An application that became an offer is not declined unseen."""
    steps: list[Callable[..., object]] = [partial(withdraw, one) for one in applications]
    steps += [partial(decline_offer, one) for one in offers]
    refusals = []
    for step in steps:
        try:
            step(by=by, reason=reason, now=now)
        except MoveRefused as refusal:
            refusals.append(refusal)
    return refusals
