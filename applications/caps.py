"""The weeks in term in which a student's work on the board comes to more hours than the route allows. For the student
alone: that there is a cap tells of a route. Pure: no query, no clock."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.formats import date_format

from applications.comparing import WEEK, Work
from campus.calendar import ONE_DAY
from campus.models import Term


@dataclass(frozen=True)
class Over:
    """A week, Monday to Sunday, with a day of a term in session."""

    monday: dt.date
    hours: int

    def __str__(self) -> str:
        return f"the week of {date_format(self.monday, 'F j, Y')}: {self.hours} hours"


def weeks_over(works: Iterable[Work], terms: Iterable[Term], cap: int) -> list[Over]:
    """A week counts in full as soon as any day of the work falls into it: a part of a week is no smaller promise."""
    planned, in_session = list(works), [term for term in terms if term.in_session]
    if not planned:
        return []
    first, last = min(work.first_day for work in planned), max(work.last_day for work in planned)
    monday, found = first - first.weekday() * ONE_DAY, []
    while monday <= last:
        sunday = monday + WEEK - ONE_DAY
        hours = sum(work.most for work in planned if work.first_day <= sunday and work.last_day >= monday)
        taught = any(term.first_day <= sunday and term.last_day >= monday for term in in_session)
        if taught and hours > cap:
            found.append(Over(monday, hours))
        monday += WEEK
    return found
