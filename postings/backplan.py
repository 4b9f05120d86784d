"""The last days that leave a student time for work authorization, counted back from a posting's latest start. For
hosts, before anybody has applied: dates alone, the same for every applicant.

All in campus business days, where the day a count begins from is not counted:
- *offer by*: the last day to write an offer that, open for the days recommended for the opportunity type, ends on the
  day to start filing or before. Whoever decides on its last day still starts filing in time.
- *apply by*: the last day to apply for whoever is answered by the offer's day, in the time that the posting promises,
  or in DEFAULT_REVIEW days where it promises none.
"""

import datetime as dt
from dataclasses import dataclass

from authorization.leadtime import Figures, filing_window, open_from, soonest_start
from authorization.rules import World
from campus.calendar import BusinessCalendar
from postings.models import OpportunityType, Posting
from postings.wording import last_day_to_apply

DEFAULT_REVIEW = 5


@dataclass(frozen=True)
class RouteDates:
    """The days are empty where nothing is known to count with, or where no day to file would be in time."""

    name: str
    has_window: bool
    apply_by: dt.date | None = None
    offer_by: dt.date | None = None
    is_past: bool = False
    offer_is_past: bool = False
    is_missed: bool = False


@dataclass(frozen=True)
class Backplan:
    """`soonest`: the first day of work that would still leave time; `last_day`: the posting's own, to apply."""

    start: dt.date
    decide: int
    review: int
    promised: bool
    routes: tuple[RouteDates, ...]
    last_day: dt.date | None
    soonest: dt.date | None

    @property
    def latest(self) -> dt.date | None:
        """The last day to apply that one of the routes still leaves."""
        return max((route.apply_by for route in self.routes if route.apply_by and not route.is_past), default=None)

    @property
    def last_offer(self) -> dt.date | None:
        """The last day to write an offer, for whoever can answer sooner than in `review` days."""
        return max(
            (route.offer_by for route in self.routes if route.offer_by and not route.offer_is_past), default=None
        )

    @property
    def is_shut(self) -> bool:
        """Something can be counted with, and no day to apply is left of it."""
        return self.latest is None and any(route.apply_by or not route.has_window for route in self.routes)

    @property
    def closes_late(self) -> bool:
        """Who applies on the posting's last day comes after the last day of every route."""
        return self.last_day is not None and self.latest is not None and self.last_day > self.latest


def backplan(posting: Posting, *, world: World, today: dt.date) -> Backplan | None:
    """None before the posting says when it starts and what it is. No query."""
    start, kind = posting.start_latest, posting.opportunity_type
    if start is None or kind is None:
        return None
    review, last_day = posting.answer_within or DEFAULT_REVIEW, last_day_to_apply(posting)
    routes = world.figures("")
    dates = (_dates(route, start, kind, review, world.campus, today, last_day) for route in routes)
    ready = world.campus.add(open_from(today, world.campus), review + kind.offer_days_recommended)
    starts = [soonest_start(route, ready=ready, campus=world.campus) for route in routes]
    return Backplan(
        start=start,
        decide=kind.offer_days_recommended,
        review=review,
        promised=posting.answer_within is not None,
        routes=tuple(dates),
        last_day=last_day,
        soonest=min(filter(None, starts), default=None),
    )


def _dates(
    route: Figures,
    start: dt.date,
    kind: OpportunityType,
    review: int,
    campus: BusinessCalendar,
    today: dt.date,
    last_day: dt.date | None,
) -> RouteDates:
    if not route.usable:
        return RouteDates(route.name, has_window=True)
    window = filing_window(route, start, campus)
    if window.is_empty:
        return RouteDates(route.name, has_window=False)
    offer_by = campus.latest_by(window.start_by, kind.offer_days_recommended)
    apply_by = campus.latest_by(offer_by, review)
    is_missed = last_day is not None and last_day > apply_by
    return RouteDates(route.name, True, apply_by, offer_by, apply_by < today, offer_by < today, is_missed)
