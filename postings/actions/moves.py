"""What every action does: lock the row, ask the workflow, record the event, tell the hosts."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q

from accounts.models import Host, User
from core.workflow import MoveRefused
from notifications.mail import Mail
from postings import endings, wording
from postings.models import Claim, Label, LocationMode, Posting, PostingEvent, PostingRevision
from postings.workflow import HOST, MODERATOR, OVER, SYSTEM, RevisionStatus, Status, revision_workflow, workflow


def roles_of(posting: Posting, by: User | None) -> set[str]:
    """What a person is to this posting; nobody is the clock."""
    if by is None:
        return {SYSTEM}
    manages = Posting.objects.filter(pk=posting.pk).managed_by(by).exists()
    moderates = by.has_perm("postings.change_posting")
    return {role for role, held in ((HOST, manages), (MODERATOR, moderates)) if held}


def locked(posting: Posting, now: dt.datetime) -> Posting:
    row = Posting.objects.select_for_update().defer("search").get(pk=posting.pk)
    return catch_up(row, now)


def make_move(
    posting: Posting,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    fields: Iterable[str] = (),
    reason: str = "",
    note: str = "",
    mail: Mail | None = None,
    actor: User | None = None,
    content: dict[str, Any] | None = None,
) -> Posting:
    before = posting.status
    posting.status = workflow.target(move, before, roles_of(posting, by))
    posting.version += 1
    posting.updated_at = now
    posting.save(update_fields=["status", "version", "updated_at", *fields])
    if before == Status.SUBMITTED:
        Claim.objects.filter(posting=posting).delete()
    event = record(posting, move, by=by or actor, now=now, before=before, reason=reason, note=note, content=content)
    if mail:
        tell(posting, mail, event)
    if posting.status in OVER:
        endings.ended(posting, now=now)
    return posting


def record(
    posting: Posting,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    before: str,
    reason: str = "",
    note: str = "",
    content: dict[str, Any] | None = None,
) -> PostingEvent:
    return PostingEvent.objects.create(
        posting=posting,
        at=now,
        by=by,
        move=move,
        from_status=before,
        to_status=posting.status,
        reason=reason,
        note=note,
        content=content,
    )


def tell(posting: Posting, mail: Mail, event: PostingEvent) -> None:
    """Mail the host and the co-hosts; the event keeps the words."""
    hosts = Host.objects.filter(Q(pk=posting.host_id) | Q(cohosted_postings=posting)).select_related("user").distinct()
    for host in hosts:
        mail.queue(to=host.user, subject_id=event.pk, now=event.at)


def refuse_if_changed(posting: Posting, version: int | None) -> None:
    if version is not None and version != posting.version:
        raise MoveRefused("This posting has changed since you opened it. Look at it again before you decide.")


def refuse_if_decided(posting: Posting, move: str) -> None:
    """Whoever comes second is told who was first."""
    if posting.status not in workflow.moves[move].sources and posting.decided_by:
        status = posting.get_status_display().lower()
        raise MoveRefused(f"{posting.decided_by} has decided on this posting already: it is “{status}” now.")


def refuse_if_claimed(posting: Posting, by: User, now: dt.datetime) -> None:
    claim = Claim.objects.live(now).filter(posting=posting).exclude(moderator=by).select_related("moderator").first()
    if claim:
        raise MoveRefused(f"{claim.moderator} is reviewing this posting. Take it over before you decide.")


def refuse_if_suspended(posting: Posting) -> None:
    if posting.organization.is_suspended:
        raise MoveRefused(f"{posting.organization} is suspended. Its postings stay hidden until that is lifted.")


def catch_up(posting: Posting, now: dt.datetime) -> Posting:
    """Do what the clock should have done by now, so that every move starts from the true state."""
    if posting.status == Status.SCHEDULED and posting.opens_at and posting.opens_at <= now:
        make_move(posting, "open", by=None, now=now)
    if posting.status == Status.OPEN and posting.apply_by and posting.apply_by <= now:
        posting.ended_at = posting.apply_by
        for revision in posting.revisions.filter(status=RevisionStatus.WAITING):
            replace_revision(revision, by=None, now=now)
        make_move(posting, "expire", by=None, now=now, fields=("ended_at",))
    return posting


def replace_revision(revision: PostingRevision, *, by: User | None, now: dt.datetime) -> None:
    roles = {HOST} if by else {SYSTEM}
    revision.status = revision_workflow.target("replace", revision.status, roles)
    revision.decided_at, revision.decided_by = now, by
    revision.save(update_fields=["status", "decided_at", "decided_by"])


# What people type for it.
MODE_WORDS: dict[str, str] = {
    LocationMode.REMOTE: "Remote",
    LocationMode.HYBRID: "Hybrid",
    LocationMode.ON_SITE: "On site, onsite",
}


def search_context_of(posting: Posting, *, labels: Iterable[Label]) -> str:
    names = [posting.organization.name]
    named: tuple[Model | None, ...] = (posting.stream, posting.opportunity_type)
    names += [str(row) for row in named if row is not None]
    given = sorted((label for label in labels if label.public), key=lambda label: (label.order, label.pk))
    country = wording.country(posting) if posting.is_global else ""
    where = [MODE_WORDS[posting.location_mode], posting.place, posting.region, country]
    return " · ".join(filter(None, [*names, *where, *(label.name for label in given)]))
