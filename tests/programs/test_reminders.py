import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from notifications.delivery import drain
from notifications.reminders import plan_all
from programs import actions, reminders
from programs.workflow import Status
from tests.factories import make_staff, make_student
from tests.notifications.test_declared import IMMIGRATION

from .conftest import END, NOW, START, settle

NEW_YORK = ZoneInfo("America/New_York")
YEAR = dt.timedelta(days=365)


def nine(month, day, year=2026):
    return dt.datetime(year, month, day, 9, tzinfo=NEW_YORK)


def planned(plan, since=NOW, until=NOW + YEAR, **more):
    """As sweeps would, one each day: a plan looks at what is still to come at the end of its span."""
    found, day = [], since
    while day < until:
        found += plan(day, day + dt.timedelta(days=1), **more)
        day += dt.timedelta(days=1)
    return [(one.recipient_id, one.offset, one.due) for one in found]


def letters():
    drain()
    sent = [(letter.to[0], letter.subject) for letter in mail.outbox]
    mail.outbox.clear()
    return sorted(sent)


def test_a_student_is_reminded_while_steps_are_open(open_record, iberia, sana):
    record = open_record()
    assert planned(reminders.plan_steps) == [
        (sana.user.pk, name, nine(*day))
        for name, day in [
            ("w1", (3, 9)),
            ("w2", (3, 16)),
            ("d14", (3, 17)),
            ("w3", (3, 23)),
            ("d7", (3, 26)),
            ("w4", (3, 30)),
            ("d3", (4, 1)),
            ("d1", (4, 3)),
        ]
    ]
    for step in record.steps.all():
        actions.mark_step(step, state="done", by=iberia.managers.get().user, now=NOW)
    assert planned(reminders.plan_steps) == []


def test_a_manager_is_reminded_until_the_decision(open_record, iberia, kenji):
    record = open_record()
    late = [("d7", (3, 26)), ("d3", (4, 1)), ("d1", (4, 3)), ("start", (4, 6))]
    assert planned(reminders.plan_waiting) == [(kenji.pk, name, nine(*day)) for name, day in late]
    settle(record, by=kenji)
    weekly = [("w1", (3, 9)), ("w2", (3, 16)), ("w3", (3, 23)), ("w4", (3, 30))]
    both = sorted([*late, *weekly], key=lambda one: one[1])
    assert planned(reminders.plan_waiting) == [(kenji.pk, name, nine(*day)) for name, day in both]
    actions.clear(record, cleared_from=START, cleared_until=END, by=kenji, now=NOW)
    assert planned(reminders.plan_waiting) == []


@pytest.mark.parametrize("status", [Status.CLEARED, Status.NOT_CLEARED, Status.CLOSED])
def test_nobody_is_reminded_of_what_is_decided(open_record, iberia, status):
    open_record(status)
    assert planned(reminders.plan_steps) == planned(reminders.plan_waiting) == []


def test_without_a_program_career_staff_are_reminded(open_record, iberia, mo):
    dev = make_staff(Role.ADVISER, "Dev Raman")
    open_record(country="JP")
    assert {person for person, *_ in planned(reminders.plan_waiting)} == {mo.pk, dev.pk}


def test_whoever_no_longer_looks_after_the_program_is_not_reminded(open_record, iberia, kenji, mo):
    open_record()
    other = make_staff(Role.PROGRAM_MANAGER)
    actions.grant_manager(iberia, user=other, by=mo)
    assert {person for person, *_ in planned(reminders.plan_waiting)} == {kenji.pk, other.pk}
    actions.revoke_manager(iberia, user=kenji, by=mo)
    assert {person for person, *_ in planned(reminders.plan_waiting)} == {other.pk}


def test_plans_can_be_asked_of_one_person(open_record, iberia, sana, kenji):
    open_record()
    theo = make_student("Theo Marsh")
    open_record(student=theo)
    assert {person for person, *_ in planned(reminders.plan_steps, recipient_id=theo.user.pk)} == {theo.user.pk}


def test_plans_ask_the_same_for_few_and_for_many(open_record, iberia, nordic):
    counts = []
    for number in (1, 20):
        for _ in range(number):
            open_record(student=make_student())
            open_record(student=make_student(), country="SE")
        for plan in (reminders.plan_steps, reminders.plan_waiting):
            with CaptureQueriesContext(connection) as queries:
                assert len(list(plan(NOW, NOW + dt.timedelta(days=30)))) >= number
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_the_mails_say_what_waits_and_no_word_of_the_steps(open_record, iberia, sana, kenji, time_machine):
    time_machine.move_to(NOW, tick=False)
    record = open_record()
    assert letters() == [(kenji.email, "New project abroad: Sana Iyer")]
    plan_all(NOW)
    time_machine.move_to(NOW + dt.timedelta(days=7), tick=False)
    plan_all(NOW + dt.timedelta(days=7))
    drain()
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([sana.user.email], f"Steps are open: {record.purpose}")
    assert record.get_absolute_url() in letter.body
    assert [found.group() for found in IMMIGRATION.finditer(str(letter.message()))] == []
    assert [step.name for step in record.steps.all() if step.name.lower() in letter.body.lower()] == []


def test_a_reminder_is_silent_once_the_dates_have_moved(open_record, iberia, sana, time_machine):
    time_machine.move_to(NOW, tick=False)
    record = open_record()
    plan_all(NOW)
    letters()
    time_machine.move_to(nine(3, 9), tick=False)
    plan_all(nine(3, 9))
    actions.move_dates(record, starts=START + dt.timedelta(days=14), ends=END, by=sana.user, now=nine(3, 9))
    assert letters() == []
    plan_all(nine(3, 9) + dt.timedelta(minutes=1))
    assert letters() == [(sana.user.email, f"Steps are open: {record.purpose}")]


def test_a_decision_is_told_to_the_student(open_record, iberia, sana, kenji, time_machine):
    time_machine.move_to(NOW, tick=False)
    record = open_record(Status.NOT_CLEARED)
    assert letters() == [(sana.user.email, f"There is news of {record.purpose}")]
