"""Decisions on several postings at once: a page that says which ones, and why some are left out."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock
from core.workflow import MoveRefused
from postings import actions
from postings.admin.desk import claim_of
from postings.admin.judging import ReasonForm, comment_box
from postings.models import Posting
from postings.workflow import Status

MOST = 100
VERSION = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")


class CommentForm(forms.Form):
    comment = forms.CharField(label="Words for the hosts", required=False, widget=comment_box)


@dataclass(frozen=True)
class Bulk:
    name: str
    label: str
    done: str
    form: type[forms.Form]
    run: Callable[..., Any]
    unpaid_too: bool


APPROVE = Bulk("approve_selected", "Approve", "approved", CommentForm, actions.approve, unpaid_too=False)
CHANGES = Bulk(
    "request_changes_selected", "Request changes of", "sent back", ReasonForm, actions.request_changes, unpaid_too=True
)
DECLINE = Bulk("decline_selected", "Decline", "declined", ReasonForm, actions.decline, unpaid_too=True)


@admin.action(permissions=["change"], description="Approve selected postings")
def approve_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    return _decide(model_admin, request, queryset, APPROVE)


@admin.action(permissions=["change"], description="Request changes of selected postings")
def request_changes_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    return _decide(model_admin, request, queryset, CHANGES)


@admin.action(permissions=["change"], description="Decline selected postings")
def decline_selected(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    return _decide(model_admin, request, queryset, DECLINE)


def why_left_out(posting: Posting, bulk: Bulk, *, by: Any, now: dt.datetime) -> str:
    claim = claim_of(posting, now)
    if posting.status != Status.SUBMITTED:
        return f"It does not wait for review: it is “{posting.get_status_display().lower()}”."
    if posting.is_unpaid and not bulk.unpaid_too:
        return "It is unpaid: approve it on its own page, after the talk with its host."
    if claim and claim.moderator_id != by.pk:
        return f"{claim.moderator} is reviewing it."
    return ""


def _decide(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any], bulk: Bulk) -> HttpResponse | None:
    chosen = list(queryset.select_related("claim__moderator")[: MOST + 1])
    if len(chosen) > MOST:
        messages.error(request, f"Choose {MOST} postings at most, so that somebody can look at each.")
        return None
    now = clock.now()
    judged = [(posting, why_left_out(posting, bulk, by=request.user, now=now)) for posting in chosen]
    taken = [posting for posting, reason in judged if not reason]
    form = bulk.form(request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        _run(request, bulk, taken, form)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"{bulk.label} {len(taken)} posting{'' if len(taken) == 1 else 's'}",
        "bulk": bulk,
        "taken": taken,
        "left_out": [(posting, reason) for posting, reason in judged if reason],
        "form": form,
        "media": form.media,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/postings/posting/several.html", context, status=status)


def _run(request: HttpRequest, bulk: Bulk, taken: list[Posting], form: forms.Form) -> None:
    """One by one, each on the version that the page showed: what changed since then is told and left alone."""
    found = [match for text in request.POST.getlist("version") if (match := VERSION.fullmatch(text))]
    seen = {int(match[1]): int(match[2]) for match in found}
    done = 0
    for posting in taken:
        version = seen.get(posting.pk, 0)
        try:
            bulk.run(posting, by=request.user, version=version, **form.cleaned_data)
        except MoveRefused as refusal:
            messages.warning(request, f"“{posting}” is left as it is. {refusal.message}")
        else:
            done += 1
    if done:
        messages.success(request, f"{done} posting{'' if done == 1 else 's'} {bulk.done}.")
