"""The stretches of time that staff look back at: the last weeks, or a term that has begun."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest

from campus.models import Term
from core import clock
from core.figures import DAY, WEEK, last_weeks, start_of

MOST_TERMS = 12


@dataclass(frozen=True)
class Period:
    key: str
    name: str
    first_day: dt.date
    last_day: dt.date

    @property
    def start(self) -> dt.datetime:
        return start_of(self.first_day)

    @property
    def end(self) -> dt.datetime:
        """The first instant that no longer belongs to it."""
        return start_of(self.last_day + DAY)


def periods(request: HttpRequest) -> list[Period]:
    """The last weeks first, then the terms, the newest first; read once a request."""
    known: list[Period] | None = getattr(request, "_periods", None)
    if known is None:
        today = clock.today()
        mondays = last_weeks(today)
        known = [Period("", f"The last {len(mondays)} weeks", mondays[0], mondays[-1] + WEEK - DAY)]
        begun = Term.objects.filter(first_day__lte=today).order_by("-first_day")[:MOST_TERMS]
        known += [Period(str(term.pk), term.name, term.first_day, term.last_day) for term in begun]
        request._periods = known  # type: ignore[attr-defined]
    return known


def chosen(request: HttpRequest) -> Period:
    key = request.GET.get("term", "")
    return next((period for period in periods(request) if period.key == key), periods(request)[0])
