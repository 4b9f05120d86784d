from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timesince import timesince

from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin
from postings import actions
from postings.admin import front
from postings.admin.desk import choices
from postings.admin.judging import ReasonForm, comment_box, talk
from postings.admin.moderation import QueueFilter
from postings.comparing import Difference, differences
from postings.models import Posting, PostingRevision
from postings.workflow import RevisionStatus


class RevisionApprovalForm(forms.Form):
    comment = forms.CharField(label="Words for the host", required=False, widget=comment_box)


class RevisionTalkForm(RevisionApprovalForm):
    unpaid_talk = talk()


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
    what_waits = front.revisions_waiting
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
            standing = Posting.objects.for_page().get(pk=revision.posting_id)
            context["changes"] = changes_of(revision, standing)
            context["choices"] = choices(self, request, revision)
            context["show_save"] = context["show_save_and_continue"] = False
        return super().change_view(request, object_id, form_url, context)

    def after_action(self, request: HttpRequest, obj: PostingRevision) -> str:
        """To the next that waits, when the decision was made on the page."""
        following = PostingRevision.objects.waiting().first() if "next" in request.POST else None
        return reverse("admin:postings_postingrevision_change", args=[following.pk]) if following else ""


def changes_of(revision: PostingRevision, standing: Posting) -> list[Difference]:
    proposed = actions.with_changes(Posting.objects.defer("search").get(pk=revision.posting_id), revision)
    return differences(standing, proposed, revision.changes)
