"""The university of the demo: closures and terms of this academic year and the next, relative to today."""

import datetime as dt

from accounts.models import User
from authorization.actions import verify_route
from authorization.models import Route
from campus.actions import change_closures, import_closures
from campus.calendar import ClosedDays, federal_holidays
from campus.models import Closure, ProgramSettings, Term
from core import clock
from microintern.demo.board import monday

SOURCE = "Demo calendar"


def load_campus(*, by: User, international_adviser: User, now: dt.datetime) -> None:
    today = clock.today(now)
    for route in Route.objects.filter(lead_days__isnull=False):
        verify_route(route, by=international_adviser, on=today - dt.timedelta(days=20))
    first = today.year if today.month >= 7 else today.year - 1
    _program()
    for year in (first, first + 1):
        _closures(year, by=by, now=now)
        _terms(year)


def _program() -> None:
    program = ProgramSettings.load()
    program.university_name = "Merriam University"
    program.program_name = "Micro-internships"
    program.office_name = "Merriam Career Office"
    program.office_email = "careers@example.edu"
    program.international_office_name = "International Scholars Office"
    program.international_office_url = "https://international.example.edu/work"
    program.international_office_email = "international@example.edu"
    program.student_email_domains = ["student.example.edu"]
    program.save()


def _closures(year: int, *, by: User, now: dt.datetime) -> None:
    """An academic year runs from July to June."""
    months = {**federal_holidays(year), **federal_holidays(year + 1)}
    first, last = dt.date(year, 7, 1), dt.date(year + 1, 6, 30)
    holidays = [ClosedDays(day, day, name) for day, name in months.items() if first <= day <= last]
    import_closures(holidays, source="Federal holidays", verified_on=clock.today(now), by=by, now=now)
    thanksgiving = next(day for day, name in months.items() if "Thanksgiving" in name and day.year == year)
    spring = monday(dt.date(year + 1, 3, 20))
    change_closures(
        added=[
            _closure("Day after Thanksgiving", thanksgiving + dt.timedelta(days=1)),
            _closure("Winter recess", dt.date(year, 12, 24), dt.date(year + 1, 1, 1)),
            _closure("Spring break", spring, spring + dt.timedelta(days=4)),
        ],
        by=by,
        now=now,
    )


def _closure(name: str, first: dt.date, last: dt.date | None = None) -> Closure:
    return Closure(name=name, first_day=first, last_day=last or first, source=SOURCE)


def _terms(year: int) -> None:
    spans = [
        (f"Fall {year}", dt.date(year, 9, 2), dt.date(year, 12, 18), True),
        (f"Independent Activities Period {year + 1}", dt.date(year + 1, 1, 5), dt.date(year + 1, 1, 30), False),
        (f"Spring {year + 1}", dt.date(year + 1, 2, 2), dt.date(year + 1, 5, 20), True),
        (f"Summer {year + 1}", dt.date(year + 1, 6, 1), dt.date(year + 1, 8, 21), False),
    ]
    Term.objects.bulk_create(
        Term(name=name, first_day=first, last_day=last, in_session=in_session, source=SOURCE)
        for name, first, last, in_session in spans
    )
