from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from core import clock
from core.http import page
from postings.models import Posting, PreviewLink
from postings.workflow import PREVIEWED


@login_not_required
@require_safe
def preview_link(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever has the address. What is published since then has its own page, and its own rules of who sees it."""
    now = clock.now()
    link = PreviewLink.objects.of(token, now).first()
    posting = link and Posting.objects.for_page().get(pk=link.posting_id)
    if not link or not posting or posting.organization.is_suspended:
        raise Http404
    if posting.is_open_at(now):
        response: HttpResponse = redirect(posting)
    elif posting.status in PREVIEWED:
        response = page(request, "postings/preview_link.html", {"posting": posting, "link": link})
    else:
        raise Http404
    response["X-Robots-Tag"] = "noindex"
    add_never_cache_headers(response)
    return response
