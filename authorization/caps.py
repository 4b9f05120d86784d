"""Hours a week in term over all of a student's work on the board, against the most that a route allows part-time. For
the student and the international advisors alone: that there is a cap tells of a route."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.formats import date_format

from authorization.models import AuthorizationRecord, Route
from authorization.workflow import Extent, RouteKind, Status
from campus.calendar import ONE_DAY
from campus.models import Term
from core import clock

WEEK = dt.timedelta(weeks=1)
LISTED = 3


class Work(Protocol):
    """From the first day to the last, both worked on, at most so many hours a week."""

    @property
    def first_day(self) -> dt.date: ...
    @property
    def last_day(self) -> dt.date: ...
    @property
    def most(self) -> int: ...


@dataclass(frozen=True)
class Stretch:
    """`cap`: the hours a week in term that its route allows part-time, if any; `excused`: hours a week that an advisor
    has cleared nevertheless."""

    first_day: dt.date
    last_day: dt.date
    most: int
    cap: int | None = None
    excused: int = 0

    def touches(self, monday: dt.date) -> bool:
        """A week counts in full as soon as any day of the work falls into it: a part of it is no smaller promise."""
        return self.first_day <= monday + WEEK - ONE_DAY and self.last_day >= monday


@dataclass(frozen=True)
class Over:
    """A week, Monday to Sunday, with a day of a term in session."""

    monday: dt.date
    hours: int

    def __str__(self) -> str:
        return f"the week of {date_format(self.monday, 'F j, Y')}: {self.hours} hours"


def monday_of(day: dt.date) -> dt.date:
    return day - day.weekday() * ONE_DAY


@dataclass(frozen=True)
class Load:
    """All of one student's work, and the terms. Pure: no query, no clock."""

    stretches: tuple[Stretch, ...]
    terms: tuple[Term, ...]

    def cap(self, monday: dt.date) -> int | None:
        """The least that binds in this week; None out of term, and where no route of the week has one."""
        sunday = monday + WEEK - ONE_DAY
        if not any(term.in_session and term.first_day <= sunday and term.last_day >= monday for term in self.terms):
            return None
        caps = [one.cap for one in self.stretches if one.cap is not None and one.touches(monday)]
        return min(caps, default=None)

    def limit(self, monday: dt.date) -> int | None:
        """The cap, or what was cleared over it."""
        cap = self.cap(monday)
        excused = (one.excused for one in self.stretches if one.touches(monday))
        return None if cap is None else max([cap, *excused])

    def hours(self, monday: dt.date) -> int:
        return sum(one.most for one in self.stretches if one.touches(monday))

    def over(self, first: dt.date, last: dt.date, *, excused: bool = True) -> list[Over]:
        """The weeks between these days, both counted, with more hours than the limit; more than the cap where what is
        excused is not to count."""
        monday, found = monday_of(first), []
        while monday <= last:
            most = self.limit(monday) if excused else self.cap(monday)
            if most is not None and self.hours(monday) > most:
                found.append(Over(monday, self.hours(monday)))
            monday += WEEK
        return found


def weeks_over(works: Iterable[Work], terms: Iterable[Term], cap: int) -> list[Over]:
    """Of all these, as though each were under this cap. Pure."""
    planned = tuple(Stretch(work.first_day, work.last_day, work.most, cap) for work in works)
    if not planned:
        return []
    load = Load(planned, tuple(terms))
    return load.over(min(work.first_day for work in planned), max(work.last_day for work in planned))


@dataclass(frozen=True)
class Caps:
    """The records of some students with terms and routes, read once."""

    records: dict[int, list[AuthorizationRecord]]
    terms: tuple[Term, ...]
    routes: tuple[Route, ...]

    @classmethod
    def of(cls, *students: int) -> "Caps":
        """By the keys of their profiles."""
        records = defaultdict(list)
        for record in AuthorizationRecord.objects.filter(student__in=students):
            records[record.student_id].append(record)
        return cls(dict(records), tuple(Term.objects.filter(in_session=True)), tuple(Route.objects.all()))

    def cleared(self, student: int) -> Load:
        """What may be worked on: the gate counts this."""
        return self._load(stretch for record in self.records.get(student, []) if (stretch := self._stretch(record)))

    def accepted(self, record: AuthorizationRecord) -> Load:
        """All that is accepted, this record as it is given: an advisor who approves it counts this."""
        others = [one for one in self.records.get(record.student_id, []) if one.pk != record.pk]
        stretches = (self._stretch(one) or self._planned(one) for one in [*others, record])
        return self._load(stretch for stretch in stretches if stretch)

    def over(self, record: AuthorizationRecord, *, since: dt.date | None = None) -> list[Over]:
        """The weeks of cleared work, from that of `since` on, that nobody has cleared over the cap."""
        stretch = self._stretch(record)
        if stretch is None or record.is_closed:
            return []
        return self.cleared(record.student_id).over(
            max(stretch.first_day, since or stretch.first_day), stretch.last_day
        )

    def over_if_approved(self, record: AuthorizationRecord) -> list[Over]:
        """The weeks that need an advisor's reason: excused or not, with all that is accepted."""
        stretch = self._stretch(record) or self._planned(record)
        if stretch is None or record.is_closed:
            return []
        return self.accepted(record).over(stretch.first_day, stretch.last_day, excused=False)

    def cap_in(self, weeks: Sequence[Over], record: AuthorizationRecord) -> int | None:
        """The cap that these weeks of a student are over."""
        load = self.accepted(record)
        return min((cap for week in weeks if (cap := load.cap(week.monday))), default=None)

    def cap_of(self, record: AuthorizationRecord) -> int | None:
        """Hours a week in term that the record's own route allows part-time."""
        if record.extent == Extent.FULL_TIME or record.status == Status.NOT_NEEDED:
            return None
        unknown = record.route in ("", RouteKind.UNSURE)
        caps = [route.weekly_cap for route in self.routes if unknown or route.kind == record.route]
        return min((cap for cap in caps if cap), default=None)

    def _load(self, stretches: Iterable[Stretch]) -> Load:
        return Load(tuple(stretches), self.terms)

    def _stretch(self, record: AuthorizationRecord) -> Stretch | None:
        """The days of the work that are cleared; of a closed record those before it was closed."""
        if record.cleared_from is None or record.cleared_until is None:
            return None
        first, last = max(record.starts, record.cleared_from), min(record.ends, record.cleared_until)
        if record.closed_at:
            last = min(last, clock.today(record.closed_at))
        excused = int(record.over_cap or 0)
        return Stretch(first, last, record.hours, self.cap_of(record), excused) if first <= last else None

    def _planned(self, record: AuthorizationRecord) -> Stretch | None:
        if record.is_closed or record.status == Status.DENIED:
            return None
        cap = self.cap_of(record) if record.route or record.status != Status.NOT_STARTED else None
        return Stretch(record.starts, record.ends, record.hours, cap)


def over_the_cap(records: Iterable[AuthorizationRecord], *, since: dt.date) -> set[int]:
    """Of these, those whose cleared work comes to too many hours in some week from that of `since` on. By key."""
    listed = list(records)
    if not listed:
        return set()
    caps = Caps.of(*{record.student_id for record in listed})
    return {record.pk for record in listed if caps.over(record, since=since)}


def in_words(weeks: Sequence[Over]) -> str:
    if len(weeks) <= LISTED:
        return "; ".join(map(str, weeks))
    first, last = (date_format(week.monday, "F j, Y") for week in (weeks[0], weeks[-1]))
    most = max(week.hours for week in weeks)
    return f"{len(weeks)} weeks, from that of {first} to that of {last}: up to {most} hours"
