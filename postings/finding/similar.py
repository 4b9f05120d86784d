"""What is like a posting: of its kind of work, among the newest, by the words they share."""

from django.contrib.postgres.search import SearchRank
from django.db import models
from django.db.models import F, Func, Value
from pyroaring import BitMap

from postings.finding.finder import newest
from postings.finding.index import Board
from postings.models import Posting

SIMILAR = 3
CANDIDATES = 50  # ranked by their words; a stream may have a hundred thousand


class _AnyWord(Func):
    """Any of the words of a text as a tsquery. The server makes it, so nothing in the text is an operator."""

    template = "replace(plainto_tsquery('english', public.fold_text(%(expressions)s))::text, '&', '|')::tsquery"
    output_field = models.TextField()


def similar(key: int, *, stream: int | None, words: str, board: Board, campus: bool) -> list[int]:
    """The best match first. It costs the same two queries however many postings there are."""
    near = board.seen(campus) & board.index.of("stream", stream) - BitMap([key])
    candidates = newest(near, board, CANDIDATES)
    ranked = Posting.objects.filter(pk__in=candidates).annotate(rank=SearchRank(F("search"), _AnyWord(Value(words))))
    return list(ranked.order_by("-rank", "-published_at", "-pk").values_list("pk", flat=True)[:SIMILAR])
