"""For a host abroad the program has its word beside the work authorization, and the gate asks both."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from accounts.roles import Role
from authorization import actions as authorizing
from core.workflow import MoveRefused
from placements import actions
from placements.models import HoursEntry, Placement
from placements.workflow import Status
from postings.models import Posting
from programs import actions as programs
from programs.models import Program, ProgramRecord
from programs.workflow import Status as Word
from tests.factories import NOW, make_staff
from tests.placements.making import (
    DAY,
    END,
    FIRST_DAY,
    START,
    clear,
    decide,
    fresh,
    host_of,
    log,
    make_placement,
    record_of,
)
from tests.placements.test_gate import BEGINNINGS, UNCLEARED, entry, run, standing, taken
from tests.placements.test_pages import client_of, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_first_day")]


@pytest.fixture
def placement():
    return make_placement(country="PT")


def test_an_acceptance_opens_a_record_with_the_program(placement):
    record = placement.program_record
    assert (record.country, record.starts, record.ends, record.student) == (
        "PT",
        START,
        END,
        placement.offer.application.student,
    )
    assert make_placement().program_record is None


def test_where_a_posting_moves_abroad_afterwards_staff_ask_the_program():
    placement = make_placement()
    clear(placement)
    staff = make_staff()
    with pytest.raises(MoveRefused, match="nothing to ask"):
        actions.ask_program(placement, by=staff)
    Posting.objects.filter(pk=placement.posting.pk).update(country="PT")
    assert fresh(placement).lacks_a_program
    placement = actions.ask_program(fresh(placement), by=staff)
    record = placement.program_record
    assert (placement.status, record.country, record.starts) == (Status.AWAITING_PROGRAM, "PT", START)
    assert [event.move for event in placement.events.all()] == ["make", "clear", "ask_program", "await_program"]
    with pytest.raises(MoveRefused, match="nothing to ask"):
        actions.ask_program(placement, by=staff)
    assert ProgramRecord.objects.count() == 1


def test_it_waits_for_both_words_whichever_comes_first(placement):
    clear(placement)
    assert fresh(placement).status == Status.AWAITING_PROGRAM
    decide(placement)
    assert fresh(placement).status == Status.READY
    other = make_placement(country="PT")
    decide(other)
    assert fresh(other).status == Status.AWAITING_AUTHORIZATION
    clear(other)
    assert fresh(other).status == Status.READY


def test_a_decision_taken_back_closes_the_gate(placement):
    clear(placement)
    decide(placement)
    programs.reopen(placement.program_record, by=make_staff(), note="The insurance lapsed")
    assert fresh(placement).status == Status.AWAITING_PROGRAM
    assert [event.move for event in placement.events.all()] == ["make", "await_program", "clear", "await_program"]


def nothing_from_the_program(placement):
    clear(placement)


def no_record_with_a_program(placement):
    clear(placement)
    Placement.objects.filter(pk=placement.pk).update(program_record=None, status=Status.READY)


def it_begins_a_day_late(placement):
    clear(placement)
    decide(placement, START + DAY)


def it_was_taken_back(placement):
    clear(placement)
    decide(placement)
    programs.reopen(placement.program_record, by=make_staff(), note="Wait")


def it_was_refused(placement):
    clear(placement)
    programs.refuse(placement.program_record, by=make_staff(), note="No visa in time")


def the_program_alone(placement):
    decide(placement)


WITHOUT = (
    nothing_from_the_program,
    no_record_with_a_program,
    it_begins_a_day_late,
    it_was_taken_back,
    it_was_refused,
    the_program_alone,
)


@pytest.mark.parametrize("without", WITHOUT)
def test_nothing_begins_without_both_words(placement, without):
    without(placement)
    for by in (placement.student, host_of(placement)):
        with pytest.raises(MoveRefused, match="Not cleared"):
            actions.begin(placement, by=by)
        page = page_of(placement, by)
        assert (page.context["may_begin"], "/beginning/" in page.content.decode()) == (False, False)
    for sql in BEGINNINGS.values():
        if sql.startswith("UPDATE"):
            assert run(sql, placement) is False
    assert taken(placement, entry(placement)) is False
    assert standing(placement) == (False, 0)


@pytest.mark.parametrize("uncleared", UNCLEARED)
def test_the_programs_word_replaces_no_authorization(placement, uncleared):
    decide(placement)
    uncleared(placement)
    with pytest.raises(MoveRefused):
        actions.begin(placement, by=placement.student)
    assert run(BEGINNINGS["active"], placement) is False


def test_with_both_it_begins_and_hours_keep_to_both(placement):
    clear(placement)
    decide(placement, START, START + 4 * DAY)
    actions.begin(placement, by=placement.student)
    late = FIRST_DAY + 10 * DAY
    assert log(placement, START + 4 * DAY, now=late).day == START + 4 * DAY
    with pytest.raises(MoveRefused, match="not cleared to work"):
        log(placement, START + 5 * DAY, now=late)
    assert taken(placement, entry(placement, START + 5 * DAY)) is False
    assert page_of(placement, placement.student).context["falls_short"] == START + 4 * DAY
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.update(day=START + 5 * DAY)


def test_a_record_cannot_be_exchanged_for_another_once_begun(placement):
    clear(placement)
    decide(placement)
    actions.begin(placement, by=placement.student)
    other = make_placement(country="PT").program_record
    Placement.objects.filter(program_record=other).update(program_record=None)
    for exchanged in (other, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Placement.objects.filter(pk=placement.pk).update(program_record=exchanged)


def test_a_host_reads_the_same_sentence_whichever_word_is_missing(placement):
    clear(placement)
    seen = page_of(placement, host_of(placement))
    assert (seen.context["clearance"], seen.context["status_text"]) == ("not cleared to begin yet", "Not cleared yet")
    assert [entry.text for entry in seen.context["timeline"]] == ["Offer accepted"]
    decide(placement, START + DAY)
    sentence = "cleared to begin from Tue, May 5, 2026"
    assert page_of(placement, host_of(placement)).context["clearance"] == sentence
    assert (
        "cleared to begin from"
        not in client_of(host_of(placement)).get(placement.offer.application.get_absolute_url()).content.decode()
    )


def test_the_student_is_led_to_what_is_missing(placement):
    assert page_of(placement, placement.student).context["record"] == record_of(placement)
    clear(placement)
    assert page_of(placement, placement.student).context["record"] == placement.program_record


@pytest.mark.parametrize("begun", [False, True])
def test_the_record_is_closed_with_the_work(placement, begun):
    staff = make_staff()
    if not begun:
        actions.cancel(placement, by=staff, reason="Ill")
    else:
        clear(placement)
        decide(placement)
        actions.begin(placement, by=placement.student)
        actions.end_early(placement, by=staff, reason="Ill")
    assert fresh(placement).program_record.status == Word.CLOSED


def test_managers_see_what_their_program_administers():
    mo, kenji, astrid = make_staff(), make_staff(Role.PROGRAM_MANAGER), make_staff(Role.PROGRAM_MANAGER)
    program = Program.objects.create(name="Iberia Program", contact_email="iberia@example.edu")
    program.countries.create(country="PT")
    programs.grant_manager(program, user=kenji, by=mo)
    abroad, home = make_placement(country="PT"), make_placement()
    found = {who.pk: list(Placement.objects.visible_to(who).values_list("pk", flat=True)) for who in (kenji, astrid)}
    assert found == {kenji.pk: [abroad.pk], astrid.pk: []}
    page = page_of(abroad, kenji)
    assert (page.status_code, page.context["clearance"], page.context["status_text"]) == (200, "", "To come")
    assert page_of(home, kenji).status_code == 404


def test_what_was_accepted_before_waits_for_a_program():
    placement = make_placement(country="PT")
    clear(placement)
    home = make_placement()
    clear(home)
    Placement.objects.filter(pk=placement.pk).update(program_record=None, status=Status.READY)
    import_module("placements.migrations.0002_programs").open_records(apps, None)
    found = fresh(placement)
    assert (found.status, found.program_record.country, found.program_record.starts) == (
        "awaiting_program",
        "PT",
        START,
    )
    assert found.program_record.steps.count() == placement.program_record.steps.count()
    assert (fresh(home).status, fresh(home).program_record) == (Status.READY, None)
    decide(found)
    assert fresh(placement).status == Status.READY


def test_taking_the_authorization_back_goes_before_the_program(placement):
    ines = clear(placement)
    authorizing.revoke(record_of(placement), by=ines, note="Dropped")
    assert fresh(placement).status == Status.AWAITING_AUTHORIZATION


def test_what_went_back_to_waiting_when_programs_began_to_be_asked_says_so_in_its_history(placement):
    """The migration that asked them wrote nothing; the next one does, once."""
    clear(placement)
    told = make_placement(country="ES")
    clear(told)
    placement.events.filter(to_status=Status.AWAITING_PROGRAM).delete()
    placement.events.create(at=NOW, move="clear", from_status=Status.AWAITING_AUTHORIZATION, to_status=Status.READY)
    write = import_module("placements.migrations.0005_held_back").write_what_was_held_back
    before = told.events.count()
    for _ in range(2):
        write(apps, None)
    event = placement.events.latest("pk")
    assert (event.move, event.from_status, event.to_status) == ("await_program", "ready", "awaiting_program")
    assert (placement.events.filter(move="await_program").count(), told.events.count()) == (1, before)
