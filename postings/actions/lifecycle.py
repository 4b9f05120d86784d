"""Holds, the clock, and how postings end."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from accounts.models import Organization, User
from core import clock
from postings import emails
from postings.actions.moves import catch_up, locked, make_move, refuse_if_suspended, replace_revision
from postings.models import Posting
from postings.workflow import HoldCause, RevisionStatus, Status, workflow


@transaction.atomic
def withdraw(posting: Posting, *, by: User, now: dt.datetime | None = None) -> Posting:
    return _end(posting, "withdraw", by=by, now=now)


@transaction.atomic
def close(posting: Posting, *, by: User, comment: str = "", now: dt.datetime | None = None) -> Posting:
    """Take no more applications. Who has applied stays in the running."""
    return _end(posting, "close", by=by, now=now, note=comment)


@transaction.atomic
def fill(posting: Posting, *, by: User | None = None, now: dt.datetime | None = None) -> Posting:
    """Every position is taken. Nothing happens to a posting that has ended otherwise in the meantime."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    if posting.status not in workflow.moves["fill"].sources:
        return posting
    return _end(posting, "fill", by=None, now=moment, actor=by)


def _end(
    posting: Posting, move: str, *, by: User | None, now: dt.datetime | None, note: str = "", actor: User | None = None
) -> Posting:
    moment = now or clock.now()
    posting = locked(posting, moment)
    posting.ended_at, posting.ended_by = moment, by or actor
    _clear_hold(posting)
    for revision in posting.revisions.filter(status=RevisionStatus.WAITING):
        replace_revision(revision, by=None, now=moment)
    fields = ("ended_at", "ended_by", *_HOLD_FIELDS)
    return make_move(posting, move, by=by, now=moment, fields=fields, note=note, actor=actor)


_HOLD_FIELDS = ("held_at", "held_by", "hold_cause", "hold_note")


@transaction.atomic
def hold(
    posting: Posting, *, by: User, note: str, cause: str = HoldCause.REVIEW, now: dt.datetime | None = None
) -> Posting:
    """Take the posting out of sight while something is looked at."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    posting.held_at, posting.held_by, posting.hold_cause, posting.hold_note = moment, by, cause, note
    mail = emails.held if cause == HoldCause.REVIEW else None
    return make_move(posting, "hold", by=by, now=moment, fields=_HOLD_FIELDS, note=note, mail=mail)


@transaction.atomic
def resume(posting: Posting, *, by: User, note: str = "", now: dt.datetime | None = None) -> Posting:
    moment = now or clock.now()
    posting = locked(posting, moment)
    refuse_if_suspended(posting)
    by_review = posting.hold_cause == HoldCause.REVIEW
    later = posting.opens_at is not None and posting.opens_at > moment
    _clear_hold(posting)
    move = "reschedule" if later else "resume"
    mail = emails.resumed if by_review else None
    posting = make_move(posting, move, by=by, now=moment, fields=_HOLD_FIELDS, note=note, mail=mail)
    return catch_up(posting, moment)


def _clear_hold(posting: Posting) -> None:
    posting.held_at = posting.held_by = None
    posting.hold_cause = posting.hold_note = ""


@transaction.atomic
def hold_for_suspension(organization: Organization, *, by: User, now: dt.datetime | None = None) -> int:
    """Hide what the organization has open. A posting already held for review stays held for that."""
    sources = workflow.moves["hold"].sources
    postings = list(Posting.objects.filter(organization=organization, status__in=sources).order_by("pk"))
    for posting in postings:
        hold(posting, by=by, note=HoldCause.SUSPENSION.label, cause=HoldCause.SUSPENSION, now=now)
    return len(postings)


@transaction.atomic
def resume_after_suspension(organization: Organization, *, by: User, now: dt.datetime | None = None) -> int:
    """Call it when the suspension is lifted, in the same transaction."""
    held = list(
        Posting.objects.filter(
            organization=organization, status=Status.ON_HOLD, hold_cause=HoldCause.SUSPENSION
        ).order_by("pk")
    )
    for posting in held:
        resume(posting, by=by, now=now)
    return len(held)


def tick(now: dt.datetime | None = None) -> int:
    """Open and expire what is due. Lists do not wait for it: open_at(now) is right to the second."""
    moment = now or clock.now()
    due = Posting.objects.filter(
        Q(status=Status.SCHEDULED, opens_at__lte=moment) | Q(status=Status.OPEN, apply_by__lte=moment)
    )
    moved = 0
    for pk in due.values_list("pk", flat=True):
        with transaction.atomic():
            row = Posting.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row:
                before = row.status
                moved += catch_up(row, moment).status != before
    return moved
