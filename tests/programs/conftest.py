import datetime as dt

import pytest

from accounts.roles import Role
from programs import actions
from programs.models import Program, ProgramRecord
from programs.workflow import Status, StepState
from tests.factories import make_staff, make_student, make_user

# A Monday, five weeks before the project of these tests begins.
NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
START, END = dt.date(2026, 4, 6), dt.date(2026, 5, 1)
PURPOSE = "Water meters of Lisbon, Tejo Lab"


@pytest.fixture
def sana(db):
    return make_student("Sana Iyer")


@pytest.fixture
def kenji(db):
    return make_staff(Role.PROGRAM_MANAGER, "Kenji Sato")


@pytest.fixture
def mo(db):
    return make_staff(Role.MODERATOR, "Mo Castellanos")


@pytest.fixture
def make_program(mo):
    def make(name, *countries, manager=None):
        program = Program.objects.create(name=name, contact_email="global@example.edu")
        for country in countries:
            program.countries.create(country=country)
        if manager:
            actions.grant_manager(program, user=manager, by=mo, now=NOW)
        return program

    return make


@pytest.fixture
def iberia(make_program, kenji):
    return make_program("Iberia Program", "PT", "ES", manager=kenji)


@pytest.fixture
def nordic(make_program):
    """Another program, with a manager of its own."""
    return make_program("Nordic Program", "SE", manager=make_staff(Role.PROGRAM_MANAGER, "Astrid Holm"))


@pytest.fixture
def open_record(sana, kenji):
    """A record in any of its states; by the first manager of its program, or by somebody of the office."""

    def make(status=Status.OPEN, *, student=sana, country="PT", now=NOW, starts=START, ends=END, purpose=PURPOSE):
        record = actions.open_record(
            student, country=country, purpose=purpose, starts=starts, ends=ends, by=student.user, now=now
        )
        if status == Status.CLOSED:
            actions.close_record(record, by=make_user(), now=now)
        elif status != Status.OPEN:
            by = record.program.managers.get().user
            settle(record, by=by, now=now)
            if status == Status.CLEARED:
                actions.clear(record, cleared_from=starts, cleared_until=ends, by=by, now=now)
            else:
                actions.refuse(record, note="The lab has closed.", by=by, now=now)
        return ProgramRecord.objects.get(pk=record.pk)

    return make


def settle(record, *, by, now=NOW):
    for step in record.steps.filter(state=StepState.OPEN):
        actions.mark_step(step, state=StepState.DONE, by=by, now=now)
