import datetime as dt
from dataclasses import replace
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from authorization import actions
from authorization.models import AuthorizationRecord, Declaration
from authorization.rules import clearance, is_cleared
from authorization.workflow import WORKFLOW, Needs, RouteKind, Status
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.factories import make_staff, make_student, make_user

from .conftest import END, NOW, START

LATER = NOW + dt.timedelta(days=1)
VERBS = {
    "advise": (actions.advise, {}),
    "file": (actions.file, {"filed_on": NOW.date()}),
    "approve": (actions.approve, {"valid_from": START, "valid_until": END}),
    "deny": (actions.deny, {"note": "Try again"}),
    "amend": (actions.amend, {"valid_from": START, "valid_until": END}),
    "revoke": (actions.revoke, {"note": "Entered by mistake"}),
    "waive": (actions.waive, {"note": "Permanent resident"}),
    "declare_needed": (actions.require, {"note": "Status changed"}),
}


def fresh(record):
    return AuthorizationRecord.objects.get(pk=record.pk)


@pytest.mark.parametrize(("verb", "status"), list(product(VERBS, Status)))
def test_each_move_from_each_state_by_student_and_advisor(open_record, sana, ines, verb, status):
    run, values = VERBS[verb]
    move = WORKFLOW.moves[verb]
    for person, role in ((sana.user, Role.STUDENT), (ines, Role.INTERNATIONAL_ADVISER)):
        record = open_record(status)
        if status in move.sources and role in move.who:
            assert run(record, by=person, now=LATER, **values).status == move.target
            assert fresh(record).status == move.target
        else:
            with pytest.raises(MoveRefused):
                run(record, by=person, now=LATER, **values)
            assert fresh(record).status == status


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADVISER, Role.PROGRAM_MANAGER, None, "superuser", "student"])
def test_nobody_else_moves_a_record(open_record, role):
    record = open_record(Status.FILED)
    person = {
        None: lambda: make_user(),
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
        "student": lambda: make_student().user,
    }.get(role, lambda: make_staff(role))()
    with pytest.raises(MoveRefused, match="You cannot do that with this record"):
        actions.approve(record, by=person, now=LATER, valid_from=START, valid_until=END)


def test_an_advisor_does_not_approve_her_own(open_record, ines):
    own = make_student()
    own.user.staff_roles.create(role=Role.INTERNATIONAL_ADVISER)
    record = open_record(Status.FILED, student=own)
    with pytest.raises(MoveRefused):
        actions.approve(record, by=own.user, now=LATER, valid_from=START, valid_until=END)
    assert actions.approve(record, by=ines, now=LATER, valid_from=START, valid_until=END).status == Status.APPROVED


@pytest.mark.parametrize(
    ("needs", "route", "status", "kept"),
    [
        (Needs.YES, RouteKind.OPT, Status.NOT_STARTED, RouteKind.OPT),
        (Needs.NO, "", Status.NOT_NEEDED, RouteKind.NONE),
        (Needs.UNSAID, "", Status.NOT_STARTED, ""),
        (None, "", Status.NOT_STARTED, ""),
    ],
)
def test_a_record_opens_as_the_student_declared(open_record, needs, route, status, kept):
    record = open_record(needs=needs, route=route)
    assert (record.status, record.route) == (status, kept)
    assert clearance(record) == (
        "cleared to begin from Mon, Jan 6, 2025" if needs == Needs.NO else "not cleared to begin yet"
    )
    assert [event.move for event in record.events.all()] == ["open"]


def test_a_student_who_needs_it_must_name_a_route(sana):
    with pytest.raises(MoveRefused, match="Choose a route"):
        actions.declare(sana, needs=Needs.YES, by=sana.user)
    assert not Declaration.objects.exists()


def test_nobody_declares_for_a_student(sana, ines):
    with pytest.raises(MoveRefused, match="Only the student"):
        actions.declare(sana, needs=Needs.NO, by=ines)


def test_saying_that_none_is_needed_clears_what_has_not_begun(open_record, sana):
    waiting, filed = open_record(), open_record(Status.FILED)
    actions.declare(sana, needs=Needs.NO, by=sana.user, now=LATER)
    assert [fresh(waiting).status, fresh(filed).status] == [Status.NOT_NEEDED, Status.FILED]
    assert [fresh(waiting).cleared_from, fresh(filed).cleared_from] == [START, None]


def test_taking_that_back_takes_the_clearance_back(open_record, sana):
    record = open_record(needs=Needs.NO, route="")
    actions.declare(sana, needs=Needs.YES, route=RouteKind.AT, by=sana.user, now=LATER)
    record = fresh(record)
    assert (record.status, record.route, record.cleared_from) == (Status.NOT_STARTED, RouteKind.AT, None)
    assert [event.move for event in record.events.all()] == ["open", "declare_needed"]


def test_a_declaration_moves_records_by_the_table(open_record, sana, monkeypatch):
    unneeded, needed = open_record(), open_record(student=make_student(), needs=Needs.NO, route="")
    for name in ("declare_unneeded", "declare_needed"):
        monkeypatch.setitem(WORKFLOW.moves, name, replace(WORKFLOW.moves[name], who=(Role.INTERNATIONAL_ADVISER,)))
    actions.declare(sana, needs=Needs.NO, by=sana.user, now=LATER)
    actions.declare(needed.student, needs=Needs.UNSAID, by=needed.student.user, now=LATER)
    assert [fresh(unneeded).status, fresh(needed).status] == [Status.NOT_STARTED, Status.NOT_NEEDED]


def test_what_an_advisor_found_not_to_be_needed_stays_so(open_record, sana):
    record = open_record(Status.NOT_NEEDED)
    actions.declare(sana, needs=Needs.YES, route=RouteKind.OPT, by=sana.user, now=LATER)
    assert fresh(record).status == Status.NOT_NEEDED


def test_what_an_advisor_found_to_be_needed_is_not_undone_by_a_word(sana, ines):
    actions.declare(sana, needs=Needs.NO, by=sana.user, now=NOW)
    record = actions.open_record(sana, purpose="Work", starts=START, ends=END, by=sana.user, now=NOW)
    assert is_cleared(fresh(record), START)
    actions.require(record, by=ines, note="It is.", now=NOW)
    assert (fresh(record).route, is_cleared(fresh(record), START)) == ("unsure", False)
    actions.declare(sana, needs=Needs.NO, by=sana.user, now=LATER)
    assert (fresh(record).status, is_cleared(fresh(record), START)) == (Status.NOT_STARTED, False)


def test_a_changed_route_reaches_what_is_not_filed_yet(open_record, sana):
    waiting, filed = open_record(Status.ADVISED), open_record(Status.FILED)
    actions.declare(sana, needs=Needs.YES, route=RouteKind.OPT, by=sana.user, now=LATER)
    assert [fresh(waiting).route, fresh(filed).route] == [RouteKind.OPT, RouteKind.CPT]


def test_an_approval_clears_its_dates_and_no_others(open_record):
    record = open_record(Status.APPROVED)
    day = dt.timedelta(days=1)
    assert [is_cleared(record, first) for first in (START - day, START, END, END + day)] == [False, True, True, False]
    assert [is_cleared(record, START, last) for last in (END, END + day)] == [True, False]


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "sentence"),
    [
        (dt.date(2024, 12, 1), END, "cleared to begin from Mon, Jan 6, 2025"),
        (dt.date(2025, 1, 10), END, "cleared to begin from Fri, Jan 10, 2025"),
        (dt.date(2024, 12, 1), dt.date(2025, 1, 5), "not cleared to begin yet"),
    ],
)
def test_a_host_reads_one_sentence(open_record, ines, valid_from, valid_until, sentence):
    record = actions.approve(open_record(Status.FILED), by=ines, valid_from=valid_from, valid_until=valid_until)
    assert clearance(record) == sentence


def test_no_record_is_no_clearance():
    assert clearance(None) == "not cleared to begin yet"


def test_taking_an_approval_back_takes_the_clearance_back(open_record, ines):
    record = actions.revoke(open_record(Status.APPROVED), by=ines, note="Wrong person")
    assert (record.status, record.cleared_from, clearance(record)) == (Status.ADVISED, None, "not cleared to begin yet")


def test_dates_in_disorder_are_refused(open_record, ines):
    with pytest.raises(MoveRefused, match="must not be before the first"):
        actions.approve(open_record(Status.FILED), by=ines, valid_from=END, valid_until=START)


def test_filing_in_the_future_is_refused(open_record, sana):
    with pytest.raises(MoveRefused, match="cannot be in the future"):
        actions.file(open_record(Status.ADVISED), by=sana.user, filed_on=dt.date(2024, 11, 19), now=NOW)


def test_a_closed_record_stands_still_and_clears_nothing(open_record, ines):
    record = actions.close_record(open_record(Status.APPROVED), by=ines, now=LATER)
    assert (record.closed_at, clearance(record)) == (LATER, "not cleared to begin yet")
    with pytest.raises(MoveRefused, match="is closed"):
        actions.revoke(record, by=ines, note="x")
    assert actions.close_record(record, by=ines, now=LATER + dt.timedelta(days=1)).closed_at == LATER


def test_each_move_is_told_with_who_and_when(open_record, sana, ines):
    record = open_record()
    actions.advise(record, by=sana.user, now=NOW)
    actions.file(record, by=ines, filed_on=NOW.date(), note="By courier", now=LATER)
    events = record.events.order_by("pk").values_list("by", "move", "from_status", "to_status", "note", "at")
    assert list(events)[1:] == [
        (sana.user.pk, "advise", "not_started", "advised", "", NOW),
        (ines.pk, "file", "advised", "filed", "By courier", LATER),
    ]


def test_the_student_is_told_of_what_an_advisor_does_and_not_of_their_own(open_record, sana, ines):
    record = open_record()
    OutboxMail.objects.all().delete()
    actions.advise(record, by=sana.user, now=NOW)
    assert not OutboxMail.objects.exists()
    actions.file(record, by=ines, filed_on=NOW.date(), now=NOW)
    assert list(OutboxMail.objects.values_list("kind", "recipient")) == [("item.changed", sana.user.pk)]


@pytest.mark.parametrize(
    "broken",
    [
        {"cleared_from": START},
        {"cleared_from": END, "cleared_until": START, "cleared_at": NOW},
        {"cleared_from": START, "cleared_until": END},
        {"closed_at": NOW},
        {"ends": START - dt.timedelta(days=1)},
    ],
)
def test_the_database_holds_the_gate_itself(open_record, broken):
    record = open_record()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorizationRecord.objects.filter(pk=record.pk).update(**broken)
