"""From the first day to the end of the work."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from applications.actions.moving import refuse_if_suspended
from authorization.actions import close_record
from authorization.caps import Caps, in_words
from core import clock
from core.workflow import MoveRefused
from placements import emails
from placements.actions.following import tell_who_works
from placements.actions.moving import (
    close_program_record,
    lock_placement,
    move_placement,
    roles_in,
    tell_hosts,
    tell_others,
    tell_student,
    void_proposal,
)
from placements.models import Placement
from placements.rules import NOT_CLEARED, why_not_begin
from placements.workflow import PLACEMENT, TO_COME, Status


@transaction.atomic
def begin(placement: Placement, *, by: User, now: dt.datetime | None = None) -> Placement:
    """By the student or a host, on the first day or after: the gate."""
    moment = now or clock.now()
    today = clock.today(moment)
    placement = lock_placement(placement)
    PLACEMENT.target("begin", Status.READY, roles_in(placement, by))
    if placement.status in TO_COME:
        refusal = why_not_begin(placement, today) or _why_too_much(placement, by, today)
        if refusal:
            raise MoveRefused(refusal)
    refuse_if_suspended(placement.offer.application)
    placement.began_on = today
    if placement.date_proposals.waiting().exclude(starts_on=placement.starts_on).exists():
        void_proposal(placement, by=by, now=moment)
    move_placement(placement, "begin", by=by, now=moment, fields=["began_on"])
    tell_others(emails.begun, placement, by=by, now=moment)
    tell_who_works(placement, moment)
    return placement


def _why_too_much(placement: Placement, by: User, today: dt.date) -> str:
    """Also where terms or routes have changed since it was cleared. A host reads nothing of hours."""
    weeks = Caps.of(placement.record.student_id).over(placement.record, since=today)
    if not weeks:
        return ""
    if by != placement.student:
        return NOT_CLEARED
    return f"With your other projects this is more than the hours that are cleared in term, in {in_words(weeks)}."


@transaction.atomic
def submit_deliverable(
    placement: Placement, *, by: User, deliverable: str, now: dt.datetime | None = None
) -> Placement:
    """Where the work can be found, or what was handed over."""
    moment = now or clock.now()
    if not deliverable.strip():
        raise MoveRefused("Say what you hand in, or where it is.")
    placement = lock_placement(placement)
    placement.deliverable = deliverable.strip()
    move_placement(placement, "submit_deliverable", by=by, now=moment, fields=["deliverable"])
    tell_hosts(emails.deliverable, placement, now=moment)
    return placement


@transaction.atomic
def complete(placement: Placement, *, by: User, now: dt.datetime | None = None) -> Placement:
    moment = now or clock.now()
    placement = lock_placement(placement)
    move_placement(placement, "complete", by=by, now=moment)
    close_record(placement.record, by=by, now=moment)
    close_program_record(placement, by=by, now=moment)
    tell_student(emails.completed, placement, now=moment)
    return placement


@transaction.atomic
def end_early(placement: Placement, *, by: User, reason: str, now: dt.datetime | None = None) -> Placement:
    moment = now or clock.now()
    if not reason.strip():
        raise MoveRefused("Give the reason: both sides read it.")
    placement = lock_placement(placement)
    move_placement(placement, "end_early", by=by, now=moment, note=reason)
    close_record(placement.record, by=by, now=moment)
    close_program_record(placement, by=by, now=moment)
    tell_others(emails.ended_early, placement, by=by, now=moment)
    return placement
