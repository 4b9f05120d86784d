from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from authorization.rules import World
from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin
from core.workflow import MoveRefused
from postings import actions, checks, rules
from postings.admin import front
from postings.admin.bulk import approve_selected, decline_selected, request_changes_selected
from postings.admin.desk import QueueList, desk_of, next_address
from postings.admin.judging import (
    ApprovalForm,
    CloseForm,
    HoldForm,
    JudgmentForm,
    PreviewForm,
    ResumeForm,
    TalkForm,
)
from postings.backplan import Backplan, backplan
from postings.models import Label, LabelRule, Posting, PostingQuerySet, PostingReport
from postings.workflow import ENDED, MODERATOR, PREVIEWED, RevisionStatus, Status, workflow

EVENT_WORDS = {
    "draft": "Draft saved",
    "edit": "Edited",
    "propose_changes": "Changes proposed",
    "approve_changes": "Changes approved",
    "decline_changes": "Changes declined",
    "label": "Labels set",
    "cohosts": "Co-hosts changed",
    "report": "Reported",
    "handle_report": "Report handled",
    "take_over": "Review taken over",
    "preview": "Preview link made",
    "take_back_preview": "Preview link taken back",
    **{move.name: move.label for move in workflow},
}


def _can(move: str) -> Any:
    return lambda posting: workflow.allows(move, posting.status, {MODERATOR})


class QueueFilter(admin.SimpleListFilter):
    """Staff come for what waits, so that is what the list shows unless they ask for something else."""

    title = "status"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rest = [choice for choice in Status.choices if choice[0] not in (Status.DRAFT, Status.SUBMITTED)]
        return [("all", "All"), *rest]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": Status.SUBMITTED.label,
        }
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == str(value),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: PostingQuerySet) -> PostingQuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(status=self.value() or Status.SUBMITTED)


class PostingForm(forms.ModelForm):
    class Meta:
        model = Posting
        fields = ["labels"]
        widgets = {"labels": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "labels" in self.fields:
            by_hand: Any = self.fields["labels"]
            by_hand.queryset = Label.objects.filter(rule=LabelRule.BY_HAND)
            by_hand.help_text = "The other labels follow from the type, the host and the place."


@admin.register(Posting)
class PostingAdmin(ObjectActionsAdmin):
    """The moderation queue, and each posting as students see it beside the checks and its history."""

    form = PostingForm
    fields = ["labels"]
    change_form_template = "admin/postings/posting/change_form.html"
    change_list_template = "admin/postings/posting/change_list.html"
    list_display = ["title", "organization", "opportunity_type", "status", "waiting", "reviewing", "pay"]
    list_filter = [QueueFilter, "opportunity_type", "stream", "campus_only", front.AlumniFilter]
    list_select_related = ["organization", "opportunity_type", "claim__moderator"]
    list_per_page = 50
    show_full_result_count = False  # it would count all postings a second time
    search_fields = ["title", "organization__name", "host__user__name"]
    ordering = ["submitted_at", "pk"]
    what_waits, figures = front.postings_waiting, front.figures
    object_actions = [
        ObjectAction(
            "approval",
            "Approve",
            ApprovalForm,
            actions.approve,
            shown=lambda posting: _can("approve")(posting) and not posting.is_unpaid,
            kind="primary",
        ),
        ObjectAction(
            "approval-unpaid",
            "Approve unpaid",
            TalkForm,
            actions.approve,
            shown=lambda posting: _can("approve")(posting) and posting.is_unpaid,
            kind="primary",
        ),
        ObjectAction(
            "changes",
            "Request changes",
            JudgmentForm,
            actions.request_changes,
            shown=_can("request_changes"),
            hint="The host reads reason and comment, mends the posting, and submits it again.",
        ),
        ObjectAction(
            "refusal",
            "Decline",
            JudgmentForm,
            actions.decline,
            shown=_can("decline"),
            hint="Only where no edit can mend it. Otherwise request changes.",
            kind="danger",
        ),
        ObjectAction(
            "hold",
            "Put on hold",
            HoldForm,
            actions.hold,
            shown=_can("hold"),
            hint="Students no longer see it until it is resumed.",
        ),
        ObjectAction("resumption", "Resume", ResumeForm, actions.resume, shown=_can("resume"), kind="primary"),
        ObjectAction("closure", "Close", CloseForm, actions.close, shown=_can("close"), kind="danger"),
        ObjectAction(
            "preview",
            "Make a preview link",
            PreviewForm,
            actions.make_preview,
            shown=lambda posting: posting.status in PREVIEWED,
            hint="An earlier link of this posting is taken back.",
        ),
        ObjectAction(
            "preview-removal",
            "Take back the preview link",
            forms.Form,
            actions.take_back_preview,
            shown=lambda posting: posting.preview_links.live(clock.now()).exists(),
        ),
    ]
    # After the verbs above, which the module of that name does.
    actions = [approve_selected, request_changes_selected, decline_selected]

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        return [
            path("desk/", site(require_POST(self.desk_view)), name="postings_posting_desk"),
            path("<path:object_id>/claim/", site(require_POST(self.claim_view)), name="postings_posting_claim"),
            *super().get_urls(),
        ]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """What waits longest, or what follows the posting named: claimed, and opened."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return redirect(next_address(request, self.get_object(request, request.POST.get("after", ""))))

    def claim_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To read one posting; sent again while somebody reads, and with `take_over` to read what another claimed."""
        posting = self.get_object(request, object_id)
        if posting is None:
            raise Http404
        if not self.has_change_permission(request, posting):
            raise PermissionDenied
        try:
            actions.claim(posting, by=request.user, take_over="take_over" in request.POST)
        except MoveRefused as refusal:
            messages.warning(request, refusal.message)
        return redirect("admin:postings_posting_change", posting.pk)

    def object_action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Without JavaScript a reason brings its words by way of a button."""
        if "words" in request.POST:
            chosen = QueryDict(mutable=True)
            chosen.update({name: request.POST.get(name, "") for name in ("version", "reason")})
            address = reverse("admin:postings_posting_action", args=[object_id, name])
            return redirect(f"{address}?{chosen.urlencode()}")
        return super().object_action_view(request, object_id, name)

    def after_action(self, request: HttpRequest, obj: Posting) -> str:
        return next_address(request, obj) if "next" in request.POST else ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QueueList]:
        return QueueList

    def get_queryset(self, request: HttpRequest) -> Any:
        seen = Posting.objects.looked_after_by(request.user)
        return seen.for_page().select_related("claim__moderator").order_by(*self.ordering)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Posting | None:
        """Read once for a page, which asks for it three times."""
        if request.method != "GET":
            return super().get_object(request, object_id, from_field)
        read = request.__dict__.setdefault("postings_read", {})
        if object_id not in read:
            read[object_id] = super().get_object(request, object_id, from_field)
        found: Posting | None = read[object_id]
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Posting | None = None) -> bool:
        return False

    @admin.display(description="Waiting for", ordering="submitted_at")
    def waiting(self, posting: Any) -> str:
        if posting.clock is None:
            return "–"
        return (
            f"{posting.clock}, longer than the usual {posting.clock.within}" if posting.clock.is_late else posting.clock
        )

    @admin.display(description="Reviewed by", empty_value="–")
    def reviewing(self, posting: Any) -> str:
        return posting.reader or "–"

    @admin.display(description="Pay an hour", ordering="effective_hourly")
    def pay(self, posting: Posting) -> str:
        span = rules.effective_pay(posting)
        return f"{span.least} {posting.currency}" if span else "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": "Postings to moderate", "may_review": self.has_change_permission(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        posting = self.get_object(request, object_id)
        context = extra_context or {}
        if posting:
            context |= {
                "title": posting.title,
                "subtitle": None,
                "desk": desk_of(self, request, posting),
                "failed": checks.failed(posting, checks.Rows.load()),
                "plan": _plan(posting),
                "history": history(posting),
                "revision": posting.revisions.filter(status=RevisionStatus.WAITING).first(),
                "reports": self._reports(request, posting),
            }
        return super().change_view(request, object_id, form_url, context)

    def _reports(self, request: HttpRequest, posting: Posting) -> list[PostingReport]:
        may_read = request.user.has_perm("postings.view_postingreport")
        return list(posting.reports.waiting()) if may_read else []

    def save_model(self, request: HttpRequest, obj: Posting, form: Any, change: bool) -> None:
        """Labels are all that is edited here, and they go through their action."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        actions.set_labels(form.instance, labels=form.cleaned_data["labels"], by=request.user)

    def _action_url(self, obj: Posting, action: ObjectAction) -> str:
        return f"{super()._action_url(obj, action)}?version={obj.version}"


def _plan(posting: Posting) -> Backplan | None:
    return None if posting.status in ENDED else backplan(posting, world=World.load(), today=clock.today())


def history(posting: Posting) -> list[dict[str, Any]]:
    """The events as the timeline draws them, the newest first."""
    return [
        {
            "at": event.at,
            "by": event.by or "by the clock",
            "text": EVENT_WORDS.get(event.move, event.move),
            "note": "\n".join(filter(None, [event.get_reason_display() if event.reason else "", event.note])),
        }
        for event in posting.events.select_related("by").order_by("-at", "-pk")
    ]
