"""Whoever must know of a clearance hears of it inside the transaction that changes it."""

import datetime as dt

import pytest

from authorization import actions, clearances
from authorization.models import AuthorizationRecord
from authorization.workflow import Needs, RouteKind, Status

from .conftest import END, NOW, START

LATER = NOW + dt.timedelta(days=1)
DATES = {"valid_from": START, "valid_until": END}


@pytest.fixture
def heard(monkeypatch):
    """What was told: of which record, from when it is cleared, by whom and when."""
    told = []
    monkeypatch.setattr(clearances, "_callbacks", [])

    def hear(record, *, by, now):
        told.append((record.pk, record.cleared_from, by, now))

    clearances.on_change(hear)
    clearances.on_change(hear)
    return told


@pytest.mark.parametrize(
    ("status", "move", "values", "cleared"),
    [
        (Status.FILED, "approve", DATES, START),
        (Status.APPROVED, "amend", DATES | {"valid_from": END}, END),
        (Status.APPROVED, "revoke", {}, None),
        (Status.ADVISED, "waive", {}, START),
        (Status.NOT_NEEDED, "require", {}, None),
        (Status.APPROVED, "close_record", {}, START),
    ],
)
def test_each_change_of_a_clearance_is_told_once(open_record, ines, heard, status, move, values, cleared):
    record = open_record(status)
    heard.clear()
    getattr(actions, move)(record, by=ines, now=LATER, **values)
    assert heard == [(record.pk, cleared, ines, LATER)]


@pytest.mark.parametrize(
    ("status", "move", "values"),
    [
        (Status.NOT_STARTED, "advise", {}),
        (Status.ADVISED, "file", {"filed_on": NOW.date()}),
        (Status.FILED, "deny", {}),
    ],
)
def test_what_changes_no_clearance_is_not_told(open_record, ines, heard, status, move, values):
    record = open_record(status)
    heard.clear()
    getattr(actions, move)(record, by=ines, now=LATER, **values)
    assert heard == []


def test_a_declaration_that_clears_or_takes_back_is_told(open_record, sana, heard):
    record = open_record()
    actions.declare(sana, needs=Needs.YES, route=RouteKind.OPT, by=sana.user, now=LATER)
    assert heard == []
    actions.declare(sana, needs=Needs.NO, by=sana.user, now=LATER)
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=LATER)
    assert heard == [(record.pk, START, sana.user, LATER), (record.pk, None, sana.user, LATER)]


def test_where_the_listener_fails_the_clearance_does_not_change(open_record, ines, monkeypatch):
    def fail(record, *, by, now):
        raise RuntimeError("no")

    record = open_record(Status.FILED)
    monkeypatch.setattr(clearances, "_callbacks", [fail])
    with pytest.raises(RuntimeError):
        actions.approve(record, by=ines, now=LATER, **DATES)
    assert AuthorizationRecord.objects.get(pk=record.pk).status == Status.FILED
