"""From the acceptance to the first day: a placement is made, becomes ready with a clearance, or is canceled."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.models import User
from applications import actions as applying
from applications.models import Offer, Side
from authorization.models import AuthorizationRecord
from core import clock
from core.workflow import MoveRefused
from placements import emails
from placements.actions.moving import (
    close_program_record,
    lock_after_a_record,
    lock_placement,
    move_placement,
    note_on,
    tell_hosts,
    tell_student,
)
from placements.models import Placement
from placements.rules import covers, state_before_work
from placements.workflow import PLACEMENT, SYSTEM, TO_COME, UNDER_WAY, Status
from programs import actions as programs
from programs.models import ProgramRecord

BEGUN = "The work has begun, so the acceptance stands. The placement can be ended early instead."


@transaction.atomic
def accept_offer(offer: Offer, *, by: User, now: dt.datetime | None = None) -> Placement:
    """The student's yes, and the placement that it makes."""
    moment = now or clock.now()
    offer = applying.accept_offer(offer, by=by, now=moment)
    record = offer.authorization
    if record is None:
        raise AssertionError(f"Offer {offer.pk} was accepted without a record.")
    program_record = _open_program_record(offer, by, moment)
    placement = Placement.objects.create(
        offer=offer,
        program_record=program_record,
        status=state_before_work(record, program_record, offer.starts_on),
        status_at=moment,
        status_by=by,
        made_at=moment,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
    )
    note_on(placement, "make", by=by, now=moment, before="")
    return placement


def _open_program_record(offer: Offer, by: User, now: dt.datetime) -> ProgramRecord | None:
    posting = offer.application.posting
    if not posting.is_global:
        return None
    return programs.open_record(
        offer.application.student,
        country=posting.country,
        purpose=f"{posting.title}, {posting.organization}",
        starts=offer.starts_on,
        ends=offer.ends_on,
        by=by,
        now=now,
    )


def follow_clearance(record: Any, *, by: Any, now: dt.datetime) -> None:
    """Called with the record locked, whenever its clearance changes, be it that of the authorization or of the program;
    `by` stays in the record."""
    if record.is_closed:
        return  # whoever closed it says what becomes of the placement
    whose = "offer__authorization" if isinstance(record, AuthorizationRecord) else "program_record"
    placement = Placement.objects.filter(**{whose: record}).first()
    if placement:
        _follow(lock_after_a_record(placement), now)


def _follow(placement: Placement, now: dt.datetime) -> None:
    if placement.status in UNDER_WAY:
        _tell_who_works(placement, now)
    if placement.status not in TO_COME:
        return
    due = state_before_work(placement.record, placement.program_record, placement.starts_on)
    if due == placement.status:
        return
    move = next(move.name for move in PLACEMENT if move.target == due and move.who == SYSTEM)
    was_ready = placement.status == Status.READY
    move_placement(placement, move, by=None, now=now, roles=set(SYSTEM))
    if due == Status.READY:
        tell_student(emails.ready, placement, now=now)
        tell_hosts(emails.ready_host, placement, now=now)
    elif was_ready:
        tell_hosts(emails.held_back, placement, now=now)


def _tell_who_works(placement: Placement, now: dt.datetime) -> None:
    """Work that has begun stops with the clearance: no hours can be written, and the host is told not to go on."""
    if not covers(placement, placement.starts_on):
        tell_hosts(emails.held_back, placement, now=now)


def follow_withdrawal(offer: Offer, *, by: User, reason: str, now: dt.datetime) -> None:
    """In the transaction that withdraws the acceptance. What has begun is ended, not undone."""
    placement = Placement.objects.filter(offer=offer).first()
    if placement is None:
        return
    placement = lock_placement(placement)
    if placement.has_begun:
        raise MoveRefused(BEGUN)
    move_placement(placement, "cancel", by=by, now=now, note=reason)
    close_program_record(placement, by=by, now=now)


@transaction.atomic
def cancel(
    placement: Placement, *, by: User, reason: str, gone_back: str = Side.OFFICE, now: dt.datetime | None = None
) -> Placement:
    """By staff, before the work begins: the acceptance is withdrawn, and its position is free."""
    applying.withdraw_acceptance(placement.offer, by=by, reason=reason, gone_back=gone_back, now=now)
    return Placement.objects.with_people().get(pk=placement.pk)
