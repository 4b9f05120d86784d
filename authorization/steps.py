"""The way of a record in steps, and what was tried before, read from its events."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from authorization.models import AuthorizationEvent, AuthorizationRecord, DocumentOpening, RouteStep
from authorization.workflow import MET, RouteKind, Status

# What begins another attempt: the ticks of the one before it count no more.
ANEW = {("advise", Status.DENIED.value), ("revoke", Status.APPROVED.value)}
DECISIONS = {"approve": "Approved", "deny": "Denied", "revoke": "Approval taken back"}
SettledBy = RouteStep.SettledBy


@dataclass(frozen=True)
class Tick:
    """Who said that a step is done, and which advisor has seen that it is."""

    said: AuthorizationEvent | None = None
    verified: AuthorizationEvent | None = None

    @property
    def number(self) -> str:
        return next((event.number for event in (self.verified, self.said) if event and event.number), "")

    @property
    def day(self) -> dt.date | None:
        return _day(next((event.day for event in (self.verified, self.said) if event and event.day), ""))


@dataclass(frozen=True)
class StepNow:
    """`state`: done, current, todo, stopped, or unsaid: nobody ticked it, and by now it does not matter."""

    step: RouteStep
    state: str
    tick: Tick | None = None

    @property
    def can_be_ticked(self) -> bool:
        return self.step.settled_by == SettledBy.TICK


@dataclass(frozen=True)
class Attempt:
    route: str
    filed_on: dt.date | None
    outcome: str
    at: dt.datetime | None


@dataclass(frozen=True)
class Opened:
    """Who opened a document, how often, and when last."""

    by: Any
    what: str
    times: int
    last: dt.datetime


def ticks(record: AuthorizationRecord, events: Iterable[AuthorizationEvent]) -> dict[int, Tick]:
    """By the step's key, over the attempt that is under way; `events` from the first to the last."""
    found: dict[int, Tick] = {}
    for event in events:
        if (event.move, event.from_status) in ANEW:
            found = {}
        elif event.move == "tick":
            key = int(event.step)
            before = found.get(key, Tick())
            own = event.by_id == record.student.user_id
            found[key] = Tick(event, before.verified) if own else Tick(before.said, event)
        elif event.move == "untick":
            found.pop(int(event.step), None)
    return found


def steps_of(
    record: AuthorizationRecord, steps: Sequence[RouteStep], events: Sequence[AuthorizationEvent]
) -> list[StepNow]:
    """`steps` of every route; those of “Not sure” while none is known."""
    kind = record.route or RouteKind.UNSURE
    ticked = ticks(record, events)
    found: list[StepNow] = []
    for step in steps:
        if step.kind == kind:
            found.append(StepNow(step, _state(record, step, ticked, found), ticked.get(step.pk)))
    return found


def _state(record: AuthorizationRecord, step: RouteStep, ticked: dict[int, Tick], before: list[StepNow]) -> str:
    if _is_done(record, step, ticked):
        return "done"
    if step.settled_by == SettledBy.APPROVE and record.status == Status.DENIED:
        return "stopped"
    if record.status == Status.APPROVED:
        return "unsaid"
    is_over = record.is_closed or record.status == Status.DENIED
    return "todo" if is_over or any(one.state == "current" for one in before) else "current"


def _is_done(record: AuthorizationRecord, step: RouteStep, ticked: dict[int, Tick]) -> bool:
    settled = {
        SettledBy.TICK: step.pk in ticked,
        SettledBy.ADVISE: record.status in MET,
        SettledBy.FILE: record.status in {Status.FILED, Status.APPROVED, Status.DENIED},
        SettledBy.APPROVE: record.status == Status.APPROVED,
    }
    return settled[SettledBy(step.settled_by)]


def attempts(events: Iterable[AuthorizationEvent]) -> list[Attempt]:
    """Each filing, by which route and what came of it, the first at the top."""
    found: list[Attempt] = []
    for event in events:
        if event.move == "file":
            found.append(Attempt(str(event.get_route_display()), _day(event.day), "Not decided yet", None))
        elif found and event.move in DECISIONS:
            last = found[-1]
            found[-1] = Attempt(last.route, last.filed_on, DECISIONS[event.move], event.at)
    return found


def told(openings: Iterable[DocumentOpening]) -> list[Opened]:
    """The log as the student reads it, the latest at the top. What was opened is encrypted, so it is counted here."""

    def same(one: DocumentOpening) -> tuple[str, int]:
        return one.what, one.by_id

    groups = [[*group] for _, group in groupby(sorted(openings, key=same), same)]
    found = [Opened(group[0].by, group[0].what, len(group), max(one.at for one in group)) for group in groups]
    return sorted(found, key=lambda one: one.last, reverse=True)


def _day(iso: str) -> dt.date | None:
    return dt.date.fromisoformat(iso) if iso else None
