"""What the rows say about a student and dates: lead-time checks, the moments to be reminded, clearance."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.formats import date_format

from accounts.models import StudentProfile
from authorization.leadtime import DateRange, Figures, Verdict, check_route, check_routes, filing_window
from authorization.models import AuthorizationRecord, Declaration, Route
from authorization.workflow import UNFILED, Needs, RouteKind, Status
from campus.calendar import BusinessCalendar, campus_calendar
from core import clock

__all__ = ["check_routes", "clearance", "is_cleared", "lead_time_checks", "record_checks", "standing"]

NOTICE_DAYS = (14, 7, 3, 1)
ENDING_NOTICE = dt.timedelta(days=14)
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class World:
    """Closures and route rows as they stand, read once for any number of records."""

    campus: BusinessCalendar
    routes: tuple[Route, ...]

    @classmethod
    def load(cls) -> "World":
        return cls(campus_calendar(), tuple(Route.objects.all()))

    def figures(self, kind: str) -> list[Figures]:
        """The rows of a route; all of them while the student is not sure."""
        rows = (route for route in self.routes if kind in (route.kind, RouteKind.UNSURE, ""))
        return [route.figures() for route in rows]

    def portable(self, kind: str) -> bool:
        """An approval of this kind counts for other employers too."""
        rows = [route for route in self.routes if route.kind == kind]
        return bool(rows) and not any(route.employer_specific for route in rows)

    def filing_days(self, kind: str, starts: dt.date) -> list[dt.date]:
        """The latest safe filing of each usable way that has a window at all, soonest first."""
        windows = (filing_window(route, starts, self.campus) for route in self.figures(kind) if route.usable)
        return sorted(window.latest_filing for window in windows if not window.is_empty)


def declared_needs(student: StudentProfile) -> tuple[str, str]:
    """What the student said: whether authorization is needed, and the route."""
    declaration = Declaration.objects.filter(student=student).first()
    return (declaration.needs, declaration.route) if declaration else (Needs.UNSAID.value, "")


def lead_time_checks(
    student: StudentProfile | None,
    *,
    starts: dt.date,
    ends: dt.date,
    today: dt.date | None = None,
    contractor: bool = False,
) -> list[Verdict]:
    """A verdict for each way of the student's route; nothing for those who need none, or would rather not say."""
    if student is None:
        return []
    needs, kind = declared_needs(student)
    if needs != Needs.YES:
        return []
    world = World.load()
    return check_routes(
        starts,
        ends,
        today or clock.today(),
        routes=world.figures(kind),
        campus=world.campus,
        authorized=portable_approvals(student, world),
        contractor=contractor,
    )


def record_checks(record: AuthorizationRecord, *, world: World, today: dt.date) -> list[Verdict]:
    """The same for a record, for which its own approval counts besides, whatever the employer."""
    own = [(record.cleared_from, record.cleared_until)] if record.cleared_from and record.cleared_until else []
    return check_routes(
        record.starts,
        record.ends,
        today,
        routes=world.figures(record.route),
        campus=world.campus,
        authorized=[*own, *portable_approvals(record.student, world)],
        contractor=record.contractor,
    )


def portable_approvals(student: StudentProfile, world: World) -> list[DateRange]:
    """Approved dates that hold for any employer: an approval for one project says nothing about another."""
    cleared = AuthorizationRecord.objects.filter(student=student, cleared_at__isnull=False)
    return [
        (record.cleared_from, record.cleared_until)
        for record in cleared
        if record.status == Status.APPROVED
        and record.cleared_from
        and record.cleared_until
        and world.portable(record.route)
    ]


def is_cleared(record: AuthorizationRecord, first_day: dt.date, last_day: dt.date | None = None) -> bool:
    """The gate: an approval (or none needed) covers the day, or all days up to `last_day`."""
    if record.is_closed or record.cleared_from is None or record.cleared_until is None:
        return False
    return record.cleared_from <= first_day and (last_day or first_day) <= record.cleared_until


def clearance(record: AuthorizationRecord | None) -> str:
    """The one sentence a host may read after acceptance. It is the same whether or not authorization was needed."""
    if record and record.cleared_from:
        first = max(record.cleared_from, record.starts)
        if is_cleared(record, first):
            return f"cleared to begin from {date_format(first, 'D, M j, Y')}"
    return "not cleared to begin yet"


class Coverage(StrEnum):
    """What of the work the cleared dates cover."""

    NOTHING = "nothing is cleared"
    NOT_THE_START = "not the first day"
    NOT_THE_END = "not the last day"
    WHOLE = "all of it"


@dataclass(frozen=True)
class Standing:
    """Where a record stands against the calendar."""

    record: AuthorizationRecord
    # The soonest latest safe filing, for reminders; and the last of them, after which every way is too late.
    file_by: dt.date | None
    last_chance: dt.date | None

    @property
    def coverage(self) -> Coverage:
        record = self.record
        if record.cleared_from is None or record.cleared_until is None:
            return Coverage.NOTHING
        if not record.cleared_from <= record.starts <= record.cleared_until:
            return Coverage.NOT_THE_START
        return Coverage.NOT_THE_END if record.cleared_until < record.ends else Coverage.WHOLE

    @property
    def is_uncovered(self) -> bool:
        """Dates were cleared, and the work begins on none of them."""
        return not self.record.is_closed and self.coverage is Coverage.NOT_THE_START

    @property
    def is_cut_short(self) -> bool:
        """The cleared dates end before the work does."""
        return not self.record.is_closed and self.coverage is Coverage.NOT_THE_END

    @property
    def is_waiting(self) -> bool:
        """Something must still happen before this work can begin."""
        return not self.record.is_closed and self.coverage in (Coverage.NOTHING, Coverage.NOT_THE_START)

    @property
    def is_unfiled(self) -> bool:
        return self.is_waiting and self.record.status in UNFILED

    @property
    def is_undeclared(self) -> bool:
        """Nobody has said whether authorization is needed: that none is can still be said on any day."""
        return self.is_waiting and self.record.status == Status.NOT_STARTED and not self.record.route

    @property
    def impossible_from(self) -> dt.date | None:
        """The day on which the planned start can no longer be met; None once nothing is awaited."""
        if not self.is_waiting:
            return None
        if self.is_unfiled and not self.is_undeclared and self.last_chance is not None:
            return min(self.last_chance + dt.timedelta(days=1), self.record.starts)
        return self.record.starts

    def is_impossible(self, today: dt.date) -> bool:
        return self.impossible_from is not None and self.impossible_from <= today

    @property
    def act_by(self) -> dt.date:
        """The queue's order: the first day that something is lost."""
        if self.is_unfiled and self.file_by is not None:
            return self.file_by
        if self.is_cut_short and self.record.cleared_until:
            return self.record.cleared_until
        return self.record.starts if self.is_waiting else dt.date.max

    @property
    def opened_on(self) -> dt.date:
        return clock.today(self.record.opened_at)


def standing(record: AuthorizationRecord, world: World) -> Standing:
    days = world.filing_days(record.route, record.starts)
    return Standing(record, days[0] if days else None, days[-1] if days else None)


def by_danger(records: Iterable[AuthorizationRecord], world: World, today: dt.date) -> list[Standing]:
    """What was cleared for other days than those of the work, then starts that can no longer be met, then by the day
    that something is lost."""

    def danger(one: Standing) -> tuple[Any, ...]:
        return not one.is_uncovered, not one.is_impossible(today), one.act_by, one.record.starts, one.record.pk

    return sorted((standing(record, world) for record in records), key=danger)


def filing_notices(one: Standing, campus: BusinessCalendar) -> list[tuple[str, dt.date]]:
    """Days to be told that filing comes due, by name; the soonest first."""
    if not one.is_unfiled or one.file_by is None:
        return []
    return [(f"d{n}", campus.subtract(one.file_by, n)) for n in NOTICE_DAYS]


def weekly_notices(one: Standing) -> list[tuple[str, dt.date]]:
    """A week after acceptance and every week from then, before the start, while nothing is filed."""
    if not one.is_unfiled:
        return []
    weeks = ((one.record.starts - one.opened_on).days - 1) // WEEK.days
    return [(f"w{n}", one.opened_on + n * WEEK) for n in range(1, weeks + 1)]


def version(*facts: Any) -> str:
    """Names the facts a reminder rests on without telling them: the outbox is read by other staff."""
    return salted_hmac("authorization.rules.version", repr(facts)).hexdigest()[:16]


def versions(one: Standing) -> Sequence[str]:
    """Of the weekly reminders, and of those before the latest safe filing."""
    record = one.record
    return version(record.pk, record.starts), version(record.pk, record.starts, one.file_by)


@dataclass(frozen=True)
class Effect:
    """What new figures of a row do: how many open records count with it, and verdicts that change, from and to."""

    records: int
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)


def effect_of(before: Route, after: Route, today: dt.date) -> Effect:
    """Both as though they were verified. What is cleared, or filed already, is not checked again."""
    campus = campus_calendar()
    rows = [replace(route.figures(), verified=True) for route in (before, after)]
    kinds = {before.kind, after.kind, RouteKind.UNSURE.value, ""}
    unfiled = [
        record
        for record in AuthorizationRecord.objects.filter(closed_at=None, cleared_at=None)
        if record.route in kinds and record.status in {*UNFILED, Status.DENIED}
    ]
    verdicts: Counter[tuple[str, str]] = Counter()
    for record in unfiled:
        was, will = (
            check_route(row, start=record.starts, end=record.ends, today=today, campus=campus).outcome for row in rows
        )
        if was != will:
            verdicts[was.value, will.value] += 1
    return Effect(len(unfiled), verdicts)
