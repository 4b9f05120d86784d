"""The facets of the list: what each is called in the address, what it offers, and which postings a choice means.

Within a facet any of the choices will do; between facets all must hold.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django_countries import countries
from pyroaring import BitMap

from accounts.models import Level
from authorization.leadtime import Outcome, check_route
from authorization.workflow import RouteKind
from postings.models import HOME_COUNTRY, Label, LabelRule, LocationMode

if TYPE_CHECKING:
    from postings.finding.index import Board

Choices = list[tuple[str, str]]

PAY_STEPS = (15, 20, 25, 30)
HOUR_STEPS = (10, 15, 20, 35)
WEEK_SPANS = {"1": (1, 1), "2": (2, 2), "3": (3, 3), "4": (4, 4), "5-8": (5, 8), "9-": (9, 999)}
POSTED_DAYS = {"1": "Today", "3": "In the last 3 days", "7": "In the last week", "30": "In the last month"}
CLOSING_DAYS = {"3": "Within 3 days", "7": "Within a week", "14": "Within two weeks"}
MONTHS_AHEAD = 12
SORTS: dict[str, str] = {"match": "Best match", "newest": "Newest", "closing": "Closing soon", "pay": "Pay"}
IN_HAND = (Outcome.IN_TIME, Outcome.TIGHT)


@dataclass(frozen=True)
class Facet:
    name: str
    legend: str
    offers: Callable[["Board"], Choices]
    means: Callable[["Board", str], BitMap]
    many: bool = True
    hint: str = ""
    chip: str = "{}"

    def worded(self, label: str) -> str:
        """A choice where its legend is not in sight."""
        return self.chip.format(label)


def _labels(board: "Board") -> Choices:
    return [(label.slug, label.plural or label.name) for label in board.rows.labels]


def _with_label(board: "Board", slug: str) -> BitMap:
    return carrying(board, next(label for label in board.rows.labels if label.slug == slug))


def carrying(board: "Board", label: Label) -> BitMap:
    match label.rule:
        case LabelRule.OPPORTUNITY_TYPE:
            return board.index.of("type", label.opportunity_type_id)
        case LabelRule.ALUMNI_HOST:
            return board.index.of("alumni", True)
        case LabelRule.ABROAD:
            return _abroad(board)
        case _:
            return board.index.of("label", label.pk)


def _abroad(board: "Board") -> BitMap:
    return board.index.listed - board.index.of("country", HOME_COUNTRY)


def _countries(board: "Board") -> Choices:
    """Those of what a visitor finds: a country that only a hidden posting names would tell of it."""
    seen = board.seen(campus=False)
    codes = [code for code in board.index.values("country") if seen.intersect(board.index.of("country", code))]
    named = [(code, str(countries.name(code)) or code) for code in codes]
    return [("abroad", "Anywhere abroad (global)"), *sorted(named, key=lambda pair: pair[1])]


def _in_country(board: "Board", value: str) -> BitMap:
    return _abroad(board) if value == "abroad" else board.index.of("country", value)


def _pay(board: "Board") -> Choices:
    return [("paid", "Paid"), *((str(step), f"At least ${step} an hour") for step in PAY_STEPS)]


def _weeks(board: "Board") -> Choices:
    names = {value: f"{value.replace('-', '–')} weeks" for value in WEEK_SPANS}
    return list((names | {"1": "1 week", "9-": "9 weeks or more"}).items())


def _hours(board: "Board") -> Choices:
    return [(str(step), f"Up to {step}") for step in HOUR_STEPS]


def _months(board: "Board") -> Choices:
    first = board.today.replace(day=1)
    months = [first]
    while len(months) < MONTHS_AHEAD:
        months.append((months[-1] + dt.timedelta(days=31)).replace(day=1))
    return [(f"{month:%Y-%m}", date_format(month, "F Y")) for month in months]


def _terms(board: "Board") -> Choices:
    return [(str(term.pk), term.name) for term in board.rows.terms if term.last_day >= board.today]


def _in_term(board: "Board", value: str) -> BitMap:
    """The window of starts touches the term."""
    term = next(term for term in board.rows.terms if str(term.pk) == value)
    begun = board.index.between("start_earliest", None, term.last_day)
    return begun & board.index.between("start_latest", term.first_day, None)


def _authorizations(board: "Board") -> Choices:
    return [("cpt", "CPT (F-1)"), ("opt", "OPT before graduation (F-1)"), ("at", "Academic Training (J-1)")]


def _can_be_authorized(board: "Board", kind: str) -> BitMap:
    """Postings whose latest start leaves time to file, by the lead-time check. Timing alone, for everybody alike.

    A contractor engagement is a question for the office with CPT, so it is not among them.
    """
    dates = board.index.values("start_latest")
    starts = [start for start in dates if board.verdict((kind, start), partial(in_hand, board, kind, start))]
    found = board.index.union("start_latest", starts)
    return found - board.index.of("contractor", True) if kind == RouteKind.CPT else found


def in_hand(board: "Board", kind: str, start: dt.date) -> bool:
    world = board.rows.world
    return any(
        check_route(figures, start=start, end=start, today=board.today, campus=world.campus).outcome in IN_HAND
        for figures in world.figures(kind)
    )


def _posted(board: "Board", days: str) -> BitMap:
    first = board.midnight(board.today - dt.timedelta(days=int(days) - 1))
    return board.index.between("published", board.slot(first), None)


def _closing(board: "Board", days: str) -> BitMap:
    return board.index.between("closes", None, board.midnight(board.today + dt.timedelta(days=int(days) + 1)))


def _plainly(name: str) -> Callable[["Board", str], BitMap]:
    return lambda board, value: board.index.of(name, value)


def _by_slug(name: str, rows: str) -> Callable[["Board", str], BitMap]:
    return lambda board, slug: board.index.of(name, getattr(board.rows, rows)[slug].pk)


def _named(rows: str) -> Callable[["Board"], Choices]:
    return lambda board: [(slug, row.name) for slug, row in getattr(board.rows, rows).items()]


def _fixed(choices: Iterable[tuple[str, str]]) -> Callable[["Board"], Choices]:
    offered = [(str(value), str(label)) for value, label in choices]
    return lambda board: offered


FACETS: dict[str, Facet] = {
    facet.name: facet
    for facet in (
        Facet("label", "Labeled by your school", _labels, _with_label),
        Facet(
            "alumni",
            "Host",
            _fixed([("yes", "Alumni host")]),
            lambda board, value: board.index.of("alumni", True),
            hint="Verified by the career office.",
        ),
        Facet("type", "Opportunity type", _named("types"), _by_slug("type", "types")),
        Facet("stream", "Stream", _named("streams"), _by_slug("stream", "streams")),
        Facet("location", "Location", _fixed(LocationMode.choices), _plainly("location")),
        Facet("country", "Country", _countries, _in_country),
        Facet("level", "Open to", _fixed(Level.choices), _plainly("level")),
        Facet("pay", "Pay", _pay, _plainly("pay"), many=False, hint="By what an hour comes to at the least."),
        Facet("weeks", "Weeks", _weeks, _plainly("weeks")),
        Facet("hours", "Hours a week", _hours, _plainly("hours"), many=False, chip="{} hours a week"),
        Facet("start", "Can start in", _months, _plainly("start"), chip="Start in {}"),
        Facet("term", "Term", _terms, _in_term),
        Facet("materials", "Materials", _fixed([("none", "Resume and cover letter only")]), _plainly("materials")),
        Facet(
            "authorization",
            "Time for work authorization",
            _authorizations,
            _can_be_authorized,
            hint="Timing only. Confirm with the international office.",
            chip="Time for {}",
        ),
        Facet("posted", "Posted", _fixed(POSTED_DAYS.items()), _posted, many=False, chip="Posted: {}"),
        Facet("closing", "Closes", _fixed(CLOSING_DAYS.items()), _closing, many=False, chip="Closes: {}"),
    )
}
