"""Reminders are declared in each app's `reminders.py` and planned by a sweep that covers all time since its last tick.

    from notifications.reminders import Planned, Reminder, register

    def _plan(since, until, *, recipient_id=None):
        for offer in Offer.objects.open().for_student(recipient_id):
            for offset, due in offer.reminder_moments():
                if since < due <= until and due > offer.deadline_set_at:
                    yield Planned(offer.student_id, offer.pk, offset, offer.deadline_version, due, offer.deadline)

    register(Reminder(mail=offer_reminder, plan=_plan))

`due` lies after `since` and not after `until`; day offsets are `core.clock.nine_o_clock(day, zone)`. The same reminder
may be planned often: the key of its row makes it one. `expires` is the moment from which it must not be sent anymore.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from core import clock
from notifications.mail import Mail, queue_rows
from notifications.models import OutboxMail, ReminderTick

logger = logging.getLogger(__name__)

# What was written while a sweep ran may commit after it looked: so each sweep looks back a little further.
OVERLAP = dt.timedelta(minutes=10)
FIRST_LOOK_BACK = dt.timedelta(days=1)
REMINDERS: dict[str, "Reminder"] = {}


@dataclass(frozen=True)
class Planned:
    recipient_id: int
    subject_id: int
    offset: str
    version: str
    due: dt.datetime
    expires: dt.datetime | None = None


class Plan(Protocol):
    def __call__(
        self, since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None
    ) -> Iterable[Planned]: ...


@dataclass(frozen=True)
class Reminder:
    mail: Mail
    plan: Plan


def register(reminder: Reminder) -> Reminder:
    if reminder.mail.kind in REMINDERS:
        raise ValueError(f"Reminders of the kind {reminder.mail.kind} are registered twice.")
    REMINDERS[reminder.mail.kind] = reminder
    return reminder


def plan_all(now: dt.datetime | None = None) -> int:
    """Write every reminder that fell due since the last time. A kind whose plan fails does not hold up the others."""
    now = now or clock.now()
    count = 0
    for reminder in REMINDERS.values():
        try:
            count += _plan_kind(reminder, now)
        except Exception:
            logger.exception("reminders: planning %s failed; the next sweep covers the same time", reminder.mail.kind)
    return count


@transaction.atomic
def _plan_kind(reminder: Reminder, now: dt.datetime) -> int:
    kind = reminder.mail.kind
    ReminderTick.objects.get_or_create(kind=kind, defaults={"until": now - FIRST_LOOK_BACK})
    tick = ReminderTick.objects.select_for_update(skip_locked=True).filter(kind=kind, until__lt=now).first()
    if tick is None:  # another sweep is at it, or was here a moment ago
        return 0
    rows = [_row(reminder.mail, plan, now) for plan in planned(reminder, tick.until - OVERLAP, now)]
    queue_rows(rows)
    ReminderTick.objects.filter(kind=kind).update(until=now)
    return len(rows)


def planned(
    reminder: Reminder, since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None
) -> Iterable[Planned]:
    """What the plan says, held to what was asked: one early reminder would be sent, and never again on its day."""
    for plan in reminder.plan(since, until, recipient_id=recipient_id):
        if since < plan.due <= until and recipient_id in (None, plan.recipient_id):
            yield plan


def _row(mail: Mail, plan: Planned, now: dt.datetime) -> OutboxMail:
    return mail.row(plan.recipient_id, plan.subject_id, plan.offset, plan.version, plan.due, plan.expires, now)
