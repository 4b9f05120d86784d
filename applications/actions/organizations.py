import datetime as dt

from django.db import transaction

from accounts.models import Organization, User
from applications.actions.deadlines import hold, resume
from applications.models import Offer
from applications.workflow import OfferStatus
from campus import closures
from campus.calendar import campus_calendar
from core import clock
from core.workflow import MoveRefused
from postings.actions import hold_for_suspension, resume_after_suspension
from postings.models import Posting


@transaction.atomic
def suspend_organization(
    organization: Organization, *, by: User, reason: str, now: dt.datetime | None = None
) -> Organization:
    """Take the organization's postings down and stop the clock of its offers."""
    moment = now or clock.now()
    _refuse_unless_allowed(by)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if organization.is_suspended:
        raise MoveRefused(f"{organization} is suspended already.")
    if not reason.strip():
        raise MoveRefused("Give the reason: it stays on record.")
    organization.suspended_at, organization.suspended_by, organization.suspended_reason = moment, by, reason
    organization.save(update_fields=["suspended_at", "suspended_by", "suspended_reason"])
    _lock_postings(organization)
    hold_for_suspension(organization, by=by, now=moment)
    for offer in _offers(organization, OfferStatus.OPEN):
        hold(offer, by=by, now=moment)
    return organization


@transaction.atomic
def reinstate_organization(organization: Organization, *, by: User, now: dt.datetime | None = None) -> Organization:
    """Bring the postings back and start the clock of the offers again, with the business days lost added."""
    moment = now or clock.now()
    _refuse_unless_allowed(by)
    closures.hold()  # or a closure that is entered meanwhile would not count among the days lost
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if not organization.is_suspended:
        raise MoveRefused(f"{organization} is not suspended.")
    organization.suspended_at = organization.suspended_by = None
    organization.suspended_reason = ""
    organization.save(update_fields=["suspended_at", "suspended_by", "suspended_reason"])
    resume_after_suspension(organization, by=by, now=moment)
    calendar = campus_calendar()
    for offer in _offers(organization, OfferStatus.ON_HOLD):
        resume(offer, by=by, now=moment, calendar=calendar)
    return organization


def _lock_postings(organization: Organization) -> None:
    """So that none is filled between being looked at and being held."""
    postings = Posting.objects.select_for_update(of=("self",)).filter(organization=organization)
    list(postings.order_by("pk").values_list("pk"))


def _offers(organization: Organization, status: str) -> list[Offer]:
    return list(
        Offer.objects.filter(application__posting__organization=organization, status=status).order_by("application_id")
    )


def _refuse_unless_allowed(by: User) -> None:
    if not by.has_perm("accounts.change_organization"):
        raise MoveRefused("Only moderators can suspend or reinstate an organization.")
