"""Hosts write postings; staff label them."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from accounts.models import Host, User
from core import clock
from core.workflow import MoveRefused
from postings import checks, emails
from postings.actions.moves import locked, record, replace_revision, roles_of, search_context_of
from postings.models import Change, Label, LabelRule, Posting, PostingRevision
from postings.workflow import HOST, LIVE, MODERATOR, WRITABLE, RevisionStatus, Status

# What a moderator looked at, and looks at again when it changes: pay, terms, place, engagement, brief and questions.
REVIEWED = (
    *("title", "brief", "deliverable", "learning_goals", "opportunity_type"),
    *("weeks_min", "weeks_max", "hours_week_min", "hours_week_max", "total_hours", "start_earliest", "start_latest"),
    *("location_mode", "place", "region", "country", "street_address"),
    *("pay_kind", "pay_amount", "currency", "unpaid_basis", "travel_costs_covered", "engagement_type"),
    "questions",
)
UNREVIEWED = (
    *("stream", "skills", "levels", "supplies", "supplies_note", "mentor_name", "mentor_title", "mentor_email"),
    *("feedback_plan", "extra_materials", "positions", "opens_at", "apply_by", "answer_within"),
    *("credit_possible", "campus_only"),
)
CONTENT = (*REVIEWED, *UNREVIEWED)


@transaction.atomic
def draft(posting: Posting, *, by: User, cohosts: Iterable[Host] = (), now: dt.datetime | None = None) -> Posting:
    """Save a new posting as a draft of this host, for an organization the host belongs to."""
    if not by.memberships.filter(organization=posting.organization).exists():
        raise MoveRefused(f"You do not belong to {posting.organization}.")
    named = list(cohosts)
    _refuse_strangers(posting, named)
    posting.host, posting.created_by = by.host, by
    posting.created_at = posting.updated_at = now or clock.now()
    posting.search_context = search_context_of(posting, labels=())
    posting.save()
    record(posting, "draft", by=by, now=posting.created_at, before="")
    _name_cohosts(posting, named, by=by, now=posting.created_at)
    return posting


@transaction.atomic
def write(
    posting: Posting, *, by: User, cohosts: Collection[Host] | None = None, now: dt.datetime | None = None
) -> Posting:
    """Save an edited posting. What is not approved yet changes at once; after that, reviewed fields wait."""
    moment = now or clock.now()
    current = locked(posting, moment)
    if HOST not in roles_of(current, by):
        raise MoveRefused("You cannot do that with this posting.")
    if current.status not in (*WRITABLE, *LIVE):
        raise MoveRefused(f"This posting is {current.get_status_display().lower()}, so it can no longer be edited.")
    if cohosts is not None:
        _refuse_strangers(current, set(cohosts) - set(current.cohosts.all()))
    if current.status in LIVE:
        _edit_live(current, posting, by=by, now=moment)
    else:
        _copy(CONTENT, posting, current)
        _refuse_if_incomplete(current)
        _save_edit(current, CONTENT, by=by, now=moment)
    if cohosts is not None:
        _name_cohosts(current, cohosts, by=by, now=moment)
    return current


def _refuse_strangers(posting: Posting, named: Collection[Host]) -> None:
    """Co-hosts see who applies, so they belong to the organization. Who has left it stays until taken out."""
    members = Host.objects.filter(user__memberships__organization=posting.organization, user__is_active=True)
    for host in set(named) - set(members):
        raise MoveRefused(f"{host} does not belong to {posting.organization}, so cannot be a co-host.")


def _name_cohosts(posting: Posting, named: Collection[Host], *, by: User, now: dt.datetime) -> None:
    before, after = set(posting.cohosts.all()), set(named)
    if before == after:
        return
    posting.cohosts.set(after)
    posting.version += 1
    posting.updated_at = now
    posting.save(update_fields=["version", "updated_at"])
    names = ", ".join(sorted(str(host) for host in after)) or "none"
    event = record(posting, "cohosts", by=by, now=now, before=posting.status, note=f"Co-hosts: {names}")
    for host in after - before:
        if host.user != by:
            emails.cohost_named.queue(to=host.user, subject_id=event.pk, now=now)


def _edit_live(current: Posting, edited: Posting, *, by: User, now: dt.datetime) -> None:
    _propose(current, edited, by=by, now=now)
    fixed = {"opens_at"} if current.status != Status.SCHEDULED else set()
    changed = [name for name in UNREVIEWED if name not in fixed and _differs(name, current, edited)]
    if not changed:
        return
    _copy(changed, edited, current)
    if "opens_at" in changed:
        current.opens_at = current.published_at = current.opens_at or now
        changed.append("published_at")
    _save_edit(current, changed, by=by, now=now)


def _save_edit(current: Posting, fields: Iterable[str], *, by: User, now: dt.datetime) -> None:
    current.search_context = search_context_of(current, labels=current.labels.all())
    current.version += 1
    current.updated_at = now
    current.save(update_fields=[*fields, "search_context", "version", "updated_at"])
    record(current, "edit", by=by, now=now, before=current.status)


def _propose(current: Posting, edited: Posting, *, by: User, now: dt.datetime) -> None:
    """Let the reviewed changes wait; an earlier proposal is replaced, and taken back when nothing differs any more."""
    changes = {name: _stored(name, edited) for name in REVIEWED if _differs(name, current, edited)}
    waiting = current.revisions.filter(status=RevisionStatus.WAITING).first()
    if waiting and waiting.changes == changes:
        return
    if waiting:
        replace_revision(waiting, by=by, now=now)
    if changes:
        PostingRevision.objects.create(posting=current, changes=changes, proposed_by=by, proposed_at=now)
        record(current, "propose_changes", by=by, now=now, before=current.status)


def content_of(posting: Posting) -> dict[str, Any]:
    """What a posting says, as JSON keeps it."""
    return {name: _stored(name, posting) for name in CONTENT}


def with_changes(posting: Posting, revision: PostingRevision) -> Posting:
    """Put the proposed values on the posting in hand, unsaved."""
    return with_content(posting, revision.changes)


def with_content(posting: Posting, content: dict[str, Any]) -> Posting:
    """Put these values on the posting in hand, unsaved."""
    for name, value in content.items():
        field: Any = Posting._meta.get_field(name)
        setattr(posting, field.attname, field.to_python(value) if not field.is_relation else value)
    return posting


def _stored(name: str, posting: Posting) -> Any:
    """The value as JSON keeps it, so that proposals compare."""
    field: Any = Posting._meta.get_field(name)
    value = getattr(posting, field.attname)
    return value if value is None or isinstance(value, bool | int | str) else field.value_to_string(posting)


def _differs(name: str, one: Posting, other: Posting) -> bool:
    attname = Posting._meta.get_field(name).attname  # type: ignore[union-attr]
    return bool(getattr(one, attname) != getattr(other, attname))


def _copy(names: Iterable[str], source: Posting, target: Posting) -> None:
    for name in names:
        attname = Posting._meta.get_field(name).attname  # type: ignore[union-attr]
        setattr(target, attname, getattr(source, attname))


def _refuse_if_incomplete(posting: Posting) -> None:
    if posting.status != Status.DRAFT and checks.missing(posting):
        raise MoveRefused("This posting is with the career office, so it must stay complete.")


@transaction.atomic
def set_labels(posting: Posting, *, labels: Iterable[Label], by: User, now: dt.datetime | None = None) -> Posting:
    """Give the labels that staff give by hand; the others follow from the posting and are never stored."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    if MODERATOR not in roles_of(posting, by):
        raise MoveRefused("You cannot do that with this posting.")
    chosen = [label for label in labels if label.rule == LabelRule.BY_HAND]
    posting.labels.set(chosen)
    posting.search_context = search_context_of(posting, labels=chosen)
    posting.save(update_fields=["search_context"])
    note = ", ".join(label.name for label in chosen) or "none"
    record(posting, "label", by=by, now=moment, before=posting.status, note=f"Labels: {note}")
    return posting


def refresh_search_contexts(*, since: dt.datetime | None = None) -> int:
    """Names of organizations, streams, types and labels are copied into postings for search; follow what changed.

    `since`: of the last time, so that only what has changed is looked at; without it, everything is.
    """
    postings = Posting.objects.filter(status__in=LIVE).defer("search")
    if since:
        changes = Change.objects.filter(at__gte=since)
        if not changes.filter(posting=None).exists():
            postings = postings.filter(pk__in=changes.values("posting"))
    count = 0
    rows = postings.select_related("organization", "stream", "opportunity_type").prefetch_related("labels")
    for posting in rows.iterator(1_000):
        context = search_context_of(posting, labels=posting.labels.all())
        if context != posting.search_context:
            posting.search_context = context
            posting.save(update_fields=["search_context"])
            count += 1
    return count
