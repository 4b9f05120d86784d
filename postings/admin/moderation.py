from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timesince import timesince

from authorization.rules import World
from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin
from postings import actions, checks, rules
from postings.backplan import Backplan, backplan
from postings.models import (
    Label,
    LabelRule,
    Posting,
    PostingQuerySet,
    PostingReport,
)
from postings.workflow import ENDED, MODERATOR, Reason, RevisionStatus, Status, workflow

comment_box = forms.Textarea(attrs={"rows": 5})
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
    **{move.name: move.label for move in workflow},
}


class _VersionedForm(forms.Form):
    """The decision is on what was read: the version comes with the button."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def talk() -> forms.BooleanField:
    return forms.BooleanField(
        label="I have talked with the host about why this is unpaid, and about travel costs in the contract",
        error_messages={"required": "An unpaid project is approved only after a conversation with the host."},
    )


class ApprovalForm(_VersionedForm):
    comment = forms.CharField(
        label="Words for the host", help_text="They stand in the mail.", required=False, widget=comment_box
    )


class TalkForm(ApprovalForm):
    unpaid_talk = talk()


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Reason.choices])
    comment = forms.CharField(label="What the host reads", max_length=4000, widget=comment_box)


class JudgmentForm(_VersionedForm, ReasonForm):
    field_order = ["reason", "comment", "version"]


class HoldForm(forms.Form):
    note = forms.CharField(label="Why", help_text="The host reads it.", max_length=2000, widget=comment_box)


class ResumeForm(forms.Form):
    note = forms.CharField(label="Words for the host", max_length=2000, required=False, widget=comment_box)


class CloseForm(forms.Form):
    comment = forms.CharField(label="Why", max_length=2000, widget=comment_box)


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
    list_display = ["title", "organization", "opportunity_type", "status", "waiting", "pay"]
    list_filter = [QueueFilter, "opportunity_type", "stream", "campus_only"]
    list_select_related = ["organization", "opportunity_type"]
    list_per_page = 50
    search_fields = ["title", "organization__name", "host__user__name"]
    ordering = ["submitted_at", "pk"]
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
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Posting.objects.looked_after_by(request.user).for_page().order_by(*self.ordering)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Posting | None = None) -> bool:
        return False

    @admin.display(description="Waiting for", ordering="submitted_at")
    def waiting(self, posting: Posting) -> str:
        if posting.status != Status.SUBMITTED or posting.submitted_at is None:
            return "–"
        return timesince(posting.submitted_at)

    @admin.display(description="Pay an hour", ordering="effective_hourly")
    def pay(self, posting: Posting) -> str:
        span = rules.effective_pay(posting)
        return f"{span.least} {posting.currency}" if span else "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Postings to moderate", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        posting = self.get_object(request, object_id)
        context = extra_context or {}
        if posting:
            context |= {
                "title": posting.title,
                "subtitle": None,
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
