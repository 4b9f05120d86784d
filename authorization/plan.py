"""What a start date would ask of a student who has nothing yet. Reckoned when it is asked for; nothing is stored."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import StudentProfile
from authorization.leadtime import Outcome, Verdict, check_routes
from authorization.rules import World, declared_needs, portable_approvals
from authorization.workflow import Needs, RouteKind
from core import clock, ics

# A calendar lies open on desks and is shared: its words, and the address in it, say nothing of what the days are for.
TITLES = {
    "opens": "Your plan: first possible day",
    "begin": "Your plan: begin by today",
    "file": "Your plan: last safe day",
}
WORTH_KEEPING = (Outcome.IN_TIME, Outcome.TIGHT)


@dataclass(frozen=True)
class Plan:
    """The verdicts on the ways that the student named, all of them where none was named, and on the others."""

    start: dt.date
    end: dt.date | None
    own: list[Verdict]
    others: list[Verdict]

    @property
    def query(self) -> str:
        """The same question again, in an address."""
        asked = {"start": self.start.isoformat()} | ({"end": self.end.isoformat()} if self.end else {})
        return urlencode(asked)

    @property
    def has_dates(self) -> bool:
        return any(verdict.outcome in WORTH_KEEPING for verdict in self.own)


def make_plan(
    student: StudentProfile, *, start: dt.date, end: dt.date | None = None, today: dt.date | None = None
) -> Plan:
    """Without a last day, an approval that covers the first is enough."""
    needs, kind = declared_needs(student)
    world = World.load()
    verdicts = check_routes(
        start,
        end or start,
        today or clock.today(),
        routes=world.figures(""),
        campus=world.campus,
        authorized=portable_approvals(student, world),
    )
    if needs != Needs.YES or kind in ("", RouteKind.UNSURE):
        return Plan(start, end, verdicts, [])
    own = [verdict for verdict in verdicts if verdict.route.kind == kind]
    return Plan(start, end, own, [verdict for verdict in verdicts if verdict.route.kind != kind])


def calendar_file(plan: Plan, student: StudentProfile, *, now: dt.datetime) -> bytes:
    return ics.calendar(_entries(plan, student, now))


def _entries(plan: Plan, student: StudentProfile, now: dt.datetime) -> Iterator[ics.Entry]:
    """The days of each way that is still in time. The same day keeps its UID from download to download, and the later
    download counts as the newer."""
    page = f"{settings.BASE_URL}{reverse('authorization_plan')}?{plan.query}"
    for verdict in plan.own:
        for kind, day in _days(verdict):
            facts = (student.pk, plan.start, verdict.route.name, kind)
            starts, ends = ics.whole_day(day)
            yield ics.Entry(
                key=f"plan-{salted_hmac('authorization.plan', repr(facts)).hexdigest()[:24]}",
                title=TITLES[kind],
                starts=starts,
                ends=ends,
                modified=now,
                sequence=clock.today(now).toordinal(),
                url=page,
                text=page,
            )


def _days(verdict: Verdict) -> Iterator[tuple[str, dt.date]]:
    if verdict.window is None or verdict.outcome not in WORTH_KEEPING:
        return
    if verdict.not_before:
        yield "opens", verdict.not_before
    if verdict.outcome == Outcome.IN_TIME:
        yield "begin", verdict.window.start_by
    yield "file", verdict.window.latest_filing
