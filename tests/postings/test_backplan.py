"""What hosts and moderators read of the last days that leave time for work authorization."""

import datetime as dt
import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from authorization.actions import declare, verify_route
from authorization.leadtime import filing_window
from authorization.models import Route
from authorization.rules import World
from campus.calendar import ONE_DAY, BusinessCalendar, ClosedDays
from campus.models import Closure
from core import clock
from postings.backplan import DEFAULT_REVIEW, backplan
from postings.models import OpportunityType, Posting
from postings.workflow import Status
from tests.authorization.test_leadtime import LeadUnit, closures, is_open, starts, walk
from tests.factories import make_posting, make_staff

NOW = dt.datetime(2024, 10, 1, 15, tzinfo=dt.UTC)
TODAY, START = NOW.date(), date(2025, 1, 6)
RECESSES = [
    ("Veterans Day", date(2024, 11, 11), date(2024, 11, 11)),
    ("Thanksgiving recess", date(2024, 11, 28), date(2024, 11, 29)),
    ("Winter closing", date(2024, 12, 24), date(2025, 1, 1)),
]
AT, CPT, VISA = "J-1 Academic Training", "F-1 CPT", "Work visa"
OPT, PREMIUM = "F-1 pre-completion OPT", "F-1 pre-completion OPT, premium processing"


@pytest.fixture
def world(db):
    by = make_staff(Role.INTERNATIONAL_ADVISER, "Ines")
    for route in Route.objects.exclude(lead_days=None):
        verify_route(route, by=by, on=NOW.date())
    Closure.objects.bulk_create(Closure(name=name, first_day=first, last_day=last) for name, first, last in RECESSES)
    return World.load()


def posting(status=Status.DRAFT, **fields):
    given = {"start_earliest": START, "start_latest": START, "now": NOW}
    return make_posting(status, **(given | fields))


def until(day):
    return clock.end_of_day(day, dt.UTC)


def planned(world, today=TODAY, **fields):
    return backplan(posting(**fields), world=world, today=today)


def test_the_days_are_counted_back_from_the_latest_start(world):
    plan = planned(world)
    assert {route.name: (route.apply_by, route.offer_by) for route in plan.routes} == {
        # Start filing by Wed, Dec 4: seven days for the offer lead over Thanksgiving to Nov 21, five more to Nov 14.
        CPT: (date(2024, 11, 14), date(2024, 11, 21)),
        AT: (date(2024, 11, 14), date(2024, 11, 21)),
        # Start filing by Wed, Oct 16.
        PREMIUM: (date(2024, 9, 30), date(2024, 10, 7)),
        OPT: (None, None),
        VISA: (None, None),
    }
    assert [route.name for route in plan.routes if not route.has_window] == [OPT]
    assert [route.name for route in plan.routes if route.is_past] == [PREMIUM]
    assert (plan.latest, plan.is_shut, plan.closes_late, plan.review) == (date(2024, 11, 14), False, False, 5)


def test_the_promise_of_the_posting_is_the_time_to_answer(world):
    assert DEFAULT_REVIEW == 5
    found = [planned(world, answer_within=days).routes[0].apply_by for days in (5, 10, 15)]
    assert found == [date(2024, 11, 14), date(2024, 11, 6), date(2024, 10, 30)]
    assert [planned(world, answer_within=days).promised for days in (None, 5)] == [False, True]


def test_the_time_to_decide_is_that_of_the_opportunity_type(world):
    internship = OpportunityType.objects.get(slug="internship")
    plan = planned(world, opportunity_type=internship)
    assert (plan.decide, plan.routes[0].offer_by) == (20, date(2024, 11, 1))


@given(starts, closures, st.integers(1, 25), st.sampled_from([None, 5, 10, 15]))
def test_whoever_applies_on_the_day_still_starts_filing_in_time_and_a_day_later_does_not(start, closed, days, promise):
    campus = BusinessCalendar([*closed, ClosedDays(START, START, "Holiday")])
    kind = OpportunityType(offer_days_least=days, offer_days_recommended=days)
    unsaved = Posting(start_latest=start, opportunity_type=kind, answer_within=promise)
    route = Route(name=CPT, kind="cpt", preparation_days=5, lead_days=10, last_verified=start)
    plan = backplan(unsaved, world=World(campus, (route,)), today=start)
    (row,) = plan.routes

    def begins(applied):
        offered = walk(applied, promise or DEFAULT_REVIEW, LeadUnit.CAMPUS, campus)
        return walk(offered, days, LeadUnit.CAMPUS, campus)

    last = filing_window(route.figures(), start, campus).start_by
    assert is_open(row.apply_by, LeadUnit.CAMPUS, campus)
    assert begins(row.apply_by) <= last < begins(walk(row.apply_by, 1, LeadUnit.CAMPUS, campus))
    assert walk(row.offer_by, days, LeadUnit.CAMPUS, campus) <= last


@given(starts, closures, st.integers(1, 25))
def test_the_soonest_start_is_the_first_that_is_not_shut(today, closed, days):
    kind = OpportunityType(offer_days_least=days, offer_days_recommended=days)
    route = Route(name=CPT, kind="cpt", preparation_days=5, lead_days=10, last_verified=today)
    world = World(BusinessCalendar(closed), (route,))

    def plan(start):
        return backplan(Posting(start_latest=start, opportunity_type=kind), world=world, today=today)

    soonest = plan(today).soonest
    assert (plan(soonest).is_shut, plan(soonest - ONE_DAY).is_shut) == (False, True)


@pytest.mark.parametrize(
    ("today", "shut"), [(date(2024, 11, 14), False), (date(2024, 11, 15), True), (date(2025, 1, 10), True)]
)
def test_it_warns_once_the_last_day_has_passed(world, today, shut):
    assert planned(world, today).is_shut is shut


def test_the_soonest_start_would_leave_time(world):
    today = date(2024, 11, 15)
    soonest = planned(world, today).soonest
    assert soonest == date(2025, 1, 7)
    later, sooner = (planned(world, today, start_earliest=day, start_latest=day) for day in (soonest, START))
    assert (later.is_shut, sooner.is_shut) == (False, True)


def test_whoever_answers_sooner_still_has_until_the_last_offer(world):
    days = [date(2024, 11, 15), date(2024, 11, 21), date(2024, 11, 22)]
    assert [planned(world, today).last_offer for today in days] == [date(2024, 11, 21), date(2024, 11, 21), None]


@pytest.mark.parametrize(("last_day", "late"), [(date(2024, 11, 14), False), (date(2024, 11, 15), True), (None, False)])
def test_a_last_day_to_apply_after_all_of_them_is_late(world, last_day, late):
    assert planned(world, apply_by=until(last_day) if last_day else None).closes_late is late


def test_nothing_is_warned_of_while_no_figure_is_verified(world):
    Route.objects.update(last_verified=None, verified_by=None)
    plan = planned(World.load(), date(2025, 1, 10))
    assert (plan.is_shut, plan.soonest, {route.apply_by for route in plan.routes}) == (False, None, {None})


def test_there_is_no_plan_before_a_start(world):
    assert planned(world, start_earliest=None, start_latest=None) is None
    assert planned(world, opportunity_type=None) is None


def page(client, user, url):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


PLACES = ["posting_edit", "posting_preview", "admin"]


def address(found, place):
    name = "admin:postings_posting_change" if place == "admin" else place
    return reverse(name, args=[found.pk])


@pytest.mark.parametrize("place", PLACES)
def test_host_and_moderator_read_the_days_and_the_warning(client, world, place, omar, mo):
    found = posting(Status.SUBMITTED, host=omar)
    reader = mo if place == "admin" else omar.user
    with time_machine.travel(NOW):
        in_time = page(client, reader, address(found, place))
    with time_machine.travel(dt.datetime(2024, 11, 15, 15, tzinfo=dt.UTC)):
        too_late = page(client, reader, address(found, place))
    assert "F-1 CPT Thu, Nov 14, 2024 Thu, Nov 21, 2024" in in_time
    assert "F-1 pre-completion OPT No day in time No day in time" in in_time
    assert "Last days in campus business days. Confirm with the international office." in in_time
    warning = "This start leaves no time for work authorization"
    assert (warning in in_time, warning in too_late) == (False, True)
    assert (
        "unless offers are written by Thu, Nov 21, 2024, in fewer than 5 business days after an application" in too_late
    )
    assert "A latest start on Tue, Jan 7, 2025 or later leaves time." in too_late


@pytest.mark.parametrize("place", PLACES)
def test_a_late_last_day_is_told(client, world, place, omar, mo):
    found = posting(Status.SUBMITTED, host=omar, apply_by=until(date(2024, 12, 2)))
    with time_machine.travel(NOW):
        text = page(client, mo if place == "admin" else omar.user, address(found, place))
    assert "would have to apply by Thu, Nov 14, 2024 (campus business days)" in text


@pytest.mark.parametrize("place", PLACES)
def test_fifty_routes_and_closures_ask_as_often_as_a_few(client, world, place, omar, mo):
    found = posting(Status.SUBMITTED, host=omar)
    reader, url = mo if place == "admin" else omar.user, address(found, place)
    page(client, reader, url)
    with CaptureQueriesContext(connection) as few:
        page(client, reader, url)
    route = Route.objects.get(name=CPT)
    for number in range(50):
        route.pk, route.name, route._state.adding = None, f"Route {number}", True
        route.save()
        Closure.objects.create(name=f"Day {number}", first_day=START, last_day=START)
    with CaptureQueriesContext(connection) as many:
        assert "Route 49" in page(client, reader, url)
    assert len(many) == len(few)


@pytest.mark.parametrize("place", PLACES)
def test_what_students_said_changes_nothing(client, world, place, omar, mo, sana):
    found = posting(Status.SUBMITTED, host=omar)
    reader, url = mo if place == "admin" else omar.user, address(found, place)
    with time_machine.travel(NOW, tick=False):
        before = page(client, reader, url)
        declare(sana, needs="yes", route="opt", by=sana.user)
        assert page(client, reader, url) == before


def test_students_and_visitors_read_none_of_it(client, world, sana, omar):
    found = posting(Status.OPEN, host=omar)
    with time_machine.travel(NOW):
        for user in (sana.user, omar.user):
            assert "Offer by" not in page(client, user, found.get_absolute_url())


def test_an_ended_posting_is_not_planned_for(client, world, mo):
    with time_machine.travel(NOW):
        assert "Offer by" not in page(client, mo, address(posting(Status.CLOSED), "admin"))


def test_every_student_finds_the_plan_on_a_posting(client, world, sana, omar):
    found = posting(Status.OPEN, host=omar)
    with time_machine.travel(NOW):
        client.force_login(sana.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        link = 'href="/plan/?start=2025-01-06&amp;end=2025-02-02"'
        assert link in client.get(found.get_absolute_url()).content.decode()
        declare(sana, needs="yes", route="cpt", by=sana.user)
        assert link in client.get(found.get_absolute_url()).content.decode()
        client.force_login(omar.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert "/plan/" not in client.get(found.get_absolute_url()).content.decode()
