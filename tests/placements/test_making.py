"""A yes makes a placement, a clearance makes it ready, and a yes taken back cancels it."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection

from applications import actions as applying
from applications.models import Offer
from authorization import actions as authorizing
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from placements import actions
from placements.models import Placement, PlacementEvent
from placements.workflow import BEGUN, TO_COME, Status
from tests.applications.making import make_offer, student_of
from tests.factories import NOW, make_staff, make_student
from tests.placements.making import DAY, END, START, clear, file, fresh, make_placement, record_of

pytestmark = pytest.mark.django_db
MADE = import_module("placements.migrations.0001_initial").MAKE


@pytest.mark.parametrize(
    ("needs", "status"),
    [
        ("yes", Status.AWAITING_AUTHORIZATION),
        ("unsaid", Status.AWAITING_AUTHORIZATION),
        (None, Status.AWAITING_AUTHORIZATION),
        ("no", Status.READY),
    ],
)
def test_an_acceptance_makes_a_placement(needs, status):
    placement = make_placement(needs=needs)
    assert (placement.status, placement.status_by, placement.status_at) == (status, placement.student, NOW)
    assert (placement.starts_on, placement.ends_on, placement.made_at) == (START, END, NOW)
    assert [(event.move, event.by, event.to_status) for event in placement.events.all()] == [
        ("make", placement.student, status)
    ]
    assert placement.offer.status == "accepted"


def test_where_no_placement_can_be_made_nothing_is_accepted(monkeypatch):
    offer = make_offer()

    def fail(**fields):
        raise IntegrityError("no")

    monkeypatch.setattr(Placement.objects, "create", fail)
    with pytest.raises(IntegrityError):
        actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert Offer.objects.get().status == "open"


def test_a_refused_acceptance_makes_none():
    offer = make_offer()
    with pytest.raises(MoveRefused):
        actions.accept_offer(offer, by=make_student().user, now=NOW)
    assert not Placement.objects.exists()


def test_a_clearance_makes_it_ready_and_taking_it_back_unmakes_it():
    placement = make_placement()
    ines = clear(placement)
    assert fresh(placement).status == Status.READY
    authorizing.revoke(record_of(placement), by=ines, now=NOW + DAY)
    assert fresh(placement).status == Status.AWAITING_AUTHORIZATION
    moves = [(event.move, event.by) for event in placement.events.all()]
    assert moves == [("make", placement.student), ("clear", None), ("await_authorization", None)]


def test_a_waiver_and_its_end_do_the_same():
    placement = make_placement()
    ines = make_staff("international_adviser")
    authorizing.waive(record_of(placement), by=ines, note="Permanent resident", now=NOW)
    assert fresh(placement).status == Status.READY
    authorizing.require(record_of(placement), by=ines, note="Not so", now=NOW)
    assert fresh(placement).status == Status.AWAITING_AUTHORIZATION


def test_a_declaration_does_it_too():
    placement = make_placement()
    student = placement.offer.application.student
    authorizing.declare(student, needs="no", by=student.user, now=NOW)
    assert fresh(placement).status == Status.READY


def test_an_approval_that_begins_later_does_not_make_it_ready_until_it_is_mended():
    placement = make_placement()
    ines = clear(placement, START + DAY, END)
    assert fresh(placement).status == Status.AWAITING_AUTHORIZATION
    authorizing.amend(record_of(placement), valid_from=START, valid_until=END, by=ines, now=NOW)
    assert fresh(placement).status == Status.READY


def test_what_changes_no_clearance_leaves_it_alone():
    placement = make_placement()
    file(placement)
    assert PlacementEvent.objects.count() == 1


@pytest.mark.parametrize("status", [status for status in TO_COME if status != Status.AWAITING_PROGRAM])
def test_a_withdrawn_acceptance_cancels_it_and_frees_the_position(status):
    placement = make_placement(status)
    staff = make_staff()
    applying.withdraw_acceptance(placement.offer, by=staff, reason="Ill", now=NOW + DAY)
    found = fresh(placement)
    assert (found.status, found.status_by, found.status_at) == (Status.CANCELED, staff, NOW + DAY)
    assert (found.offer.status, record_of(found).is_closed) == ("acceptance_withdrawn", True)


def test_canceling_withdraws_the_acceptance():
    placement = make_placement()
    found = actions.cancel(placement, by=make_staff(), reason="Ill", gone_back="student", now=NOW)
    assert (found.status, found.offer.status, found.offer.gone_back) == ("canceled", "acceptance_withdrawn", "student")


@pytest.mark.parametrize("status", BEGUN)
def test_what_has_begun_is_not_undone(status):
    placement = make_placement(status)
    with pytest.raises(MoveRefused, match="The work has begun"):
        applying.withdraw_acceptance(placement.offer, by=make_staff(), reason="Ill")
    assert (fresh(placement).status, fresh(placement).offer.status) == (status, "accepted")


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.ENDED_EARLY])
def test_with_the_work_ends_what_is_awaited_for_it(status):
    assert record_of(make_placement(status)).is_closed


@pytest.mark.parametrize(("needs", "status"), [("yes", Status.AWAITING_AUTHORIZATION), ("no", Status.READY)])
def test_what_was_accepted_before_gets_its_placement(needs, status):
    made = make_placement(needs=needs)
    PlacementEvent.objects.all().delete()
    Placement.objects.all().delete()
    make_offer()
    with connection.cursor() as cursor:
        cursor.execute(MADE)
    placement = Placement.objects.get()
    fields = ("offer_id", "status", "status_at", "status_by_id", "made_at", "starts_on", "ends_on", "began_on")
    assert [getattr(placement, name) for name in fields] == [getattr(made, name) for name in fields]
    assert placement.status == status
    assert [(event.move, event.to_status, event.by) for event in placement.events.all()] == [
        ("make", status, made.student)
    ]


def test_nobody_is_told_twice_of_an_acceptance():
    make_placement(needs="no")
    assert not OutboxMail.objects.filter(kind__startswith="placement").exists()
