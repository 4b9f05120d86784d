import datetime as dt

import pytest
import time_machine
from django.core import mail

from applications import actions, reminders
from applications.models import Offer
from campus.actions import change_closures
from campus.models import Closure
from notifications.delivery import drain
from notifications.reminders import plan_all
from tests.applications.making import make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
YEAR = dt.timedelta(days=365)


def planned(since=NOW - DAY, until=NOW + YEAR, **who):
    return [(one.offset, one.due.strftime("%a %d %H:%M")) for one in reminders.plan(since, until, **who)]


def test_the_reminders_of_an_offer_at_nine_on_the_boards_clock():
    make_offer(days=7)
    assert planned() == [
        ("halfway", "Fri 06 14:00"),
        ("two_before", "Mon 09 13:00"),  # the clocks went forward on Sunday
        ("one_before", "Tue 10 13:00"),
        ("last_day", "Wed 11 13:00"),
    ]


def test_a_plan_covers_what_is_due_after_since_up_to_until():
    offer = make_offer(days=7)
    (first, *_) = reminders.plan(NOW, NOW + YEAR)
    assert list(reminders.plan(NOW, first.due)) == [first]
    assert list(reminders.plan(first.due, first.due + DAY)) == []
    assert (first.recipient_id, first.subject_id, first.version, first.expires) == (
        student_of(offer).pk,
        offer.pk,
        "2026-03-11",
        offer.deadline,
    )


def test_a_plan_for_one_person():
    offer = make_offer()
    make_offer()
    assert len(planned()) == 6
    assert len(planned(recipient_id=student_of(offer).pk)) == 3
    assert planned(recipient_id=make_student().user.pk) == []


def test_decided_offers_are_not_reminded():
    for answer in ("accept_offer", "decline_offer"):
        offer = make_offer()
        getattr(actions, answer)(offer, by=student_of(offer), now=NOW)
    assert planned() == []


def test_a_held_offer_is_silent_and_reminded_at_its_new_dates():
    offer = make_offer()
    organization = offer.application.posting.organization
    actions.suspend_organization(organization, by=make_staff(), reason="A report", now=NOW + 2 * DAY)
    assert planned() == []
    actions.reinstate_organization(organization, by=make_staff(), now=NOW + 7 * DAY)
    assert [due for _, due in planned()] == ["Wed 11 13:00", "Thu 12 13:00", "Fri 13 13:00"]


def test_a_deadline_that_moved_is_reminded_anew_and_the_old_dates_stay_silent():
    offer = make_offer()
    thursday = NOW + 3 * DAY  # ten in the morning: the mail of nine o'clock is in the outbox and has not left
    with time_machine.travel(thursday, tick=False):
        assert plan_all(now=thursday) == 1
        closure = Closure(name="Snow", first_day=dt.date(2026, 3, 6), last_day=dt.date(2026, 3, 6))
        change_closures(added=[closure], by=make_staff(), now=thursday)
    assert [due for _, due in planned()] == ["Mon 09 13:00", "Tue 10 13:00"]
    for day in range(3, 10):
        moment = NOW + day * DAY
        with time_machine.travel(moment, tick=False):
            plan_all(now=moment)
            drain()
    subjects = [message.subject for message in mail.outbox if "to decide" in message.subject]
    assert [subject.split(":")[0] for subject in subjects] == ["1 business day left to decide", "Last day to decide"]
    assert Offer.objects.get(pk=offer.pk).last_day == dt.date(2026, 3, 10)


def test_after_an_outage_it_comes_late_but_not_after_the_deadline():
    offer = make_offer()
    with time_machine.travel(NOW, tick=False):
        plan_all(now=NOW)
        drain()
    mail.outbox.clear()
    evening = dt.datetime(2026, 3, 10, 1, tzinfo=dt.UTC)  # nine in the evening of the last day
    with time_machine.travel(evening, tick=False):
        plan_all(now=evening)
        drain()
    assert {message.subject.split(":")[0] for message in mail.outbox} == {"Last day to decide"}
    mail.outbox.clear()
    with time_machine.travel(offer.deadline, tick=False):
        plan_all(now=offer.deadline)
        drain()
    assert mail.outbox == []


def test_the_reminder_says_how_long_and_until_when_and_nothing_of_immigration():
    posting = make_posting(host=make_host("Omar Haddad"), title="Churn analysis for a bike-share")
    posting.organization.name = "Fenwick Labs"
    posting.organization.save()
    make_offer(make_application(posting, make_student("Sana Iqbal")))
    moment = dt.datetime(2026, 3, 6, 14, tzinfo=dt.UTC)
    with time_machine.travel(moment, tick=False):
        plan_all(now=moment)
        drain()
    message = mail.outbox[-1]
    assert message.subject == "1 business day left to decide: the offer of Fenwick Labs"
    assert (
        "You have 1 business day after today to decide: until Monday, March 9, 2026, 23:59 New York time (EDT)."
        in message.body
    )
