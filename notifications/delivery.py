"""From a row to the mail server. Every drain comes through here: the Celery task and `manage.py send_outbox`.

A worker takes one mail under a lease, commits, asks once more whether the mail is still wanted and in time, and marks
that the handing over begins; then it talks to the mail server outside any transaction, and closes the row under its
own token. Killed before the mark, it has sent nothing. Killed after it, nobody can know: what must arrive is sent
again with the same Message-ID, anything else stays "perhaps sent".

What can still go wrong: the database goes away between the server's "250" and the closing of the row, which then
looks like a kill.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from core import clock
from notifications.mail import MAILS, Mail
from notifications.models import OutboxMail
from notifications.preferences import is_off, unsubscribe_url
from notifications.rules import MOST_ATTEMPTS, time_of_next_try
from notifications.smtp import MailServer, ServerDownError, Verdict, describe, judge
from notifications.workflow import IN_HAND, OUTBOX, State

logger = logging.getLogger(__name__)

# Security and deadline mails first: a password reset does not queue up behind a digest.
CLAIM = """
UPDATE notifications_outboxmail
SET state = 'claimed', lease_until = %s, lease_token = %s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM notifications_outboxmail
    WHERE state = 'pending' AND next_try <= %s
    ORDER BY must_arrive DESC, next_try, id
    FOR UPDATE SKIP LOCKED
    LIMIT 1
)
RETURNING *
"""

Clock = Callable[[], dt.datetime]


class UnknownKindError(Exception):
    """A row of a kind that this code does not declare: an older worker beside a newer site, or a kind taken away."""


class End(Enum):
    EMPTY = auto()
    STOPPED = auto()
    SERVER_DOWN = auto()


@dataclass(frozen=True)
class Drained:
    handled: int
    ended: End


def drain(*, clock: Clock = clock.now, stop: Callable[[], bool] = lambda: False) -> Drained:
    """Deliver what is due until nothing is left; `stop` is asked between two mails, never within one."""
    reclaim(clock())
    handled = 0
    with MailServer() as server:
        while not stop():
            row = claim(clock())
            if row is None:
                return Drained(handled, End.EMPTY)
            try:
                deliver(row, server, clock)
            except ServerDownError as error:
                put_back(row, str(error))
                return Drained(handled, End.SERVER_DOWN)
            handled += 1
    return Drained(handled, End.STOPPED)


def claim(now: dt.datetime) -> OutboxMail | None:
    # Durable: inside somebody else's transaction the lease would hold nobody off.
    with transaction.atomic(durable=True):
        rows = list(OutboxMail.objects.raw(CLAIM, [now + _lease(), uuid.uuid4(), now]))
    return rows[0] if rows else None


def reclaim(now: dt.datetime) -> int:
    """Take back what a worker had in hand when it was killed."""
    perhaps_sent = Q(state=State.SENDING, must_arrive=False)
    return OutboxMail.objects.filter(state__in=IN_HAND, lease_until__lte=now).update(
        state=Case(
            When(perhaps_sent, then=Value(State.UNCERTAIN)),
            When(attempts__gte=MOST_ATTEMPTS, then=Value(State.DEAD)),
            default=Value(State.PENDING),
        ),
        last_error="The worker stopped while it had this mail in hand.",
        next_try=now,
        lease_until=None,
        lease_token=None,
    )


def deliver(row: OutboxMail, server: MailServer, clock: Clock) -> None:
    """One claimed row to its end. Raises ServerDownError with nothing sent."""
    mail = MAILS.get(row.kind)
    if is_late(row, clock()):
        return close(row, "expire")
    try:
        message = compose(row, mail)
    except Exception as error:  # one kind's fault must not hold up the others; staff see it, and the log has it all
        logger.exception("outbox: mail %s of kind %s could not be written", row.pk, row.kind)
        return retry(row, type(error).__name__, clock())
    if message is None:
        return drop(row, mail)
    server.ready()
    now = clock()
    if is_late(row, now):  # writing it and opening the line took time
        return close(row, "expire")
    if not begin(row, now):
        logger.warning("outbox: mail %s was taken over before it was sent", row.pk)
        return None
    try:
        server.send(message)
    except (OSError, ValueError) as error:  # smtplib's and the sockets' errors, and an address that cannot be encoded
        return not_accepted(row, error, server, clock())
    return accepted(row, mail, message.told, clock())


def is_late(row: OutboxMail, now: dt.datetime) -> bool:
    return row.expires is not None and row.expires <= now


class Letter(EmailMultiAlternatives):
    """A message, and what its mail said that it tells."""

    told: frozenset[int] = frozenset()


def compose(row: OutboxMail, mail: Mail | None) -> Letter | None:
    """The message as of now, or None when nobody wants it anymore."""
    if mail is None:
        raise UnknownKindError(row.kind)
    if row.recipient is not None and not row.recipient.is_active:
        return None
    if mail.group and row.recipient_id and is_off(row.recipient_id, mail.group):
        return None
    rendered = mail.render(row.subject_id, row.recipient, row.version)
    if rendered is None:
        return None
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    if mail.group and row.recipient_id:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(row.recipient_id, mail.group, row.subject_id)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = Letter(rendered.subject, rendered.text, to=[row.goes_to], headers=headers)
    message.told = rendered.told
    if rendered.html:
        message.attach_alternative(rendered.html, "text/html")
    for file in rendered.attachments:
        message.attach(file.name, file.content, file.kind)
    return message


def begin(row: OutboxMail, now: dt.datetime) -> bool:
    """Mark, under a fresh lease, that from here on the mail may have been sent."""
    mine = OutboxMail.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.CLAIMED)
    return bool(mine.update(state=State.SENDING, lease_until=now + _lease()))


@transaction.atomic
def accepted(row: OutboxMail, mail: Mail | None, told: frozenset[int], now: dt.datetime) -> None:
    close(row, "accepted", sent_at=now, last_error="")
    if mail:
        mail.sent(row, told)


@transaction.atomic
def drop(row: OutboxMail, mail: Mail | None) -> None:
    """Nobody wants it anymore. What another worker has taken over meanwhile is that worker's to tell."""
    if is_closed(row, "supersede") and mail:
        mail.dropped(row)


def not_accepted(row: OutboxMail, error: Exception, server: MailServer, now: dt.datetime) -> None:
    verdict, words = judge(error), describe(error)
    logger.warning("outbox: mail %s of kind %s was not accepted (%s)", row.pk, row.kind, verdict.name.lower())
    if verdict is Verdict.UNKNOWN:
        server.drop()
    if verdict is Verdict.REFUSED:
        close(row, "refuse", last_error=words)
    elif verdict is Verdict.UNKNOWN and not row.must_arrive:
        close(row, "lose sight", last_error=words)
    else:
        retry(row, words, now)


def retry(row: OutboxMail, error: str, now: dt.datetime) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        return close(row, "give up", last_error=error)
    next_try = time_of_next_try(row.attempts, now, row.expires)
    if next_try is None:
        return close(row, "expire", last_error=error)
    return close(row, "try later", last_error=error, next_try=next_try)


def put_back(row: OutboxMail, error: str) -> None:
    """The server is down: that is no attempt, and the mail keeps its place at the head."""
    close(row, "try later", last_error=error, attempts=F("attempts") - 1)
    logger.warning("outbox: %s", error)


def close(row: OutboxMail, move: str, **fields: object) -> None:
    if not is_closed(row, move, **fields):
        logger.warning("outbox: mail %s was taken over before it could be closed (%s)", row.pk, move)


def is_closed(row: OutboxMail, move: str, **fields: object) -> bool:
    """End the lease, if it is still ours: another worker's row is left alone."""
    step = OUTBOX.moves[move]
    mine = OutboxMail.objects.filter(pk=row.pk, lease_token=row.lease_token, state__in=step.sources)
    return bool(mine.update(state=step.target, lease_until=None, lease_token=None, **fields))


def _lease() -> dt.timedelta:
    return dt.timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
