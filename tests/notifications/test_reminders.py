"""Reminders: planned once per person, object and rule, whatever the sweep went through."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.clock import nine_o_clock
from notifications.delivery import drain
from notifications.models import OutboxMail, ReminderTick
from notifications.preferences import Group, switch
from notifications.reminders import FIRST_LOOK_BACK, Planned, Reminder, plan_all, register
from notifications.workflow import State

from .conftest import NOW

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


class Calendar:
    """Planned reminders that a test writes down, and the spans it was asked for."""

    def __init__(self):
        self.entries = []
        self.asked = []

    def __call__(self, since, until, *, recipient_id=None):
        self.asked.append((since, until))
        return list(self.entries)

    def add(self, person, due, *, subject_id=7, offset="half", version="1", expires=None):
        self.entries.append(Planned(person.pk, subject_id, offset, version, due, expires))


@pytest.fixture
def calendar(declare):
    calendar = Calendar()
    register(Reminder(mail=declare("test.reminder", must_arrive=True), plan=calendar))
    return calendar


def planned_offsets():
    return sorted(OutboxMail.objects.values_list("offset", flat=True))


def test_what_falls_due_is_planned_at_the_next_tick_and_once(calendar, sana):
    calendar.add(sana, NOW + 30 * MINUTE)
    assert [plan_all(NOW + minutes * MINUTE) for minutes in (0, 29)] == [0, 0]
    plan_all(NOW + 30 * MINUTE)
    for minutes in range(31, 60):
        plan_all(NOW + minutes * MINUTE)
    row = OutboxMail.objects.get()
    assert (row.recipient, row.due, row.must_arrive) == (sana, NOW + 30 * MINUTE, True)


def test_a_sweep_covers_all_time_since_the_last(calendar, sana):
    plan_all(NOW)
    for hours in (1, 50, 99):
        calendar.add(sana, NOW + hours * HOUR, offset=f"{hours} hours")
    calendar.add(sana, NOW + 101 * HOUR, offset="tomorrow")
    plan_all(NOW + 100 * HOUR)
    assert planned_offsets() == ["1 hours", "50 hours", "99 hours"]


def test_what_expired_while_all_was_down_is_not_sent(calendar, sana, post_office):
    plan_all(NOW)
    calendar.add(sana, NOW + HOUR, offset="past", expires=NOW + 20 * HOUR)
    calendar.add(sana, NOW + HOUR, offset="late", expires=NOW + 60 * HOUR)
    plan_all(NOW + 50 * HOUR)
    drain(clock=lambda: NOW + 50 * HOUR)
    states = dict(OutboxMail.objects.values_list("offset", "state"))
    assert states == {"past": State.EXPIRED, "late": State.SENT}
    assert len(post_office.mails) == 1


def test_a_new_kind_looks_back_a_day_and_no_further(calendar, sana):
    calendar.add(sana, NOW - FIRST_LOOK_BACK + MINUTE, offset="yesterday")
    calendar.add(sana, NOW - FIRST_LOOK_BACK - HOUR, offset="before")
    plan_all(NOW)
    assert planned_offsets() == ["yesterday"]


def test_what_was_written_late_for_a_moment_just_past_is_found_by_the_next_sweep(calendar, sana):
    plan_all(NOW)
    calendar.add(sana, NOW - MINUTE)
    plan_all(NOW + MINUTE)
    assert planned_offsets() == ["half"]


def test_a_plan_that_answers_more_than_asked_is_held_to_the_question(calendar, sana):
    plan_all(NOW)
    calendar.add(sana, NOW + HOUR, offset="early")
    plan_all(NOW + MINUTE)
    assert planned_offsets() == []


def test_a_moved_date_is_reminded_again_at_its_new_moments(calendar, sana):
    plan_all(NOW)
    calendar.add(sana, NOW + HOUR, version="1")
    plan_all(NOW + 2 * HOUR)
    calendar.entries.clear()
    calendar.add(sana, NOW + 3 * HOUR, version="2")
    plan_all(NOW + 4 * HOUR)
    assert sorted(OutboxMail.objects.values_list("version", flat=True)) == ["1", "2"]


def test_a_plan_that_fails_holds_up_no_other_and_is_made_good(declare, calendar, sana, caplog):
    broken = {"now": True}

    def failing(since, until, *, recipient_id=None):
        if broken["now"]:
            raise LookupError
        return [Planned(sana.pk, 1, "mended", "1", NOW + HOUR)]

    register(Reminder(mail=declare("test.broken"), plan=failing))
    calendar.add(sana, NOW + HOUR)
    plan_all(NOW)
    plan_all(NOW + HOUR)
    assert planned_offsets() == ["half"]
    broken["now"] = False
    plan_all(NOW + 2 * HOUR)
    assert planned_offsets() == ["half", "mended"]
    assert {record.name for record in caplog.records} == {"notifications.reminders"}


def test_a_clock_that_went_back_plans_nothing_and_keeps_the_tick(calendar, sana):
    plan_all(NOW)
    assert plan_all(NOW - HOUR) == 0
    assert ReminderTick.objects.get().until == NOW


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_plan_once(calendar, django_user_model):
    sana = django_user_model.objects.create_user("sana@student.example.edu", name="Sana")
    plan_all(NOW)
    for number in range(20):
        calendar.add(sana, NOW + MINUTE, subject_id=number)
    together = threading.Barrier(4)

    def sweep():
        together.wait()
        plan_all(NOW + MINUTE)
        connection.close()

    sweeps = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in sweeps:
        thread.start()
    for thread in sweeps:
        thread.join()
    assert OutboxMail.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_holds_the_tick_is_not_waited_for(calendar, django_user_model):
    plan_all(NOW)
    asked = len(calendar.asked)
    inside, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            ReminderTick.objects.select_for_update().get()
            inside.set()
            done.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(10)
    assert plan_all(NOW + MINUTE) == 0
    assert len(calendar.asked) == asked
    done.set()
    holder.join()


# The preview


def preview(capsys, *arguments):
    call_command("preview_reminders", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def at_now():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_preview_shows_what_waits_and_what_will_be_planned_in_local_time(
    calendar, declare, sana, theo, at_now, capsys
):
    Group("weekly", "Weekly", "Once a week.")
    digest = declare("test.weekly", group="weekly")
    new_york = ZoneInfo("America/New_York")
    for day, offset in ((dt.date(2026, 3, 6), "half"), (dt.date(2026, 3, 9), "last")):  # clocks go forward on the 8th
        calendar.add(sana, nine_o_clock(day, new_york), offset=offset)
    calendar.add(theo, nine_o_clock(dt.date(2026, 3, 5), new_york))
    digest.queue(to=sana, subject_id=3, due=NOW + HOUR, now=NOW)
    switch(sana.pk, "weekly", on=False, now=NOW)
    assert preview(capsys, "Sana@student.example.edu").splitlines() == [
        "When                      Standing      Kind           Subject",
        "Mon 2026-03-02 11:00 EST  switched off  test.weekly    Letter 3",
        "Fri 2026-03-06 09:00 EST  planned       test.reminder  Letter 7",
        "Mon 2026-03-09 09:00 EDT  planned       test.reminder  Letter 7",
    ]


def test_the_preview_shows_a_planned_mail_once_and_a_sent_one_not_at_all(calendar, sana, at_now, capsys, post_office):
    calendar.add(sana, NOW + HOUR, offset="half")
    calendar.add(sana, NOW + 2 * HOUR, offset="last")
    for offset, hours in (("half", 1), ("last", 2)):
        OutboxMail.objects.create(
            kind="test.reminder", subject_id=7, recipient=sana, offset=offset, version="1",
            created=NOW, due=NOW + hours * HOUR, next_try=NOW + hours * HOUR,
        )  # fmt: skip
    drain(clock=lambda: NOW + HOUR)
    assert preview(capsys, sana.email).splitlines()[1:] == [
        "Mon 2026-03-02 12:00 EST  waiting   test.reminder  Letter 7"
    ]


def test_the_preview_leaves_out_what_is_no_longer_wanted(declare, sana, at_now, capsys):
    unwanted = declare("test.unwanted", context=lambda *_: None)
    register(Reminder(unwanted, lambda *_, **__: [Planned(sana.pk, 1, "", "1", NOW + HOUR)]))
    assert preview(capsys, sana.email) == "No mail is coming to sana@student.example.edu within 30 days.\n"


def test_the_preview_looks_as_far_as_it_is_told(calendar, sana, at_now, capsys):
    calendar.add(sana, NOW + dt.timedelta(days=3))
    assert "within 2 days" in preview(capsys, sana.email, "--days", "2")
    assert "Letter 7" in preview(capsys, sana.email, "--days", "3")


def test_the_preview_of_a_stranger_says_so(db):
    with pytest.raises(CommandError, match=r"Nobody here has the address nobody@example\.org"):
        call_command("preview_reminders", "nobody@example.org")
