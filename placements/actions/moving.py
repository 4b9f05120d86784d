"""What the actions of this app share: a placement locked after the records that stand for its clearance, and a move
written down. After what the apps below lock, the order is student profile, authorization record, program record,
placement."""

import datetime as dt
from collections.abc import Iterable

from accounts.models import User
from applications.actions.moving import hosts_of, roles_of
from authorization.actions import lock_student
from authorization.models import AuthorizationRecord
from core.workflow import MoveRefused
from notifications.mail import Mail
from placements.models import DateProposal, Placement, PlacementEvent, ProposalOutcome
from placements.workflow import OVER, PLACEMENT, TO_COME
from programs.actions import close_record
from programs.models import ProgramRecord

# What a placement waits for is not told to whoever only tries.
NOT_BEGUN = "This work has not begun yet."


def lock_placement(placement: Placement) -> Placement:
    """While it is locked, nobody gives or takes back a clearance, of this or of other work of the student."""
    lock_student(placement.offer.application.student)
    AuthorizationRecord.objects.select_for_update(of=("self",)).get(offer__placement=placement.pk)
    ProgramRecord.objects.select_for_update(of=("self",)).filter(placement=placement.pk).first()
    return lock_after_a_record(placement)


def lock_after_a_record(placement: Placement) -> Placement:
    """For whoever has one of the two records locked already. The other is read after the placement is locked: of two
    that change at once the later sees the earlier."""
    Placement.objects.select_for_update(of=("self",), no_key=True).get(pk=placement.pk)
    return Placement.objects.with_people().get(pk=placement.pk)


def roles_in(placement: Placement, by: User) -> set[str]:
    return roles_of(by, placement.offer.application)


def move_placement(
    placement: Placement,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    note: str = "",
    roles: set[str] | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Take a locked placement along the table; `fields` are what the caller has set on it besides. Raises
    MoveRefused."""
    found = roles if roles is not None or by is None else roles_in(placement, by)
    before = placement.status
    if before in TO_COME and before not in PLACEMENT.moves[move].sources:
        raise MoveRefused(NOT_BEGUN)
    placement.status = PLACEMENT.target(move, before, found or set())
    placement.status_at, placement.status_by = now, by
    if by and placement.status in OVER:
        void_proposal(placement, by=by, now=now)
    placement.save(update_fields=["status", "status_at", "status_by", *fields])
    note_on(placement, move, by=by, now=now, note=note, before=before)


def note_on(
    placement: Placement, move: str, *, by: User | None, now: dt.datetime, note: str = "", before: str | None = None
) -> None:
    PlacementEvent.objects.create(
        placement=placement,
        at=now,
        by=by,
        move=move,
        from_status=placement.status if before is None else before,
        to_status=placement.status,
        note=note,
    )


def void_proposal(placement: Placement, *, by: User, now: dt.datetime) -> None:
    """What happens to a locked placement settles the dates proposed for it; its own event says what happened."""
    for proposal in placement.date_proposals.waiting():
        settle(proposal, ProposalOutcome.VOID, by=by, now=now)


def settle(proposal: DateProposal, outcome: ProposalOutcome, *, by: User, now: dt.datetime, note: str = "") -> None:
    proposal.settled_at, proposal.settled_by, proposal.outcome, proposal.note = now, by, outcome, note
    proposal.save(update_fields=["settled_at", "settled_by", "outcome", "note"])


def close_program_record(placement: Placement, *, by: User, now: dt.datetime) -> None:
    if placement.program_record:
        close_record(placement.program_record, by=by, now=now)


def tell_student(mail: Mail, placement: Placement, *, now: dt.datetime) -> None:
    mail.queue(to=placement.student, subject_id=placement.pk, version=now.isoformat(), now=now)


def tell_hosts(mail: Mail, placement: Placement, *, now: dt.datetime) -> None:
    for host in hosts_of(placement.posting):
        mail.queue(to=host, subject_id=placement.pk, version=now.isoformat(), now=now)


def tell_others(mail: Mail, placement: Placement, *, by: User, now: dt.datetime) -> None:
    """Both sides, but for whoever did it."""
    for person in {placement.student, *hosts_of(placement.posting)} - {by}:
        mail.queue(to=person, subject_id=placement.pk, version=now.isoformat(), now=now)
