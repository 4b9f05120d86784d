import datetime as dt
from typing import Any

from django.db import transaction

from core import clock
from core.workflow import MoveRefused
from notifications.doorbell import ring
from notifications.mail import visible_rows
from notifications.models import OutboxMail
from notifications.restricted import may_send_again
from notifications.workflow import OUTBOX


@transaction.atomic
def send_again(mail: OutboxMail, *, by: Any, now: dt.datetime | None = None) -> OutboxMail:
    """Give a mail that was given up a new set of tries. Its expiry stays."""
    if not may_send_again(by, mail.kind) or not visible_rows(by).filter(pk=mail.pk).exists():
        raise MoveRefused("You cannot do that with this mail.")
    mail = OutboxMail.objects.select_for_update().get(pk=mail.pk)
    mail.state = OUTBOX.target("send again", mail.state, {"moderator"})
    mail.attempts, mail.next_try = 0, now or clock.now()
    mail.save(update_fields=["state", "attempts", "next_try"])
    transaction.on_commit(ring)
    return mail
