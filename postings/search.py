"""From what somebody typed to a question PostgreSQL can answer."""

import re
from dataclasses import dataclass
from unicodedata import category

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchRank
from django.db import models
from django.db.models import F, Func, Value

from postings.models import MICRO, Fold, PostingQuerySet

LONGEST = 200
SHORTEST_PREFIX = 2

# The sources write micro-internship in many ways, and "project-based internship" for the same thing. Each names the
# opportunity type: as plain words they would find a microbiology internship too. Cut-off spellings count, since people
# stop typing when they see what they want; the shortest only after a mark or at the end ("micro in Boston" is no such).
_JOIN = r"[\s_]*[^\w\s]{0,3}[\s_]*"
_INTERNSHIP = r"int(?:e(?:r(?:n(?:s(?:h(?:i(?:p(?:s)?)?)?)?|ing)?)?)?)?"
_KIND = r"[-_]+(?:jobs?|opportunit(?:y|ies)|postings?|programs?|programmes?|projects?)"
_MICRO = re.compile(
    rf"""(?<![\w-])(?P<no>-)?["'(\[]*
    (?: micro{_JOIN}{_INTERNSHIP}(?:['’]s?)?(?![^\W_])(?:{_KIND}(?![^\W_]))?[-_]*
      | micro[^\w\s]in?(?![\w-])
      | micro\s+in?\s*\Z
      | project{_JOIN}based{_JOIN}intern(?:s|ships?)?(?!\w)
    )["')\]]*""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-") | dict.fromkeys("“”„", '"'))
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
    plain = text.translate(_SIGNS)
    micro: bool | None = None
    for match in _MICRO.finditer(plain):
        micro = not match["no"]
    return Search(text, micro, _query(_MICRO.sub(" ", plain)))


def clean(typed: str) -> str:
    """Without what nobody sees (soft hyphens, NUL bytes, which PostgreSQL refuses), and no longer than a question."""
    seen = "".join(letter for letter in typed.replace("\x00", " ") if category(letter) != "Cf")
    return " ".join(seen.split())[:LONGEST].strip()


def _query(text: str) -> SearchQueryCombinable | None:
    whole: SearchQueryCombinable | None = None
    for match in _TOKEN.finditer(text):
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
