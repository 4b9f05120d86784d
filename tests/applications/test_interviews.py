"""Finding a time to talk: every move by every role, who is told, and what the database refuses."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from applications import actions
from applications.models import Interview, InterviewEvent, InterviewTime
from applications.workflow import INTERVIEW, ApplicationStatus, InterviewStatus
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.applications.making import host_of, make_application, make_interview, make_offer, pick
from tests.applications.talking import DAY, HOUR, LATER, MINUTE, MOVES, canceled, host_in, refused, sent, student_in
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

I = InterviewStatus  # noqa: E741


ROLES = ("student", "host", "colleague", "adviser", "moderator", "stranger", "other_host")


REACH = {
    I.PROPOSED: make_interview,
    I.PICKED: lambda: pick(make_interview()),
    I.TIMES_REFUSED: refused,
    I.CANCELED: canceled,
}


def person(role, interview):
    if role == "student":
        return student_in(interview)
    if role == "host":
        return host_in(interview)
    if role == "colleague":
        return make_host(organization=interview.application.posting.organization).user
    if role == "other_host":
        return make_host().user
    return make_student().user if role == "stranger" else make_staff(Role(role))


class TakenBack(Exception):  # noqa: N818
    """Ends a try, so that the next one starts from the same state."""


def attempt(move, interview, by):
    """The interview after the move, or None where it is refused."""
    after = None
    try:
        with transaction.atomic():
            MOVES[move](interview, by)
            after = Interview.objects.get(pk=interview.pk)
            event = after.events.last()
            assert (event.move, event.to_status, event.by, event.at) == (move, after.status, by, LATER)
            assert after.sequence == interview.sequence + 1
            raise TakenBack
    except MoveRefused:
        return None
    except TakenBack:
        return after


def test_every_state_and_every_move_is_covered():
    assert set(REACH) == set(I)
    assert set(MOVES) == set(INTERVIEW.moves)
    assert {move.target for move in INTERVIEW} == set(I)


@pytest.mark.parametrize("status", list(I))
def test_each_role_makes_the_moves_of_the_table_and_no_other(status):
    interview = REACH[status]()
    assert interview.status == status
    for move, role in product(MOVES, ROLES):
        after = attempt(move, interview, person(role, interview))
        allowed = INTERVIEW.allows(move, status, {"host" if role == "colleague" else role})
        assert (after is not None) == allowed, (move, role)
        assert after is None or after.status == INTERVIEW.moves[move].target


def test_an_invitation_moves_the_application_and_proposes_times_in_order():
    application = make_application()
    times = [NOW + 2 * DAY, NOW + DAY]
    interview = actions.invite_to_interview(
        application, by=host_of(application), times=times, mode="phone", minutes=45, note="Call me.", now=NOW
    )
    application.refresh_from_db()
    assert application.status == ApplicationStatus.INTERVIEW
    assert (interview.status, interview.minutes, interview.starts_at) == (I.PROPOSED, 45, None)
    assert list(interview.times.values_list("number", "starts_at")) == [(1, NOW + DAY), (2, NOW + 2 * DAY)]
    event = interview.events.get()
    assert (event.move, event.from_status, event.to_status) == ("propose", "", I.PROPOSED)
    assert event.by == host_of(application)


@pytest.mark.parametrize(
    "times",
    [[], [NOW], [NOW + DAY, NOW - DAY], [NOW + DAY, NOW + DAY], [NOW + day * DAY for day in range(1, 7)]],
    ids=["none", "now", "past", "twice", "six"],
)
def test_one_to_five_different_times_that_are_still_to_come(times):
    application = make_application()
    with pytest.raises(MoveRefused):
        actions.invite_to_interview(application, by=host_of(application), times=times, mode="video", now=NOW)
    assert not Interview.objects.exists()
    interview = make_interview(application, times=range(1, 6))
    with pytest.raises(MoveRefused):
        actions.propose_times(interview, by=host_in(interview), times=times, mode="video", now=NOW)
    assert interview.times.count() == 5


def test_one_is_arranged_at_a_time_and_another_may_follow():
    interview = make_interview()
    with pytest.raises(MoveRefused, match="being arranged already"):
        make_interview(interview.application)
    pick(interview)
    make_interview(interview.application, times=(9,))
    assert interview.application.interviews.count() == 2


@pytest.mark.parametrize("move", ["propose", "refuse_times"])
def test_while_another_is_arranged_the_picked_one_keeps_its_time_or_is_canceled(move):
    interview = pick(make_interview())
    other = make_interview(interview.application, times=(9,))
    by = person("host" if move == "propose" else "student", interview)
    for status in (I.PROPOSED, I.TIMES_REFUSED):
        assert Interview.objects.get(pk=other.pk).status == status
        with pytest.raises(MoveRefused, match="being arranged already"):
            MOVES[move](interview, by)
        if status == I.PROPOSED:
            refused(other)
    assert attempt("cancel", interview, by).status == I.CANCELED
    canceled(other)
    assert attempt(move, interview, by).status == INTERVIEW.moves[move].target


@pytest.mark.parametrize(
    ("move", "role"),
    [
        ("cancel", "host"),
        ("cancel", "student"),
        ("change_place", "host"),
        ("propose", "host"),
        ("refuse_times", "student"),
    ],
)
def test_a_talk_whose_time_has_come_is_not_taken_back(move, role):
    interview = pick(make_interview(times=(1,)))
    by = person(role, interview)
    assert attempt(move, interview, by).status == INTERVIEW.moves[move].target
    Interview.objects.filter(pk=interview.pk).update(starts_at=LATER, ends_at=LATER + HOUR)
    OutboxMail.objects.all().delete()
    with pytest.raises(MoveRefused, match="has come"):
        MOVES[move](interview, by)
    assert Interview.objects.get(pk=interview.pk).status == I.PICKED
    assert not OutboxMail.objects.exists()


def test_what_is_picked_stands_with_its_end():
    interview = pick(make_interview(minutes=45), number=2)
    assert (interview.status, interview.starts_at, interview.ends_at) == (
        I.PICKED,
        NOW + 2 * DAY,
        NOW + 2 * DAY + 45 * MINUTE,
    )
    assert (interview.status_by, interview.sequence) == (student_in(interview), 1)


def test_picking_the_same_time_twice_changes_nothing():
    interview = make_interview()
    pick(interview)
    assert pick(interview).sequence == 1
    assert InterviewEvent.objects.filter(move="pick").count() == 1
    with pytest.raises(MoveRefused):
        pick(interview, number=2)


def test_a_time_that_has_passed_cannot_be_picked():
    interview = make_interview()
    with pytest.raises(MoveRefused, match="has passed"):
        pick(interview, now=NOW + DAY)
    assert pick(interview, number=2, now=NOW + DAY).starts_at == NOW + 2 * DAY


def test_a_time_that_was_replaced_or_is_anothers_cannot_be_picked():
    interview = make_interview()
    old = interview.times.get(number=1)
    actions.propose_times(interview, by=host_in(interview), times=[NOW + 5 * DAY], mode="video", now=NOW)
    foreign = make_interview().times.get(number=1)
    for time in (old, foreign):
        with pytest.raises(MoveRefused, match="not proposed any longer"):
            actions.pick_time(interview, by=student_in(interview), time=time, now=NOW)
    assert pick(interview).starts_at == NOW + 5 * DAY


def test_nobody_sits_in_two_interviews_at_once():
    posting = make_posting()
    first, second, third = (make_interview(make_application(posting)) for _ in range(3))
    pick(first)
    with pytest.raises(MoveRefused, match="just picked that time"):
        pick(second)
    actions.propose_times(
        third, by=host_in(third), times=[NOW + DAY + 29 * MINUTE, NOW + DAY + 30 * MINUTE], mode="video", now=NOW
    )
    with pytest.raises(MoveRefused, match="just picked that time"):
        pick(third)
    pick(third, number=2)
    pick(make_interview(), number=1)  # another host
    canceled(first)
    pick(second)
    with pytest.raises(IntegrityError, match="one_talk_at_a_time"), transaction.atomic():
        Interview.objects.filter(pk=third.pk).update(starts_at=NOW + DAY)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("length_possible", {"minutes": 0}),
        ("picked_with_its_time", {"status": I.PICKED}),
        ("picked_with_its_time", {"starts_at": NOW, "ends_at": NOW, "picked_at": NOW, "picks": 1}),
        ("picked_with_its_time", {"starts_at": NOW, "ends_at": LATER, "picks": 1}),
        ("picked_with_its_time", {"starts_at": NOW, "ends_at": LATER, "picked_at": NOW}),
        ("picked_with_its_time", {"picked_at": NOW}),
        ("picked_with_its_time", {"picks": 1}),
        ("turned_down_for_a_reason", {"status": I.CANCELED}),
        ("turned_down_for_a_reason", {"reason": "Why not"}),
        ("status_by_someone", {"status_by": None}),
    ],
)
def test_the_database_refuses_what_the_code_forgot(name, changes):
    interview = make_interview()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Interview.objects.filter(pk=interview.pk).update(**changes)


def test_the_database_takes_no_sixth_time():
    interview = make_interview(times=range(1, 6))
    with pytest.raises(IntegrityError, match="one_to_five"), transaction.atomic():
        InterviewTime.objects.create(interview=interview, number=6, starts_at=NOW + 9 * DAY)


@pytest.mark.parametrize("act", ["refuse_times", "cancel_interview"])
def test_a_reason_is_given(act):
    interview = make_interview()
    with pytest.raises(MoveRefused):
        getattr(actions, act)(interview, by=student_in(interview), reason=" ", now=NOW)
    assert getattr(actions, act)(interview, by=student_in(interview), reason="Exams", now=NOW).reason == "Exams"


def test_a_suspended_host_proposes_nothing_and_nobody_picks_but_either_may_cancel():
    interview = make_interview()
    actions.suspend_organization(
        interview.application.posting.organization, by=make_staff(), reason="A report", now=NOW
    )
    for move, role in (("propose", "host"), ("pick", "student"), ("refuse_times", "student")):
        with pytest.raises(MoveRefused, match="is suspended"):
            MOVES[move](interview, person(role, interview))
    assert MOVES["cancel"](interview, host_in(interview)).status == I.CANCELED


def test_an_offer_ends_the_arranging():
    interview = make_interview()
    make_offer(interview.application)
    with pytest.raises(MoveRefused, match="This application is offered now"):
        pick(interview)


@pytest.mark.parametrize("reach", [I.PROPOSED, I.TIMES_REFUSED])
def test_an_offer_calls_off_what_is_being_arranged_and_keeps_the_time_that_was_picked(reach):
    application = make_application()
    coming = pick(make_interview(application, times=(5,)))
    arranged = make_interview(application, times=(6,))
    if reach == I.TIMES_REFUSED:
        refused(arranged)
    make_offer(application, now=LATER)
    found = {interview.pk: (interview.status, interview.reason) for interview in Interview.objects.all()}
    assert found == {coming.pk: (I.PICKED, ""), arranged.pk: (I.CANCELED, "An offer was written.")}


ENDINGS = {
    "decline": ("The offer was declined.", lambda o: actions.decline_offer(o, by=o.student, now=o.deadline - HOUR)),
    "expire": ("The offer expired.", lambda o: actions.expire_offer(o, now=o.deadline)),
    "rescind": (
        "The offer was rescinded.",
        lambda o: actions.rescind_offer(o, by=make_staff(), reason="Budget", now=LATER),
    ),
    "withdraw_acceptance": (
        "The acceptance was withdrawn.",
        lambda o: actions.withdraw_acceptance(
            actions.accept_offer(o, by=o.student, now=LATER), by=make_staff(), reason="Ill", now=LATER
        ),
    ),
}


@pytest.mark.parametrize("end", ENDINGS)
def test_an_offer_that_comes_to_nothing_takes_the_interviews_to_come_along(end):
    reason, act = ENDINGS[end]
    posting = make_posting()
    application = make_application(posting)
    held = pick(make_interview(application, times=(1,), now=NOW - 2 * DAY), now=NOW - 2 * DAY)
    coming = pick(make_interview(application, times=(20,)))
    other = make_interview(make_application(posting), times=(20,))
    with pytest.raises(MoveRefused, match="just picked that time"):
        pick(other)
    offer = make_offer(application)
    sent()
    act(offer)
    found = {interview.pk: (interview.status, interview.reason) for interview in application.interviews.all()}
    assert found == {held.pk: (I.PICKED, ""), coming.pk: (I.CANCELED, reason)}
    everybody = (student_in(coming).email, host_in(coming).email)
    assert [one for one in sent(offer.deadline) if one[1]] == sorted(
        (who, "CANCEL", "CANCELLED", 2) for who in everybody
    )
    assert pick(other, now=LATER).starts_at == coming.starts_at


@pytest.mark.parametrize("end", ["withdraw", "not_select"])
def test_an_application_that_ends_takes_its_interviews_along(end):
    application = make_application()
    held = pick(make_interview(application, times=(1,)))
    coming = pick(make_interview(application, times=(5,)), now=NOW)
    proposed = make_interview(application, times=(6,))
    OutboxMail.objects.all().delete()
    by = application.student.user if end == "withdraw" else host_of(application)
    getattr(actions, end)(application, by=by, now=NOW + 2 * DAY)
    found = {interview.pk: interview.status for interview in Interview.objects.all()}
    assert found == {held.pk: I.PICKED, coming.pk: I.CANCELED, proposed.pk: I.CANCELED}
    told = OutboxMail.objects.filter(kind="interview.canceled").values_list("subject_id", "recipient")
    assert set(told) == {(coming.pk, application.student.user.pk), (coming.pk, host_of(application).pk)}


def test_who_sees_an_interview():
    interview = make_interview()
    sees = ("student", "host", "colleague")
    visible = {role: interview in Interview.objects.visible_to(person(role, interview)) for role in ROLES}
    assert visible == {role: role in sees for role in ROLES}
