from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from campus.context_processors import give
from core.http import page, stamp, unchanged
from postings.finding import Board, Found, Query, board, find, newest
from postings.finding.facets import FACETS, SORTS
from postings.finding.finder import options, ways_out
from postings.models import Posting
from postings.models.querysets import is_campus
from postings.templatetags.posting_tags import posting_card

NEWEST = 6
# Facets that stand open from the start; the others open by themselves when something in them is chosen.
OPEN_FACETS = {"label", "stream", "location", "pay"}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    shown = board()
    answer = unchanged(request, shown.state)
    if answer:
        return answer
    give(request, shown.rows.program)
    seen = shown.seen(is_campus(request.user))
    context = {
        "counts": {
            "postings": len(seen),
            "organizations": shown.derived(("organizations", len(seen)), lambda: organizations(seen, shown)),
            "alumni": seen.intersection_cardinality(shown.index.of("alumni", True)),
            "remote": seen.intersection_cardinality(shown.index.of("location", "remote")),
        },
        "streams": [
            (slug, stream.name, seen.intersection_cardinality(shown.index.of("stream", stream.pk)))
            for slug, stream in shown.rows.streams.items()
        ],
        "cards": [card for _, card in cards(newest(seen, shown, NEWEST), shown)],
        "micro": shown.rows.micro,
    }
    return stamp(request, page(request, "postings/home.html", context), shown.state)


def organizations(seen: BitMap, shown: Board) -> int:
    return sum(seen.intersect(shown.index.of("organization", key)) for key in shown.index.values("organization"))


@login_not_required
@require_safe
def how_hosts(request: HttpRequest) -> HttpResponse:
    rows = board().rows
    return page(request, "postings/how_hosts.html", {"kinds": rows.active_types, "micro": rows.micro})


@login_not_required
@require_safe
def posting_list(request: HttpRequest) -> HttpResponse:
    shown = board()
    answer = unchanged(request, shown.state)
    if answer:
        return answer
    give(request, shown.rows.program)
    query = Query.read(request.GET, shown)
    campus = is_campus(request.user)
    found = find(query, shown, campus=campus)
    context = {
        "query": query,
        "found": found,
        "cards": cards(found.keys, shown),
        "chips": query.chips(shown),
        "facets": facets(found, shown),
        "sorts": SORTS.items(),
        "address": query.address(),
        "feed": replace(query, text=found.meant or query.text).address(),
        "before": query.address(before=found.before) if found.before else "",
        "after": query.address(after=found.after) if found.after else "",
        "ways": ways_out(found, shown, campus=campus) if not found.total else [],
    }
    return stamp(request, page(request, "postings/list.html", context, partial="results"), shown.state)


def facets(found: Found, shown: Board) -> list[dict[str, Any]]:
    """Those that offer anything, with what each choice would give."""
    drawn = []
    for name, facet in FACETS.items():
        offered = options(found, shown, name)
        if offered:
            chosen = name in found.query.chosen
            drawn.append({"facet": facet, "options": offered, "chosen": chosen, "open": chosen or name in OPEN_FACETS})
    return drawn


def cards(keys: Iterable[int], shown: Board) -> list[tuple[int, SafeString]]:
    """Drawn once, and again when the posting changes: the board drops what is about it."""
    wanted = list(keys)
    drawn = {key: shown.fragments[("card", key)] for key in wanted if ("card", key) in shown.fragments}
    missing = [key for key in wanted if key not in drawn]
    if missing:
        for posting in Posting.objects.filter(pk__in=missing).for_cards():
            drawn[posting.pk] = shown.fragment(("card", posting.pk), lambda posting=posting: draw(posting))
    return [(key, drawn[key]) for key in wanted if key in drawn]


def draw(posting: Posting) -> SafeString:
    return render_to_string("components/posting_card.html", posting_card(posting))
