from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.timesince import timesince

from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin
from postings import actions, rules
from postings.models import (
    EngagementType,
    Label,
    LabelRule,
    OpportunityType,
    PayFloor,
    Posting,
    PostingQuerySet,
    PostingRevision,
    Stream,
)
from postings.workflow import MODERATOR, Reason, RevisionStatus, Status, workflow

_comment = forms.Textarea(attrs={"rows": 5})
EVENT_WORDS = {
    "draft": "Draft saved",
    "edit": "Edited",
    "propose_changes": "Changes proposed",
    "approve_changes": "Changes approved",
    "decline_changes": "Changes declined",
    "label": "Labels set",
    "cohosts": "Co-hosts changed",
    **{move.name: move.label for move in workflow},
}


class _VersionedForm(forms.Form):
    """The decision is on what was read: the version comes with the button."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _talk() -> forms.BooleanField:
    return forms.BooleanField(
        label="I have talked with the host about why this is unpaid, and about travel costs in the contract",
        error_messages={"required": "An unpaid project is approved only after a conversation with the host."},
    )


class ApprovalForm(_VersionedForm):
    comment = forms.CharField(
        label="Words for the host", help_text="They stand in the mail.", required=False, widget=_comment
    )


class TalkForm(ApprovalForm):
    unpaid_talk = _talk()


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Reason.choices])
    comment = forms.CharField(label="What the host reads", max_length=4000, widget=_comment)


class JudgmentForm(_VersionedForm, ReasonForm):
    field_order = ["reason", "comment", "version"]


class RevisionApprovalForm(forms.Form):
    comment = forms.CharField(label="Words for the host", required=False, widget=_comment)


class RevisionTalkForm(RevisionApprovalForm):
    unpaid_talk = _talk()


class HoldForm(forms.Form):
    note = forms.CharField(label="Why", help_text="The host reads it.", max_length=2000, widget=_comment)


class ResumeForm(forms.Form):
    note = forms.CharField(label="Words for the host", max_length=2000, required=False, widget=_comment)


class CloseForm(forms.Form):
    comment = forms.CharField(label="Why", max_length=2000, widget=_comment)


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
    list_filter = [QueueFilter, "opportunity_type", "stream"]
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
        seen = Posting.objects.visible_to(request.user).exclude(status=Status.DRAFT)
        return seen.for_page().order_by(*self.ordering)

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
                "cautions": rules.guideline_checks(posting, PayFloor.objects.all()),
                "missing": rules.missing(posting),
                "history": history(posting),
                "revision": posting.revisions.filter(status=RevisionStatus.WAITING).first(),
            }
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Posting, form: Any, change: bool) -> None:
        """Labels are all that is edited here, and they go through their action."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        actions.set_labels(form.instance, labels=form.cleaned_data["labels"], by=request.user)

    def _action_url(self, obj: Posting, action: ObjectAction) -> str:
        return f"{super()._action_url(obj, action)}?version={obj.version}"


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


class RevisionStatusFilter(QueueFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "All")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() == "all" else queryset.filter(status=RevisionStatus.WAITING)


def _revision_waits(revision: PostingRevision) -> bool:
    return revision.status == RevisionStatus.WAITING


def _goes_unpaid(revision: PostingRevision) -> bool:
    return revision.changes.get("pay_kind") == "unpaid"


@admin.register(PostingRevision)
class RevisionAdmin(ObjectActionsAdmin):
    """Edits of approved postings, beside what stands."""

    change_form_template = "admin/postings/postingrevision/change_form.html"
    fields = readonly_fields = ["posting", "status", "proposed_by", "proposed_at", "decided_by", "decided_at"]
    list_display = ["posting", "organization", "proposed_by", "waiting", "status"]
    list_filter = [RevisionStatusFilter]
    list_select_related = ["posting__organization", "proposed_by"]
    search_fields = ["posting__title", "posting__organization__name"]
    ordering = ["proposed_at", "pk"]
    object_actions = [
        ObjectAction(
            "approval",
            "Approve the changes",
            RevisionApprovalForm,
            actions.approve_revision,
            shown=lambda revision: _revision_waits(revision) and not _goes_unpaid(revision),
            kind="primary",
        ),
        ObjectAction(
            "approval-unpaid",
            "Approve the changes, unpaid",
            RevisionTalkForm,
            actions.approve_revision,
            shown=lambda revision: _revision_waits(revision) and _goes_unpaid(revision),
            kind="primary",
        ),
        ObjectAction(
            "refusal",
            "Decline the changes",
            ReasonForm,
            actions.decline_revision,
            shown=_revision_waits,
            hint="The approved version stays up.",
            kind="danger",
        ),
    ]

    # Deciding on a change is the same trust as deciding on the posting.
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("postings.change_posting")

    def has_view_permission(self, request: HttpRequest, obj: PostingRevision | None = None) -> bool:
        return request.user.has_perm("postings.change_posting")

    def has_change_permission(self, request: HttpRequest, obj: PostingRevision | None = None) -> bool:
        return request.user.has_perm("postings.change_posting")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PostingRevision | None = None) -> bool:
        return False

    @admin.display(ordering="posting__organization__name")
    def organization(self, revision: PostingRevision) -> str:
        return str(revision.posting.organization)

    @admin.display(description="Waiting for", ordering="proposed_at")
    def waiting(self, revision: PostingRevision) -> str:
        return timesince(revision.proposed_at, clock.now()) if _revision_waits(revision) else "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        revision = self.get_object(request, object_id)
        context = extra_context or {}
        if revision:
            context["differences"] = differences(revision)
            context["show_save"] = context["show_save_and_continue"] = False
        return super().change_view(request, object_id, form_url, context)


def differences(revision: PostingRevision) -> list[tuple[str, Any, Any]]:
    """Each changed field in words: its name, what stands, what is proposed."""
    proposed = actions.with_changes(Posting.objects.get(pk=revision.posting_id), revision)
    return [
        (str(Posting._meta.get_field(name).verbose_name), _value(revision.posting, name), _value(proposed, name))
        for name in revision.changes
    ]


def _value(posting: Posting, name: str) -> Any:
    shown = getattr(posting, f"get_{name}_display", None)
    value = shown() if shown else getattr(posting, name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return "\n".join(map(str, value)) or "–"
    return "–" if value in (None, "") else value


# Settings


@admin.register(OpportunityType)
class OpportunityTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "offer_days_least", "offer_days_recommended", "active", "last_verified"]
    fieldsets = [
        (None, {"fields": ["name", "plural", "slug", "order", "active"]}),
        (
            "Usual terms",
            {
                "fields": [
                    ("weeks_min", "weeks_max"),
                    ("hours_week_min", "hours_week_max"),
                    ("total_hours_min", "total_hours_max"),
                    ("pay_low", "pay_high"),
                ],
                "description": "A posting outside of these warns the host and the moderator. Nothing is refused.",
            },
        ),
        (
            "Business days to decide on an offer",
            {
                "fields": [("offer_days_least", "offer_days_recommended")],
                "description": "A change holds for offers written from now on; what was promised stays.",
            },
        ),
        ("Where this comes from", {"fields": ["source", "last_verified"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: OpportunityType | None = None) -> list[str]:
        """Addresses and the search for micro-internships hang on the slug."""
        return ["slug"] if obj else []


@admin.register(EngagementType)
class EngagementTypeAdmin(admin.ModelAdmin):
    list_display = ["name", "allowed", "source", "last_verified"]

    def get_readonly_fields(self, request: HttpRequest, obj: EngagementType | None = None) -> list[str]:
        return ["slug"] if obj else []


@admin.register(Stream)
class StreamAdmin(admin.ModelAdmin):
    list_display = ["name", "order", "postings_open"]

    def get_queryset(self, request: HttpRequest) -> Any:
        open_now = models.Q(postings__status=Status.OPEN)
        return super().get_queryset(request).annotate(open=models.Count("postings", filter=open_now))

    def get_readonly_fields(self, request: HttpRequest, obj: Stream | None = None) -> list[str]:
        return ["slug"] if obj else []

    @admin.display(description="Open postings")
    def postings_open(self, stream: Any) -> int:
        return int(stream.open)


@admin.register(Label)
class LabelAdmin(admin.ModelAdmin):
    list_display = ["name", "public", "rule", "order"]
    list_filter = ["public", "rule"]
    fields = ["name", "plural", "slug", "public", "order", "rule"]

    def get_readonly_fields(self, request: HttpRequest, obj: Label | None = None) -> list[str]:
        """What a label follows is code; staff name and sort those they give themselves."""
        if obj is None:
            return ["rule"]
        return ["slug", "rule"] if obj.rule == LabelRule.BY_HAND else ["name", "slug", "public", "rule"]

    def has_delete_permission(self, request: HttpRequest, obj: Label | None = None) -> bool:
        given = obj is None or obj.rule == LabelRule.BY_HAND
        return given and super().has_delete_permission(request, obj)


@admin.register(PayFloor)
class PayFloorAdmin(admin.ModelAdmin):
    list_display = ["place", "hourly", "currency", "source", "last_verified"]
    list_filter = ["country"]
