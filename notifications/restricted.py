"""Mails that staff see only with the permission which their kind names: whoever has it looks after them alone."""

from typing import Any

from django.db.models import QuerySet

from notifications.mail import MAILS, visible_rows
from notifications.models import OutboxMail
from notifications.workflow import WITH_ERROR


def may_send_again(staff: Any, kind: str) -> bool:
    """Who looks after all mails, or after those of this kind; see `visible_rows` besides."""
    mail = MAILS.get(kind)
    own = mail is not None and bool(mail.restricted_to) and not mail.hidden_from(staff)
    return own or bool(staff.has_perm("notifications.change_outboxmail"))


def has_own_rows(staff: Any) -> bool:
    return bool(_kinds(staff, hidden=False))


def rows_for(staff: Any) -> QuerySet[OutboxMail]:
    """The outbox for whoever looks after all of it; for others the restricted mails that they may see."""
    if staff.has_perm("notifications.view_outboxmail"):
        return visible_rows(staff)
    return OutboxMail.objects.filter(kind__in=_kinds(staff, hidden=False))


def failed_of_own(staff: Any) -> int:
    """How many restricted mails that they may see did not arrive."""
    return _failed(_kinds(staff, hidden=False))


def failed_unseen(staff: Any) -> int:
    """Likewise of those that they may not see."""
    return _failed(_kinds(staff, hidden=True))


def _kinds(staff: Any, *, hidden: bool) -> list[str]:
    return [mail.kind for mail in MAILS.values() if mail.restricted_to and mail.hidden_from(staff) == hidden]


def _failed(kinds: list[str]) -> int:
    return OutboxMail.objects.filter(kind__in=kinds, state__in=WITH_ERROR).count()
