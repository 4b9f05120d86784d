"""Leases, and workers that die, are slow, or stop: what was in hand is lost by nobody."""

import datetime as dt
import email
import email.policy
import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from notifications import delivery
from notifications.delivery import End, claim, drain, reclaim
from notifications.mail import MAILS, Mail
from notifications.models import OutboxMail
from notifications.preferences import switch
from notifications.rules import MOST_ATTEMPTS
from notifications.workflow import State
from tests.notifications.delivering import only_row

from .conftest import NOW

LEASE = dt.timedelta(seconds=50)


# Kills, at each point


def test_a_lease_holds_others_off_until_it_is_over(notice, sana, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    assert (len(claim(NOW)), claim(NOW)) == (1, [])
    assert (reclaim(NOW + LEASE - dt.timedelta(seconds=1)), reclaim(NOW + LEASE)) == (0, 1)
    assert len(claim(NOW + LEASE)) == 1


@pytest.mark.parametrize("kind", ["notice", "digest"])
def test_killed_before_sending_began_a_mail_is_sent_by_another(request, sana, post_office, clock, kind):
    request.getfixturevalue(kind).queue(to=sana, subject_id=7, now=NOW)
    claim(NOW)
    clock.now += LEASE
    drain(clock=clock)
    assert (only_row().state, len(post_office.mails)) == (State.SENT, 1)


def test_killed_while_sending_what_must_arrive_is_sent_again(notice, sana, post_office, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    delivery.begin(claim(NOW)[0], NOW)
    clock.now += LEASE
    drain(clock=clock)
    assert (only_row().state, len(post_office.mails)) == (State.SENT, 1)


def test_killed_while_sending_a_digest_is_never_sent_twice(digest, sana, post_office, clock):
    digest.queue(to=sana, subject_id=7, now=NOW)
    delivery.begin(claim(NOW)[0], NOW)
    clock.now += LEASE
    drain(clock=clock)
    clock.forward(days=30)
    drain(clock=clock)
    assert (only_row().state, post_office.mails) == (State.UNCERTAIN, [])


def test_a_mail_that_kills_its_worker_each_time_is_given_up(notice, sana, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    kills = 0
    while rows := claim(clock()):
        delivery.begin(rows[0], clock())
        clock.now += LEASE
        reclaim(clock())
        kills += 1
    assert (kills, only_row().state) == (MOST_ATTEMPTS, State.DEAD)


def test_a_slow_worker_neither_sends_nor_closes_what_another_took_over(declare, sana, post_office, clock):
    def overtaken(*_):
        clock.now += LEASE
        reclaim(clock())
        assert len(claim(clock())) == 1
        return {"number": 7}

    mail = declare(context=overtaken, must_arrive=True)
    mail.queue(to=sana, subject_id=7, now=NOW)
    (slow,) = claim(NOW)
    with delivery.MailServer() as server:
        delivery.deliver_some([slow], server, clock, bool)
    row = only_row()
    assert (row.state, post_office.mails) == (State.CLAIMED, [])
    assert row.lease_token != slow.lease_token
    delivery.close(slow, "supersede")
    assert only_row().state == State.CLAIMED


def test_within_two_minutes_of_a_crash_the_mail_leaves(settings):
    sweep = settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"]
    assert settings.OUTBOX_LEASE_SECONDS + sweep < 120


def test_the_lease_outlasts_one_handing_over(settings):
    from microintern import settings as real

    assert 4 * real.EMAIL_TIMEOUT < settings.OUTBOX_LEASE_SECONDS


def test_told_to_stop_the_mail_in_hand_is_finished_and_the_rest_waits(declare, sana, post_office, clock):
    told = threading.Event()

    def stop_while_writing(*_):
        told.set()
        return {"number": 7}

    mail = declare(context=stop_while_writing, must_arrive=True)
    for number in range(3):
        mail.queue(to=sana, subject_id=number, now=NOW)
    assert drain(clock=clock, stop=told.is_set) == delivery.Drained(1, End.STOPPED)
    states = OutboxMail.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SENT, State.PENDING, State.PENDING]


# Many workers


@pytest.mark.django_db(transaction=True)
def test_four_workers_share_the_work_and_send_each_mail_once(declare, sana, post_office, clock, monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 10)
    mail = declare(must_arrive=True)
    for number in range(80):
        mail.queue(to=sana, subject_id=number, now=NOW)
    handled = []

    def work():
        handled.append(drain(clock=clock).handled)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    subjects = sorted(email.message_from_bytes(kept.content)["Subject"] for kept in post_office.mails)
    assert subjects == sorted(f"Letter {number}" for number in range(80))
    assert sum(handled) == 80
    assert sum(1 for share in handled if share) > 1


@pytest.mark.django_db(transaction=True)
def test_a_drain_inside_a_transaction_is_refused(declare, sana):
    declare(must_arrive=True).queue(to=sana, subject_id=7, now=NOW)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        drain()


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_outside_any_transaction(declare, sana, post_office, clock, monkeypatch):
    inside = []
    send = delivery.MailServer.send
    monkeypatch.setattr(
        delivery.MailServer,
        "send",
        lambda server, *letters: (inside.append(connection.in_atomic_block), send(server, *letters)),
    )
    declare(must_arrive=True).queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    assert (inside, len(post_office.mails)) == ([False], 1)


# What a mail has told


class Telling(Mail):
    """Remembers what it was told of its fate."""

    def sent(self, row, told):
        fates.append(("sent", row.subject_id, told))

    def dropped(self, row):
        fates.append(("dropped", row.subject_id))


fates = []


@pytest.fixture
def telling(declare):
    fates.clear()
    declare("test.telling", group="weekly")
    del MAILS["test.telling"]
    return lambda context: Telling("test.telling", "letters/letter", context, group="weekly")


def test_a_mail_that_left_says_what_it_told(telling, sana, post_office, clock):
    mail = telling(lambda *_: {"number": 7, "told": [3, 4]})
    mail.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    assert (fates, only_row().state) == ([("sent", 7, {3, 4})], State.SENT)


def test_a_mail_that_was_not_taken_has_told_nothing_yet(telling, sana, no_post_office, clock):
    mail = telling(lambda *_: {"number": 7, "told": [3, 4]})
    mail.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    assert (fates, only_row().state) == ([], State.PENDING)


@pytest.mark.parametrize("why", ["irrelevant", "switched off", "inactive"])
def test_a_mail_that_nobody_wants_is_told_to_be_dropped(telling, sana, post_office, clock, why):
    mail = telling(lambda *_: None if why == "irrelevant" else {"number": 7})
    mail.queue(to=sana, subject_id=7, now=NOW)
    if why == "switched off":
        switch(sana.pk, "weekly", on=False, now=NOW)
    if why == "inactive":
        get_user_model().objects.update(is_active=False)
    drain(clock=clock)
    assert (fates, only_row().state, post_office.mails) == ([("dropped", 7)], State.SUPERSEDED, [])


def test_a_mail_that_another_worker_took_over_is_not_dropped(telling, sana, clock):
    """The lease ended while this worker looked whether the mail is wanted; to the other it was."""
    mail = telling(lambda *_: take_over())
    mail.queue(to=sana, subject_id=7, now=NOW)

    def take_over():
        reclaim(NOW + LEASE)
        assert [row.pk for row in claim(NOW + LEASE)] == [only_row().pk]

    drain(clock=clock, stop=iter([False, True]).__next__)
    assert (fates, only_row().state) == ([], State.CLAIMED)
