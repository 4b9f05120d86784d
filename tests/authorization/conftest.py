import datetime as dt

import pytest

from accounts.roles import Role
from authorization import actions
from authorization.models import AuthorizationRecord, Route
from authorization.workflow import Needs, RouteKind, Status
from campus.models import Closure
from tests.factories import make_staff, make_student

# A Monday, seven weeks before the project of these tests begins.
NOW = dt.datetime(2024, 11, 18, 15, tzinfo=dt.UTC)
START, END = dt.date(2025, 1, 6), dt.date(2025, 1, 31)
PURPOSE = "Churn analysis for a bike-share, Fenwick Labs"


@pytest.fixture
def sana(db):
    return make_student("Sana Iyer")


@pytest.fixture
def theo(db):
    return make_student("Theo Marsh")


@pytest.fixture
def ines(db):
    return make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")


@pytest.fixture
def routes(ines):
    """The rows that the product ships with, verified."""
    for route in Route.objects.all():
        actions.verify_route(route, by=ines, on=NOW.date())
    return {route.name: route for route in Route.objects.all()}


@pytest.fixture
def closures(db):
    Closure.objects.bulk_create(
        [
            Closure(name="Veterans Day", first_day=dt.date(2024, 11, 11), last_day=dt.date(2024, 11, 11)),
            Closure(name="Thanksgiving recess", first_day=dt.date(2024, 11, 28), last_day=dt.date(2024, 11, 29)),
            Closure(name="Winter closing", first_day=dt.date(2024, 12, 24), last_day=dt.date(2025, 1, 1)),
        ]
    )


@pytest.fixture
def open_record(sana, routes, closures):
    """A record of Sana's, who has declared, in any of its states."""

    def make(status=Status.NOT_STARTED, *, student=sana, needs=Needs.YES, route=RouteKind.CPT, now=NOW, **fields):
        ines = routes["F-1 CPT"].verified_by
        if needs:
            actions.declare(student, needs=needs, route=route, by=student.user, now=now)
        values = {"purpose": PURPOSE, "starts": START, "ends": END} | fields
        record = actions.open_record(student, by=student.user, now=now, **values)
        path = {
            Status.NOT_STARTED: [],
            Status.ADVISED: ["advise"],
            Status.FILED: ["advise", "file"],
            Status.APPROVED: ["advise", "file", "approve"],
            Status.DENIED: ["advise", "file", "deny"],
            Status.NOT_NEEDED: ["waive"],
        }[status]
        more = {"file": {"filed_on": now.date()}, "approve": {"valid_from": START, "valid_until": END}}
        for move in path:
            getattr(actions, move)(record, by=ines, now=now, **more.get(move, {}))
        return AuthorizationRecord.objects.get(pk=record.pk)

    return make
