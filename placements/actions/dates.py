"""The dates of a placement move by staff alone, once student and host have agreed: one word, with its reason."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from authorization import actions as authorizing
from core import clock
from core.workflow import MoveRefused
from placements import emails
from placements.actions.moving import lock_placement, note_on, roles_in, tell_hosts, tell_student
from placements.models import Placement
from placements.rules import in_words
from placements.workflow import STAFF
from programs import actions as programs


@transaction.atomic
def move_dates(
    placement: Placement,
    *,
    by: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str,
    now: dt.datetime | None = None,
) -> Placement:
    """The records move along: where what was approved does not cover the new days, the gate is closed for those, and
    student and advisors are told."""
    moment = now or clock.now()
    placement = lock_placement(placement)
    if not roles_in(placement, by) & {*STAFF}:
        raise MoveRefused("The career office moves the dates, once both sides have agreed.")
    refusal = _why_not(placement, starts_on, ends_on, reason, clock.today(moment))
    if refusal:
        raise MoveRefused(refusal)
    placement.starts_on, placement.ends_on = starts_on, ends_on
    placement.save(update_fields=["starts_on", "ends_on"])
    words = f"{in_words(starts_on)} to {in_words(ends_on)}. {reason.strip()}"
    note_on(placement, "move_dates", by=by, now=moment, note=words)
    authorizing.move_dates(placement.record, starts=starts_on, ends=ends_on, by=by, now=moment)
    if placement.program_record:
        programs.move_dates(placement.program_record, starts=starts_on, ends=ends_on, by=by, now=moment)
    tell_student(emails.dates_moved, placement, now=moment)
    tell_hosts(emails.dates_moved, placement, now=moment)
    return Placement.objects.with_people().get(pk=placement.pk)


def _why_not(placement: Placement, starts_on: dt.date, ends_on: dt.date, reason: str, today: dt.date) -> str:
    if not reason.strip():
        return "Give the reason: both sides read it."
    if placement.is_over:
        return "This work is over, so its dates stay."
    if ends_on < starts_on:
        return "The last day must not be before the first."
    if (starts_on, ends_on) == (placement.starts_on, placement.ends_on):
        return "These are its dates already."
    return _why_not_begun(placement, starts_on, ends_on) if placement.has_begun else _why_not_yet(starts_on, today)


def _why_not_yet(starts_on: dt.date, today: dt.date) -> str:
    return "The first day cannot lie in the past." if starts_on < today else ""


def _why_not_begun(placement: Placement, starts_on: dt.date, ends_on: dt.date) -> str:
    if starts_on != placement.starts_on:
        return "The work has begun, so its first day stays."
    if placement.hours_entries.filter(day__gt=ends_on).exists():
        return "Hours are written down after that last day."
    return ""
