"""From the acceptance to the first day: a placement is made, becomes ready with a clearance, or is canceled."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from applications import actions as applying
from applications.models import Offer, Side
from core import clock
from core.workflow import MoveRefused
from placements.actions.following import follow_clearance, is_held
from placements.actions.moving import close_program_record, lock_placement, move_placement, note_on
from placements.models import Placement
from placements.rules import state_before_work
from programs import actions as programs
from programs.models import ProgramRecord
from programs.rules import program_clearance

BEGUN = "The work has begun, so the acceptance stands. The placement can be ended early instead."


@transaction.atomic
def accept_offer(offer: Offer, *, by: User, now: dt.datetime | None = None) -> Placement:
    """The student's yes, and the placement that it makes."""
    moment = now or clock.now()
    offer = applying.accept_offer(offer, by=by, now=moment)
    record = offer.authorization
    if record is None:
        raise AssertionError(f"Offer {offer.pk} was accepted without a record.")
    program_record = _open_program_record(offer, (offer.starts_on, offer.ends_on), by, moment)
    held = is_held(record, offer.starts_on, moment)
    placement = Placement.objects.create(
        offer=offer,
        program_record=program_record,
        status=state_before_work(record, program_clearance(program_record), offer.starts_on, over_the_cap=held),
        status_at=moment,
        status_by=by,
        made_at=moment,
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
    )
    note_on(placement, "make", by=by, now=moment, before="")
    follow_clearance(record, by=by, now=moment)
    return Placement.objects.with_people().get(pk=placement.pk)


@transaction.atomic
def ask_program(placement: Placement, *, by: User, now: dt.datetime | None = None) -> Placement:
    """By staff, where a posting has moved abroad since the acceptance: its program was never asked."""
    moment = now or clock.now()
    # A program is locked before placements are.
    record = _open_program_record(placement.offer, (placement.starts_on, placement.ends_on), by, moment)
    placement = lock_placement(placement)
    if record is None or not placement.lacks_a_program:
        raise MoveRefused("There is nothing to ask a program for.")
    placement.program_record = record
    placement.save(update_fields=["program_record"])
    note_on(placement, "ask_program", by=by, now=moment)
    follow_clearance(record, by=by, now=moment)
    return Placement.objects.with_people().get(pk=placement.pk)


def _open_program_record(
    offer: Offer, days: tuple[dt.date, dt.date], by: User, now: dt.datetime
) -> ProgramRecord | None:
    posting = offer.application.posting
    if not posting.is_global:
        return None
    return programs.open_record(
        offer.application.student,
        country=posting.country,
        purpose=f"{posting.title}, {posting.organization}",
        starts=days[0],
        ends=days[1],
        by=by,
        now=now,
    )


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
