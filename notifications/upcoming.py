"""What a person is going to get: rows that wait, and reminders that no sweep has planned yet."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from notifications.mail import MAILS
from notifications.models import OutboxMail
from notifications.preferences import is_off
from notifications.reminders import REMINDERS, planned
from notifications.workflow import IN_HAND, State


@dataclass(frozen=True, order=True)
class Coming:
    at: dt.datetime
    kind: str
    subject: str
    standing: str


def upcoming(person: Any, *, now: dt.datetime, until: dt.datetime) -> list[Coming]:
    return sorted([*_waiting(person, until), *_to_be_planned(person, now, until)])


def _waiting(person: Any, until: dt.datetime) -> Iterator[Coming]:
    rows = OutboxMail.objects.filter(recipient=person, state__in=(State.PENDING, *IN_HAND), next_try__lte=until)
    for row in rows:
        yield from _coming(person, row.kind, row.subject_id, row.version, row.next_try, "waiting")


def _to_be_planned(person: Any, now: dt.datetime, until: dt.datetime) -> Iterator[Coming]:
    known = set(
        OutboxMail.objects.filter(recipient=person).values_list("kind", "subject_id", "offset", "version").iterator()
    )
    for kind, reminder in REMINDERS.items():
        for plan in planned(reminder, now, until, recipient_id=person.pk):
            if (kind, plan.subject_id, plan.offset, plan.version) not in known:
                yield from _coming(person, kind, plan.subject_id, plan.version, plan.due, "planned")


def _coming(person: Any, kind: str, subject_id: int, version: str, at: dt.datetime, standing: str) -> Iterator[Coming]:
    mail = MAILS[kind]
    if mail.group and is_off(person.pk, mail.group):
        standing = "switched off"
    rendered = mail.render(subject_id, person, version)
    if rendered:  # what is wanted no longer will not be sent either
        yield Coming(at, kind, rendered.subject, standing)
