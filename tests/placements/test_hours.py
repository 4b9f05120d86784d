import datetime as dt
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from core.workflow import MoveRefused
from placements import actions
from placements.models import HoursEntry
from placements.workflow import Status
from tests.applications.making import TERMS
from tests.factories import make_student
from tests.placements.making import DAY, END, FIRST_DAY, START, clear, fresh, host_of, log, make_placement

pytestmark = pytest.mark.django_db


@pytest.fixture
def placement():
    return make_placement(Status.ACTIVE)


def test_hours_are_written_down_to_the_quarter(placement):
    entry = log(placement, START, "7.25", note="Read the counts")
    assert (entry.quarters, entry.note, entry.logged_by) == (29, "Read the counts", placement.student)
    assert str(entry.hours) == "7.25"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (START - DAY, "Enter a day from Monday, May 4, 2026 to Friday, May 29, 2026."),
        (START + 2 * DAY, "This day is still to come."),
    ],
)
def test_days_outside_are_refused(placement, day, words):
    with pytest.raises(MoveRefused, match=words):
        log(placement, day)


def test_a_day_after_the_last_is_refused_even_when_it_is_approved():
    placement = make_placement()
    clear(placement, START, END + 30 * DAY)
    actions.begin(placement, by=placement.student, now=FIRST_DAY)
    with pytest.raises(MoveRefused, match="Enter a day from"):
        log(placement, END + DAY, now=FIRST_DAY + 40 * DAY)
    assert log(placement, END, now=FIRST_DAY + 40 * DAY).day == END


@pytest.mark.parametrize("hours", ["0", "-1", "0.1", "24.25"])
def test_hours_that_no_day_has_are_refused(placement, hours):
    with pytest.raises(MoveRefused):
        log(placement, hours=hours)
    assert not HoursEntry.objects.exists()


def test_a_day_is_written_once_and_mended_by_writing_it_again(placement):
    entry = log(placement)
    with pytest.raises(MoveRefused, match="There are hours on this day already"):
        log(placement)
    actions.remove_hours(entry, by=placement.student, now=FIRST_DAY + DAY)
    assert log(placement, hours="3").quarters == 12
    event = placement.events.get(move="remove_hours")
    assert (event.by, event.note) == (placement.student, "2.5 hours on Monday, May 4, 2026")


def test_all_of_a_days_work_fits_into_it(placement):
    student = placement.offer.application.student
    other = make_placement(Status.ACTIVE, student=student, terms=replace(TERMS, hours_week=20))
    log(placement, hours="20")
    with pytest.raises(MoveRefused, match="A day has 24 hours"):
        log(other, hours="4.25")
    assert log(other, hours="4").quarters == 16
    assert log(make_placement(Status.ACTIVE), hours="24").quarters == 96


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.AWAITING_AUTHORIZATION, "The work has not begun yet"),
        (Status.READY, "The work has not begun yet"),
        (Status.COMPLETED, "This work is over"),
        (Status.ENDED_EARLY, "This work is over"),
        (Status.CANCELED, "This work is over"),
    ],
)
def test_only_work_under_way_has_hours(status, words):
    with pytest.raises(MoveRefused, match=words):
        log(make_placement(status))


def test_a_forgotten_day_can_be_written_until_the_completion():
    placement = make_placement(Status.DELIVERABLE_SUBMITTED)
    entry = log(placement)
    actions.complete(placement, by=host_of(placement), now=FIRST_DAY + DAY)
    with pytest.raises(MoveRefused, match="its hours stay"):
        actions.remove_hours(entry, by=placement.student)


def test_nobody_removes_the_hours_of_another(placement):
    entry = log(placement)
    for by in (host_of(placement), make_student().user):
        with pytest.raises(MoveRefused, match="Only the student"):
            actions.remove_hours(entry, by=by)
    actions.remove_hours(entry, by=placement.student)
    actions.remove_hours(entry, by=placement.student)
    assert placement.events.filter(move="remove_hours").count() == 1


@pytest.mark.parametrize("quarters", [0, 97])
def test_the_database_knows_how_long_a_day_is(placement, quarters):
    entry = log(placement)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.filter(pk=entry.pk).update(quarters=quarters)


def test_the_database_keeps_one_row_a_day(placement):
    entry = log(placement)
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


def test_dates_do_not_move_away_from_hours_that_are_written(placement):
    log(placement, START + DAY)
    rows = type(placement).objects.filter(pk=placement.pk)
    with pytest.raises(IntegrityError, match="would leave out"), transaction.atomic():
        rows.update(ends_on=START)
    assert rows.update(ends_on=START + DAY) == 1
    assert fresh(placement).ends_on == dt.date(2026, 5, 5)
