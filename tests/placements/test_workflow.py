"""Every move from every state by every role: through the actions, against the table."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from core.workflow import MoveRefused
from placements import actions
from placements.models import Placement
from placements.workflow import BEGUN, PLACEMENT, Status
from tests.factories import make_host, make_staff, make_student, make_user
from tests.placements.making import DAY, FIRST_DAY, fresh, host_of, make_placement

pytestmark = pytest.mark.django_db
LATER = FIRST_DAY + 2 * DAY
STATES = [status for status in Status if status != Status.AWAITING_PROGRAM]
ROLES = (
    *("student", "host", "adviser", "moderator", "international_adviser", "program_manager"),
    *("classmate", "other_host", "superuser"),
)
VERBS = {
    "begin": lambda placement, by: actions.begin(placement, by=by, now=LATER),
    "submit_deliverable": lambda p, by: actions.submit_deliverable(p, by=by, deliverable="A report", now=LATER),
    "complete": lambda placement, by: actions.complete(placement, by=by, now=LATER),
    "end_early": lambda placement, by: actions.end_early(placement, by=by, reason="Ill", now=LATER),
    "cancel": lambda placement, by: actions.cancel(placement, by=by, reason="Ill", now=LATER),
}


def person(role, placement):
    if role in ("student", "host"):
        return placement.student if role == "student" else host_of(placement)
    return {
        "classmate": lambda: make_student().user,
        "other_host": lambda: make_host().user,
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
    }.get(role, lambda: make_staff(Role(role)))()


def test_each_move_that_somebody_makes_has_a_verb():
    assert {move.name for move in PLACEMENT if move.who != ("system",)} == set(VERBS)


@pytest.mark.parametrize(("verb", "status"), list(product(VERBS, STATES)))
def test_the_table_says_who_moves_what(verb, status):
    placement = make_placement(status)
    move = PLACEMENT.moves[verb]
    for role in ROLES:
        by = person(role, placement)
        roles = {"adviser", "moderator"} if role == "superuser" else {role}
        sid = transaction.savepoint()
        if status in move.sources and roles & set(move.who):
            VERBS[verb](placement, by)
            after = fresh(placement)
            event = after.events.latest("pk")
            assert (after.status, after.status_by, after.status_at) == (move.target, by, LATER)
            assert (event.move, event.by, event.from_status, event.to_status) == (verb, by, status, move.target)
        else:
            with pytest.raises(MoveRefused), transaction.atomic():
                VERBS[verb](placement, by)
            assert fresh(placement).status == status
        transaction.savepoint_rollback(sid)


def test_a_reason_is_asked_for():
    placement = make_placement(Status.ACTIVE)
    with pytest.raises(MoveRefused, match="Give the reason"):
        actions.end_early(placement, by=placement.student, reason=" ", now=LATER)
    with pytest.raises(MoveRefused, match="Say what you hand in"):
        actions.submit_deliverable(placement, by=placement.student, deliverable=" ", now=LATER)
    with pytest.raises(MoveRefused, match="Give the reason"):
        actions.cancel(make_placement(), by=make_staff(), reason=" ", now=LATER)


def test_a_refusal_does_not_tell_the_host_what_is_awaited():
    placement = make_placement()
    for verb in ("begin", "complete", "end_early"):
        with pytest.raises(MoveRefused) as refusal:
            VERBS[verb](placement, host_of(placement))
        assert "authorization" not in refusal.value.message


def test_the_work_begins_between_its_first_day_and_its_last():
    placement = make_placement(Status.READY)
    for now in (FIRST_DAY - DAY, FIRST_DAY + 26 * DAY):
        with pytest.raises(MoveRefused, match=r"The (first|last) day"):
            actions.begin(placement, by=placement.student, now=now)
    assert actions.begin(placement, by=placement.student, now=FIRST_DAY + 25 * DAY).status == Status.ACTIVE


def test_the_first_day_begins_at_midnight_on_the_boards_clock():
    placement = make_placement(Status.READY)
    midnight = FIRST_DAY.replace(hour=4)
    with pytest.raises(MoveRefused, match="The first day is Monday, May 4, 2026"):
        actions.begin(placement, by=placement.student, now=midnight - DAY / 86400)
    assert actions.begin(placement, by=placement.student, now=midnight).began_on == placement.starts_on


@pytest.mark.parametrize("status", STATES)
def test_the_database_keeps_who_and_when_to_each_state(status):
    placement = make_placement(status)
    rows = Placement.objects.filter(pk=placement.pk)
    refused = {"status": "unknown"}, {"ends_on": placement.starts_on - DAY}
    more = {"began_on": None} if status in BEGUN else {"began_on": placement.starts_on}
    for fields in (*refused, more):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)
    if status in (*BEGUN, Status.CANCELED):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(status_by=None)
    if status in (Status.DELIVERABLE_SUBMITTED, Status.COMPLETED):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(deliverable="")
    assert rows.update(status=status) == 1
