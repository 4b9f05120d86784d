"""Which postings have what, in memory: a compressed set of keys for each choice of each facet.

A process builds its sets when it is first asked, and asks the database once a request what has changed since. It
holds no more than keys: what a posting says is read when it is shown.
"""

import datetime as dt
import threading
import time
from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from pyroaring import BitMap

from authorization.rules import World
from campus.models import ProgramSettings, Term
from core import clock
from postings.finding.facets import FACETS, Choices
from postings.finding.facts import IN_SHORT, NEVER, Fact, Row, facts, slot, slots
from postings.finding.text import Synonyms, Terms, query_of, read_synonyms, very_words
from postings.models import (
    CONTRACTOR,
    MICRO,
    EngagementType,
    Label,
    OpportunityType,
    Posting,
    PostingQuerySet,
    Stream,
    Synonym,
)
from postings.workflow import Status

LONGEST_GAP = 6 * 60 * 60  # seconds without a look at the log, which is kept for longer: then everything is read anew
TEXTS_KEPT = 64
FRAGMENTS_KEPT = 5_000
LISTED = (Status.OPEN, Status.SCHEDULED)
DAWN = dt.datetime.min.replace(tzinfo=dt.UTC)


class Index:
    """The sets. A posting is in `listed` when the clock alone decides whether it is open."""

    def __init__(self) -> None:
        self.listed = BitMap()
        self.sets: dict[str, dict[Any, BitMap]] = defaultdict(dict)
        self._sorted: dict[str, list[Any]] = {}

    def of(self, name: str, value: Hashable) -> BitMap:
        return self.sets[name].get(value) or BitMap()

    def values(self, name: str) -> list[Any]:
        """In rising order."""
        if name not in self._sorted:
            self._sorted[name] = sorted(self.sets[name])
        return self._sorted[name]

    def union(self, name: str, values: Iterable[Hashable]) -> BitMap:
        found = [self.of(name, value) for value in values]
        return BitMap.union(*found) if found else BitMap()

    def between(self, name: str, least: Any, most: Any) -> BitMap:
        """Both ends count; None is no end."""
        values = self.values(name)
        start = 0 if least is None else bisect_left(values, least)
        end = len(values) if most is None else bisect_right(values, most)
        return self.union(name, values[start:end])

    def forget(self, keys: BitMap) -> None:
        known = keys & self.listed
        if not known:
            return
        self.listed -= known
        days = [day for day, members in self.sets["day"].items() if members.intersect(known)]
        for name, sets in self.sets.items():
            values = slots(days) if name == "published" else list(sets)  # there are 35,000 in a year
            for value in values:
                members = sets.get(value)
                if members and members.intersect(known):
                    members -= known
                    if not members:
                        del sets[value]
                        self._sorted.pop(name, None)

    def learn(self, postings: PostingQuerySet) -> None:
        """Take in those of the postings that are listed; what was known of them must be forgotten before."""
        found: dict[Fact, list[int]] = defaultdict(list)
        listed = postings.filter(status__in=LISTED)
        contractors = set(EngagementType.objects.filter(slug=CONTRACTOR).values_list("pk", flat=True))
        keys = []
        for row in map(Row._make, listed.annotate(**IN_SHORT).order_by().values_list(*Row._fields).iterator(20_000)):
            keys.append(row.pk)
            for fact in facts(row, contractors):
                found[fact].append(row.pk)
        given = Posting.labels.through.objects.filter(posting__in=listed).values_list("label_id", "posting_id")
        for label, key in given.iterator(20_000):
            found["label", label].append(key)
        alumni = listed.with_alumni_host().filter(Q(alumni_host=True))
        found["alumni", True] = list(alumni.order_by().values_list("pk", flat=True))
        self.listed.update(keys)
        for (name, value), members in found.items():
            if value not in self.sets[name]:
                self.sets[name][value] = BitMap()
                self._sorted.pop(name, None)
            self.sets[name][value].update(members)


@dataclass(frozen=True)
class Rows:
    """What staff edit and the facets offer, as it stands."""

    labels: list[Label]
    types: dict[str, OpportunityType]
    streams: dict[str, Stream]
    terms: list[Term]
    synonyms: Synonyms
    world: World
    program: ProgramSettings

    @classmethod
    def load(cls) -> "Rows":
        return cls(
            labels=list(Label.objects.filter(public=True)),
            types={row.slug: row for row in OpportunityType.objects.all()},
            streams={row.slug: row for row in Stream.objects.all()},
            terms=list(Term.objects.all()),
            synonyms=read_synonyms(Synonym.objects.values_list("words", flat=True)),
            world=World.load(),
            program=ProgramSettings.load(),
        )

    @property
    def micro(self) -> OpportunityType | None:
        return self.types.get(MICRO)

    @property
    def active_types(self) -> list[OpportunityType]:
        return [row for row in self.types.values() if row.active]


@dataclass
class Text:
    """The postings that match what was typed, those that have its very words, and those to be asked about again."""

    everywhere: BitMap
    exact: BitMap
    stale: BitMap = field(default_factory=BitMap)


class Board:
    """What this thread knows of the postings, as of the last look at the database."""

    index: Index
    rows: Rows

    def __init__(self) -> None:
        self.index = Index()
        self.index.learn(Posting.objects.all())
        self.rows = Rows.load()
        self.now = DAWN
        self.today = dt.date.min
        self.version = ""
        self.fragments: OrderedDict[Hashable, Any] = OrderedDict()
        self._texts: OrderedDict[Terms, Text] = OrderedDict()
        self._derived: dict[Hashable, Any] = {}
        self._verdicts: dict[Hashable, bool] = {}
        self._open = BitMap()
        self._open_between = (NEVER, DAWN)

    def catch_up(self, now: dt.datetime, keys: set[int], rows_too: bool) -> None:
        if keys:
            self._learn_again(keys)
        if rows_too:
            self.rows = Rows.load()
            self._texts.clear()
        if keys or rows_too:
            self._open_between = (NEVER, DAWN)
            self._derived.clear()
        today = clock.today(now)
        if rows_too or today != self.today:
            self.today = today
            self.fragments.clear()
            self._derived.clear()
            self._verdicts.clear()
        self.now = now

    def _learn_again(self, keys: set[int]) -> None:
        changed = BitMap(keys)
        self.index.forget(changed)
        self.index.learn(Posting.objects.filter(pk__in=keys))
        for fragment in [name for name in self.fragments if isinstance(name, tuple) and name[-1] in keys]:
            del self.fragments[fragment]
        for text in self._texts.values():
            text.stale |= changed

    @property
    def open(self) -> BitMap:
        """What students can apply to at this moment, to the second."""
        since, until = self._open_between
        if not since <= self.now < until:
            opens, closes = self.index.values("opens"), self.index.values("closes")
            waiting, over = bisect_right(opens, self.now), bisect_right(closes, self.now)
            self._open = self.index.listed - self.index.union("opens", opens[waiting:])
            self._open -= self.index.union("closes", closes[:over])
            self._open_between = (
                max([*opens[max(waiting - 1, 0) : waiting], *closes[max(over - 1, 0) : over]], default=DAWN),
                min([*opens[waiting : waiting + 1], *closes[over : over + 1]], default=NEVER),
            )
            self._derived.clear()
        return self._open

    @property
    def state(self) -> str:
        """The same in every process that would show the same, and another as soon as anything differs."""
        self.open  # noqa: B018  moves the moment since which nothing opened or closed
        return f"{self.version} {self.today} {self._open_between[0]:%Y%m%d%H%M%S%f}"

    def seen(self, campus: bool) -> BitMap:
        """What somebody finds: a visitor nothing that is for the campus alone."""
        return self.open if campus else self.open - self.index.of("campus_only", True)

    def choices(self, facet: str) -> Choices:
        return self.derived(("choices", facet), lambda: FACETS[facet].offers(self))

    def having(self, facet: str, value: str) -> BitMap:
        return self.derived((facet, value), lambda: FACETS[facet].means(self, value))

    def derived(self, name: Hashable, make: Any) -> Any:
        """Worked out once for as long as nothing changes."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    def verdict(self, name: Hashable, make: Callable[[], bool]) -> bool:
        """Worked out once a day, for as long as the rows stay as they are."""
        if name not in self._verdicts:
            self._verdicts[name] = make()
        return self._verdicts[name]

    def text(self, terms: Terms) -> Text:
        """Asked of the database once; later, only about what has changed."""
        text = self._texts.get(terms)
        if text is None:
            text = self._texts[terms] = Text(*_matching(Posting.objects.filter(status__in=LISTED), terms))
            if len(self._texts) > TEXTS_KEPT:
                self._texts.popitem(last=False)
        elif text.stale:
            everywhere, exact = _matching(Posting.objects.filter(pk__in=text.stale), terms)
            text.everywhere = (text.everywhere - text.stale) | everywhere
            text.exact = (text.exact - text.stale) | exact
            text.stale = BitMap()
        self._texts.move_to_end(terms)
        return text

    def fragment(self, name: Hashable, make: Any) -> Any:
        """A piece of a page. One about a posting has its key at the end of its name, and goes when that changes."""
        if name not in self.fragments:
            self.fragments[name] = make()
            if len(self.fragments) > FRAGMENTS_KEPT:
                self.fragments.popitem(last=False)
        return self.fragments[name]

    @staticmethod
    def slot(moment: dt.datetime) -> int:
        return slot(moment)

    @staticmethod
    def midnight(day: dt.date) -> dt.datetime:
        """The moment a day begins on the board's clock."""
        return clock.end_of_day(day - dt.timedelta(days=1), timezone.get_default_timezone())


def _matching(postings: PostingQuerySet, terms: Terms) -> tuple[BitMap, BitMap]:
    exact = very_words(terms)
    return _keys(postings.filter(search=query_of(terms))), _keys(postings.filter(search=exact)) if exact else BitMap()


def keys_with(terms: Terms) -> BitMap:
    """Not kept, unlike a board's own texts."""
    return _keys(Posting.objects.filter(status__in=LISTED, search=query_of(terms)))


def _keys(postings: PostingQuerySet) -> BitMap:
    return BitMap(postings.order_by().values_list("pk", flat=True))


class _Mine(threading.local):
    """The board of this thread, and how far in the log it has read.

    One for each thread, since what one draws while another learns would be kept although it is old. A server with
    many postings runs processes of one thread.
    """

    def __init__(self) -> None:
        self.board: Board | None = None
        self.horizon = 0
        self.read: set[int] = set()
        self.looked_at = 0.0


_mine = _Mine()

LOOK = "SELECT * FROM postings_look(%s)"  # what it answers, and why so: migration 0008_look


def board(now: dt.datetime | None = None) -> Board:
    """What is true at this moment: one query, and more only when something has changed."""
    return _up_to_date(now or clock.now())


def forget() -> None:
    """For tests, which roll back what was read."""
    _mine.board = None


def _up_to_date(now: dt.datetime) -> Board:
    if _mine.board is None or time.monotonic() - _mine.looked_at > LONGEST_GAP:
        _mine.board, _mine.read, _mine.horizon = None, set(), 0
        horizon, version, changes = _look(_latest_horizon())
        built = Board()  # reads later than the log: what it reads too early is read again
        _mine.board = built
        built.catch_up(now, set(), rows_too=True)
    else:
        built = _mine.board
        horizon, version, changes = _look(_mine.horizon)
        new = {key: posting for key, posting in changes.items() if key not in _mine.read}
        keys = {posting for posting in new.values() if posting is not None}
        built.catch_up(now, keys, rows_too=None in new.values())
    built.version = version
    _mine.horizon, _mine.read, _mine.looked_at = horizon, set(changes), time.monotonic()
    return built


def _latest_horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _look(horizon: int) -> tuple[int, str, dict[int, int | None]]:
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [horizon])
        found = cursor.fetchall()
    latest, settled = found[0][0], found[0][1]
    changes = {key: posting for _, _, key, posting, _ in found if key is not None}
    unsettled = {transaction: key for _, _, key, _, transaction in found if transaction and transaction >= latest}
    return latest, f"{settled}{unsettled or ''}", changes
