"""What the actions of this app share: who somebody is to an application, and a move written down.

Rows are always locked in one order (organization, posting, application, offer) and without blocking those that only
refer to them.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Organization, User
from applications.models import Application, ApplicationEvent, Offer, OfferEvent, office
from applications.workflow import APPLICATION, OFFER, STAFF, SYSTEM
from core.workflow import MoveRefused
from notifications.mail import Mail
from postings.models import Posting


def roles_of(by: User | None, application: Application) -> set[str]:
    """What this person is to this application; nobody at all is the clock."""
    if by is None:
        return {SYSTEM}
    roles = set(by.staff_role_names)
    if by.is_superuser:
        roles |= set(STAFF)
    if application.student.user_id == by.pk:
        roles = {"student"}  # nobody is the office of an application of their own
    if Posting.objects.managed_by(by).filter(pk=application.posting_id).exists():
        roles.add("host")
    return roles if by.is_active else set()


def lock_organization(application_id: int) -> None:
    """Before what makes an open offer: a suspension either refuses the offer or puts it on hold."""
    organizations = Organization.objects.select_for_update(of=("self",), no_key=True)
    organizations.get(postings__applications=application_id)


def refuse_if_suspended(application: Application) -> None:
    organization = application.posting.organization
    if organization.is_suspended:
        raise MoveRefused(f"{organization} is suspended, so this has to wait until the career office lifts that.")


def lock_posting(pk: int) -> None:
    """Before an application is sent: whoever ends or changes the posting waits, and whoever else applies does not. For
    this there is FOR SHARE, which the ORM does not know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM postings_posting WHERE id = %s FOR SHARE", [pk])


def lock_application(pk: int) -> Application:
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("student__user", "posting__opportunity_type", "posting__organization")
        .get(pk=pk)
    )


def lock_offer(offer: Offer) -> Offer:
    """The offer and, before it, its application."""
    application = lock_application(offer.application_id)
    locked = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    locked.application = application
    return locked


def move_application(
    application: Application,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    note: str = "",
    fields: Iterable[str] = (),
    roles: set[str] | None = None,
) -> None:
    """Take a locked application along the table; `fields` are what the caller has set on it besides. Raises
    MoveRefused."""
    before = application.status
    application.status = APPLICATION.target(move, before, roles_of(by, application) if roles is None else roles)
    application.status_at, application.status_by = now, by
    application.save(update_fields=["status", "status_at", "status_by", *fields])
    ApplicationEvent.objects.create(
        application=application,
        at=now,
        by=by,
        move=move,
        from_status=before,
        to_status=application.status,
        note=note,
    )


def move_offer(
    offer: Offer,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    note: str = "",
    fields: Iterable[str] = (),
    roles: set[str] | None = None,
) -> None:
    before = offer.status
    found = roles_of(by, offer.application) if roles is None else roles
    offer.status = OFFER.target(move, before, found)
    offer.status_at, offer.status_by = now, by
    offer.save(update_fields=["status", "status_at", "status_by", *fields])
    note_on_offer(offer, move, by=by, now=now, note=note, before=before)


def note_on_offer(
    offer: Offer, move: str, *, by: User | None, now: dt.datetime, note: str, before: str | None = None
) -> None:
    OfferEvent.objects.create(
        offer=offer,
        at=now,
        by=by,
        move=move,
        from_status=offer.status if before is None else before,
        to_status=offer.status,
        note=note,
    )


def hosts_of(posting: Posting) -> QuerySet[User]:
    return User.objects.filter(pk__in=Posting.objects.filter(pk=posting.pk).hosts().get(posting.pk, ()))


def tell_hosts(mail: Mail, posting: Posting, *, subject_id: int, now: dt.datetime, version: str = "") -> None:
    for host in hosts_of(posting):
        mail.queue(to=host, subject_id=subject_id, version=version, now=now)


def tell_office(mail: Mail, *, subject_id: int, now: dt.datetime, version: str = "") -> None:
    for person in office():
        mail.queue(to=person, subject_id=subject_id, version=version, now=now)
