import datetime as dt
import logging

from django.db import InterfaceError, OperationalError, transaction

from accounts.models import User
from applications import emails, rules
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
)
from applications.actions.requests import LONGEST, settle_requests
from applications.models import (
    Application,
    ApplicationEvent,
    Offer,
    OfferExtension,
    RequestKind,
    RequestOutcome,
)
from applications.workflow import STAFF, OfferStatus
from campus import closures
from campus.calendar import ONE_DAY, BusinessCalendar, campus_calendar
from core import clock
from core.workflow import MoveRefused
from notifications.mail import supersede

logger = logging.getLogger(__name__)

DEADLINE_FIELDS = ("days", "last_day", "deadline", "deadline_set_at")


@transaction.atomic
def expire_offer(offer: Offer, *, now: dt.datetime | None = None) -> Offer:
    """Let an offer lapse whose deadline has passed; both sides are told. One that is not due, or was decided in the
    meantime, stays as it is."""
    moment = now or clock.now()
    offer = lock_offer(offer)
    if offer.status != OfferStatus.OPEN or moment < offer.deadline:
        return offer
    move_offer(offer, "expire", by=None, now=moment)
    move_application(offer.application, "expire", by=None, now=moment)
    call_off_interviews(offer.application, by=None, reason="The offer expired.", now=moment)
    settle_requests(offer, RequestOutcome.VOID, RequestKind.MORE_TIME, by=None, now=moment)
    emails.offer_expired.queue(to=offer.student, subject_id=offer.pk, version=offer.version, now=moment)
    posting = offer.application.posting
    tell_hosts(emails.offer_expired_host, posting, subject_id=offer.pk, version=offer.version, now=moment)
    return offer


def expire_offers(*, now: dt.datetime | None = None) -> int:
    """Each in a transaction of its own: one that fails holds up no other."""
    moment = now or clock.now()
    due = list(Offer.objects.filter(status=OfferStatus.OPEN, deadline__lte=moment).order_by("deadline"))
    expired = 0
    for offer in due:
        try:
            expire_offer(offer, now=moment)
        except (InterfaceError, OperationalError):
            raise  # the database is away, for all of them
        except Exception:
            logger.exception("offers: %s could not expire; the next tick tries it again", offer.pk)
        else:
            expired += 1
    return expired


@transaction.atomic
def extend_offer(
    offer: Offer, *, by: User, last_day: dt.date, reason: str = "", now: dt.datetime | None = None
) -> Offer:
    """Name a new last day: the host or staff while the offer is open, staff alone once it has expired."""
    moment = now or clock.now()
    closures.hold()  # or a closure that is entered meanwhile would not count for an offer that is reopened
    lock_organization(offer.application_id)
    offer = lock_offer(offer)
    refuse_if_suspended(offer.application)
    if offer.status == OfferStatus.OPEN and moment >= offer.deadline:
        offer = expire_offer(offer, now=moment)  # the clock's task may be up to a minute late
    today = rules.local_date(moment, offer.zone)
    if last_day <= offer.last_day or last_day < today:
        raise MoveRefused(f"Name a day after {_day(max(offer.last_day, today - ONE_DAY))}.")
    if last_day > today + LONGEST:
        raise MoveRefused("Name a day within a year from today.")
    _extend(offer, rules.on(last_day, offer.zone), by=by, reason=reason, now=moment, calendar=campus_calendar())
    return offer


def _extend(
    offer: Offer, found: rules.Deadline, *, by: User, reason: str, now: dt.datetime, calendar: BusinessCalendar
) -> None:
    reopened = offer.status == OfferStatus.EXPIRED
    before = offer.last_day
    days = rules.days_until(offer.written_at, found.last_day, calendar, offer.zone)
    _set_deadline(offer, found, days=days, now=now)
    note = f"Until {offer.deadline_shown}. {reason}".strip()
    move_offer(offer, "reopen" if reopened else "extend", by=by, now=now, note=note, fields=DEADLINE_FIELDS)
    if reopened:
        move_application(offer.application, "reopen", by=by, now=now, note=note)
    OfferExtension.objects.create(
        offer=offer, granted_by=by, granted_at=now, last_day_before=before, last_day=found.last_day, reason=reason
    )
    settle_requests(offer, RequestOutcome.GRANTED, RequestKind.MORE_TIME, by=by, now=now)
    emails.offer_extended.queue(
        to=offer.student, subject_id=offer.pk, version=offer.version, expires=offer.deadline, now=now
    )


@transaction.atomic
def extend_all_open_offers(*, by: User, days: int, reason: str, now: dt.datetime | None = None) -> int:
    """Add business days to every open offer at once, for a day on which the site or the university was away."""
    moment = now or clock.now()
    if not by.is_superuser and not by.staff_role_names & set(STAFF):
        raise MoveRefused("Only the career office can extend all open offers.")
    if days < 1 or not reason.strip():
        raise MoveRefused("Enter at least one business day, and the reason.")
    closures.hold()
    calendar = campus_calendar()
    open_offers = Offer.objects.filter(status=OfferStatus.OPEN, deadline__gt=moment)
    count = 0
    for pk in open_offers.order_by("application_id").values_list("pk", flat=True):
        offer = lock_offer(Offer.objects.get(pk=pk))
        if offer.is_open_at(moment):
            later = rules.DayCalendar(calendar, offer.zone).add(offer.last_day, days)
            _extend(offer, rules.on(later, offer.zone), by=by, reason=reason, now=moment, calendar=calendar)
            count += 1
    return count


def hold(offer: Offer, *, by: User, now: dt.datetime) -> None:
    """Stop the clock of an open offer of a suspended organization; the student is told, without the reason."""
    offer = lock_offer(offer)
    if not offer.is_open_at(now):
        return
    offer.held_at = now
    move_offer(offer, "hold", by=by, now=now, fields=["held_at"], roles=set(STAFF))
    supersede(kind_prefix="offer.reminder", subject_id=offer.pk)
    emails.offer_on_hold.queue(to=offer.student, subject_id=offer.pk, version=now.isoformat(), now=now)


def resume(offer: Offer, *, by: User, now: dt.datetime, calendar: BusinessCalendar) -> None:
    """Start the clock again, with the business days lost added."""
    offer = lock_offer(offer)
    if offer.status != OfferStatus.ON_HOLD or offer.held_at is None:
        return
    lost = rules.days_lost(offer.held_at, now, calendar, offer.zone)
    last_day = rules.DayCalendar(calendar, offer.zone).add(offer.last_day, lost)
    offer.held_at = None
    days = rules.days_until(offer.written_at, last_day, calendar, offer.zone)
    _set_deadline(offer, rules.on(last_day, offer.zone), days=days, now=now)
    note = f"{lost} business day{'s' if lost != 1 else ''} added. Until {offer.deadline_shown}."
    move_offer(offer, "resume", by=by, now=now, note=note, fields=["held_at", *DEADLINE_FIELDS], roles=set(STAFF))
    emails.deadline_moved.queue(
        to=offer.student, subject_id=offer.pk, version=now.isoformat(), expires=offer.deadline, now=now
    )


@transaction.atomic
def waive_least_days(
    application: Application, *, by: User, days: int, reason: str, now: dt.datetime | None = None
) -> Application:
    """Let the host write an offer with fewer business days than the least, for a reason on record."""
    moment = now or clock.now()
    application = lock_application(application.pk)
    if not roles_of(by, application) & set(STAFF):
        raise MoveRefused("Only the career office can grant fewer days.")
    if days < 1 or not reason.strip():
        raise MoveRefused("Enter at least one business day, and the reason.")
    application.waived_days, application.waived_reason = days, reason
    application.waived_by, application.waived_at = by, moment
    application.save(update_fields=["waived_days", "waived_reason", "waived_by", "waived_at"])
    ApplicationEvent.objects.create(
        application=application,
        at=moment,
        by=by,
        move="waive",
        from_status=application.status,
        to_status=application.status,
        note=f"At least {days} business days to decide. {reason}",
    )
    return application


def _set_deadline(offer: Offer, found: rules.Deadline, *, days: int, now: dt.datetime) -> None:
    """Later only; what waits about the old date is taken back, the new dates are planned under their own version."""
    offer.days, offer.last_day, offer.deadline, offer.deadline_set_at = days, found.last_day, found.instant, now
    supersede(kind_prefix="offer.reminder", subject_id=offer.pk, except_version=offer.version)


def _day(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
