"""From a question to the postings of one page, and to what every other choice would give."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import F
from pyroaring import BitMap

from postings.finding import text as words
from postings.finding.facets import FACETS
from postings.finding.facts import NEVER, SLOTS_A_DAY, slot, slots, worth
from postings.finding.index import Board, keys_with
from postings.finding.query import Query
from postings.models import Posting

PAGE = 20
RANKED = 100  # best matches are picked among so many: to rank every match of a common word takes a second at a million
MOST_MENDED = 4  # words: each is looked for by itself
FEW = 100  # keys that the database may as well put in order by itself

# What each sort goes by: sets in order, then finer ones within.
LEVELS: dict[str, tuple[str, ...]] = {
    "newest": ("day", "published"),
    "closing": ("deadline", "day", "published"),
    "pay": ("worth", "day", "published"),
}
FALLING = {"day", "published"}  # these rise with time, and are read backward


@dataclass(frozen=True)
class Found:
    """`total` is exact. Keys are in the order of the page; `before` and `after` continue it."""

    query: Query
    total: int
    keys: list[int]
    before: int | None
    after: int | None
    pool: "Pool"
    meant: str = ""  # what was searched for instead, when what was typed matches nothing
    is_cut: bool = False  # more match than are ranked


@dataclass(frozen=True)
class Pool:
    """The postings that every facet leaves, kept apart by facet so that each can be undone."""

    base: BitMap
    chosen: dict[str, BitMap]

    @property
    def found(self) -> BitMap:
        return reduce(and_, self.chosen.values(), self.base)

    def but(self, name: str) -> BitMap:
        return reduce(and_, (keys for other, keys in self.chosen.items() if other != name), self.base)


def find(query: Query, board: Board, *, campus: bool) -> Found:
    search = words.parse(query.text, board.rows.synonyms)
    search, meant = _mended(search, board, campus)
    pool = _pool(search, query, board, campus)
    found = pool.found
    if query.sort == "match" and search.terms:
        ranked = _ranked(search, found, board)
        keys, before, after = _leaf(ranked, query)
        return Found(query, len(found), keys, before, after, pool, meant, is_cut=len(found) > len(ranked))
    keys, before, after = _in_order(found, query, board, campus)
    return Found(query, len(found), keys, before, after, pool, meant)


def matching(query: Query, board: Board, *, campus: bool) -> BitMap:
    """All open postings that answer the question, whatever page it is about; typos are not mended."""
    return _pool(words.parse(query.text, board.rows.synonyms), query, board, campus).found


def newest(keys: BitMap, board: Board, limit: int) -> list[int]:
    return _first(keys, LEVELS["newest"], board, limit)


def _pool(search: words.Search, query: Query, board: Board, campus: bool) -> Pool:
    base = board.seen(campus)
    for slug, wanted in search.types:
        kind = board.rows.types.get(slug)
        of_type = board.index.of("type", kind.pk if kind else None)
        base = base & of_type if wanted else base - of_type
    if search.terms:
        base = base & board.text(search.terms).everywhere
    return Pool(base, {name: _any_of(board, name, values) for name, values in query.chosen.items()})


def _any_of(board: Board, name: str, values: Sequence[str]) -> BitMap:
    return BitMap.union(*(board.having(name, value) for value in values))


def _mended(search: words.Search, board: Board, campus: bool) -> tuple[words.Search, str]:
    """The search as it is when anything at all matches, else with its typos mended."""
    seen = board.seen(campus)
    if not search.terms or board.text(search.terms).everywhere.intersect(seen):
        return search, ""
    asked = [term for term in search.terms if term.can_be_mended]
    broken = [term for term in asked if not _matches(term, seen)] if len(asked) <= MOST_MENDED else []
    for guess in words.mended(search, broken):
        if board.text(guess.terms).everywhere.intersect(seen):
            return guess, guess.text
    return search, ""


def _matches(term: words.Term, seen: BitMap) -> bool:
    return bool(keys_with((term,)).intersect(seen))


def _ranked(search: words.Search, found: BitMap, board: Board) -> list[int]:
    """The best of the newest: those that have the very words first, then those of the same stem or beginning."""
    exact = found & board.text(search.terms).exact
    candidates = _latest(exact, board, RANKED)
    if len(candidates) < RANKED:
        candidates += _latest(found - exact, board, RANKED - len(candidates))
    rank: Any = SearchRank(F("search"), words.query_of(search.terms))
    if very_words := words.very_words(search.terms):
        rank = rank + 2 * SearchRank(F("search"), very_words)
    ranked = Posting.objects.filter(pk__in=candidates).annotate(rank=rank)
    keys = list(ranked.order_by("-rank", "-published_at", "-pk").values_list("pk", flat=True))
    return sorted(keys, key=lambda key: key not in exact)


def _latest(found: BitMap, board: Board, limit: int) -> list[int]:
    """As `newest`, but in no order, which the database need not be asked about."""
    picked: list[int] = []
    for part, _ in _walk(found, LEVELS["newest"], board, (), back=False):
        picked += reversed(part)
        if len(picked) >= limit:
            break
    return picked[:limit]


def _leaf(ranked: list[int], query: Query) -> tuple[list[int], int | None, int | None]:
    start = 0
    if query.after in ranked:
        start = ranked.index(query.after) + 1
    elif query.before in ranked:
        start = max(ranked.index(query.before) - PAGE, 0)
    keys = ranked[start : start + PAGE]
    more = len(ranked) > start + PAGE
    return keys, keys[0] if keys and start else None, keys[-1] if keys and more else None


def _in_order(found: BitMap, query: Query, board: Board, campus: bool) -> tuple[list[int], int | None, int | None]:
    """One page and the cursors around it. Pages go by key: the tenth thousand costs what the first does."""
    levels = LEVELS.get(query.sort, LEVELS["newest"])
    cursor = _place_of(query.before or query.after, levels, board, campus)
    back = query.before is not None and cursor is not None
    keys = _first(found, levels, board, PAGE + 1, cursor=cursor, back=back)
    more, keys = len(keys) > PAGE, keys[:PAGE]
    if back:
        keys.reverse()
        return keys, keys[0] if keys and more else None, keys[-1] if keys else None
    return keys, keys[0] if keys and cursor else None, keys[-1] if keys and more else None


@dataclass(frozen=True)
class Place:
    """Where a posting stands in an order: the values of its sets, and what tells it from its neighbors there."""

    path: tuple[Any, ...]
    exact: tuple[Any, ...]


def _place_of(key: int | None, levels: tuple[str, ...], board: Board, campus: bool) -> Place | None:
    """Of a posting that may have closed meanwhile; never of one that the asker may not see, or its pay could be found
    by paging around it."""
    if key is None:
        return None
    shown = Posting.objects.shown_on_campus(board.now).filter(pk=key)
    if not (shown if campus else shown.filter(campus_only=False)).exists():
        return None
    return next(iter(_places([key], levels).values()), None)


def _places(keys: Sequence[int], levels: tuple[str, ...]) -> dict[int, Place]:
    rows = Posting.objects.filter(pk__in=keys).order_by()
    columns = rows.values_list("pk", "published_at", "apply_by", "effective_hourly", "currency")
    found = {}
    for key, published, apply_by, hourly, currency in columns:
        if published is None:
            continue
        at = slot(published)
        value = {
            "deadline": apply_by or NEVER,
            "worth": worth(hourly, currency),
            "day": at // SLOTS_A_DAY,
            "published": at,
        }
        rising = (value[level] for level in levels if level not in FALLING)
        exact = (*rising, -published.timestamp(), -key)
        found[key] = Place(tuple(value[level] for level in levels), exact)
    return found


def _first(
    found: BitMap,
    levels: tuple[str, ...],
    board: Board,
    limit: int,
    *,
    cursor: Place | None = None,
    back: bool = False,
) -> list[int]:
    """The first keys in that order, behind the cursor."""
    picked: list[int] = []
    sure = 0
    for part, is_edge in _walk(found, levels, board, cursor.path if cursor else (), back):
        picked += part
        sure += 0 if is_edge else len(part)
        if sure >= limit:
            break
    places = _places(picked, levels)
    ordered = sorted(places, key=lambda key: places[key].exact, reverse=back)
    if cursor:
        ordered = [key for key in ordered if places[key].exact != cursor.exact]
        ordered = [key for key in ordered if (places[key].exact > cursor.exact) != back]
    return ordered[:limit]


def _walk(
    found: BitMap,
    levels: tuple[str, ...],
    board: Board,
    path: tuple[Hashable, ...],
    back: bool,
    day: int | None = None,
) -> Iterator[tuple[BitMap, bool]]:
    """Parts of what was found, in order, each small enough to be sorted; and whether the cursor lies within it."""
    if len(found) <= FEW:
        yield found, bool(path)
        return
    level, *finer = levels
    for value in _values(board, level, path[:1], back, day):
        part = found & board.index.of(level, value)
        if not part:
            continue
        is_edge = path[:1] == (value,)
        if finer and len(part) > FEW:
            below = path[1:] if is_edge else ()
            yield from _walk(part, tuple(finer), board, below, back, value if level == "day" else None)
        else:
            yield part, is_edge


def _values(board: Board, level: str, start: tuple[Any, ...], back: bool, day: int | None) -> Iterable[Any]:
    """The sets of a level from the cursor on, of one day where it is known; time runs backward, all else forward."""
    values = board.index.values(level) if day is None else list(slots([day]))
    falling = (level in FALLING) != back
    if start and falling:
        values = values[: bisect_right(values, start[0])]
    elif start:
        values = values[bisect_left(values, start[0]) :]
    return reversed(values) if falling else values


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    is_on: bool
    count: int | None  # of postings that the list would have after a click; none where a click takes the choice away


def options(found: Found, board: Board, name: str) -> list[Option]:
    """What a facet offers, with what each choice would give."""
    facet, pool = FACETS[name], found.pool
    on = found.query.chosen.get(name, ())
    others = pool.but(name) if on else pool.found
    kept = others & pool.chosen[name] if on and facet.many else BitMap()
    fresh = others - kept if kept else others
    counted = []
    for value, label in board.choices(name):
        adds = None if value in on else len(kept) + fresh.intersection_cardinality(board.having(name, value))
        counted.append(Option(value, label, value in on, adds))
    return counted


@dataclass(frozen=True)
class Way:
    """Out of an empty list: what to drop, where that leads, and how many that gives."""

    text: str
    address: str
    count: int


def ways_out(found: Found, board: Board, *, campus: bool) -> list[Way]:
    """Each filter, and the words, whose dropping gives anything; the most first."""
    query, ways = found.query, []
    for name, values in query.chosen.items():
        labels = dict(board.choices(name))
        text = " or ".join(FACETS[name].worded(labels[value]) for value in values)
        ways.append((text, query.without(name), len(found.pool.but(name))))
    if query.text:
        ways.append((f"“{query.text}”", query.without("q"), len(matching(query.without("q"), board, campus=campus))))
    offered = [Way(text, rest.address(), count) for text, rest, count in ways if count]
    return sorted(offered, key=lambda way: -way.count)
