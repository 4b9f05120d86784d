"""Declaring and queueing: one row a mail, written with the change that causes it."""

import datetime as dt
import socket
import time

import pytest
from django.db import IntegrityError, connection, transaction
from redis import Redis

from notifications import doorbell
from notifications.models import OutboxMail
from notifications.preferences import Group
from notifications.workflow import OUTBOX, State

from .conftest import NOW, free_port


@pytest.fixture
def rings(monkeypatch):
    heard = []
    monkeypatch.setattr("notifications.mail.ring", lambda: heard.append(1))
    return heard


def test_the_same_mail_is_queued_once(declare, sana):
    mail = declare()
    for _ in range(3):
        mail.queue(to=sana, subject_id=7, offset="half", version="1", now=NOW)
    assert OutboxMail.objects.count() == 1


@pytest.mark.parametrize("other", [{"subject_id": 8}, {"offset": "last"}, {"version": "2"}])
def test_another_thing_offset_or_version_is_another_mail(declare, sana, other):
    mail, key = declare(), {"subject_id": 7, "offset": "half", "version": "1"}
    mail.queue(to=sana, now=NOW, **key)
    mail.queue(to=sana, now=NOW, **(key | other))
    assert OutboxMail.objects.count() == 2


def test_each_recipient_and_each_kind_has_its_own(declare, sana, theo):
    first, second = declare("test.one"), declare("test.two")
    for mail in (first, second):
        for person in (sana, theo):
            mail.queue(to=person, subject_id=7, now=NOW)
    assert OutboxMail.objects.count() == 4


def test_a_mail_waits_from_the_moment_it_is_queued_unless_told_otherwise(declare, sana):
    due = NOW + dt.timedelta(hours=1)
    mail = declare(must_arrive=True)
    mail.queue(to=sana, subject_id=1, now=NOW)
    mail.queue(to=sana, subject_id=2, due=due, expires=due + dt.timedelta(days=1), now=NOW)
    rows = OutboxMail.objects.order_by("subject_id").values_list("created", "due", "next_try", "expires", "must_arrive")
    assert list(rows) == [(NOW, NOW, NOW, None, True), (NOW, due, due, due + dt.timedelta(days=1), True)]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_no_mail_and_rings_nothing(declare, sana, rings):
    mail = declare()

    @transaction.atomic
    def fail_after_queueing():
        mail.queue(to=sana, subject_id=7, now=NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_queueing()
    assert (OutboxMail.objects.count(), rings) == (0, [])
    with transaction.atomic():
        mail.queue(to=sana, subject_id=7, now=NOW)
        assert rings == []
    assert (OutboxMail.objects.count(), rings) == (1, [1])


def test_a_kind_is_declared_once(declare):
    declare("test.twice")
    with pytest.raises(ValueError, match=r"test\.twice is declared twice"):
        declare("test.twice")


def test_what_must_arrive_cannot_be_switched_off(declare):
    with pytest.raises(ValueError, match="must arrive"):
        declare(must_arrive=True, group="weekly")


def test_a_group_is_declared_once():
    Group("weekly", "Weekly", "Once a week.")
    with pytest.raises(ValueError, match="weekly is declared twice"):
        Group("weekly", "Weekly", "Once a week.")


def test_a_subject_is_one_line_whatever_goes_into_it(declare, sana):
    mail = declare(context=lambda *_: {"number": "1\r\nBcc: everybody@example.org"})
    assert mail.render(7, sana, "").subject == "Letter 1 Bcc: everybody@example.org"


def test_html_is_escaped_and_text_is_not(declare, sana):
    rendered = declare(context=lambda *_: {"number": "<b>&</b>"}).render(7, sana, "")
    assert "letter <b>&</b> & nothing" in rendered.text
    assert "letter &lt;b&gt;&amp;&lt;/b&gt; &amp; nothing" in rendered.html


# The database refuses what the code forgot


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "lost"}, "outbox_state_known"),
        ({"state": State.CLAIMED}, "outbox_leased_while_in_hand"),
        ({"lease_until": NOW}, "outbox_leased_while_in_hand"),
        ({"state": State.SENT}, "outbox_sent_at_a_moment"),
        ({"sent_at": NOW}, "outbox_sent_at_a_moment"),
        ({"state": State.FAILED}, "outbox_given_up_for_a_reason"),
        ({"state": State.DEAD}, "outbox_given_up_for_a_reason"),
        ({"recipient_id": None}, "outbox_goes_to_someone"),
    ],
)
def test_a_state_without_its_fields_is_refused(declare, sana, fields, constraint):
    declare().queue(to=sana, subject_id=7, now=NOW)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutboxMail.objects.update(**fields)


def test_every_state_is_reached_and_only_states_are(db):
    reached = {move.target for move in OUTBOX}
    assert reached == set(State)
    assert {source for move in OUTBOX for source in move.sources} <= reached


def test_the_claim_reads_its_index(declare, sana):
    declare().queue(to=sana, subject_id=7, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM notifications_outboxmail WHERE state = 'pending' AND next_try <= now()"
            " ORDER BY must_arrive DESC, next_try, id LIMIT 1"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "outbox_to_claim" in plan
    assert "Sort" not in plan


# The doorbell


@pytest.fixture
def bell(settings, monkeypatch):
    """The doorbell at a broker of the test's choice, as in a fresh process."""

    def at(url):
        monkeypatch.setattr(doorbell.current_app.conf, "broker_url", url)
        monkeypatch.setattr(doorbell.current_app.conf, "broker_write_url", url)
        monkeypatch.setattr(doorbell, "_silent_until", 0.0)
        doorbell._connection.cache_clear()
        return doorbell.ring

    yield at
    doorbell._connection.cache_clear()


def test_a_ring_puts_the_task_by_name_and_nothing_about_anybody_into_the_broker(bell, settings):
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery")
        bell(settings.REDIS_URL)()
        messages = broker.lrange("celery", 0, -1)
        broker.delete("celery")
    assert len(messages) == 1
    assert b'"task": "notifications.tasks.deliver"' in messages[0]
    assert b'"argsrepr": "()", "kwargsrepr": "{}"' in messages[0]


def test_a_broker_that_is_down_raises_nothing_and_keeps_nobody_waiting(bell, caplog):
    ring = bell(f"redis://127.0.0.1:{free_port()}/0")
    ring()
    ring()
    assert [record.name for record in caplog.records] == ["notifications.doorbell"]


def test_a_broker_that_does_not_answer_costs_half_a_second_once(bell, caplog):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        ring = bell(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        begun = time.monotonic()
        ring()
        first = time.monotonic() - begun
        ring()
        second = time.monotonic() - begun - first
    assert 0.4 < first < 1.5
    assert second < 0.1
    assert len(caplog.records) == 1
