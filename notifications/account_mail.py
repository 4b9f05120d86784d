"""Mails with a one-time link: they are rendered where the link is made, and travel sealed through the outbox.

The account adapter hands a message over here. What it says is encrypted until it is sent, then erased; one that was
not sent in time is erased by the sweep. The row in the outbox tells staff its kind, its state and where it goes.
"""

import datetime as dt
import json
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction

from core import clock
from notifications.doorbell import ring
from notifications.mail import Mail, Rendered
from notifications.models import OutboxMail, SealedMessage

LIFETIME = dt.timedelta(hours=6)


class AccountMail(Mail):
    def render(self, subject_id: int, recipient: Any, version: str) -> Rendered | None:
        sealed = SealedMessage.objects.filter(pk=subject_id).first()
        return Rendered(**json.loads(sealed.payload)) if sealed else None

    def sent(self, row: OutboxMail, told: frozenset[int]) -> None:
        SealedMessage.objects.filter(pk=row.subject_id).delete()


account_message = AccountMail("account.message", template="", context=lambda *_: {}, must_arrive=True)


@transaction.atomic
def queue_rendered(
    message: EmailMessage, *, kind: str, recipient: Any = None, now: dt.datetime | None = None
) -> OutboxMail:
    """Queue a finished message to its one address; `kind` tells staff which of the account mails it is."""
    now = now or clock.now()
    sealed = SealedMessage.objects.create(payload=_payload(message), expires=now + LIFETIME)
    (address,) = message.to
    row = OutboxMail.objects.create(
        kind=account_message.kind,
        subject_id=sealed.pk,
        recipient=recipient,
        address=address,
        offset=kind[:40],
        must_arrive=True,
        created=now,
        due=now,
        next_try=now,
        expires=sealed.expires,
    )
    transaction.on_commit(ring)
    return row


def erase_expired(now: dt.datetime | None = None) -> int:
    return SealedMessage.objects.filter(expires__lte=now or clock.now()).delete()[0]


def _payload(message: EmailMessage) -> str:
    alternatives = getattr(message, "alternatives", [])
    html = next((str(content) for content, kind in alternatives if kind == "text/html"), "")
    return json.dumps({"subject": str(message.subject), "text": str(message.body), "html": html})
