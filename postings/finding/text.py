"""From what somebody typed to a question PostgreSQL can answer."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from unicodedata import category, combining, normalize

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, TrigramDistance
from django.db import models
from django.db.models import Func, Value
from django.db.models.functions import Concat

from postings.models import INTERNSHIP, MICRO, Word

LONGEST = 200
SHORTEST_PREFIX = 2
SHORTEST_MENDED = 4
CANDIDATES = 20

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
# Whoever excludes internships still wants the micro ones, whose type's name has the word in it.
_NO_INTERNSHIP = re.compile(r"""(?<!\S)-["“]?intern(?:ship)?s?["”]?(?!\S)""", re.IGNORECASE)
# As the database's fold_text() has it: their signs are all that tells these from a letter.
_SIGNED = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp", ".net": " dotnet"}
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-") | dict.fromkeys("“”„", '"'))
_TOKEN = re.compile(r'(?P<no>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))')
_WORD = re.compile(r"[^\W_]+")

Phrase = tuple[str, ...]
Synonyms = Mapping[Phrase, tuple[Phrase, ...]]


@dataclass(frozen=True)
class Term:
    """One thing asked for. `typed` stands first; any of `others` will do as well."""

    typed: Phrase
    others: tuple[Phrase, ...] = ()
    begins: bool = False  # the word may go on: it is found as one types
    wanted: bool = True

    @property
    def can_be_mended(self) -> bool:
        return self.wanted and self.begins and len(self.typed[0]) >= SHORTEST_MENDED


Terms = tuple[Term, ...]


@dataclass(frozen=True)
class Search:
    """`types` are those that were named, by slug, and whether they are wanted."""

    text: str = ""
    types: tuple[tuple[str, bool], ...] = ()
    terms: Terms = ()


def clean(typed: str) -> str:
    """Without what nobody sees (soft hyphens, NUL bytes, which PostgreSQL refuses), and no longer than a question."""
    seen = "".join(letter for letter in typed.replace("\x00", " ") if category(letter) != "Cf")
    return " ".join(seen.split())[:LONGEST].strip()


def parse(typed: str, synonyms: Synonyms | None = None) -> Search:
    text = clean(typed)
    plain = text.translate(_SIGNS)
    types = dict((MICRO, not match["no"]) for match in _MICRO.finditer(plain))  # noqa: C402  the last one counts
    rest = _MICRO.sub(" ", plain)
    if _NO_INTERNSHIP.search(rest):
        types[INTERNSHIP] = False
        rest = _NO_INTERNSHIP.sub(" ", rest)
    terms = tuple(_terms(_named(rest)))
    return Search(text, tuple(types.items()), tuple(_with_synonyms(terms, synonyms or {})))


def _named(text: str) -> str:
    for signed, name in _SIGNED.items():
        text = re.sub(re.escape(signed), name, text, flags=re.IGNORECASE)
    return text


def _terms(text: str) -> Iterator[Term]:
    for match in _TOKEN.finditer(text):
        words = tuple(_WORD.findall(match["phrase"] or match["word"] or ""))
        if not words:
            continue
        if match["phrase"] is not None or match["no"]:
            yield Term(words, wanted=not match["no"])
        else:
            # A single letter is a word of its own ("R"), not the beginning of half the dictionary.
            yield from (Term((word,), begins=len(word) >= SHORTEST_PREFIX) for word in words)


def fold(word: str) -> str:
    """As the database folds it, near enough to compare words that staff and visitors typed."""
    return "".join(letter for letter in normalize("NFKD", word.casefold()) if not combining(letter))


def read_synonyms(rows: Iterable[str]) -> Synonyms:
    found: dict[Phrase, tuple[Phrase, ...]] = {}
    for row in rows:
        group = tuple(phrase for part in row.split(",") if (phrase := _phrase(part)))
        for phrase in group:
            found[phrase] = found.get(phrase, ()) + tuple(other for other in group if other != phrase)
    return found


def _phrase(text: str) -> Phrase:
    return tuple(fold(word) for word in _WORD.findall(text))


def _with_synonyms(terms: tuple[Term, ...], synonyms: Synonyms) -> Iterator[Term]:
    """The longest run of words that has synonyms counts, so that “machine learning” is one thing and not two."""
    longest = max(map(len, synonyms), default=0)
    place = 0
    while place < len(terms):
        for length in range(min(longest, len(terms) - place), 0, -1):
            run = terms[place : place + length]
            others = synonyms.get(tuple(fold(word) for term in run for word in term.typed), ())
            if others and all(term.wanted and (length == 1 or len(term.typed) == 1) for term in run):
                typed = tuple(word for term in run for word in term.typed)
                yield Term(typed, others, begins=length == 1 and run[0].begins)
                place += length
                break
        else:
            yield terms[place]
            place += 1


class _Quoted(Func):
    """A word as an operand of a tsquery. The server folds and quotes it, so nothing in it is an operator."""

    template = "quote_literal(public.fold_text(%(expressions)s))"
    output_field = models.TextField()


def query_of(terms: Terms) -> SearchQueryCombinable:
    return reduce(and_, map(_anywhere, terms))


def very_words(terms: Terms) -> SearchQueryCombinable | None:
    """The same, asked of titles, skills and names as they are written: what has the very words stands first."""
    wanted = [_either(term, _of_phrase(term.typed, "simple"), "simple") for term in terms if term.wanted]
    return reduce(and_, wanted) if wanted else None


def _anywhere(term: Term) -> SearchQueryCombinable:
    if not term.wanted:
        return ~_of_phrase(term.typed, "english")
    typed: SearchQueryCombinable = _of_phrase(term.typed, "english", ":*" if term.begins else "")
    if term.begins:  # the stem of journalism is shorter than "journali"
        typed = typed | _of_phrase(term.typed, "simple", ":*")
    return _either(term, typed, "english")


def _either(term: Term, typed: SearchQueryCombinable, config: str) -> SearchQueryCombinable:
    return reduce(or_, (_of_phrase(other, config) for other in term.others), typed)


def _of_phrase(words: Phrase, config: str, suffix: str = "") -> SearchQuery:
    parts: list[Func | Value] = []
    for number, word in enumerate(words):
        parts += [Value(" <-> ")] if number else []
        parts += [_Quoted(Value(word)), Value(suffix)]
    return SearchQuery(Concat(*parts, output_field=models.TextField()), config=config, search_type="raw")


def mended(search: Search, broken: Iterable[Term]) -> Iterator[Search]:
    """The search with each of the broken terms replaced by a word like it that some posting names, best guess first."""
    guesses = {term: _alike(term.typed[0]) for term in broken}
    for place in range(max(map(len, guesses.values()), default=0)):
        swaps = {term: words[min(place, len(words) - 1)] for term, words in guesses.items() if words}
        terms = tuple(replace(term, typed=(swaps[term],)) if term in swaps else term for term in search.terms)
        text = search.text
        for term, word in swaps.items():
            text = re.sub(rf"(?<!\w){re.escape(term.typed[0])}(?!\w)", word, text)
        yield Search(text, search.types, terms)


def _alike(word: str) -> list[str]:
    folded = fold(word)
    near = Word.objects.order_by(TrigramDistance("word", folded), "word").values_list("word", flat=True)[:CANDIDATES]
    return difflib.get_close_matches(folded, [other for other in near if other != folded], n=3, cutoff=0.7)
