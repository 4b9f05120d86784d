"""The rows of figures: who changed what and why, who answers for them, and since when."""

import datetime as dt
from copy import copy

import pytest
import time_machine
from django.db import IntegrityError, transaction

from authorization import actions
from authorization.leadtime import verified_too_long_ago
from authorization.models import Route, RouteChange
from authorization.rules import effect_of
from authorization.workflow import Needs, RouteKind, Status
from core.workflow import MoveRefused
from tests.factories import make_student

from .conftest import NOW

WHY = "The office answers within twelve days now"


def cpt():
    return Route.objects.get(name="F-1 CPT")


def changes(route):
    return [(one.field, one.before, one.after, one.why) for one in route.changes.order_by("pk")]


def edited(route, **values):
    route = copy(route)
    for name, value in values.items():
        setattr(route, name, value)
    return route


def test_each_changed_value_is_a_row_of_history(routes, ines):
    route = edited(cpt(), lead_days=12, lead_unit="calendar", weekly_cap=None)
    route.changes.all().delete()
    actions.keep_route(route, by=ines, why=WHY, now=NOW)
    assert changes(route) == [
        ("lead_days", "10", "12", WHY),
        ("lead_unit", "campus business days", "calendar days", WHY),
        ("weekly_cap", "20", "", WHY),
        ("last_verified", "2024-11-18", "", WHY),
        ("verified_by", "Ines Duarte", "", WHY),
    ]
    assert {(one.at, one.by) for one in route.changes.all()} == {(NOW, ines)}


def test_what_did_not_change_has_no_row(routes, ines):
    RouteChange.objects.all().delete()
    actions.keep_route(cpt(), by=ines, now=NOW)
    assert not RouteChange.objects.exists()


def test_figures_need_a_reason_and_words_do_not(routes, ines):
    with pytest.raises(MoveRefused, match="Say why"):
        actions.keep_route(edited(cpt(), lead_days=12), by=ines, why=" ", now=NOW)
    assert cpt().lead_days == 10
    actions.keep_route(edited(cpt(), who_decides="The DSO"), by=ines, now=NOW)
    assert (cpt().who_decides, cpt().last_verified) == ("The DSO", NOW.date())


def test_history_and_figures_are_written_together_or_not_at_all(routes, ines, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    before = RouteChange.objects.count()
    monkeypatch.setattr("authorization.actions.routes._history", fail)
    with pytest.raises(RuntimeError):
        actions.keep_route(edited(cpt(), lead_days=12), by=ines, why=WHY, now=NOW)
    assert (cpt().lead_days, RouteChange.objects.count()) == (10, before)


def test_a_change_is_a_change(routes, ines):
    with pytest.raises(IntegrityError), transaction.atomic():
        RouteChange.objects.create(route=cpt(), at=NOW, by=ines, field="lead_days", before="1", after="1")


@pytest.mark.parametrize(
    ("verified", "last_good"),
    [
        (dt.date(2024, 2, 29), dt.date(2024, 8, 29)),
        (dt.date(2024, 8, 31), dt.date(2025, 2, 28)),
        (dt.date(2023, 8, 31), dt.date(2024, 2, 29)),
        (dt.date(2024, 12, 1), dt.date(2025, 6, 1)),
    ],
)
def test_a_verification_holds_for_six_months(verified, last_good):
    day = dt.timedelta(days=1)
    assert [verified_too_long_ago(verified, last_good + n * day) for n in (0, 1)] == [False, True]


def sign_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


CHANGELIST = "/admin/authorization/route/"


def test_staff_see_what_nobody_has_verified_for_half_a_year(client, routes, ines):
    sign_in(client, ines)
    with time_machine.travel(NOW + dt.timedelta(days=200)):
        actions.verify_route(cpt(), by=ines)
        listed = client.get(f"{CHANGELIST}?verified=stale")
        fresh = client.get(f"{CHANGELIST}?verified=fresh").context["cl"].result_list
        index = client.get("/admin/").content.decode()
    assert len(listed.context["cl"].result_list) == len(routes) - 1
    assert [route.name for route in fresh] == ["F-1 CPT"]
    assert "Nov 18, 2024, by Ines Duarte: more than 6 months ago" in listed.content.decode()
    link = f'<a href="{CHANGELIST}?verified=stale">Routes not verified for 6 months</a>'
    assert f'{link}</th><td class="front__number">{len(routes) - 1}<' in index


def test_a_check_over_an_old_row_says_when_it_was_verified(client, open_record, sana):
    later = {"starts": dt.date(2026, 1, 5), "ends": dt.date(2026, 1, 30)}
    record = open_record(**later)
    sign_in(client, sana.user)
    words = "Last verified on Nov 18, 2024"
    with time_machine.travel(NOW):
        assert words not in client.get(record.get_absolute_url()).content.decode()
    with time_machine.travel(NOW + dt.timedelta(days=200)):
        assert words in client.get(record.get_absolute_url()).content.decode()


def test_what_a_change_does_is_counted(open_record):
    open_record()
    open_record(student=make_student(), starts=dt.date(2024, 12, 6))
    for status in (Status.FILED, Status.APPROVED):
        open_record(status, student=make_student())
    open_record(student=make_student(), route=RouteKind.AT)
    open_record(student=make_student(), needs=Needs.NO, route="")
    effect = effect_of(cpt(), edited(cpt(), lead_days=30), NOW.date())
    assert effect.records == 2
    assert dict(effect.verdicts) == {("in time", "too late"): 1, ("tight", "too late"): 1}
    assert not effect_of(cpt(), edited(cpt(), weekly_cap=10), NOW.date()).verdicts
