"""Declare a mail once, queue it inside the transaction of the change that causes it.

In an app's `emails.py`:

    from notifications.mail import Mail

    def _offer(subject_id, recipient, version):          # -> dict, or None when the mail is no longer wanted
        offer = Offer.objects.filter(pk=subject_id, status="offered").first()
        return {"offer": offer} if offer else None

    offer_made = Mail(
        "offer.made",                                     # staff see it: it must not tell what is private
        template="applications/mail/offer_made",          # .subject.txt  .txt  .html
        context=_offer,
        audience="student",
        must_arrive=True,                                 # False: after a crash in mid-sending it is not sent twice
    )

In an action, inside its transaction:

    offer_made.queue(to=offer.student, subject_id=offer.pk, now=now)

The row is unique by kind, subject_id, recipient, offset and version: queueing it again does nothing. Only the row is
kept; `context` is asked when the mail leaves, so it must look at the world as it is then. Templates extend
`mail/base.txt` and `mail/base.html`, and find besides their context: recipient, base_url, sender_name,
preferences_url, unsubscribe_url. In the text files nothing is escaped. A context may name `unsubscribe_words` for that
link, `told`: keys that come back to `Mail.sent` once the mail has left, and `attachments`: files made for this mail.

When a date moves, give the new rows a new `version` and call

    supersede(kind_prefix="offer.reminder", subject_id=offer.pk, except_version=version)

In a test: `notifications.delivery.drain()` sends what is due; look into `django.core.mail.outbox`.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template import loader
from django.template.context import make_context
from django.urls import reverse

from core import clock
from core.bulk import insert_like
from notifications.doorbell import ring
from notifications.models import OutboxMail
from notifications.preferences import unsubscribe_url
from notifications.sender import sender
from notifications.workflow import State


class Ask(NamedTuple):
    subject_id: int
    recipient: Any
    version: str


Told = dict[str, Any] | None
Context = Callable[[int, Any, str], Told]
Contexts = Callable[[Sequence[Ask]], Sequence[Told]]
Found = dict[int, Told]  # by the key of the row
MAILS: dict[str, "Mail"] = {}
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attachment:
    """A text file that goes with a mail; its kind may carry parameters, "text/calendar; method=PUBLISH"."""

    name: str
    content: str
    kind: str


@dataclass(frozen=True)
class Rendered:
    """`told`: the keys that the context names under this word, of the things that the mail speaks of."""

    subject: str
    text: str
    html: str
    told: frozenset[int] = frozenset()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Mail:
    """`audience` is a role, for people who read the list of mails; `group` names a preferences.Group; `restricted_to`
    names the permission without which staff do not see in the outbox whom such a mail went to. `contexts` is for kinds
    that leave by the thousand: it tells for many mails at once what `context` tells for one (see `one_of`)."""

    kind: str
    template: str
    context: Context
    audience: str = ""
    must_arrive: bool = False
    group: str | None = None
    restricted_to: str = ""
    contexts: Contexts | None = None

    def __post_init__(self) -> None:
        if self.kind in MAILS:
            raise ValueError(f"The mail {self.kind} is declared twice.")
        if self.must_arrive and self.group:
            raise ValueError(f"The mail {self.kind} must arrive, so nobody can switch it off.")
        MAILS[self.kind] = self

    def queue(
        self,
        *,
        to: Any,
        subject_id: int,
        offset: str = "",
        version: str = "",
        due: dt.datetime | None = None,
        expires: dt.datetime | None = None,
        now: dt.datetime | None = None,
    ) -> None:
        """Write the row; Celery is told when the transaction commits."""
        now = now or clock.now()
        row = self.row(to.pk, subject_id, offset, version, due or now, expires, now)
        queue_rows([row])
        transaction.on_commit(ring)

    def row(
        self,
        recipient_id: int,
        subject_id: int,
        offset: str,
        version: str,
        due: dt.datetime,
        expires: dt.datetime | None,
        now: dt.datetime,
    ) -> OutboxMail:
        return OutboxMail(
            kind=self.kind,
            subject_id=subject_id,
            recipient_id=recipient_id,
            offset=offset,
            version=version,
            must_arrive=self.must_arrive,
            created=now,
            due=due,
            next_try=due,
            expires=expires,
        )

    def render(self, subject_id: int, recipient: Any, version: str) -> Rendered | None:
        """None when the mail is no longer wanted."""
        return self.write(subject_id, recipient, self.context(subject_id, recipient, version))

    def write(self, subject_id: int, recipient: Any, context: Told) -> Rendered | None:
        if context is None:
            return None
        context = {**self._standing_context(subject_id, recipient), **context}
        subject = _fill(f"{self.template}.subject.txt", context, escape=False)
        return Rendered(
            subject=" ".join(subject.split()),
            text=_fill(f"{self.template}.txt", context, escape=False).strip() + "\n",
            html=_fill(f"{self.template}.html", context, escape=True),
            told=frozenset(context.get("told", ())),
            attachments=tuple(context.get("attachments", ())),
        )

    def _standing_context(self, subject_id: int, recipient: Any) -> dict[str, Any]:
        return {
            "recipient": recipient,
            "base_url": settings.BASE_URL,
            "sender_name": sender().name,
            "preferences_url": settings.BASE_URL + reverse("notification_preferences"),
            "unsubscribe_url": unsubscribe_url(recipient.pk, self.group, subject_id) if self.group else "",
        }

    def hidden_from(self, staff: Any) -> bool:
        return bool(self.restricted_to) and not staff.has_perm(self.restricted_to)

    @property
    def is_followed(self) -> bool:
        """Whether this kind wants to hear that a mail was sent."""
        return type(self).sent is not Mail.sent

    def sent(self, row: OutboxMail, told: frozenset[int]) -> None:
        """Called once the mail server has it, with what the rendered mail told."""

    def dropped(self, row: OutboxMail) -> None:
        """Called when it was no longer wanted, or its person gets no such mails: nothing of it was told."""


def one_of(contexts: Contexts) -> Context:
    return lambda subject_id, recipient, version: contexts([Ask(subject_id, recipient, version)])[0]


def look_up(rows: Sequence[OutboxMail]) -> Found:
    """The contexts of those kinds that tell them for many mails at once. Where that fails nothing is told, and each
    mail is asked about by itself: one that cannot be written does not hold up the others of its kind."""
    found: Found = {}
    for kind, group in groupby(sorted(rows, key=attrgetter("kind")), attrgetter("kind")):
        asked = list(group)
        contexts = MAILS[kind].contexts if kind in MAILS else None
        if contexts is None:
            continue
        try:
            told = contexts([Ask(row.subject_id, row.recipient, row.version) for row in asked])
            found |= {row.pk: context for row, context in zip(asked, told, strict=True)}
        except Exception:
            logger.exception("outbox: mails of kind %s could not be looked up together", kind)
    return found


def visible_rows(staff: Any) -> QuerySet[OutboxMail]:
    """The outbox as this member of staff may see it."""
    return OutboxMail.objects.exclude(kind__in=[mail.kind for mail in MAILS.values() if mail.hidden_from(staff)])


def queue_rows(rows: Iterable[OutboxMail]) -> None:
    OutboxMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def queue_like(row: OutboxMail, each: Mapping[str, Sequence[Any]]) -> None:
    """The same of very many that differ in these columns alone."""
    insert_like(row, each, ignore_conflicts=True)


def supersede(*, kind_prefix: str, subject_id: int, except_version: str | None = None) -> int:
    """Take back what waits about this thing. What a worker has in hand asks `context` once more by itself."""
    waiting = OutboxMail.objects.filter(kind__startswith=kind_prefix, subject_id=subject_id, state=State.PENDING)
    if except_version is not None:
        waiting = waiting.exclude(version=except_version)
    return waiting.update(state=State.SUPERSEDED)


def supersede_all(*, kind_prefix: str, subject_ids: Collection[int]) -> int:
    """The same of many things in one statement, whatever version it waits about."""
    kinds = [kind for kind in MAILS if kind.startswith(kind_prefix)]  # by name, so that the index of the key serves
    waiting = OutboxMail.objects.filter(kind__in=kinds, subject_id__in=subject_ids, state=State.PENDING)
    return waiting.update(state=State.SUPERSEDED)


def _fill(template_name: str, context: dict[str, Any], *, escape: bool) -> str:
    template = loader.get_template(template_name).template  # type: ignore[attr-defined]
    return str(template.render(make_context(context, autoescape=escape)))
