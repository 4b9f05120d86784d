import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from authorization.leadtime import Verdict
from authorization.rules import lead_time_checks
from core import clock
from core.http import page
from postings import filters, rules
from postings.models import CONTRACTOR, MICRO, OpportunityType, Posting, Stream

PAGE_SIZE = 20
NEWEST = 6
SIMILAR = 3


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    open_now = Posting.objects.open_at()
    counts = open_now.with_alumni_host().aggregate(
        postings=Count("pk"),
        organizations=Count("organization", distinct=True),
        alumni=Count("pk", filter=Q(alumni_host=True)),
        remote=Count("pk", filter=Q(location_mode="remote")),
    )
    streams = Stream.objects.annotate(open=Count("postings", filter=Q(postings__in=open_now.values("pk")))).order_by(
        "order"
    )
    context = {
        "counts": counts,
        "streams": streams,
        "newest": open_now.for_cards().order_by("-published_at", "-pk")[:NEWEST],
        "micro": OpportunityType.objects.filter(slug=MICRO).first(),
    }
    return page(request, "postings/home.html", context)


@login_not_required
@require_safe
def how_hosts(request: HttpRequest) -> HttpResponse:
    kinds = OpportunityType.objects.filter(active=True)
    micro = next((kind for kind in kinds if kind.slug == MICRO), None)
    return page(request, "postings/how_hosts.html", {"kinds": kinds, "micro": micro})


@login_not_required
@require_safe
def posting_list(request: HttpRequest) -> HttpResponse:
    choices = filters.load_choices()
    known = filters.read(request.GET, choices)
    filterset = filters.PostingFilter(known.data, queryset=Posting.objects.open_at().for_cards(), choices=choices)
    results = Paginator(filterset.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter_form": filterset.form,
        "known": known,
        "results": results,
    }
    return page(request, "postings/list.html", context, partial="results")


@login_not_required
@require_safe
def posting(request: HttpRequest, pk: int) -> HttpResponse:
    """A posting that is over says so with 410, and shows what is like it; its people still find the whole text."""
    now = clock.now()
    found = get_object_or_404(Posting.objects.visible_to(request.user, now).for_page(), pk=pk)
    context = {
        "posting": found,
        "is_open": found.is_open_at(now),
        "is_mine": _is_mine(request, found),
        "may_apply": found.is_open_at(now) and (not request.user.is_authenticated or request.user.is_student),
        "checks": _lead_time(request, found, clock.today(now)),
    }
    if context["is_open"] or context["is_mine"] or request.user.has_perm("postings.view_posting"):
        return page(request, "postings/detail.html", context)
    return page(request, "postings/closed.html", {**context, "similar": _similar(found)}, status=410)


def _is_mine(request: HttpRequest, found: Posting) -> bool:
    return request.user.is_authenticated and Posting.objects.filter(pk=found.pk).managed_by(request.user).exists()


def _lead_time(request: HttpRequest, found: Posting, today: dt.date) -> list[Verdict]:
    """For a student who said that authorization is needed; measured at the latest start, where most time is left."""
    if not request.user.is_authenticated or not request.user.is_student or found.start_latest is None:
        return []
    return lead_time_checks(
        request.user.student,
        starts=found.start_latest,
        ends=rules.last_day(found, found.start_latest),
        today=today,
        contractor=found.engagement_type is not None and found.engagement_type.slug == CONTRACTOR,
    )


def _similar(found: Posting) -> Any:
    others = Posting.objects.open_at().filter(stream=found.stream).exclude(pk=found.pk)
    return others.for_cards().order_by("-published_at", "-pk")[:SIMILAR]
