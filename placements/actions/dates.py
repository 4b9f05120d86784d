"""The dates of a placement: staff move them, or a host proposes new ones and the student agrees."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from applications.actions.moving import hosts_of, refuse_if_suspended
from authorization import actions as authorizing
from core import clock
from core.workflow import MoveRefused
from notifications.mail import Mail
from placements import emails
from placements.actions.moving import (
    lock_placement,
    note_on,
    roles_in,
    settle,
    tell_hosts,
    tell_student,
    void_proposal,
)
from placements.models import DateProposal, Placement, ProposalOutcome
from placements.rules import in_words, wrong_dates
from placements.workflow import HOST, STAFF, STUDENT
from programs import actions as programs

OVER = "This work is over, so its dates stay."
SETTLED = "This was settled a moment ago: look at the dates as they are now."
WAITING = "New dates are proposed already. Wait for the answer, or take them back first."
NO_REASON = "Give the reason: both sides read it."


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
    """By staff, once both sides have agreed. Dates that a host has proposed are void then."""
    moment = now or clock.now()
    placement = lock_placement(placement)
    if not roles_in(placement, by) & {*STAFF}:
        raise MoveRefused("The career office moves the dates, once both sides have agreed.")
    if not reason.strip():
        raise MoveRefused(NO_REASON)
    _refuse_wrong(placement, starts_on, ends_on, moment)
    void_proposal(placement, by=by, now=moment)
    placement = _move(placement, "move_dates", starts_on, ends_on, by=by, note=reason, now=moment)
    tell_student(emails.dates_moved, placement, now=moment)
    tell_hosts(emails.dates_moved, placement, now=moment)
    return placement


@transaction.atomic
def propose_dates(
    placement: Placement,
    *,
    by: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str,
    now: dt.datetime | None = None,
) -> DateProposal:
    """By a host. Until the student agrees, the dates stay what they are."""
    moment = now or clock.now()
    placement = lock_placement(placement)
    _refuse_others(placement, by, HOST)
    if not reason.strip():
        raise MoveRefused(NO_REASON)
    _refuse_wrong(placement, starts_on, ends_on, moment)
    refuse_if_suspended(placement.offer.application)
    if placement.date_proposals.waiting().exists():
        raise MoveRefused(WAITING)
    proposal = DateProposal.objects.create(
        placement=placement,
        proposed_by=by,
        proposed_at=moment,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
    )
    note_on(placement, "propose_dates", by=by, now=moment, note=_words(starts_on, ends_on, proposal.reason))
    emails.dates_proposed.queue(to=placement.student, subject_id=proposal.pk, now=moment)
    return proposal


@transaction.atomic
def agree_to_dates(proposal: DateProposal, *, by: User, now: dt.datetime | None = None) -> Placement:
    """By the student: the dates move as they do by staff, and what was cleared is asked anew."""
    moment = now or clock.now()
    proposal, placement = _locked(proposal)
    _refuse_others(placement, by, STUDENT)
    if proposal.outcome == ProposalOutcome.AGREED:
        return placement
    _refuse_settled(proposal)
    _refuse_wrong(placement, proposal.starts_on, proposal.ends_on, moment)
    refuse_if_suspended(placement.offer.application)
    settle(proposal, ProposalOutcome.AGREED, by=by, now=moment)
    placement = _move(placement, "agree_dates", proposal.starts_on, proposal.ends_on, by=by, note="", now=moment)
    _tell_hosts(emails.dates_agreed, proposal, placement, moment)
    return placement


@transaction.atomic
def decline_dates(proposal: DateProposal, *, by: User, reason: str, now: dt.datetime | None = None) -> DateProposal:
    """By the student, with a word on why; other dates can be proposed. Sent twice, it is one."""
    moment = now or clock.now()
    proposal, placement = _locked(proposal)
    _refuse_others(placement, by, STUDENT)
    if proposal.outcome == ProposalOutcome.DECLINED:
        return proposal
    _refuse_settled(proposal)
    if not reason.strip():
        raise MoveRefused("Give the reason: the host reads it.")
    settle(proposal, ProposalOutcome.DECLINED, by=by, now=moment, note=reason.strip())
    note_on(placement, "decline_dates", by=by, now=moment, note=proposal.note)
    _tell_hosts(emails.dates_declined, proposal, placement, moment)
    return proposal


@transaction.atomic
def take_back_dates(proposal: DateProposal, *, by: User, now: dt.datetime | None = None) -> DateProposal:
    """By any host of the posting, as long as it waits. Sent twice, it is one."""
    moment = now or clock.now()
    proposal, placement = _locked(proposal)
    _refuse_others(placement, by, HOST)
    if proposal.outcome == ProposalOutcome.TAKEN_BACK:
        return proposal
    _refuse_settled(proposal)
    settle(proposal, ProposalOutcome.TAKEN_BACK, by=by, now=moment)
    note_on(placement, "take_back_dates", by=by, now=moment)
    emails.dates_taken_back.queue(to=placement.student, subject_id=proposal.pk, now=moment)
    return proposal


def why_not_these(placement: Placement, starts_on: dt.date, ends_on: dt.date, today: dt.date) -> tuple[str, str]:
    """The field at fault and why; both empty where the dates can move so."""
    worked = placement.hours_entries.order_by("-day").values_list("day", flat=True).first()
    return wrong_dates(placement, starts_on, ends_on, today=today, worked_until=worked)


def _refuse_wrong(placement: Placement, starts_on: dt.date, ends_on: dt.date, now: dt.datetime) -> None:
    refusal = OVER if placement.is_over else why_not_these(placement, starts_on, ends_on, clock.today(now))[1]
    if refusal:
        raise MoveRefused(refusal)


def _refuse_others(placement: Placement, by: User, who: tuple[str, ...]) -> None:
    if not roles_in(placement, by) & {*who}:
        raise MoveRefused("You cannot do that with the dates of this placement.")


def _refuse_settled(proposal: DateProposal) -> None:
    if not proposal.is_open:
        raise MoveRefused(SETTLED)


def _locked(proposal: DateProposal) -> tuple[DateProposal, Placement]:
    placement = lock_placement(proposal.placement)
    return DateProposal.objects.get(pk=proposal.pk), placement


def _move(
    placement: Placement, move: str, starts_on: dt.date, ends_on: dt.date, *, by: User, note: str, now: dt.datetime
) -> Placement:
    """The records move along: where what was approved does not cover the new days, the gate is closed for those, and
    student and advisors are told."""
    placement.starts_on, placement.ends_on = starts_on, ends_on
    placement.save(update_fields=["starts_on", "ends_on"])
    note_on(placement, move, by=by, now=now, note=_words(starts_on, ends_on, note))
    authorizing.move_dates(placement.record, starts=starts_on, ends=ends_on, by=by, now=now)
    if placement.program_record:
        programs.move_dates(placement.program_record, starts=starts_on, ends=ends_on, by=by, now=now)
    return Placement.objects.with_people().get(pk=placement.pk)


def _words(starts_on: dt.date, ends_on: dt.date, reason: str) -> str:
    return f"{in_words(starts_on)} to {in_words(ends_on)}. {reason.strip()}".strip()


def _tell_hosts(mail: Mail, proposal: DateProposal, placement: Placement, now: dt.datetime) -> None:
    for host in hosts_of(placement.posting):
        mail.queue(to=host, subject_id=proposal.pk, now=now)
