import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import set_staff_roles
from accounts.roles import Role
from authorization import clearances
from core.workflow import MoveRefused
from notifications.mail import MAILS
from notifications.models import OutboxMail
from programs import actions
from programs.models import Program, ProgramCountry, ProgramRecord
from programs.rules import program_clearance
from programs.workflow import WORKFLOW, Status, StepState
from tests.factories import make_host, make_staff, make_student, make_user

from .conftest import END, NOW, START, settle

DATES = {"cleared_from": START, "cleared_until": END}
DAY = dt.timedelta(days=1)
VERBS = {
    "clear": lambda record, by: actions.clear(record, by=by, now=NOW, **DATES),
    "amend": lambda record, by: actions.amend(record, by=by, now=NOW, **DATES),
    "refuse": lambda record, by: actions.refuse(record, by=by, now=NOW, note="No insurance."),
    "reopen": lambda record, by: actions.reopen(record, by=by, now=NOW, note="A mistake."),
}


@pytest.fixture
def told(monkeypatch):
    """The clearances that were told to whoever waits for one."""
    found = []
    monkeypatch.setattr(clearances, "changed", lambda record, *, by, now: found.append((record.pk, record.status, by)))
    return found


def mails():
    return sorted(OutboxMail.objects.values_list("kind", "recipient", "subject_id"))


def fresh(record):
    return ProgramRecord.objects.get(pk=record.pk)


def test_an_acceptance_opens_a_record_with_the_program_of_the_country(open_record, iberia, nordic, kenji, sana):
    record = open_record()
    assert (record.program, record.status, record.opened_by) == (iberia, Status.OPEN, sana.user)
    steps = list(record.steps.values_list("name", "by_student", "state"))
    assert steps == [
        ("Funding", False, "open"),
        ("Preparation", True, "open"),
        ("Logistics", True, "open"),
        ("Insurance", False, "open"),
        ("Visa of the host country", True, "open"),
    ]
    assert [(event.move, event.by, event.to_status) for event in record.events.all()] == [("open", sana.user, "open")]
    assert mails() == [("program.opened", kenji.pk, record.pk)]


def test_a_program_adds_steps_of_its_own_and_open_records_keep_theirs(open_record, iberia):
    before = open_record()
    iberia.steps.create(name="Portuguese course", position=2)
    assert [step.name for step in open_record().steps.all()][1:3] == ["Preparation", "Portuguese course"]
    assert before.steps.count() == 5


def test_where_no_program_administers_the_country_the_office_holds_it(open_record, iberia, kenji, mo):
    dev = make_staff(Role.ADVISER, "Dev Raman")
    record = open_record(country="JP")
    assert record.program is None
    assert mails() == sorted(("program.opened", person.pk, record.pk) for person in (mo, dev))
    settle(record, by=dev)
    with pytest.raises(MoveRefused):
        VERBS["clear"](record, kenji)
    VERBS["clear"](record, dev)
    assert fresh(record).status == Status.CLEARED


def test_for_a_program_without_a_manager_the_office_stands_in(open_record, iberia, kenji, mo):
    actions.revoke_manager(iberia, user=kenji, by=mo)
    record = open_record()
    assert (record.program, mails()) == (iberia, [("program.opened", mo.pk, record.pk)])
    settle(record, by=mo)
    assert ProgramRecord.objects.visible_to(mo).get() == record
    actions.grant_manager(iberia, user=kenji, by=mo)
    with pytest.raises(MoveRefused):
        VERBS["clear"](record, mo)
    assert ProgramRecord.objects.visible_to(mo).count() == 0
    VERBS["clear"](record, kenji)


def test_a_retired_program_administers_nothing(open_record, iberia, mo):
    actions.retire(iberia, by=mo)
    assert open_record().program is None


@pytest.mark.parametrize("status", Status.values)
@pytest.mark.parametrize("verb", VERBS)
def test_a_manager_makes_the_moves_of_the_table_and_no_others(open_record, iberia, kenji, told, status, verb):
    record = open_record(status)
    if status == Status.OPEN:
        settle(record, by=kenji)
    told.clear()
    if status in WORKFLOW.moves[verb].sources:
        VERBS[verb](record, kenji)
        target = WORKFLOW.moves[verb].target
        event = record.events.last()
        assert (fresh(record).status, event.move, event.from_status, event.to_status) == (target, verb, status, target)
        assert told == [(record.pk, target, kenji)]
    else:
        with pytest.raises(MoveRefused):
            VERBS[verb](record, kenji)
        assert (fresh(record).status, told) == (status, [])


@pytest.mark.parametrize("who", ["student", "other manager", "moderator", "adviser", "revoked", "no longer staff"])
def test_nobody_else_decides(open_record, iberia, nordic, kenji, mo, sana, who):
    record = open_record()
    settle(record, by=kenji)
    person = {
        "student": sana.user,
        "other manager": nordic.managers.get().user,
        "moderator": mo,
        "adviser": make_staff(Role.ADVISER),
    }.get(who, kenji)
    if who == "revoked":
        actions.revoke_manager(iberia, user=kenji, by=mo)
    elif who == "no longer staff":
        set_staff_roles(kenji, roles=[], by=None)
        person = type(kenji).objects.get(pk=kenji.pk)
    with pytest.raises(MoveRefused):
        VERBS["clear"](record, person)
    assert fresh(record).status == Status.OPEN
    actions.grant_manager(nordic, user=make_staff(Role.PROGRAM_MANAGER), by=mo)  # and the one who may, may
    VERBS["clear"](record, actions.grant_manager(iberia, user=make_staff(Role.PROGRAM_MANAGER), by=mo).user)
    assert fresh(record).status == Status.CLEARED


def test_a_manager_is_nobodys_manager_in_a_record_of_her_own(open_record, iberia, mo):
    both = make_student("Ana Both")
    set_staff_roles(both.user, roles=[Role.PROGRAM_MANAGER], by=None)
    both.refresh_from_db()
    actions.grant_manager(iberia, user=type(both.user).objects.get(pk=both.user.pk), by=mo)
    record = open_record(student=both)
    assert actions.roles_of(record, type(both.user).objects.get(pk=both.user.pk)) == {"student"}


def test_steps_come_before_the_clearance(open_record, iberia, kenji):
    record = open_record()
    with pytest.raises(MoveRefused, match="Steps of the checklist are open"):
        VERBS["clear"](record, kenji)
    *first, last = record.steps.all()
    for step in first:
        actions.mark_step(step, state=StepState.DONE, by=kenji, now=NOW)
    with pytest.raises(MoveRefused, match="Steps of the checklist are open"):
        VERBS["clear"](record, kenji)
    actions.mark_step(last, state=StepState.NOT_NEEDED, by=kenji, now=NOW)
    VERBS["clear"](record, kenji)
    cleared = fresh(record)
    assert record.events.last().note == "Apr 6, 2026 to May 1, 2026"
    assert (cleared.cleared_from, cleared.cleared_until, cleared.decided_by, cleared.decided_at) == (
        *(START, END, kenji),
        NOW,
    )


@pytest.mark.parametrize(
    ("name", "state", "allowed"),
    [
        ("Preparation", StepState.DONE, True),
        ("Preparation", StepState.NOT_NEEDED, False),
        ("Funding", StepState.DONE, False),
        ("Insurance", StepState.NOT_NEEDED, False),
    ],
)
def test_a_student_marks_what_the_step_leaves_to_her(open_record, iberia, sana, name, state, allowed):
    record = open_record()
    step = record.steps.get(name=name)
    if allowed:
        actions.mark_step(step, state=state, by=sana.user, now=NOW)
    else:
        with pytest.raises(MoveRefused):
            actions.mark_step(step, state=state, by=sana.user, now=NOW)
    step.refresh_from_db()
    assert (step.state, step.settled_at, step.settled_by) == (
        (state, NOW, sana.user) if allowed else (StepState.OPEN, None, None)
    )


def test_what_the_program_found_not_needed_stays_so(open_record, iberia, kenji, sana):
    step = open_record().steps.get(name="Preparation")
    actions.mark_step(step, state=StepState.NOT_NEEDED, by=kenji, now=NOW)
    with pytest.raises(MoveRefused):
        actions.mark_step(step, state=StepState.OPEN, by=sana.user, now=NOW)
    actions.mark_step(step, state=StepState.OPEN, by=kenji, now=NOW)
    step.refresh_from_db()
    assert (step.state, step.settled_by) == (StepState.OPEN, None)


def test_the_last_step_tells_whoever_decides(open_record, iberia, kenji, sana):
    record = open_record()
    *first, last = record.steps.all()
    for step in first:
        actions.mark_step(step, state=StepState.DONE, by=kenji, now=NOW)
    assert "program.waiting" not in {kind for kind, *_ in mails()}
    actions.mark_step(last, state=StepState.DONE, by=sana.user, now=NOW)
    assert ("program.waiting", kenji.pk, record.pk) in mails()
    assert fresh(record).settled_at == NOW
    actions.mark_step(last, state=StepState.OPEN, by=sana.user, now=NOW)
    assert fresh(record).settled_at is None


@pytest.mark.parametrize("status", [Status.CLEARED, Status.NOT_CLEARED, Status.CLOSED])
def test_the_checklist_rests_once_it_is_decided(open_record, iberia, kenji, status):
    step = open_record(status).steps.first()
    with pytest.raises(MoveRefused):
        actions.mark_step(step, state=StepState.NOT_NEEDED, by=kenji, now=NOW)


def test_a_refusal_needs_its_reason(open_record, iberia, kenji):
    record = open_record()
    with pytest.raises(MoveRefused, match="Say why"):
        actions.refuse(record, note="  ", by=kenji, now=NOW)
    actions.refuse(record, note="No insurance.", by=kenji, now=NOW)
    assert (fresh(record).reason, program_clearance(fresh(record)).given) == ("No insurance.", False)


def test_a_clearance_taken_back_leaves_nothing_of_it(open_record, iberia, kenji, told):
    record = open_record(Status.CLEARED)
    VERBS["reopen"](record, kenji)
    again = fresh(record)
    assert (again.cleared_from, again.cleared_until, again.decided_at, again.decided_by) == (None,) * 4
    assert told[-1] == (record.pk, Status.OPEN, kenji)


def test_moved_dates_keep_the_clearance_and_say_that_it_falls_short(open_record, iberia, sana, told):
    record = open_record(Status.CLEARED)
    told.clear()
    actions.move_dates(record, starts=START - 7 * DAY, ends=END, by=sana.user, now=NOW)
    moved = fresh(record)
    clearance = program_clearance(moved)
    assert (clearance.given, clearance.covers(moved.starts), clearance.covers(START)) == (True, False, True)
    assert told == [(record.pk, Status.CLEARED, sana.user)]
    actions.move_dates(record, starts=START - 7 * DAY, ends=END, by=sana.user, now=NOW)
    assert len(told) == 1


def test_whoever_decides_is_told_of_dates_that_move_out_of_what_they_cleared(open_record, iberia, sana, kenji):
    record = open_record(Status.CLEARED)
    OutboxMail.objects.all().delete()

    def move(starts, now):
        actions.move_dates(record, starts=starts, ends=END, by=sana.user, now=now)
        rows = OutboxMail.objects.filter(kind="program.outside").order_by("pk")
        return [(row.recipient, MAILS[row.kind].render(row.subject_id, row.recipient, row.version)) for row in rows]

    assert move(START + DAY, NOW) == []
    ((to, letter),) = move(START - 7 * DAY, NOW)
    assert (to, letter.subject) == (kenji, "Dates have moved: Sana Iyer")
    assert "What you cleared, April 6, 2026 to May 1, 2026, does not cover all of it." in letter.text
    assert [letter is None for _, letter in move(START - 14 * DAY, NOW + DAY)] == [True, False]
    actions.amend(record, cleared_from=START - 14 * DAY, cleared_until=END, by=kenji, now=NOW + DAY)
    assert [letter for _, letter in move(START - 14 * DAY, NOW + DAY)] == [None, None]
    assert len(move(START, NOW + DAY)) == 2


def test_a_retired_program_is_given_no_record(open_record, iberia, mo):
    record = open_record(country="JP")
    actions.retire(iberia, by=mo)
    with pytest.raises(MoveRefused, match="is retired"):
        actions.assign(record, program=iberia, by=mo)
    assert (fresh(record).program, actions.take_over(iberia, by=mo)) == (None, 0)


def test_closing_twice_is_closing_once(open_record, iberia, mo, told):
    record = open_record(Status.CLEARED)
    for _ in range(2):
        actions.close_record(record, by=mo, now=NOW)
    moves = [(event.move, event.by) for event in record.events.all()]
    assert moves[-2:] == [("clear", record.decided_by), ("close", mo)]
    assert (fresh(record).cleared_from, told[-1]) == (None, (record.pk, Status.CLOSED, mo))


def test_a_record_without_a_program_is_given_to_one(open_record, iberia, kenji, mo, sana):
    record = open_record(country="JP")
    with pytest.raises(MoveRefused):
        actions.assign(record, program=iberia, by=kenji)
    actions.assign(record, program=iberia, by=mo, now=NOW)
    assert fresh(record).program == iberia
    assert {("program.opened", kenji.pk, record.pk), ("program.changed", sana.user.pk, record.pk)} <= set(mails())
    with pytest.raises(MoveRefused):
        actions.assign(record, program=iberia, by=mo, now=NOW)


def test_a_program_that_gets_a_country_takes_over_what_waits_there(open_record, iberia, nordic, mo):
    waiting, elsewhere = open_record(country="JP"), open_record(country="KE")
    closed = open_record(Status.CLOSED, country="JP")
    nordic.countries.create(country="JP")
    assert actions.take_over(nordic, by=mo, now=NOW) == 1
    found = [fresh(record).program for record in (waiting, elsewhere, closed)]
    assert found == [nordic, None, None]


def test_a_country_has_one_program(iberia, nordic):
    with pytest.raises(IntegrityError, match="country_has_one_program"), transaction.atomic():
        ProgramCountry.objects.create(program=nordic, country="PT")
    for country in ("US", "pt", "P"):
        with pytest.raises(IntegrityError, match="country_of_program_is_abroad"), transaction.atomic():
            ProgramCountry.objects.create(program=nordic, country=country)


def test_a_program_retires_when_nothing_is_open_and_frees_its_countries(open_record, iberia, nordic, mo):
    record = open_record()
    with pytest.raises(MoveRefused, match="1 of its records is open"):
        actions.retire(iberia, by=mo)
    actions.close_record(record, by=mo)
    actions.retire(iberia, by=mo)
    nordic.countries.create(country="PT")
    assert Program.objects.of_country("PT") == nordic
    assert [program.active for program in Program.objects.order_by("name")] == [False, True]


def test_only_a_program_manager_looks_after_a_program_and_once(iberia, kenji, mo):
    for person in (mo, make_student().user, kenji):
        with pytest.raises(MoveRefused):
            actions.grant_manager(iberia, user=person, by=mo)
    manager = actions.revoke_manager(iberia, user=kenji, by=mo, now=NOW + DAY)
    assert (manager.since, manager.granted_by, manager.revoked_at, manager.revoked_by) == (NOW, mo, NOW + DAY, mo)
    with pytest.raises(MoveRefused):
        actions.revoke_manager(iberia, user=kenji, by=mo)
    actions.grant_manager(iberia, user=kenji, by=mo)
    assert [row.revoked_at for row in iberia.managers.all()] == [NOW + DAY, None]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cleared", "decided_at": NOW},
        {"cleared_from": START, "cleared_until": END},
        {"reason": "No."},
        {"status": "closed"},
        {"ends": START - DAY},
        {"country": "US"},
    ],
)
def test_the_database_refuses_half_a_record(open_record, iberia, change):
    record = open_record()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgramRecord.objects.filter(pk=record.pk).update(**change)


def test_the_database_refuses_a_step_that_nobody_settled(open_record, iberia):
    with pytest.raises(IntegrityError, match="program_step_settled_by_someone"), transaction.atomic():
        open_record().steps.update(state=StepState.DONE)


@pytest.mark.parametrize("person", ["student", "classmate", "kenji", "other manager", "mo", "superuser", "host"])
def test_who_sees_which_records(open_record, iberia, nordic, kenji, mo, sana, person):
    portugal, sweden, nowhere = open_record(), open_record(country="SE"), open_record(country="JP")
    seen = {
        "student": (sana.user, {portugal, sweden, nowhere}),
        "classmate": (make_student().user, set()),
        "kenji": (kenji, {portugal}),
        "other manager": (nordic.managers.get().user, {sweden}),
        "mo": (mo, {nowhere}),
        "superuser": (make_user(is_staff=True, is_superuser=True), set()),
        "host": (make_host().user, set()),
    }
    user, expected = seen[person]
    assert set(ProgramRecord.objects.visible_to(user)) == expected
