import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from authorization import actions
from authorization.models import AuthorizationRecord, Route
from authorization.workflow import RouteKind, Status
from tests.factories import make_staff, make_student, make_user

from .conftest import END, NOW, START

QUEUE = "admin:authorization_authorizationrecord_changelist"


@pytest.fixture
def sign_in(client):
    def as_(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def action_url(record, name):
    return reverse("admin:authorization_authorizationrecord_action", args=[record.pk, name])


def fresh(record):
    return AuthorizationRecord.objects.get(pk=record.pk)


def listed(response):
    return [record.pk for record in response.context["cl"].result_list]


@time_machine.travel(NOW)
def test_the_queue_runs_from_the_most_to_the_least_pressing(sign_in, open_record, ines):
    soon = open_record(starts=dt.date(2024, 12, 2))
    cleared = open_record(Status.APPROVED)
    later = open_record()
    closed = actions.close_record(open_record(), by=ines)
    filed = open_record(Status.FILED, starts=dt.date(2024, 12, 12))
    response = sign_in(ines).get(reverse(QUEUE))
    assert listed(response) == [soon.pk, later.pk, filed.pk, cleared.pk, closed.pk]
    page = response.content.decode()
    for danger in ("The start can no longer be met", "File by Dec 11, 2024", "Waiting; starts Dec 12, 2024"):
        assert danger in page


def test_the_queue_asks_the_same_for_few_and_for_many(sign_in, open_record, ines):
    client = sign_in(ines)
    counts = []
    for number in (1, 15):
        for _ in range(number):
            open_record(student=make_student())
        client.get(reverse(QUEUE))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(QUEUE))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_advisor_approves_with_dates(sign_in, open_record, ines):
    record = open_record(Status.FILED)
    client, url = sign_in(ines), action_url(record, "approval")
    assert client.get(url).status_code == 200
    assert client.post(url, {"valid_from": str(END), "valid_until": str(START)}).status_code == 422
    assert client.post(url, {"valid_from": str(START)}).status_code == 422
    assert fresh(record).status == Status.FILED
    assert client.post(url, {"valid_from": str(START), "valid_until": str(END), "note": ""}).status_code == 302
    assert (fresh(record).status, fresh(record).cleared_from) == (Status.APPROVED, START)


@pytest.mark.parametrize(
    ("status", "name", "data", "target"),
    [
        (Status.NOT_STARTED, "advising", {}, Status.ADVISED),
        (Status.NOT_STARTED, "waiver", {"note": "Citizen"}, Status.NOT_NEEDED),
        (Status.ADVISED, "filing", {"filed_on": "2024-11-18"}, Status.FILED),
        (Status.FILED, "denial", {"note": "Wrong form"}, Status.DENIED),
        (Status.APPROVED, "amendment", {"valid_from": "2025-01-07", "valid_until": "2025-01-30"}, Status.APPROVED),
        (Status.APPROVED, "revocation", {"note": "Wrong student"}, Status.ADVISED),
        (Status.NOT_NEEDED, "need", {"note": "Status changed"}, Status.NOT_STARTED),
    ],
)
def test_each_verb_has_its_button_and_form(sign_in, open_record, ines, status, name, data, target):
    record, client = open_record(status), sign_in(ines)
    url = action_url(record, name)
    page = client.get(reverse("admin:authorization_authorizationrecord_change", args=[record.pk])).content.decode()
    assert url in page
    assert client.post(url, data).status_code == 302
    assert fresh(record).status == target


def test_a_denial_needs_a_reason(sign_in, open_record, ines):
    record = open_record(Status.FILED)
    assert sign_in(ines).post(action_url(record, "denial"), {}).status_code == 422
    assert fresh(record).status == Status.FILED


def test_a_verb_out_of_turn_is_refused_on_its_form(sign_in, open_record, ines):
    record = open_record(Status.NOT_STARTED)
    response = sign_in(ines).post(action_url(record, "approval"), {"valid_from": str(START), "valid_until": str(END)})
    assert response.status_code == 422
    assert "no longer possible" in response.content.decode()


@pytest.mark.parametrize("who", [Role.MODERATOR, Role.ADVISER, Role.PROGRAM_MANAGER, "superuser"])
def test_no_other_staff_sees_or_moves_anything(sign_in, open_record, who):
    record = open_record(Status.FILED)
    person = make_user(is_staff=True, is_superuser=True) if who == "superuser" else make_staff(who)
    client = sign_in(person)
    urls = [
        reverse(QUEUE),
        reverse("admin:authorization_authorizationrecord_change", args=[record.pk]),
        action_url(record, "approval"),
        reverse("admin:authorization_route_changelist"),
        reverse("admin:app_list", args=["authorization"]),
    ]
    assert [client.get(url).status_code for url in urls] == [403, 403, 403, 403, 404]
    assert client.post(action_url(record, "denial"), {"note": "x"}).status_code == 403
    assert "authorization" not in client.get(reverse("admin:index")).content.decode()
    assert fresh(record).status == Status.FILED


def test_records_are_neither_added_nor_deleted_here(sign_in, open_record, ines):
    record, client = open_record(), sign_in(ines)
    assert client.get(reverse("admin:authorization_authorizationrecord_add")).status_code == 403
    delete = reverse("admin:authorization_authorizationrecord_delete", args=[record.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_the_rows_are_unverified_until_somebody_says_so(sign_in, ines):
    assert set(Route.objects.values_list("last_verified", flat=True)) == {None}
    keys = list(Route.objects.values_list("pk", flat=True))
    url = reverse("admin:authorization_route_changelist")
    sign_in(ines).post(url, {"action": "mark_verified", "_selected_action": keys})
    assert set(Route.objects.values_list("verified_by", flat=True)) == {ines.pk}


def route_form(route):
    fields = {"kind", "name", "who_decides", "proof", "link", "position", "preparation_days", "lead_days", "lead_unit"}
    fields |= {"post_days", "employer_specific", "weekly_cap", "source"}
    no_history = {"changes-TOTAL_FORMS": 0, "changes-INITIAL_FORMS": 0}
    return {name: getattr(route, name) for name in fields} | no_history | {"why": "Slower this year"}


def saved_after_a_look(client, url, data):
    """The first time it is told what the change does, and the second time it is saved."""
    first = client.post(url, data)
    if first.status_code == 302:
        return True
    form = first.context["adminform"].form
    return client.post(url, data | {"confirmed": form.data["confirmed"]}).status_code == 302


@pytest.mark.parametrize(
    ("changes", "verified"),
    [
        ({"lead_days": 12}, None),
        ({"preparation_days": 6, "last_verified": "2024-11-18"}, None),
        ({"employer_specific": ""}, None),
        ({"lead_days": 12, "last_verified": "2024-11-20"}, dt.date(2024, 11, 20)),
        ({"name": "CPT"}, dt.date(2024, 11, 18)),
    ],
)
def test_changed_figures_lose_their_verification_unless_it_is_new(sign_in, routes, ines, changes, verified):
    route = routes["F-1 CPT"]
    url = reverse("admin:authorization_route_change", args=[route.pk])
    data = route_form(route) | {"last_verified": "2024-11-18"} | changes
    assert saved_after_a_look(sign_in(ines), url, data)
    route.refresh_from_db()
    assert (route.last_verified, route.verified_by) == (verified, ines if verified else None)


def test_a_change_says_what_it_does_before_it_is_saved(sign_in, open_record, routes, ines):
    open_record(now=dt.datetime(2024, 11, 18, 15, tzinfo=dt.UTC))
    route, client = routes["F-1 CPT"], sign_in(ines)
    url = reverse("admin:authorization_route_change", args=[route.pk])
    data = route_form(route) | {"last_verified": "2024-11-18", "lead_days": 30}
    with time_machine.travel(NOW):
        unexplained = client.post(url, data | {"why": ""})
        assert "Say why the figures change" in unexplained.content.decode()
        first = client.post(url, data)
        told = first.content.decode()
        assert "1 open record counts with this row" in told
        assert "for 1 of them the verdict changes (1 from in time to too late)" in told
        confirmed = first.context["adminform"].form.data["confirmed"]
        assert Route.objects.get(pk=route.pk).lead_days == 10
        # What was looked at is what is saved: other figures are told of again.
        assert client.post(url, data | {"lead_days": 40, "confirmed": confirmed}).status_code == 200
        assert client.post(url, data | {"confirmed": confirmed}).status_code == 302
    assert Route.objects.get(pk=route.pk).lead_days == 30
    page = client.get(url).content.decode()
    assert "Slower this year" in page


def test_who_enters_the_date_of_verification_answers_for_it(sign_in, ines):
    route = Route.objects.get(name="F-1 CPT")
    url = reverse("admin:authorization_route_change", args=[route.pk])
    data = route_form(route) | {"last_verified": "2024-11-18"}
    assert sign_in(ines).post(url, data).status_code == 302
    route.refresh_from_db()
    assert (route.verified_by, route.last_verified) == (ines, dt.date(2024, 11, 18))
    assert sign_in(ines).post(url, data | {"last_verified": ""}).status_code == 302
    route.refresh_from_db()
    assert (route.verified_by, route.last_verified) == (None, None)


def test_the_shipped_rows_are_those_of_the_table(db):
    figures = {
        route.name: (route.preparation_days, route.lead_days, route.lead_unit, route.post_days, route.typical_days)
        for route in Route.objects.exclude(kind=RouteKind.VISA)
    }
    assert figures == {
        "F-1 CPT": (5, 10, "campus", 0, None),
        "F-1 pre-completion OPT": (10, 120, "calendar", 0, 90),
        "F-1 pre-completion OPT, premium processing": (10, 30, "federal", 21, None),
        "J-1 Academic Training": (5, 10, "campus", 0, None),
    }
