"""What the lists of postings say on the first page of the admin."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse

from core.figures import Figure
from postings.figures import of_postings
from postings.models import Posting, PostingRevision
from postings.workflow import RevisionStatus, Status

Waits = Iterable[tuple[str, int, str, dt.datetime | None]]


def postings_waiting(model_admin: Any, request: HttpRequest) -> Waits:
    submitted, held = Q(status=Status.SUBMITTED), Q(status=Status.ON_HOLD)
    rows = Posting.objects.looked_after_by(request.user).filter(submitted | held)
    found = rows.aggregate(
        submitted=Count("pk", filter=submitted),
        since=Min("submitted_at", filter=submitted),
        held=Count("pk", filter=held),
        held_since=Min("held_at"),
    )
    yield "Postings to moderate", found["submitted"], "", found["since"]
    yield "Postings on hold", found["held"], f"?queue={Status.ON_HOLD}", found["held_since"]


def revisions_waiting(model_admin: Any, request: HttpRequest) -> Waits:
    waiting = PostingRevision.objects.filter(status=RevisionStatus.WAITING)
    found = waiting.aggregate(number=Count("pk"), since=Min("proposed_at"))
    yield "Changes to approved postings", found["number"], "", found["since"]


class AlumniFilter(admin.SimpleListFilter):
    title = "alumni host"
    parameter_name = "alumni"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        asked = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if asked is None else queryset.with_alumni_host().filter(alumni_host=asked)


def figures(model_admin: Any, request: HttpRequest) -> Iterable[Figure]:
    return of_postings(request, reverse("admin:postings_posting_changelist"))
