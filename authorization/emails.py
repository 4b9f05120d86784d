"""Mails about a record. None tells what it is about: they say that an item waits, and where, and no more. The kinds
are as plain, because the outbox is read by other staff."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from authorization.models import AuthorizationRecord
from authorization.rules import Coverage, Standing, World, declared_needs, standing, version, versions
from authorization.workflow import Needs
from notifications.mail import Context, Mail


def _record(pk: int, recipient: User) -> AuthorizationRecord | None:
    visible = AuthorizationRecord.objects.visible_to(recipient).filter(pk=pk, closed_at=None)
    record: AuthorizationRecord | None = visible.select_related("student__user").first()
    return record


def _link(record: AuthorizationRecord) -> dict[str, Any]:
    return {"item_url": settings.BASE_URL + reverse("item", args=[record.pk])}


def _unfiled(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    if record is None:
        return None
    one = standing(record, World.load())
    return _link(record) if one.is_unfiled and mail_version in versions(one) else None


def _cleared(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    return _link(record) if record and mail_version == cleared_version(record) else None


def _stuck(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    if record is None:
        return None
    one = standing(record, World.load())
    return _link(record) if one.is_waiting and mail_version == stuck_version(one) else None


def _changed(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    return _link(record) if record else None


def _moved(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    record = _record(subject_id, recipient)
    if record is None or mail_version != moved_version(record):
        return None
    covered = standing(record, World.load()).coverage
    return _link(record) if covered in (Coverage.NOT_THE_START, Coverage.NOT_THE_END) else None


def _offered(subject_id: int, recipient: User, mail_version: str) -> dict[str, Any] | None:
    """There is no record before an acceptance, so the link leads to the page of all of them."""
    if not recipient.is_student or declared_needs(recipient.student)[0] != Needs.YES:
        return None
    return {"item_url": settings.BASE_URL + reverse("items")}


def cleared_version(record: AuthorizationRecord) -> str:
    return version(record.pk, record.cleared_from, record.cleared_until)


def moved_version(record: AuthorizationRecord) -> str:
    return version(record.pk, record.starts, record.ends, record.cleared_from, record.cleared_until)


def stuck_version(one: Standing) -> str:
    return version(one.record.pk, one.impossible_from)


def _mail(kind: str, context: Context) -> Mail:
    """That somebody gets such mails tells something already: in the outbox only advisors see them."""
    return Mail(
        kind,
        template="authorization/mail/item",
        context=context,
        audience="student",
        must_arrive=True,
        restricted_to="authorization.view_authorizationrecord",
    )


item_waiting = _mail("item.waiting", _unfiled)
item_date = _mail("item.date", _cleared)
item_changed = _mail("item.changed", _changed)
item_stuck = _mail("item.stuck", _stuck)
item_moved = _mail("item.moved", _moved)
item_offered = _mail("item.offered", _offered)
