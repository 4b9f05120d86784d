from typing import Any

from accounts.models import Host, Invitation, User
from notifications.mail import Mail


def _invitation(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    invitation = (
        Invitation.objects.filter(pk=subject_id, accepted_at=None, withdrawn_at=None)
        .select_related("organization", "invited_by")
        .first()
    )
    return {"invitation": invitation} if invitation else None


def _verified_host(subject_id: int, recipient: User, version: str) -> dict[str, Any] | None:
    host = Host.objects.filter(pk=subject_id, alumnus_verified_at__isnull=False).first()
    return {"host": host} if host else None


invitation_received = Mail(
    "organization.invitation",
    template="accounts/mail/invitation",
    context=_invitation,
    audience="host",
    must_arrive=True,
)
alumnus_verified = Mail(
    "host.alumnus_verified",
    template="accounts/mail/alumnus_verified",
    context=_verified_host,
    audience="host",
    must_arrive=True,
)
