from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.timesince import timesince

from core import clock
from core.admin import ObjectAction, ObjectActionsAdmin, WaitingFilter
from postings import actions
from postings.admin.judging import comment_box
from postings.models import PostingReport


class OutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        help_text="For the career office alone: what you found, and what you did.",
        max_length=2000,
        widget=comment_box,
    )


class ReportedFilter(WaitingFilter):
    moment, ended, began = "handled_at", ("handled", "Handled"), "reported_at"


@admin.register(PostingReport)
class ReportAdmin(ObjectActionsAdmin):
    """What people report, the oldest first; putting a posting on hold stays on the posting's own page."""

    change_form_template = "admin/postings/postingreport/change_form.html"
    fields = readonly_fields = [
        *("posting", "reason", "note", "reported_by", "reported_at", "handled_by", "handled_at", "outcome"),
    ]
    list_display = ["posting", "organization", "reason", "reported_by", "waiting"]
    list_filter = [ReportedFilter, "reason"]
    list_select_related = ["posting__organization", "reported_by"]
    search_fields = ["posting__title", "posting__organization__name", "note"]
    ordering = ["reported_at", "pk"]
    object_actions = [
        ObjectAction(
            "outcome",
            "Mark as handled",
            OutcomeForm,
            actions.handle_report,
            shown=lambda report: report.is_open,
            kind="primary",
        )
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PostingReport | None = None) -> bool:
        return False

    @admin.display(ordering="posting__organization__name")
    def organization(self, report: PostingReport) -> str:
        return str(report.posting.organization)

    @admin.display(description="Waiting for", ordering="reported_at")
    def waiting(self, report: PostingReport) -> str:
        return timesince(report.reported_at, clock.now()) if report.is_open else "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Reported postings", **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The fields are read; there is nothing to save."""
        context = {**(extra_context or {}), "show_save": False, "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, context)
