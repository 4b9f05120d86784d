"""What programs read that walk the web: which pages there are, and which they may leave alone."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps.views import SitemapIndexItem
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from postings.finding import board
from postings.models import Posting

PART = 1_000  # keys: a posting stays in the part that its key names, and no part is ever more than this
KEPT_OUT = ("/admin/", "/accounts/", "/postings/*/apply/", "/postings/*/reports/")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    seen = board().seen(campus=False)
    numbers = range(seen.min() // PART, seen.max() // PART + 1) if seen else ()
    parts = [number for number in numbers if seen.range_cardinality(number * PART, (number + 1) * PART)]
    places = [reverse("sitemap_places"), *(reverse("sitemap_postings", args=[number]) for number in parts)]
    return _xml(request, "sitemap_index.xml", {"sitemaps": [SitemapIndexItem(_ours(path)) for path in places]})


@login_not_required
@require_safe
def sitemap_places(request: HttpRequest) -> HttpResponse:
    listed = reverse("posting_list")
    labels = [f"{listed}?label={label.slug}" for label in board().rows.labels]
    places = [reverse("home"), reverse("how_hosts"), listed, *labels]
    return _xml(request, "sitemap.xml", {"urlset": [{"location": _ours(path)} for path in places]})


@login_not_required
@require_safe
def sitemap_postings(request: HttpRequest, number: int) -> HttpResponse:
    seen = board().seen(campus=False)
    if number > (seen.max() if seen else 0) // PART:
        raise Http404
    among = Posting.objects.filter(pk__gte=number * PART, pk__lt=(number + 1) * PART).order_by("pk")
    rows = [row for row in among.values_list("pk", "updated_at", "published_at") if row[0] in seen]
    if not rows:
        raise Http404
    postings = _ours(reverse("posting_list"))
    urls = [
        {"location": f"{postings}{key}/", "lastmod": max(updated, published or updated)}
        for key, updated, published in rows
    ]
    return _xml(request, "sitemap.xml", {"urlset": urls})


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in KEPT_OUT), "", f"Sitemap: {_ours(reverse('sitemap'))}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _ours(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def _xml(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = TemplateResponse(request, template, context, content_type="application/xml")
    response["X-Robots-Tag"] = "noindex"
    return response
