"""Moderators claim what they read, so that nobody reads it twice, and let others see it before it is published."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from core import clock
from core.workflow import MoveRefused
from postings.actions.moves import locked, record, roles_of
from postings.models import Claim, Posting, PreviewLink
from postings.workflow import MODERATOR, PREVIEWED, Status


@transaction.atomic
def claim(posting: Posting, *, by: User, take_over: bool = False, now: dt.datetime | None = None) -> Claim:
    """Also says that one is still there: it is claimed anew, from the same moment on."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    _refuse_others(posting, by)
    if posting.status != Status.SUBMITTED:
        raise MoveRefused(f"This posting does not wait for review: it is “{posting.get_status_display().lower()}”.")
    held = Claim.objects.live(moment).filter(posting=posting).exclude(moderator=by).select_related("moderator").first()
    if held and not take_over:
        raise MoveRefused(f"{held.moderator} is reviewing this posting.")
    if held:
        note = f"From {held.moderator}"
        record(posting, "take_over", by=by, now=moment, before=posting.status, note=note)
    return _hold(posting, by, moment)


def _refuse_others(posting: Posting, by: User) -> None:
    if MODERATOR not in roles_of(posting, by):
        raise MoveRefused("You cannot do that with this posting.")


def _hold(posting: Posting, by: User, now: dt.datetime) -> Claim:
    own = Claim.objects.live(now).filter(posting=posting, moderator=by)
    if own.update(active_at=now):
        return own.get()
    claim, _ = Claim.objects.update_or_create(
        posting=posting, defaults={"moderator": by, "claimed_at": now, "active_at": now}
    )
    return claim


@transaction.atomic
def claim_next(*, by: User, after: Posting | None = None, now: dt.datetime | None = None) -> Claim | None:
    """The oldest that waits and that nobody else reads; of those `after` a posting, which is put back."""
    if not by.has_perm("postings.change_posting"):
        raise MoveRefused("You cannot review postings.")
    found = _claim_free(by, after, now or clock.now())
    if after:
        # What somebody takes over at this moment is theirs; to wait for them could be to wait in a circle.
        own = Claim.objects.select_for_update(skip_locked=True).filter(posting=after, moderator=by)
        Claim.objects.filter(pk__in=list(own.values_list("pk", flat=True))).delete()
    return found


def _claim_free(by: User, after: Posting | None, now: dt.datetime) -> Claim | None:
    queue = Posting.objects.looked_after_by(by).waiting().defer("search")
    if after:
        later = Q(submitted_at=after.submitted_at, pk__gt=after.pk) | Q(submitted_at__gt=after.submitted_at)
        queue = queue.filter(later)
    others = Claim.objects.live(now).exclude(moderator=by)
    free = queue.exclude(Exists(others.filter(posting=OuterRef("pk"))))
    # Somebody may have claimed it between the look and the lock; the next look then passes it by.
    while posting := free.select_for_update(skip_locked=True, of=("self",)).first():
        if not others.filter(posting=posting).exists():
            return _hold(posting, by, now)
    return None


@transaction.atomic
def make_preview(posting: Posting, *, by: User, days: int, now: dt.datetime | None = None) -> PreviewLink:
    """A link that shows the posting for so many times 24 hours. One at a time: an earlier one is taken back."""
    moment = now or clock.now()
    posting = locked(posting, moment)
    _refuse_others(posting, by)
    if posting.status not in PREVIEWED:
        raise MoveRefused("Only a posting that is on its way to being published has a preview.")
    posting.preview_links.filter(taken_back_at=None).update(taken_back_at=moment, taken_back_by=by)
    link = PreviewLink.objects.create(
        posting=posting, made_by=by, made_at=moment, expires_at=moment + dt.timedelta(days=days)
    )
    record(posting, "preview", by=by, now=moment, before=posting.status, note=f"For {days} days")
    return link


@transaction.atomic
def take_back_preview(posting: Posting, *, by: User, now: dt.datetime | None = None) -> None:
    moment = now or clock.now()
    posting = locked(posting, moment)
    _refuse_others(posting, by)
    links = posting.preview_links.live(moment)
    if not links.update(taken_back_at=moment, taken_back_by=by):
        raise MoveRefused("This posting has no preview link now.")
    record(posting, "take_back_preview", by=by, now=moment, before=posting.status)
