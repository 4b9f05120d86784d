"""Real threads on a real database: of what begins, is logged and is taken back at one instant there is one outcome, and
never work that goes on without a clearance and without a word to its hosts."""

from dataclasses import replace
from functools import partial

import pytest

from accounts.roles import Role
from authorization import actions as authorizing
from authorization.models import AuthorizationRecord, Route
from campus.models import Term
from notifications.models import OutboxMail
from placements import actions
from placements.models import HoursEntry
from placements.workflow import Status
from tests.applications.making import TERMS
from tests.applications.test_concurrency import at_once
from tests.factories import NOW, make_staff, make_student
from tests.placements.making import DAY, END, FIRST_DAY, START, clear, fresh, host_of, log, make_placement, record_of

WEEK = 7 * DAY
AFTER = replace(TERMS, starts_on=END + WEEK, ends_on=END + 3 * WEEK)
pytestmark = pytest.mark.django_db(transaction=True)


def revoke(placement, by):
    return partial(authorizing.revoke, record_of(placement), by=by, note="Dropped", now=FIRST_DAY)


def amend(placement, by, *, first=START, last=END):
    return partial(authorizing.amend, record_of(placement), valid_from=first, valid_until=last, by=by, now=FIRST_DAY)


TAKEN_AWAY = {
    "taken back": (revoke, "stop"),
    "begins later": (partial(amend, first=START + DAY), "stop"),
    "cut short": (partial(amend, last=START), "stop_after"),
}


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_work_that_begins_while_its_approval_changes_begins_before_and_is_told_or_not_at_all(name, at_length):
    change, told = TAKEN_AWAY[name]
    ines = make_staff(Role.INTERNATIONAL_ADVISER)
    for _ in range(at_length(3, 40)):
        placement = make_placement(Status.READY)
        host = host_of(placement)
        begin = partial(actions.begin, placement, by=host, now=FIRST_DAY)
        came = at_once(("begun", begin), ("changed", change(placement, ines)))
        moves = [event.move for event in placement.events.order_by("pk")]
        if name == "cut short" or came["begun"]:
            assert came == {"begun": 1, "changed": 1}
            assert moves == ["make", "clear", "begin", told]
            kind = {"stop": "placement.held_back", "stop_after": "placement.stop_after"}[told]
            assert OutboxMail.objects.filter(kind=kind, recipient=host, subject_id=placement.pk).count() == 1
        else:
            assert came == {"refused": 1, "changed": 1}
            assert (fresh(placement).status, moves) == (
                Status.AWAITING_AUTHORIZATION,
                ["make", "clear", "await_authorization"],
            )


def test_hours_that_are_written_while_the_approval_is_taken_back_stand_or_are_refused(at_length):
    ines = make_staff(Role.INTERNATIONAL_ADVISER)
    for _ in range(at_length(3, 40)):
        placement = make_placement(Status.ACTIVE)
        came = at_once(("logged", partial(log, placement, now=FIRST_DAY)), ("revoked", revoke(placement, ines)))
        assert came in ({"logged": 1, "revoked": 1}, {"refused": 1, "revoked": 1})
        assert HoursEntry.objects.filter(placement=placement).count() == came["logged"]
        assert at_once(("logged", partial(log, placement, START, "1", now=FIRST_DAY))) == {"refused": 1}


@pytest.fixture
def in_term():
    Route.objects.update(weekly_cap=20)
    Term.objects.create(name="Spring 2026", first_day=START, last_day=END)


def test_of_two_that_are_cleared_within_the_cap_and_moved_together_both_are_held(in_term, at_length):
    """Each move sees the other: neither finds the weeks free."""
    for _ in range(at_length(2, 30)):
        student, staff = make_student(), make_staff()
        first, second = make_placement(student=student), make_placement(student=student, terms=AFTER)
        for placement in (first, second):
            clear(placement, START - WEEK, AFTER.ends_on)
        dates = {"starts_on": START, "ends_on": AFTER.ends_on, "reason": "Both asked", "by": staff, "now": NOW}
        calls = [partial(actions.move_dates, one, **dates) for one in (first, second)]
        assert at_once(*(("moved", call) for call in calls)) == {"moved": 2}
        assert {fresh(one).status for one in (first, second)} == {Status.AWAITING_AUTHORIZATION}


def test_work_that_begins_while_other_work_of_the_student_is_cleared_or_moved_does_not_deadlock(in_term, at_length):
    for _ in range(at_length(2, 30)):
        student, ines = make_student(), make_staff(Role.INTERNATIONAL_ADVISER)
        first, second = (make_placement(student=student) for _ in range(2))
        AuthorizationRecord.objects.filter(student=student).update(hours_week=10)
        for placement in (first, second):
            clear(placement)
        calls = [
            ("begun", partial(actions.begin, first, by=student.user, now=FIRST_DAY)),
            ("begun", partial(actions.begin, second, by=host_of(second), now=FIRST_DAY)),
            ("changed", amend(first, ines)),
            ("changed", amend(second, ines)),
        ]
        assert at_once(*calls) == {"begun": 2, "changed": 2}
