"""From what somebody typed to a question PostgreSQL can answer."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchRank
from django.db import models
from django.db.models import F, Func, Value

from postings.models import MICRO, Fold, PostingQuerySet

LONGEST = 200
SHORTEST_PREFIX = 2

# The sources write micro-internship in all these ways, and "project-based internship" for the same thing. Each names
# the opportunity type: as plain words they would find a microbiology internship too. Cut-off spellings from "micro-int"
# on count, since people stop typing when they see what they want.
_INTERNSHIP = r"int(?:e(?:r(?:n(?:s(?:h(?:i(?:p(?:s)?)?)?)?|ing)?)?)?)?"
_MICRO = re.compile(
    rf"""(?<!\S)(?P<no>-)?["“”']?
    (?: micro[\s_‐-―-]*{_INTERNSHIP} | project[\s_‐-―-]*based[\s_‐-―-]*intern(?:s|ships?)? )
    ["“”']?(?![\w-])""",
    re.IGNORECASE | re.VERBOSE,
)
_TOKEN = re.compile(r'(?P<no>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Search:
    """`micro` is True when the type was named, False when it was named with a minus, else None."""

    text: str = ""
    micro: bool | None = None
    query: SearchQueryCombinable | None = None


class _Beginning(Func):
    """A word as a tsquery of all that begins with it. The server quotes it, so nothing in it is an operator."""

    template = "(quote_literal(public.fold_text(%(expressions)s)) || ':*')"
    output_field = models.TextField()


def parse(typed: str) -> Search:
    text = clean(typed)
    micro: bool | None = None
    for match in _MICRO.finditer(text):
        micro = not match["no"]
    return Search(text, micro, _query(_MICRO.sub(" ", text)))


def clean(typed: str) -> str:
    """Without NUL bytes, which PostgreSQL refuses, and no longer than a question is."""
    return " ".join(typed.replace("\x00", " ").split())[:LONGEST].strip()


def _query(text: str) -> SearchQueryCombinable | None:
    whole: SearchQueryCombinable | None = None
    for match in _TOKEN.finditer(text.replace("“", '"').replace("”", '"')):
        words = _WORD.findall(match["phrase"] or match["word"] or "")
        for part in _parts(words, phrase=match["phrase"] is not None, wanted=not match["no"]):
            whole = part if whole is None else whole & part
    return whole


def _parts(words: list[str], *, phrase: bool, wanted: bool) -> list[SearchQueryCombinable]:
    if not words:
        return []
    if phrase or not wanted:
        folded = Fold(Value(" ".join(words)))
        return [SearchQuery(folded, config="english", search_type="phrase", invert=not wanted)]
    return [_prefixed(word) for word in words]


def _prefixed(word: str) -> SearchQueryCombinable:
    """A single letter is a word of its own ("R"), not the beginning of half the dictionary."""
    if len(word) < SHORTEST_PREFIX:
        return SearchQuery(Fold(Value(word)), config="english", search_type="plain")
    return SearchQuery(_Beginning(Value(word)), config="english", search_type="raw")


def apply(search: Search, postings: PostingQuerySet) -> PostingQuerySet:
    if search.micro is not None:
        postings = (
            postings.filter(opportunity_type__slug=MICRO)
            if search.micro
            else postings.exclude(opportunity_type__slug=MICRO)
        )
    if search.query is not None:
        postings = postings.filter(search=search.query)
    return postings


def by_rank(search: Search, postings: PostingQuerySet) -> PostingQuerySet:
    """Best match first; without words to match, the newest."""
    if search.query is None:
        return postings.order_by("-published_at", "-pk")
    return postings.annotate(rank=SearchRank(F("search"), search.query)).order_by("-rank", "-published_at", "-pk")
