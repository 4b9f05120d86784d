"""Atom feeds of the list: for each search, and for each of the school's labels."""

import datetime as dt
import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.http import require_safe

from campus.models import ProgramSettings
from postings import checks, wording
from postings.finding import Board, Query, board, matching, newest
from postings.models import Label, Posting
from postings.templatetags.posting_tags import plain

MOST = 50
WORDS = 60
NOTHING_YET = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


class Feed(Atom1Feed):
    def latest_post_date(self) -> dt.datetime:
        """Not the moment of asking, or an empty feed would differ each time."""
        return super().latest_post_date() if self.items else NOTHING_YET


@login_not_required
@require_safe
def posting_feed(request: HttpRequest) -> HttpResponse:
    """What the list with the same query string shows a visitor, the newest first."""
    shown = board()
    return _feed(request, reverse("posting_feed"), Query.read(request.GET, shown), shown)


@login_not_required
@require_safe
def label_feed(request: HttpRequest, slug: str) -> HttpResponse:
    label = get_object_or_404(Label, slug=slug, public=True)
    shown = board()
    address = reverse("label_feed", args=[label.slug])
    return _feed(request, address, Query.read(QueryDict(f"label={label.slug}"), shown), shown, asked=False)


@login_not_required
@require_safe
def label(request: HttpRequest, slug: str) -> HttpResponse:
    """The address one would guess from the feed's leads to the list."""
    found = get_object_or_404(Label, slug=slug, public=True)
    return redirect(f"{reverse('posting_list')}?label={found.slug}")


def _feed(request: HttpRequest, path: str, query: Query, shown: Board, *, asked: bool = True) -> HttpResponse:
    keys = newest(matching(query, shown, campus=False), shown, MOST)
    address = query.address()
    feed = _empty(f"{path}?{address}" if asked and address else path, address, query.words(shown))
    postings = Posting.objects.filter(pk__in=keys).select_related("organization", "opportunity_type").defer("search")
    for posting in sorted(postings, key=lambda found: keys.index(found.pk)):
        feed.add_item(**_entry(posting))
    content = feed.writeString("utf-8").encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response = HttpResponse(content, content_type=feed.content_type, headers={"ETag": tag, "X-Robots-Tag": "noindex"})
    if not request.COOKIES:  # else it is said to be personal, as everything is that somebody signed in asks for
        patch_cache_control(response, no_cache=True)
    answer: HttpResponse = get_conditional_response(request, etag=tag, response=response)
    return answer


def _empty(own: str, address: str, words: str) -> Feed:
    program = ProgramSettings.load()
    return Feed(
        title=_printable(f"{words} – {program.program_name}"),
        subtitle=_printable(f"Open postings for students of {program.university_name}"),
        link=f"{settings.BASE_URL}{reverse('posting_list')}" + (f"?{address}" if address else ""),
        description="",
        language=settings.LANGUAGE_CODE,
        feed_url=f"{settings.BASE_URL}{own}",
        feed_guid=f"{settings.BASE_URL}{own}",
        author_name=_printable(program.office_name),
    )


def _entry(posting: Posting) -> dict[str, Any]:
    page = settings.BASE_URL + posting.get_absolute_url()
    published = posting.published_at or posting.updated_at
    brief = checks.without_contacts(plain(posting.brief, WORDS))
    return {
        "title": _printable(posting.title),
        "link": page,
        "unique_id": f"tag:{urlsplit(page).hostname},{posting.created_at:%Y-%m-%d}:posting-{posting.pk}",
        "author_name": _printable(posting.organization.name),
        "pubdate": published,
        "updateddate": max(published, posting.updated_at),
        "description": _printable(f"<p>{escape(wording.in_short(posting))}</p><p>{escape(brief)}</p>"),
    }


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)
