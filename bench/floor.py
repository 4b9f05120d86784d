"""The least that a Django page with twenty rows costs on this machine: everything else is measured against it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from postings.models import Posting


@login_not_required
def floor(request: HttpRequest) -> HttpResponse:
    live = Posting.objects.filter(status__in=["open", "scheduled"])
    rows = live.order_by("-published_at", "-pk").only("title", "published_at")[:20]
    return render(request, "bench/floor.html", {"rows": rows})
