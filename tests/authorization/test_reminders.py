import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from authorization import actions, reminders
from authorization.emails import item_waiting
from authorization.models import Route
from authorization.workflow import Needs, RouteKind, Status
from campus.actions import change_closures
from campus.models import Closure
from notifications.delivery import drain
from notifications.models import OutboxMail, ReminderTick
from notifications.reminders import plan_all
from notifications.workflow import State
from tests.applications.making import make_application, make_offer
from tests.factories import make_student

from .conftest import END, NOW, START

NEW_YORK = ZoneInfo("America/New_York")
YEAR = dt.timedelta(days=365)


def nine(month, day, year=2024):
    return dt.datetime(year, month, day, 9, tzinfo=NEW_YORK)


def planned(plan, since=NOW, until=NOW + YEAR, **more):
    return [(one.offset, one.due) for one in plan(since, until, **more)]


def kinds():
    return sorted(OutboxMail.objects.values_list("kind", "offset"))


def test_filing_is_recalled_before_the_latest_safe_day_and_weekly(open_record):
    open_record()
    assert planned(reminders.plan_waiting) == [
        ("d14", nine(11, 19)),
        ("w1", nine(11, 25)),
        ("d7", nine(12, 2)),  # instead of that week's
        ("d3", nine(12, 6)),
        ("w3", nine(12, 9)),
        ("d1", nine(12, 10)),
        ("w4", nine(12, 16)),
        ("w5", nine(12, 23)),
        ("w6", nine(12, 30)),
    ]


def test_each_recall_gives_way_to_the_next(open_record):
    open_record()
    plans = list(reminders.plan_waiting(NOW, NOW + YEAR))
    assert [plan.expires for plan in plans[:-1]] == [plan.due for plan in plans[1:]]


@pytest.mark.parametrize("status", [Status.FILED, Status.APPROVED, Status.DENIED, Status.NOT_NEEDED])
def test_nothing_is_recalled_once_it_is_filed_or_not_needed(open_record, status):
    open_record(status)
    assert planned(reminders.plan_waiting) == []


def test_without_a_verified_row_there_is_no_day_to_count_to(open_record):
    Route.objects.update(last_verified=None, verified_by=None)
    open_record()
    assert [name for name, _ in planned(reminders.plan_waiting)] == ["w1", "w2", "w3", "w4", "w5", "w6"]


def test_who_is_not_sure_is_recalled_before_the_first_of_all_routes(open_record):
    open_record(route=RouteKind.UNSURE)
    # Premium processing of OPT is the first to close, on October 30: before this acceptance.
    assert [name for name, _ in planned(reminders.plan_waiting)] == ["w1", "w2", "w3", "w4", "w5", "w6"]


def test_what_was_past_at_acceptance_is_one_mail_at_once(open_record):
    late = dt.datetime(2024, 12, 3, 15, tzinfo=dt.UTC)
    open_record(now=late)
    assert kinds() == [("item.waiting", "")]
    assert OutboxMail.objects.get().due == late
    assert [name for name, _ in planned(reminders.plan_waiting, since=late)][:2] == ["d3", "d1"]


def test_nothing_is_past_when_there_is_time(open_record):
    open_record()
    assert kinds() == []


def test_an_acceptance_too_late_is_told_to_student_and_advisors_at_once(open_record, sana, ines):
    open_record(now=dt.datetime(2024, 12, 12, 15, tzinfo=dt.UTC))
    rows = OutboxMail.objects.values_list("kind", "recipient")
    assert sorted(rows) == sorted([("item.stuck", sana.user.pk), ("item.stuck", ines.pk)])


def test_a_start_that_became_impossible_is_told_to_student_and_advisors(open_record, sana, ines):
    open_record()
    plans = list(reminders.plan_stuck(NOW, NOW + YEAR))
    assert {(plan.recipient_id, plan.due) for plan in plans} == {
        (sana.user.pk, nine(12, 12)),
        (ines.pk, nine(12, 12)),
    }


def test_what_is_filed_becomes_impossible_on_the_first_day(open_record):
    open_record(Status.FILED)
    assert {due for _, due in planned(reminders.plan_stuck)} == {nine(1, 6, 2025)}


@pytest.mark.parametrize("status", [Status.APPROVED, Status.NOT_NEEDED])
def test_what_is_cleared_never_becomes_impossible(open_record, status):
    open_record(status)
    assert planned(reminders.plan_stuck) == []


def test_the_authorized_start_and_the_coming_end_are_told(open_record):
    open_record(Status.APPROVED)
    assert planned(reminders.plan_dates) == [("start", nine(1, 6, 2025)), ("end", nine(1, 17, 2025))]


def test_dates_before_the_approval_are_not_told(open_record, ines):
    record = open_record(Status.FILED)
    actions.approve(record, by=ines, valid_from=dt.date(2024, 11, 1), valid_until=END, now=NOW)
    assert planned(reminders.plan_dates, since=NOW - YEAR) == [("end", nine(1, 17, 2025))]


def test_who_needs_none_is_told_of_no_dates(open_record):
    open_record(needs=Needs.NO, route="")
    assert planned(reminders.plan_dates) == []


def test_a_closed_record_is_silent(open_record, ines):
    actions.close_record(open_record(), by=ines)
    assert [planned(plan) for plan in (reminders.plan_waiting, reminders.plan_dates, reminders.plan_stuck)] == [[]] * 3


def test_only_what_falls_due_in_the_span_is_planned(open_record):
    open_record()
    first = nine(11, 19)
    assert planned(reminders.plan_waiting, since=first - dt.timedelta(hours=1), until=first) == [("d14", first)]
    assert planned(reminders.plan_waiting, since=first, until=first + dt.timedelta(hours=1)) == []


def test_a_preview_shows_a_person_their_own(open_record, sana, ines):
    open_record()
    other = make_student()
    assert planned(reminders.plan_waiting, recipient_id=other.user.pk) == []
    assert len(planned(reminders.plan_waiting, recipient_id=sana.user.pk)) == 9
    assert ines.pk in {plan.recipient_id for plan in reminders.plan_stuck(NOW, NOW + YEAR, recipient_id=ines.pk)}


def test_plans_ask_for_the_world_once(open_record, django_assert_num_queries):
    for _ in range(3):
        open_record()
    with django_assert_num_queries(4):
        planned(reminders.plan_waiting)


@pytest.mark.parametrize("said", [None, Needs.UNSAID])
def test_who_has_not_said_what_is_needed_is_asked_each_week_and_the_advisors_too(open_record, sana, ines, said):
    record = open_record(needs=said, route="")
    plans = list(reminders.plan_waiting(NOW, NOW + YEAR))
    weeks = [nine(11, 25), nine(12, 2), nine(12, 9), nine(12, 16), nine(12, 23), nine(12, 30)]
    assert [plan.due for plan in plans if plan.recipient_id == ines.pk] == weeks
    assert {plan.due for plan in plans if plan.recipient_id == sana.user.pk} >= {*weeks}
    assert item_waiting.render(record.pk, ines, plans[0].version) is not None
    assert {due for _, due in planned(reminders.plan_stuck)} == {nine(1, 6, 2025)}
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=NOW)
    assert {plan.recipient_id for plan in reminders.plan_waiting(NOW, NOW + YEAR)} == {sana.user.pk}
    assert {due for _, due in planned(reminders.plan_stuck)} == {nine(12, 12)}


def test_an_acceptance_too_late_without_a_word_is_not_lost_yet(open_record, sana):
    open_record(needs=None, route="", now=dt.datetime(2024, 12, 12, 15, tzinfo=dt.UTC))
    assert list(OutboxMail.objects.values_list("kind", "recipient")) == [("item.waiting", sana.user.pk)]


def test_what_an_advisor_found_to_be_needed_has_been_said(open_record, ines):
    record = open_record(needs=Needs.NO, route="")
    actions.require(record, by=ines, note="A visa after all", now=NOW)
    assert {due for _, due in planned(reminders.plan_stuck)} == {nine(12, 12)}


def at(moment):
    return lambda: moment


def test_a_recall_leaves_at_nine_and_says_nothing(open_record, sana):
    record = open_record()
    plan_all(NOW)
    plan_all(nine(11, 19))
    drain(clock=at(nine(11, 19)))
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([sana.user.email], "An item needs your attention")
    assert f"/items/{record.pk}/" in letter.body


def test_a_recall_that_lost_its_reason_is_not_sent(open_record, sana):
    record = open_record(Status.ADVISED)
    OutboxMail.objects.all().delete()
    plan_all(NOW)
    plan_all(nine(11, 19))
    actions.file(record, by=sana.user, filed_on=NOW.date())
    drain(clock=at(nine(11, 19)))
    assert mail.outbox == []


def test_a_new_closure_moves_the_day_and_silences_the_old_one(open_record, ines):
    open_record()
    plan_all(NOW)
    plan_all(nine(11, 19))
    snow = Closure(name="Snow", first_day=dt.date(2024, 12, 12), last_day=dt.date(2024, 12, 12))
    change_closures(added=[snow], by=ines)
    drain(clock=at(nine(11, 19)))
    assert mail.outbox == []
    # The latest safe filing is a day earlier now, and so is the day before it.
    assert ("d1", nine(12, 9)) in planned(reminders.plan_waiting)


def test_an_impossible_start_is_not_told_once_it_is_filed(open_record, sana):
    record = open_record(Status.ADVISED)
    OutboxMail.objects.all().delete()
    plan_all(NOW)
    plan_all(nine(12, 12))
    actions.file(record, by=sana.user, filed_on=NOW.date())
    drain(clock=at(nine(12, 12)))
    assert mail.outbox == []


def told_stuck():
    return sorted(OutboxMail.objects.filter(kind="item.stuck").values_list("recipient", flat=True))


# In New York, a day after the last on which CPT could be filed for in time.
TOO_LATE = dt.datetime(2024, 12, 12, 15, tzinfo=dt.UTC)


def test_a_declaration_corrected_too_late_is_told_once(open_record, sana, ines):
    open_record(needs=Needs.NO, route="", now=TOO_LATE)
    plan_all(TOO_LATE)
    assert told_stuck() == []
    corrected = TOO_LATE + dt.timedelta(hours=2)
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=corrected)
    assert told_stuck() == sorted([sana.user.pk, ines.pk])
    for minute in range(3):
        plan_all(corrected + dt.timedelta(minutes=minute))
    assert told_stuck() == sorted([sana.user.pk, ines.pk])


def test_a_declaration_corrected_in_time_recalls_what_is_past_in_one_mail(open_record, sana):
    open_record(needs=Needs.NO, route="")
    late = dt.datetime(2024, 12, 3, 15, tzinfo=dt.UTC)
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=late)
    assert kinds() == [("item.waiting", "")]


@pytest.mark.parametrize(("status", "back"), [(Status.APPROVED, actions.revoke), (Status.NOT_NEEDED, actions.require)])
def test_a_clearance_taken_back_too_late_is_told_once(open_record, sana, ines, status, back):
    record = open_record(status)
    OutboxMail.objects.all().delete()
    back(record, by=ines, note="An error", now=TOO_LATE)
    plan_all(TOO_LATE)
    assert told_stuck() == sorted([sana.user.pk, ines.pk])
    # The student gets one mail: another would read just the same.
    assert not OutboxMail.objects.filter(kind="item.changed").exists()


def enter_a_closure(ines, now):
    strike = Closure(name="Strike", first_day=dt.date(2024, 12, 12), last_day=dt.date(2024, 12, 20))
    change_closures(added=[strike], by=ines, now=now)


def enter_a_longer_lead(ines, now):
    Route.objects.filter(name="F-1 CPT").update(lead_days=20)


@pytest.mark.parametrize("change", [enter_a_closure, enter_a_longer_lead])
def test_a_change_that_makes_a_start_impossible_is_told_once(open_record, sana, ines, change):
    open_record()
    before = dt.datetime(2024, 12, 9, 15, tzinfo=dt.UTC)
    plan_all(before)
    assert told_stuck() == []
    change(ines, before + dt.timedelta(minutes=20))
    for minutes in (21, 22, 60):
        plan_all(before + dt.timedelta(minutes=minutes))
    assert told_stuck() == sorted([sana.user.pk, ines.pk])
    drain(clock=at(before + dt.timedelta(hours=1)))
    stuck = OutboxMail.objects.filter(kind="item.stuck")
    assert set(stuck.values_list("state", flat=True)) == {State.SENT}


def test_a_start_that_was_told_is_not_told_again_when_the_days_shift(open_record, sana, ines):
    open_record(now=TOO_LATE)
    assert told_stuck() == sorted([sana.user.pk, ines.pk])
    enter_a_closure(ines, TOO_LATE)
    plan_all(TOO_LATE + dt.timedelta(hours=1))
    assert told_stuck() == sorted([sana.user.pk, ines.pk])


def test_a_former_advisor_is_told_nothing(open_record, sana, ines):
    ines.staff_roles.update(revoked_at=NOW, revoked_by=ines)
    open_record(now=TOO_LATE)
    plan_all(TOO_LATE)
    assert told_stuck() == [sana.user.pk]


# Each reason to be reminded, and each way in which it ends: what was planned before is not sent after.
def offered(student):
    actions.announce_offer(student, offer_id=77, expires=NOW + dt.timedelta(days=7), now=NOW)


def approve(record, ines, now, until=END):
    actions.approve(record, by=ines, valid_from=START, valid_until=until, now=now)


ENDS = {
    "filed": lambda record, ines, now: actions.file(record, by=ines, filed_on=now.date(), now=now),
    "waived": lambda record, ines, now: actions.waive(record, by=ines, note="Citizen", now=now),
    "closed": lambda record, ines, now: actions.close_record(record, by=ines, now=now),
    "moved": lambda record, ines, now: actions.move_dates(
        record, starts=START + YEAR, ends=END + YEAR, by=record.student.user, now=now
    ),
    "declared": lambda record, ines, now: actions.declare(
        record.student, needs=Needs.NO, by=record.student.user, now=now
    ),
    "amended": lambda record, ines, now: actions.amend(
        record, by=ines, valid_from=START + YEAR, valid_until=END + YEAR, now=now
    ),
    "revoked": lambda record, ines, now: actions.revoke(record, by=ines, note="An error", now=now),
    "approved": approve,
    "nothing": lambda record, ines, now: None,
}
WAITING, STUCK, DATE = "item.waiting", "item.stuck", "item.date"


@pytest.mark.parametrize(
    ("status", "kind", "moment", "end"),
    [
        *[(Status.ADVISED, WAITING, nine(11, 19), end) for end in ("filed", "waived", "closed", "moved")],
        *[(Status.ADVISED, WAITING, nine(11, 25), end) for end in ("filed", "waived", "closed", "moved")],
        (Status.NOT_STARTED, WAITING, nine(11, 19), "declared"),
        (Status.NOT_STARTED, WAITING, nine(11, 25), "declared"),
        *[(Status.ADVISED, STUCK, nine(12, 12), end) for end in ("filed", "waived", "closed", "moved")],
        *[(Status.FILED, STUCK, nine(1, 6, 2025), end) for end in ("approved", "closed", "moved")],
        *[(Status.APPROVED, DATE, nine(1, 6, 2025), end) for end in ("amended", "revoked", "closed")],
        *[(Status.APPROVED, DATE, nine(1, 17, 2025), end) for end in ("amended", "revoked", "closed")],
    ],
)
def test_each_reminder_stops_when_its_reason_ends(open_record, ines, status, kind, moment, end):
    for way, sent in (("nothing", True), (end, False)):
        record = open_record(status, student=make_student())
        OutboxMail.objects.all().delete()
        ReminderTick.objects.all().delete()
        plan_all(moment - dt.timedelta(minutes=30))
        plan_all(moment)
        of_kind = OutboxMail.objects.filter(kind=kind, subject_id=record.pk)
        assert of_kind.exists()
        ENDS[way](record, ines, moment - dt.timedelta(minutes=1))
        drain(clock=at(moment))
        # What ends one reason may be the beginning of another, which is told by itself.
        states = set(of_kind.filter(due=moment).values_list("state", flat=True))
        assert (State.SENT in states) is sent
        actions.close_record(record, by=ines, now=moment)


def test_at_the_offer_who_needs_authorization_hears_that_an_item_waits(sana, theo, routes):
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=NOW)
    actions.declare(theo, needs=Needs.NO, by=theo.user, now=NOW)
    for student in (sana, theo, make_student()):
        offered(student)
        offered(student)
    assert list(OutboxMail.objects.values_list("kind", "recipient")) == [("item.offered", sana.user.pk)]
    drain(clock=at(NOW))
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([sana.user.email], "An item needs your attention")
    assert "/items/\n" in letter.body


@pytest.mark.parametrize(
    ("needs", "later"), [(Needs.NO, dt.timedelta()), (Needs.UNSAID, dt.timedelta()), (None, dt.timedelta(days=8))]
)
def test_the_word_at_the_offer_is_not_sent_without_its_reason(sana, needs, later):
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=NOW)
    offered(sana)
    if needs:
        actions.declare(sana, needs=needs, by=sana.user, now=NOW)
    drain(clock=at(NOW + later))
    assert mail.outbox == []


def test_an_offer_says_so(sana, routes):
    actions.declare(sana, needs=Needs.YES, route=RouteKind.CPT, by=sana.user, now=NOW)
    offer = make_offer(make_application(student=sana))
    rows = OutboxMail.objects.filter(kind="item.offered")
    assert list(rows.values_list("recipient", "subject_id", "expires")) == [(sana.user.pk, offer.pk, offer.deadline)]
