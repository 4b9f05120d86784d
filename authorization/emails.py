"""Mails about a record. None tells what it is about: they say that an item waits, and where, and no more. The kinds
are as plain, because the outbox is read by other staff."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from authorization.models import AuthorizationRecord
from authorization.rules import Standing, World, standing, version, versions
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


def cleared_version(record: AuthorizationRecord) -> str:
    return version(record.pk, record.cleared_from, record.cleared_until)


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
