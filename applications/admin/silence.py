"""Postings whose applicants hear nothing, for staff who care for both sides."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from applications import waiting
from applications.models import SilentPosting
from campus.calendar import campus_calendar
from core import clock


@admin.register(SilentPosting)
class SilentPostingAdmin(admin.ModelAdmin):
    """Where somebody ought to call the host. Who waited longest stands first."""

    list_display = ["title", "organization", "promise", "silent", "applicants"]
    list_select_related = ["organization"]
    search_fields = ["title", "organization__name"]
    fields = ["title", "organization", "host", "status", "answer_within"]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = waiting.silent().filter(posting=OuterRef("pk")).order_by().values("posting")
        silent = SilentPosting.objects.defer("search").annotate(
            silent=Subquery(rows.annotate(number=Count("pk")).values("number")),
            oldest=Subquery(rows.annotate(first=Min("waiting_since")).values("first")),
            promised=Subquery(rows.annotate(least=Min("promise")).values("least")),
        )
        return silent.filter(oldest__isnull=False)

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["oldest", "pk"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The calendar is read once for the list."""
        calendar, today = campus_calendar(), clock.today()

        @admin.display(description="Longest wait", ordering="oldest")
        def longest(posting: Any) -> str:
            return f"{calendar.count(clock.today(posting.oldest), today)} business days"

        return ["title", "organization", "promise", "silent", longest, "applicants"]

    def what_waits(self, request: HttpRequest) -> Iterable[tuple[str, int, str, dt.datetime | None]]:
        found = self.get_queryset(request).aggregate(number=Count("pk"), since=Min("oldest"))
        yield "Postings with silent applications", found["number"], "", found["since"]

    def has_waiting_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Promised", ordering="promised")
    def promise(self, posting: Any) -> str:
        """The shortest that holds for somebody who waits: the posting's own may have changed since they applied."""
        return f"{posting.promised} business days" if posting.promised else "–"

    @admin.display(description="Silent applications", ordering="silent")
    def silent(self, posting: Any) -> int:
        return posting.silent

    @admin.display(description="Who waits")
    def applicants(self, posting: SilentPosting) -> str:
        url = reverse("posting_applications", args=[posting.pk])
        return format_html('<a href="{}" aria-label="Applicants of {}">Applicants</a>', url, posting)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": "Postings whose applicants hear nothing", **(extra_context or {})}
        )
