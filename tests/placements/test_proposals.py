"""A host proposes new dates; the student agrees or says no; what ends the placement, or moves it, settles them."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.roles import Role
from applications.actions import suspend_organization
from core.workflow import MoveRefused
from notifications.mail import MAILS
from notifications.models import OutboxMail
from placements import actions
from placements.models import DateProposal, Placement
from placements.workflow import Status
from tests.factories import NOW, make_host, make_staff
from tests.placements.making import DAY, END, FIRST_DAY, START, clear, decide, fresh, host_of, make_placement, record_of

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(days=14)
THEN = NOW + DAY


def propose(placement, starts=START + LATER, ends=END + LATER, *, by=None, reason="The lab moves.", now=THEN):
    by = by or host_of(placement)
    return actions.propose_dates(placement, by=by, starts_on=starts, ends_on=ends, reason=reason, now=now)


def agree(proposal, *, by=None, now=THEN):
    return actions.agree_to_dates(proposal, by=by or proposal.placement.student, now=now)


def days(thing):
    return thing.starts_on, thing.ends_on


def told(kind):
    rows = OutboxMail.objects.filter(kind=f"placement.{kind}").order_by("pk")
    return [(row.recipient, MAILS[row.kind].render(row.subject_id, row.recipient, row.version)) for row in rows]


def history(placement):
    return [(event.move, event.by) for event in placement.events.exclude(move="make")]


def test_nothing_moves_before_the_student_agrees_and_then_the_records_move_along():
    placement = make_placement(country="PT")
    student, host = placement.student, host_of(placement)
    proposal = propose(placement)
    assert days(fresh(placement)) == (START, END)
    assert days(agree(proposal)) == (START + LATER, END + LATER)
    record, program = record_of(placement), fresh(placement).program_record
    assert [(one.starts, one.ends) for one in (record, program)] == [(START + LATER, END + LATER)] * 2
    assert history(placement) == [("propose_dates", host), ("agree_dates", student)]
    notes = list(placement.events.exclude(move="make").values_list("note", flat=True))
    span = "Monday, May 18, 2026 to Friday, June 12, 2026."
    assert notes == [f"{span} The lab moves.", span]
    assert agree(proposal).pk == placement.pk  # sent twice, it is one
    assert len(history(placement)) == 2


@pytest.mark.parametrize(
    ("starts", "ends", "status"),
    [
        (START + DAY, END, Status.READY),
        (START + DAY, END + LATER, Status.READY),
        (END + DAY, END + LATER, Status.AWAITING_AUTHORIZATION),
    ],
)
def test_what_was_approved_is_asked_anew(starts, ends, status):
    placement = make_placement(Status.READY)
    assert agree(propose(placement, starts, ends)).status == status
    first = fresh(placement).starts_on
    with pytest.raises(MoveRefused, match="Not cleared" if status != Status.READY else "The first day is"):
        actions.begin(placement, by=placement.student, now=NOW + 2 * DAY)
    moment = dt.datetime.combine(first, FIRST_DAY.timetz())
    if status == Status.READY:
        assert actions.begin(placement, by=placement.student, now=moment).status == Status.ACTIVE


def test_the_program_has_to_cover_the_new_days_too():
    placement = make_placement(country="PT")
    clear(placement, START, END + 60 * DAY)
    decide(placement)
    assert agree(propose(placement, END + DAY, END + LATER)).status == Status.AWAITING_PROGRAM


def test_work_under_way_gets_a_later_end_and_keeps_its_first_day():
    placement = make_placement(Status.ACTIVE)
    later = FIRST_DAY + 2 * DAY
    with pytest.raises(MoveRefused, match="its first day stays"):
        propose(placement, START + DAY, END, now=later)
    assert days(agree(propose(placement, START, END + LATER, now=later), now=later)) == (START, END + LATER)
    with pytest.raises(MoveRefused, match="not cleared to work"):
        actions.log_hours(placement, by=placement.student, day=END + DAY, hours=2, now=FIRST_DAY + 40 * DAY)


@pytest.mark.parametrize(
    ("starts", "ends", "reason", "words"),
    [
        (START, END, "Why", "These are its dates already"),
        (START, START - DAY, "Why", "The last day must not be before"),
        (NOW.date(), END, "Why", "cannot lie in the past"),
        (dt.date(2926, 5, 18), dt.date(2926, 6, 12), "Why", "cannot lie two years ahead"),
        (START, dt.date.max, "Why", "two years after the first"),
        (START + DAY, END, " ", "Give the reason"),
    ],
)
def test_dates_that_make_no_sense_are_refused(starts, ends, reason, words):
    with pytest.raises(MoveRefused, match=words):
        propose(make_placement(), starts, ends, reason=reason)
    assert not DateProposal.objects.exists()


def test_each_verb_is_for_its_own_side():
    placement = make_placement()
    student, host = placement.student, host_of(placement)
    others = [make_host().user, *(make_staff(role) for role in (Role.ADVISER, Role.INTERNATIONAL_ADVISER))]
    for by in (student, *others):
        with pytest.raises(MoveRefused, match="You cannot do that"):
            propose(placement, by=by)
    proposal = propose(placement)
    verbs = {
        "agree": (host, lambda by: agree(proposal, by=by)),
        "decline": (host, lambda by: actions.decline_dates(proposal, by=by, reason="No", now=THEN)),
        "take back": (student, lambda by: actions.take_back_dates(proposal, by=by, now=THEN)),
    }
    for other_side, verb in verbs.values():
        for by in (other_side, *others):
            with pytest.raises(MoveRefused, match="You cannot do that"):
                verb(by)
    assert DateProposal.objects.waiting().get() == proposal


def test_no_keeps_the_dates_and_tells_the_host_without_the_words():
    placement = make_placement()
    proposal = propose(placement)
    with pytest.raises(MoveRefused, match="Give the reason"):
        actions.decline_dates(proposal, by=placement.student, reason=" ", now=THEN)
    for reason in ("My exams", "Sent twice, it is one"):
        actions.decline_dates(proposal, by=placement.student, reason=reason, now=THEN)
    assert days(fresh(placement)) == (START, END)
    ((to, letter),) = told("dates_declined")
    assert (to, "can propose other dates" in letter.text) == (host_of(placement), True)
    assert "My exams" not in letter.text
    with pytest.raises(MoveRefused, match="settled a moment ago"):
        agree(proposal)
    assert propose(placement).is_open


def test_one_waits_at_a_time_and_can_be_taken_back():
    placement = make_placement()
    proposal = propose(placement)
    with pytest.raises(MoveRefused, match="proposed already"):
        propose(placement, START + DAY, END)
    with pytest.raises(IntegrityError, match="proposal_open_once"), transaction.atomic():
        DateProposal.objects.create(**row_of(placement))
    for _ in range(2):  # sent twice, it is one
        actions.take_back_dates(proposal, by=host_of(placement), now=THEN)
    assert [to for to, _ in told("dates_taken_back")] == [placement.student]
    assert told("dates_proposed") == [(placement.student, None)]  # nobody is asked anymore
    with pytest.raises(MoveRefused, match="settled a moment ago"):
        agree(proposal)
    assert propose(placement, START + DAY, END).is_open


def row_of(placement):
    who = {"placement": placement, "proposed_by": host_of(placement), "proposed_at": THEN}
    return who | {"starts_on": START, "ends_on": END, "reason": "Why"}


@pytest.mark.parametrize("end", ["end_early", "cancel", "complete"])
def test_what_ends_the_placement_closes_it(end):
    placement = make_placement(Status.DELIVERABLE_SUBMITTED if end != "cancel" else Status.READY)
    now = FIRST_DAY + 2 * DAY if end != "cancel" else THEN
    first = START if end != "cancel" else START + DAY
    proposal = propose(placement, first, END + LATER, now=now)
    mo = make_staff()
    verbs = {
        "end_early": lambda: actions.end_early(placement, by=host_of(placement), reason="Both agreed", now=now),
        "cancel": lambda: actions.cancel(placement, by=mo, reason="Ill", now=now),
        "complete": lambda: actions.complete(placement, by=host_of(placement), now=now),
    }
    verbs[end]()
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.settled_by) == ("void", mo if end == "cancel" else host_of(placement))
    with pytest.raises(MoveRefused, match="settled a moment ago"):
        agree(proposal, now=now)
    with pytest.raises(MoveRefused, match="This work is over"):
        propose(placement, now=now)
    with pytest.raises(IntegrityError, match="work that is not over"), transaction.atomic():
        DateProposal.objects.create(**row_of(placement))


def test_the_database_keeps_no_proposal_of_work_that_is_over():
    placement = make_placement(Status.READY)
    propose(placement)
    with pytest.raises(IntegrityError, match="still proposed"), transaction.atomic():
        Placement.objects.filter(pk=placement.pk).update(status=Status.CANCELED)


def test_what_is_settled_says_who_when_and_why():
    proposal = propose(make_placement())
    rows = DateProposal.objects.filter(pk=proposal.pk)
    by = proposal.proposed_by
    for name, wrong in {
        "proposal_settled_by_someone": {"settled_at": THEN, "outcome": "agreed"},
        "proposal_has_its_reasons": {"settled_at": THEN, "settled_by": by, "outcome": "declined"},
        "proposal_dates_in_order": {"ends_on": START - DAY},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**wrong)
    assert rows.update(settled_at=THEN, settled_by=by, outcome="declined", note="No") == 1


def test_staff_who_move_the_dates_and_a_beginning_settle_it():
    placement = make_placement(Status.READY)
    proposal, mo = propose(placement), make_staff()
    move = {"starts_on": START, "ends_on": END - DAY, "reason": "Both asked"}
    actions.move_dates(placement, by=mo, now=THEN, **move)
    same_first_day = propose(placement, START, END)
    actions.take_back_dates(same_first_day, by=host_of(placement), now=THEN)
    other = propose(placement)
    actions.begin(placement, by=placement.student, now=FIRST_DAY)
    found = [DateProposal.objects.get(pk=one.pk) for one in (proposal, other)]
    assert [(one.outcome, one.settled_by) for one in found] == [("void", mo), ("void", placement.student)]
    begun = make_placement(Status.READY)
    kept = propose(begun, START, END + LATER)
    actions.begin(begun, by=begun.student, now=FIRST_DAY)
    assert agree(kept, now=FIRST_DAY).ends_on == END + LATER


def test_while_the_organization_is_suspended_nothing_is_proposed_or_agreed():
    placement = make_placement()
    proposal = propose(placement)
    organization = placement.posting.organization
    suspend_organization(organization, by=make_staff(), reason="Complaints")
    with pytest.raises(MoveRefused, match="is suspended"):
        agree(proposal)
    with pytest.raises(MoveRefused, match="is suspended"):
        propose(make_placement(host=placement.posting.host))


def test_the_other_side_is_told_and_of_immigration_nothing():
    placement = make_placement(Status.READY)
    proposal = propose(placement, END + DAY, END + LATER)
    ((to, letter),) = told("dates_proposed")
    assert (to, letter.subject) == (placement.student, f"New dates proposed for “{placement.posting.title}”")
    assert "Saturday, May 30, 2026 to Friday, June 12, 2026" in letter.text
    agree(proposal)
    ((to, letter),) = told("dates_agreed")
    assert (to, "not cleared to begin yet" in letter.text) == (host_of(placement), True)
    assert [word for word in ("CPT", "F-1", "approv", "uthorization") if word in letter.text + letter.html] == []
    assert told("dates_proposed")[0][1] is None
    actions.move_dates(placement, by=make_staff(), starts_on=START, ends_on=END, reason="Back", now=THEN)
    assert told("dates_agreed")[0][1] is None


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_taking_back_at_one_instant_leave_one_of_them():
    placement = make_placement()
    proposal, host, student = propose(placement), host_of(placement), placement.student
    together, outcomes = threading.Barrier(2), []

    def run(verb):
        try:
            together.wait()
            verb()
            outcomes.append("done")
        except MoveRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    verbs = (
        lambda: actions.agree_to_dates(proposal, by=student, now=THEN),
        lambda: actions.take_back_dates(proposal, by=host, now=THEN),
    )
    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    proposal.refresh_from_db()
    moved = days(fresh(placement)) == (START + LATER, END + LATER)
    assert (proposal.outcome, moved) in {("agreed", True), ("taken_back", False)}
