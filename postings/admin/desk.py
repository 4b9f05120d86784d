"""The desk: a moderator goes from one posting that waits to the next, and nobody else reads the same one."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse

from campus.calendar import campus_calendar
from campus.models import ProgramSettings
from core import clock
from postings import actions
from postings.comparing import Difference, differences
from postings.models import IDLE, Claim, Posting, PreviewLink
from postings.waiting import ReviewClock, clock_of, review_clock
from postings.workflow import Status


class QueueList(ChangeList):
    """Each row knows how long it has waited and who reads it, for one look at the calendar."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now, calendar = clock.now(), campus_calendar()
        within = ProgramSettings.load().review_within
        for posting in self.result_list:
            posting.clock = posting.reader = None
            if posting.status == Status.SUBMITTED:
                posting.clock = review_clock(
                    posting.submitted_at, today=clock.today(now), calendar=calendar, within=within
                )
                posting.reader = reader(posting, request.user, now)


def claim_of(posting: Posting, now: Any) -> Claim | None:
    claim: Claim | None = getattr(posting, "claim", None)
    return claim if claim and claim.is_live_at(now) else None


def reader(posting: Posting, user: Any, now: Any) -> str:
    claim = claim_of(posting, now)
    if claim is None:
        return ""
    return "You" if claim.moderator_id == user.pk else str(claim.moderator)


KEYS = {"approval": "a", "approval-unpaid": "a", "changes": "c", "refusal": "d"}


@dataclass(frozen=True)
class Choice:
    """A decision that can be made on the page: its form, where it goes and the key that opens or presses it."""

    name: str
    label: str
    key: str
    url: str
    form: forms.Form
    kind: str
    at_once: bool


@dataclass(frozen=True)
class Desk:
    clock: ReviewClock | None
    claim: Claim | None
    is_mine: bool
    may_review: bool
    changes: list[Difference]
    preview: PreviewLink | None
    choices: list[Choice] = field(default_factory=list)
    idle_minutes: int = int(IDLE.total_seconds() // 60)

    @property
    def names(self) -> set[str]:
        """The verbs that stand at the desk, and not among the buttons above it, also while somebody else decides."""
        return set(KEYS) if self.may_review else set()


def desk_of(model_admin: Any, request: HttpRequest, posting: Posting) -> Desk:
    now = clock.now()
    waits = posting.status == Status.SUBMITTED
    moderates = model_admin.has_change_permission(request, posting)
    claim = claim_of(posting, now) if waits else None
    mine = bool(claim and claim.moderator_id == request.user.pk)
    may_review = waits and moderates
    decides = may_review and (mine or claim is None)
    return Desk(
        clock=clock_of(posting, now),
        claim=claim,
        is_mine=mine,
        may_review=may_review,
        changes=changes_since(posting) if waits else [],
        preview=posting.preview_links.live(now).first()
        if model_admin.has_change_permission(request, posting)
        else None,
        choices=choices(model_admin, request, posting) if decides else [],
    )


def choices(model_admin: Any, request: HttpRequest, obj: Any) -> list[Choice]:
    """Of the buttons those with a key, their forms drawn on the page itself."""
    initial = {"version": getattr(obj, "version", None)}
    if not model_admin.has_change_permission(request, obj):
        return []
    return [
        Choice(
            name=action.name,
            label=action.label,
            key=KEYS[action.name],
            url=model_admin._action_url(obj, action),
            form=action.form(initial=initial, auto_id=f"{action.name}_%s"),
            kind=action.kind,
            at_once=action.name == "approval",
        )
        for action in model_admin.object_actions
        if action.name in KEYS and action.shown(obj)
    ]


def changes_since(posting: Posting) -> list[Difference]:
    """Against what was read when changes were asked for last; before that, against what was submitted."""
    kept = posting.events.filter(content__isnull=False).order_by("-at", "-pk")
    event = kept.filter(move="request_changes").first() or kept.filter(move="submit").first()
    if event is None:
        return []
    content = {name: value for name, value in event.content.items() if name in actions.CONTENT}
    before = actions.with_content(Posting.objects.defer("search").get(pk=posting.pk), content)
    return differences(before, posting, [name for name in actions.CONTENT if name in content])


def next_address(request: HttpRequest, after: Posting | None = None) -> str:
    """Claims what comes next, and says where it is."""
    claim = actions.claim_next(by=request.user, after=after)
    if claim is None:
        messages.info(request, "Nothing else waits after this one that nobody is reviewing.")
        return reverse("admin:postings_posting_changelist")
    return reverse("admin:postings_posting_change", args=[claim.posting_id])
