"""When work authorization must be filed for, counted back from the first day of work. Pure: rows and dates in, a
verdict out. It is advice on timing and says nothing about who may have what."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from authorization.drawing import Drawing, draw
from authorization.sums import Sum, stretch
from campus.calendar import ONE_DAY, BusinessCalendar, Calendar, EveryDay, FederalCalendar

DateRange = tuple[dt.date, dt.date]
VERIFIED_FOR_MONTHS = 6


class LeadUnit(StrEnum):
    CAMPUS = "campus"
    FEDERAL = "federal"
    CALENDAR = "calendar"


class Outcome(StrEnum):
    ALREADY = "already authorized"
    IN_TIME = "in time"
    TIGHT = "tight"
    TOO_LATE = "too late"
    NO_WINDOW = "no safe window"
    ASK = "ask the international office"

    @property
    def tone(self) -> str:
        return TONES[self]


TONES = {
    Outcome.ALREADY: "success",
    Outcome.IN_TIME: "success",
    Outcome.TIGHT: "warning",
    Outcome.TOO_LATE: "danger",
    Outcome.NO_WINDOW: "danger",
    Outcome.ASK: "neutral",
}


@dataclass(frozen=True)
class Figures:
    """What a route's row says about time. `lead` is empty where there is nothing to count with."""

    name: str
    kind: str
    preparation: int
    lead: int | None
    unit: LeadUnit
    post: int = 0
    typical: int | None = None
    earliest_before: int | None = None
    after_offer: bool = False
    verified: bool = True
    verified_on: dt.date | None = None
    link: str = ""
    who_decides: str = ""
    proof: str = ""
    weekly_cap: int | None = None

    @property
    def usable(self) -> bool:
        return self.verified and self.lead is not None

    def calendar(self, campus: BusinessCalendar) -> Calendar:
        return {LeadUnit.CAMPUS: campus, LeadUnit.FEDERAL: FederalCalendar(), LeadUnit.CALENDAR: EveryDay()}[self.unit]


@dataclass(frozen=True)
class Window:
    """The last day to file that still ends before the start, the last day to begin preparing, the first day to file."""

    latest_filing: dt.date
    start_by: dt.date
    earliest: dt.date | None

    @property
    def is_empty(self) -> bool:
        return self.earliest is not None and self.latest_filing < self.earliest


@dataclass(frozen=True)
class EmptyWindow:
    """Why nothing is safe, and what a filing on the first possible day would come to."""

    first_possible: dt.date
    ends: tuple[tuple[int, dt.date], ...]
    typical_is_empty_too: bool


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    route: Figures
    start: dt.date
    today: dt.date
    unit: str
    window: Window | None = None
    not_before: dt.date | None = None
    empty: EmptyWindow | None = None
    question: str = ""
    covered: DateRange | None = None
    campus: BusinessCalendar = field(default_factory=BusinessCalendar, repr=False, compare=False)

    @cached_property
    def sum(self) -> Sum | None:
        return count_back(self.route, self.window, self.start, self.campus) if self.window else None

    @cached_property
    def drawing(self) -> Drawing | None:
        if self.window is None or self.sum is None:
            return None
        days = [("begin", self.window.start_by), ("file", self.window.latest_filing), ("work", self.start)]
        if self.window.earliest:
            days.append(("opens", self.window.earliest))
        return draw(days, parts=self.sum.parts, today=self.today)

    @cached_property
    def soonest(self) -> dt.date | None:
        """The first day of work that this route leaves time for from today on."""
        return soonest_start(self.route, ready=self.today, campus=self.campus) if self.window else None

    @property
    def verified_long_ago(self) -> bool:
        return self.route.verified_on is not None and verified_too_long_ago(self.route.verified_on, self.today)


def verified_too_long_ago(verified_on: dt.date, today: dt.date) -> bool:
    """Six months by the calendar have passed; what was verified on August 31 counts through the end of February."""
    years, month = divmod(verified_on.month - 1 + VERIFIED_FOR_MONTHS, 12)
    year, month = verified_on.year + years, month + 1
    return today > dt.date(year, month, min(verified_on.day, monthrange(year, month)[1]))


def filing_window(route: Figures, start: dt.date, campus: BusinessCalendar, lead: int | None = None) -> Window:
    """The window for a lead (the route's own unless another is given). Days F and S themselves never count."""
    days = route.lead if lead is None else lead
    if days is None:
        raise ValueError(f"{route.name} has no lead to count with.")
    latest = route.calendar(campus).latest_before(start - dt.timedelta(days=route.post), days)
    earliest = None if route.earliest_before is None else start - dt.timedelta(days=route.earliest_before)
    return Window(latest, campus.latest_by(latest, route.preparation), earliest)


def count_back(route: Figures, window: Window, start: dt.date, campus: BusinessCalendar) -> Sum:
    """The days behind a window, from the first day of work back to the day to begin."""
    decided = start - dt.timedelta(days=route.post)
    return Sum(
        preparation=stretch(campus, after=window.start_by, before=window.latest_filing + ONE_DAY),
        decision=stretch(route.calendar(campus), after=window.latest_filing, before=decided),
        post=stretch(EveryDay(), after=decided - ONE_DAY, before=start),
    )


def soonest_start(route: Figures, *, ready: dt.date, campus: BusinessCalendar) -> dt.date | None:
    """The first day of work for which whoever begins to prepare on `ready`, or on the next campus business day, starts
    filing in time. None where nothing can be counted, or where that start has no window either."""
    if not route.usable or route.lead is None:
        return None
    calendar = route.calendar(campus)
    prepared = campus.add(open_from(ready, campus), route.preparation)
    decided = calendar.add(open_from(prepared, calendar), route.lead)
    start = decided + dt.timedelta(days=route.post) + ONE_DAY
    return None if filing_window(route, start, campus).is_empty else start


def open_from(day: dt.date, calendar: Calendar) -> dt.date:
    """The day itself where it counts, else the next one that does."""
    return calendar.add(day - ONE_DAY, 1)


def check_route(
    route: Figures,
    *,
    start: dt.date,
    end: dt.date,
    today: dt.date,
    campus: BusinessCalendar,
    authorized: Iterable[DateRange] = (),
    question: str = "",
) -> Verdict:
    """`authorized`: approved dates that count for this work. `question`: why the office must be asked instead."""
    unit = route.calendar(campus).unit
    covered = next((dates for dates in authorized if dates[0] <= start and end <= dates[1]), None)
    if covered:
        return Verdict(Outcome.ALREADY, route, start, today, unit, covered=covered)
    if question or not route.usable:
        return Verdict(Outcome.ASK, route, start, today, unit, question=question or _why_ask(route))
    window = filing_window(route, start, campus)
    if window.is_empty:
        empty = _empty_window(route, window, start, today, campus)
        return Verdict(Outcome.NO_WINDOW, route, start, today, unit, window, empty=empty, campus=campus)
    outcome = _outcome(window, start, today)
    open_now = window.earliest is None or today >= window.earliest
    not_before = None if open_now or outcome is Outcome.TOO_LATE else window.earliest
    return Verdict(outcome, route, start, today, unit, window, not_before, campus=campus)


def check_routes(
    start: dt.date,
    end: dt.date,
    today: dt.date,
    *,
    routes: Sequence[Figures],
    campus: BusinessCalendar,
    authorized: Iterable[DateRange] = (),
    contractor: bool = False,
) -> list[Verdict]:
    approved = list(authorized)
    return [
        check_route(
            route,
            start=start,
            end=end,
            today=today,
            campus=campus,
            authorized=approved,
            question=_contractor_question(route) if contractor else "",
        )
        for route in routes
    ]


def _outcome(window: Window, start: dt.date, today: dt.date) -> Outcome:
    if start <= today or today > window.latest_filing:
        return Outcome.TOO_LATE
    return Outcome.IN_TIME if today <= window.start_by else Outcome.TIGHT


def _empty_window(
    route: Figures, window: Window, start: dt.date, today: dt.date, campus: BusinessCalendar
) -> EmptyWindow:
    first = max(window.earliest or today, today)
    leads = sorted({lead for lead in (route.typical, route.lead) if lead is not None})
    calendar, post = route.calendar(campus), dt.timedelta(days=route.post)
    ends = tuple((lead, calendar.add(first, lead) + post) for lead in leads)
    return EmptyWindow(first, ends, filing_window(route, start, campus, leads[0]).is_empty)


def _why_ask(route: Figures) -> str:
    if route.lead is None:
        return "How long this takes depends on the case."
    return "The figures for this route have not been verified by the university yet."


def _contractor_question(route: Figures) -> str:
    return "Whether work as a contractor fits with CPT is a question for that office." if route.kind == "cpt" else ""
