"""What can be done where a route has closed: another one, or a later first day."""

import datetime as dt
from dataclasses import dataclass

from authorization.leadtime import Figures, Verdict, check_routes, soonest_start
from authorization.models import AuthorizationRecord
from authorization.rules import World


@dataclass(frozen=True)
class LaterStart:
    route: Figures
    unit: str
    day: dt.date


def other_checks(record: AuthorizationRecord, *, world: World, today: dt.date) -> list[Verdict]:
    """Every route but the record's, for the planned dates."""
    others = [route.figures() for route in world.routes if route.kind != record.route]
    return check_routes(
        record.starts, record.ends, today, routes=others, campus=world.campus, contractor=record.contractor
    )


def later_starts(record: AuthorizationRecord, *, world: World, today: dt.date) -> list[LaterStart]:
    """For each route that can be reckoned with, the first day of work for which whoever begins to prepare today is in
    time; none where that is the planned day, or before it."""
    found = []
    for route in (row.figures() for row in world.routes):
        day = soonest_start(route, ready=today, campus=world.campus)
        if day and day > record.starts:
            found.append(LaterStart(route, route.calendar(world.campus).unit, day))
    return sorted(found, key=lambda one: one.day)
