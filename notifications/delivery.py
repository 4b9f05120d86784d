"""From a row to the mail server. Every drain comes through here: the Celery task and `manage.py send_outbox`.

A worker takes some mails under a lease, commits, asks once more of each whether it is still wanted and in time, talks
to the mail server outside any transaction, and closes the row under its own token before the content of the next goes
over; the next is announced, and the one after it written, while the server takes one in. What
must arrive is sent again when a worker was killed with it in hand, with the same Message-ID. Any other mail is marked
before its content goes over: killed before the mark, the worker has sent nothing; killed after it, nobody can know,
and it stays "perhaps sent".

What can still go wrong: the database goes away between the server's "250" and the closing of the row, which then
looks like a kill.
"""

import datetime as dt
import logging
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice, takewhile

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When, prefetch_related_objects

from core import clock
from notifications.mail import MAILS, Found, Mail, Rendered, look_up
from notifications.models import OutboxMail
from notifications.preferences import is_off, unsubscribe_url
from notifications.rules import MOST_ATTEMPTS, time_of_next_try
from notifications.smtp import Letter, MailServer, ServerDownError, Verdict, describe, judge
from notifications.workflow import IN_HAND, OUTBOX, State

logger = logging.getLogger(__name__)

# Taken and looked up together, for speed. What was not handed over while it was fresh goes back: it may be unwanted
# by then, or something more urgent may have come.
BATCH = 100
FRESH = dt.timedelta(seconds=2)
AHEAD = 2  # letters on the desk: one is announced with the content before it, one is being written meanwhile

CLOSE_SENT = """
UPDATE notifications_outboxmail
SET state = 'sent', sent_at = %s, last_error = '', lease_until = NULL, lease_token = NULL
WHERE id = %s AND lease_token = %s AND state IN ('claimed', 'sending')
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
    handled, most = 0, BATCH
    with MailServer() as server:
        while not stop():
            rows = claim(clock(), most)
            if not rows:
                return Drained(handled, End.EMPTY)
            done, down = deliver_some(rows, server, clock, stop)
            handled += done
            most = min(BATCH, 2 * max(done, 1))  # of a slow server's mails few are still fresh
            if down:
                return Drained(handled, End.SERVER_DOWN)
    return Drained(handled, End.STOPPED)


def claim(now: dt.datetime, most: int = BATCH) -> list[OutboxMail]:
    """The most urgent first: a password reset does not queue up behind a digest. A mail that was tried before comes
    alone, so that one which kills its workers takes no other with it again."""
    lease_until, lease_token = now + _lease(), uuid.uuid4()
    due = OutboxMail.objects.filter(state=State.PENDING, next_try__lte=now).order_by("-must_arrive", "next_try", "pk")
    # Durable: inside somebody else's transaction the lease would hold nobody off.
    with transaction.atomic(durable=True):
        head = list(due.select_for_update(skip_locked=True)[:most])
        rows = list(takewhile(lambda row: not row.attempts, head)) or head[:1]
        mine = OutboxMail.objects.filter(pk__in=[row.pk for row in rows])
        mine.update(state=State.CLAIMED, attempts=F("attempts") + 1, lease_until=lease_until, lease_token=lease_token)
    for row in rows:
        row.state, row.attempts = State.CLAIMED, row.attempts + 1
        row.lease_until, row.lease_token = lease_until, lease_token
    return rows


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


def deliver_some(
    rows: Sequence[OutboxMail], server: MailServer, clock: Clock, stop: Callable[[], bool]
) -> tuple[int, bool]:
    """How many were brought to their end, and whether the server is down; the rest is put back."""
    begun = clock()
    letters = write(rows, clock)
    desk = deque(islice(letters, AHEAD))
    while desk:
        row, letter = desk.popleft()
        following = desk[0][1] if desk else None
        try:
            is_under_way = hand_over(row, letter, following, server, clock)
            desk.extend(islice(letters, 1))
            if is_under_way:
                conclude(row, letter, server, clock)
        except ServerDownError as error:
            logger.warning("outbox: %s", error)
            return len(rows) - put_back(rows, str(error)), True
        except Exception:
            put_back([other for other in rows if other is not row])
            raise
        if stop() or clock() - begun > FRESH:
            break
    return len(rows) - put_back(rows), False


def write(rows: Sequence[OutboxMail], clock: Clock) -> Iterator[tuple[OutboxMail, Letter]]:
    """The letters that are still wanted and in time. The others' rows are brought to their end on the way."""
    prefetch_related_objects(rows, "recipient")
    found = look_up(rows)
    for row in rows:
        mail = MAILS.get(row.kind)
        if is_late(row, clock()):
            close(row, "expire")
            continue
        try:
            letter = compose(row, mail, found)
            if letter is None:
                drop(row, mail)
        except Exception as error:  # one kind's fault must not hold up the others; staff see it, and the log has it all
            logger.exception("outbox: mail %s of kind %s could not be written", row.pk, row.kind)
            retry(row, type(error).__name__, clock())
        else:
            if letter:
                yield row, letter


def hand_over(row: OutboxMail, letter: Letter, following: Letter | None, server: MailServer, clock: Clock) -> bool:
    """Whether its content is on its way. Raises ServerDownError with nothing sent."""
    try:
        server.announce(letter)
        now = clock()
        if is_late(row, now):  # writing it and opening the line took time
            close(row, "expire")
            return False
        if not may_send(row, now):
            logger.warning("outbox: mail %s was taken over before it was sent", row.pk)
            return False
        server.send(letter, following)
    except (OSError, ValueError) as error:  # smtplib's and the sockets' errors, and an address that cannot be encoded
        not_accepted(row, error, server, clock())
        return False
    return True


def conclude(row: OutboxMail, letter: Letter, server: MailServer, clock: Clock) -> None:
    """Close the row as the server answers."""
    try:
        server.taken()
    except OSError as error:
        not_accepted(row, error, server, clock())
    else:
        accepted(row, MAILS.get(row.kind), letter.told, clock())


def is_late(row: OutboxMail, now: dt.datetime) -> bool:
    return row.expires is not None and row.expires <= now


def compose(row: OutboxMail, mail: Mail | None, found: Found) -> Letter | None:
    """The message as of now, or None when nobody wants it anymore."""
    if mail is None:
        raise UnknownKindError(row.kind)
    rendered = render(row, mail, found) if is_for_them(row, mail) else None
    if rendered is None:
        return None
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    if mail.group and row.recipient_id:
        headers["List-Unsubscribe"] = f"<{unsubscribe_url(row.recipient_id, mail.group, row.subject_id)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter = Letter(rendered.subject, rendered.text, to=[row.goes_to], headers=headers)
    letter.told = rendered.told
    if rendered.html:
        letter.attach_alternative(rendered.html, "text/html")
    for file in rendered.attachments:
        letter.attach(file.name, file.content, file.kind)
    return letter.sealed()


def is_for_them(row: OutboxMail, mail: Mail) -> bool:
    if row.recipient is None:
        return True
    return row.recipient.is_active and not (mail.group and is_off(row.recipient.pk, mail.group))


def render(row: OutboxMail, mail: Mail, found: Found) -> Rendered | None:
    if row.pk in found:
        return mail.write(row.subject_id, row.recipient, found[row.pk])
    return mail.render(row.subject_id, row.recipient, row.version)


def may_send(row: OutboxMail, now: dt.datetime) -> bool:
    """What must arrive would be sent again anyway: it needs no mark as long as nobody can have taken it over."""
    is_fresh = row.lease_until is not None and now <= row.lease_until - _lease() + FRESH
    return (row.must_arrive and is_fresh) or begin(row, now)


def begin(row: OutboxMail, now: dt.datetime) -> bool:
    """Mark, under a fresh lease, that from here on the mail may have been sent."""
    mine = OutboxMail.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.CLAIMED)
    if not mine.update(state=State.SENDING, lease_until=now + _lease()):
        return False
    row.state = State.SENDING
    return True


def accepted(row: OutboxMail, mail: Mail | None, told: frozenset[int], now: dt.datetime) -> None:
    if mail is None or not mail.is_followed:
        return close_sent(row, now)
    with transaction.atomic():
        close_sent(row, now)
        mail.sent(row, told)
    return None


def close_sent(row: OutboxMail, now: dt.datetime) -> None:
    """As `close` does it, in a statement that is not put together anew for each of many thousand mails."""
    with connection.cursor() as cursor:
        cursor.execute(CLOSE_SENT, [now, row.pk, row.lease_token])
        if not cursor.rowcount:
            logger.warning("outbox: mail %s was taken over before it could be closed (accepted)", row.pk)


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
    elif verdict is Verdict.UNKNOWN and row.state == State.SENDING and not row.must_arrive:
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


def put_back(rows: Sequence[OutboxMail], error: str = "") -> int:
    """What of them is still in hand was not tried after all, so it is no attempt, and keeps its place at the head."""
    if not rows:
        return 0
    mine = OutboxMail.objects.filter(pk__in=[row.pk for row in rows], lease_token=rows[0].lease_token)
    said = {"last_error": error} if error else {}
    return mine.filter(state=State.CLAIMED).update(
        state=State.PENDING, lease_until=None, lease_token=None, attempts=F("attempts") - 1, **said
    )


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
