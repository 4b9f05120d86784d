"""From draft to decision, and the decisions on what changes later."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import clock
from core.workflow import MoveRefused
from notifications.mail import Mail
from postings import checks, emails
from postings.actions.moves import (
    locked,
    make_move,
    record,
    refuse_if_changed,
    refuse_if_claimed,
    refuse_if_decided,
    refuse_if_suspended,
    roles_of,
    search_context_of,
    tell,
)
from postings.actions.writing import content_of, with_changes
from postings.models import Posting, PostingRevision
from postings.workflow import revision_workflow, workflow


@transaction.atomic
def submit(posting: Posting, *, by: User, expectations_read: bool, now: dt.datetime | None = None) -> Posting:
    moment = now or clock.now()
    posting = locked(posting, moment)
    workflow.target("submit", posting.status, roles_of(posting, by))
    if not expectations_read:
        raise MoveRefused("Read the expectations for hosts and confirm that you agree before you submit.")
    refuse_if_suspended(posting)
    if checks.missing(posting):
        raise MoveRefused("Complete the posting before you submit it.")
    posting.submitted_at, posting.submitted_by, posting.expectations_read_at = moment, by, moment
    fields = ("submitted_at", "submitted_by", "expectations_read_at")
    return make_move(posting, "submit", by=by, now=moment, fields=fields, content=content_of(posting))


@transaction.atomic
def request_changes(
    posting: Posting,
    *,
    by: User,
    reason: str,
    comment: str,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> Posting:
    return _judge(posting, "request_changes", emails.changes_requested, by, reason, comment, version, now)


@transaction.atomic
def decline(
    posting: Posting,
    *,
    by: User,
    reason: str,
    comment: str,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> Posting:
    """Only where no edit can mend it; else ask for changes."""
    return _judge(posting, "decline", emails.declined, by, reason, comment, version, now)


def _judge(
    posting: Posting,
    move: str,
    mail: Mail,
    by: User,
    reason: str,
    comment: str,
    version: int | None,
    now: dt.datetime | None,
) -> Posting:
    moment = now or clock.now()
    posting = locked(posting, moment)
    refuse_if_decided(posting, move)
    refuse_if_claimed(posting, by, moment)
    refuse_if_changed(posting, version)
    posting.decided_at, posting.decided_by = moment, by
    posting.decision_reason, posting.decision_comment = reason, comment
    fields = ("decided_at", "decided_by", "decision_reason", "decision_comment")
    read = content_of(posting)
    return make_move(
        posting, move, by=by, now=moment, fields=fields, reason=reason, note=comment, mail=mail, content=read
    )


@transaction.atomic
def approve(
    posting: Posting,
    *,
    by: User,
    comment: str = "",
    unpaid_talk: bool = False,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> Posting:
    """Open the posting, or schedule it when it names a later opening."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    later = posting.opens_at is not None and posting.opens_at > moment
    refuse_if_decided(posting, "approve")
    workflow.target("schedule" if later else "approve", posting.status, roles_of(posting, by))
    refuse_if_claimed(posting, by, moment)
    refuse_if_changed(posting, version)
    refuse_if_suspended(posting)
    fields = _note_unpaid_talk(posting, by, moment) if unpaid_talk else []
    if posting.is_unpaid and posting.unpaid_talk_at is None:
        raise MoveRefused("Talk with the host first: a project is unpaid only after a conversation with staff.")
    if posting.is_unpaid and not (posting.unpaid_basis and posting.travel_costs_covered):
        raise MoveRefused("Ask the host for the basis of unpaid work and to cover local travel costs.")
    if posting.apply_by and posting.apply_by <= moment:
        raise MoveRefused("The application deadline has passed. Ask the host for a later one.")
    posting.decided_at = posting.approved_at = moment
    posting.decided_by = posting.approved_by = by
    posting.decision_reason, posting.decision_comment = "", comment
    posting.published_at = posting.opens_at if later else moment
    fields += ["decided_at", "decided_by", "decision_reason", "decision_comment"]
    fields += ["approved_at", "approved_by", "published_at"]
    move = "schedule" if later else "approve"
    return make_move(posting, move, by=by, now=moment, fields=fields, note=comment, mail=emails.approved)


def _note_unpaid_talk(posting: Posting, by: User, now: dt.datetime) -> list[str]:
    posting.unpaid_talk_at, posting.unpaid_talk_by = now, by
    return ["unpaid_talk_at", "unpaid_talk_by"]


@transaction.atomic
def approve_revision(
    revision: PostingRevision,
    *,
    by: User,
    comment: str = "",
    unpaid_talk: bool = False,
    now: dt.datetime | None = None,
) -> Posting:
    moment = now or clock.now()
    posting, revision = _locked_revision(revision, moment)
    revision.status = revision_workflow.target("approve", revision.status, roles_of(posting, by))
    with_changes(posting, revision)
    talk = _note_unpaid_talk(posting, by, moment) if unpaid_talk else []
    try:
        posting.validate_constraints()
    except ValidationError as error:
        raise MoveRefused(" ".join(error.messages)) from error
    _decide_revision(revision, by, moment, comment=comment)
    posting.search_context = search_context_of(posting, labels=posting.labels.all())
    posting.version += 1
    posting.updated_at = moment
    posting.save(update_fields=[*revision.changes, *talk, "search_context", "version", "updated_at"])
    event = record(posting, "approve_changes", by=by, now=moment, before=posting.status, note=comment)
    tell(posting, emails.revision_approved, event)
    return posting


@transaction.atomic
def decline_revision(
    revision: PostingRevision, *, by: User, reason: str, comment: str, now: dt.datetime | None = None
) -> Posting:
    """The approved version stays as it is."""
    moment = now or clock.now()
    posting, revision = _locked_revision(revision, moment)
    revision.status = revision_workflow.target("decline", revision.status, roles_of(posting, by))
    _decide_revision(revision, by, moment, reason=reason, comment=comment)
    event = record(posting, "decline_changes", by=by, now=moment, before=posting.status, reason=reason, note=comment)
    tell(posting, emails.revision_declined, event)
    return posting


def _locked_revision(revision: PostingRevision, now: dt.datetime) -> tuple[Posting, PostingRevision]:
    """The posting is locked first, as everywhere, so that two moderators queue up instead of deadlocking."""
    posting = locked(revision.posting, now)
    return posting, PostingRevision.objects.select_for_update().get(pk=revision.pk)


def _decide_revision(
    revision: PostingRevision, by: User, now: dt.datetime, *, reason: str = "", comment: str = ""
) -> None:
    revision.decided_by, revision.decided_at = by, now
    revision.reason, revision.comment = reason, comment
    revision.save(update_fields=["status", "decided_by", "decided_at", "reason", "comment"])
