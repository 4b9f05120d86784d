"""The address of a list, read: what of it counts, in the words people see, and what nobody knows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.http import QueryDict

from postings.finding.facets import FACETS, SORTS
from postings.finding.index import Board
from postings.finding.text import clean

Chosen = dict[str, tuple[str, ...]]
KNOWN = {"q", "sort", "after", "before", *FACETS}
LONGEST_KEY = 18


class Chip(NamedTuple):
    """A choice in use, and the address of the list without it."""

    text: str
    address: str


@dataclass(frozen=True)
class Query:
    text: str = ""
    chosen: Chosen = field(default_factory=dict)
    sort: str = "match"
    after: int | None = None
    before: int | None = None
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: QueryDict, board: Board) -> "Query":
        """What the address says and nobody knows is left out and told, never an error."""
        chosen: Chosen = {}
        ignored: list[str] = []
        for name, facet in FACETS.items():
            offered = dict(board.choices(name))
            values = [value for value in dict.fromkeys(data.getlist(name)) if value]
            ignored += [value for value in values if value not in offered]
            known = tuple(value for value in offered if value in values)
            if known:
                chosen[name] = known if facet.many else known[:1]
        sort = data.get("sort", "")
        ignored += [sort] if sort and sort not in SORTS else []
        return cls(
            text=clean(data.get("q", "")),
            chosen=chosen,
            sort=sort if sort in SORTS else "match",
            after=_key(data.get("after", "")),
            before=_key(data.get("before", "")),
            ignored=tuple(value.replace("\x00", "")[:40] for value in ignored),
        )

    def pairs(self) -> Iterator[tuple[str, str]]:
        """In one order, so that the same question has one address."""
        if self.text:
            yield "q", self.text
        for name in FACETS:
            yield from ((name, value) for value in self.chosen.get(name, ()))
        if self.sort != "match":
            yield "sort", self.sort

    def address(self, **more: Any) -> str:
        """The query string, from its first page on unless a cursor is given."""
        data = QueryDict(mutable=True)
        for name, value in [*self.pairs(), *((name, str(value)) for name, value in more.items() if value)]:
            data.appendlist(name, value)
        return data.urlencode()

    def without(self, name: str, *values: str) -> "Query":
        """Less these choices of a facet; less the whole facet, or the words, when none is named."""
        if name == "q":
            return replace(self, text="", after=None, before=None)
        left = tuple(value for value in self.chosen.get(name, ()) if values and value not in values)
        chosen = {other: kept for other, kept in self.chosen.items() if other != name} | ({name: left} if left else {})
        return replace(self, chosen=chosen, after=None, before=None)

    def chips(self, board: Board) -> list[Chip]:
        """Sorting narrows nothing, so it has none."""
        chips = [Chip(f"“{self.text}”", "?" + self.without("q").address())] if self.text else []
        for name, values in self.chosen.items():
            labels = dict(board.choices(name))
            worded = FACETS[name].worded
            chips += [Chip(worded(labels[value]), "?" + self.without(name, value).address()) for value in values]
        return chips

    def words(self, board: Board, *, but: Iterable[str] = ()) -> str:
        """The question in a few words, as the name of a saved search or of a feed."""
        kept = self
        for name in but:
            kept = kept.without(name)
        return ", ".join(chip.text for chip in kept.chips(board)) or "All postings"


def _key(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= LONGEST_KEY else None
