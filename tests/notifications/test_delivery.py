"""What the outbox promises, one test a sentence; mails go to a real SMTP server."""

import datetime as dt
import email
import email.policy
import socket

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import strategies as st

from notifications import delivery
from notifications.delivery import End, claim, drain
from notifications.mail import Attachment, supersede
from notifications.models import OutboxMail
from notifications.preferences import Group, switch
from notifications.rules import MOST_ATTEMPTS, time_of_next_try
from notifications.workflow import State
from tests.notifications.delivering import only_row

from .conftest import NOW


def taken(post_office, number=0):
    content = post_office.mails[number].content
    return email.message_from_bytes(content, policy=email.policy.default)


def content(message, kind):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_a_mail_reaches_the_server_whole(notice, sana, post_office, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    clock.forward(seconds=1)
    assert drain(clock=clock) == delivery.Drained(1, End.EMPTY)
    message, row = taken(post_office), only_row()
    assert post_office.recipients == ["sana@student.example.edu"]
    assert (message["To"], message["Subject"]) == ("sana@student.example.edu", "Letter 7")
    assert message["From"] == "Micro-internships <jobs@example.edu>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == row.message_id
    assert row.message_id.endswith("@example.edu>")
    assert "List-Unsubscribe" not in message
    text, html = (content(message, kind) for kind in ("plain", "html"))
    assert text.startswith("Hello Sana,\n\nThis is letter 7 & nothing else.\n")
    assert "<p>This is letter 7 &amp; nothing else.</p>" in html
    assert (row.state, row.sent_at, row.attempts) == (State.SENT, clock.now, 1)


def test_a_file_goes_with_a_mail(declare, sana, post_office, clock):
    file = Attachment("talk.ics", "BEGIN:VCALENDAR\r\nSUMMARY:Café\r\n", "text/calendar; method=PUBLISH")
    mail = declare(context=lambda *_: {"number": 7, "attachments": [file]})
    mail.queue(to=sana, subject_id=7, now=clock())
    drain(clock=clock)
    message = taken(post_office)
    (part,) = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("talk.ics", "text/calendar")
    assert part["Content-Type"].params == {"method": "PUBLISH", "charset": "utf-8"}
    assert part.get_content().splitlines() == ["BEGIN:VCALENDAR", "SUMMARY:Café"]
    assert "This is letter 7" in content(message, "plain")


def test_no_mail_loads_anything_that_could_tell_when_it_is_read(notice, sana, post_office, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    html = content(taken(post_office), "html")
    assert [tag for tag in ("<img", "<script", "<link", "<iframe", "url(", "src=") if tag in html] == []


def test_what_a_mail_says_is_kept_nowhere(declare, sana, post_office, clock):
    secret = "the-words-of-themail"
    mail = declare(context=lambda *_: {"number": secret}, must_arrive=True)
    mail.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    assert secret in post_office.mails[0].content.decode()
    columns = OutboxMail.objects.values().get()
    assert [name for name, value in columns.items() if secret in str(value)] == []


def test_one_connection_carries_a_batch(notice, sana, theo, post_office, clock):
    for number in range(5):
        notice.queue(to=sana, subject_id=number, now=NOW)
    assert drain(clock=clock).handled == 5
    assert (len(post_office.mails), post_office.sessions) == (5, 1)


def test_a_mail_is_not_sent_before_it_is_due(notice, sana, post_office, clock):
    notice.queue(to=sana, subject_id=7, due=NOW + dt.timedelta(hours=1), now=NOW)
    clock.forward(minutes=59, seconds=59)
    assert drain(clock=clock).handled == 0
    clock.forward(seconds=1)
    assert drain(clock=clock).handled == 1
    assert post_office.recipients == ["sana@student.example.edu"]


def test_what_must_arrive_goes_before_a_digest(notice, digest, sana, theo, post_office, clock):
    digest.queue(to=theo, subject_id=1, now=NOW)
    notice.queue(to=sana, subject_id=1, now=NOW)
    drain(clock=clock)
    assert post_office.recipients == ["sana@student.example.edu", "theo@student.example.edu"]


# Asked again before it is sent


def test_a_mail_that_is_no_longer_wanted_is_not_sent(declare, sana, post_office, clock):
    wanted = {7}
    mail = declare(context=lambda subject_id, *_: {"number": 7} if subject_id in wanted else None, must_arrive=True)
    mail.queue(to=sana, subject_id=7, now=NOW)
    mail.queue(to=sana, subject_id=8, now=NOW)
    drain(clock=clock)
    states = dict(OutboxMail.objects.values_list("subject_id", "state"))
    assert (states, len(post_office.mails)) == ({7: State.SENT, 8: State.SUPERSEDED}, 1)


def test_nothing_is_sent_to_a_closed_account(notice, sana, post_office, clock):
    notice.queue(to=sana, subject_id=7, now=NOW)
    get_user_model().objects.update(is_active=False)
    drain(clock=clock)
    assert (only_row().state, post_office.mails) == (State.SUPERSEDED, [])


def test_a_group_switched_off_after_queueing_is_not_sent(declare, sana, theo, post_office, clock):
    Group("weekly", "Weekly", "Once a week.")
    mail = declare("test.weekly", group="weekly")
    mail.queue(to=sana, subject_id=1, now=NOW)
    mail.queue(to=theo, subject_id=1, now=NOW)
    switch(sana.pk, "weekly", on=False, now=NOW)
    drain(clock=clock)
    assert post_office.recipients == ["theo@student.example.edu"]


def test_a_moved_date_takes_back_what_waits_for_the_old_one(declare, sana, post_office, clock):
    first, other = declare("test.reminder.half", must_arrive=True), declare("test.made", must_arrive=True)
    for version in ("1", "2"):
        first.queue(to=sana, subject_id=7, version=version, now=NOW)
    first.queue(to=sana, subject_id=8, version="1", now=NOW)
    other.queue(to=sana, subject_id=7, version="1", now=NOW)
    assert supersede(kind_prefix="test.reminder", subject_id=7, except_version="2") == 1
    taken_back = OutboxMail.objects.filter(state=State.SUPERSEDED)
    assert [(row.kind, row.subject_id, row.version) for row in taken_back] == [("test.reminder.half", 7, "1")]
    assert drain(clock=clock).handled == 3


# Nothing after its expiry


@pytest.mark.parametrize(("seconds", "sent"), [(59, 1), (60, 0), (61, 0)])
def test_nothing_is_sent_from_its_expiry_on(notice, sana, post_office, clock, seconds, sent):
    notice.queue(to=sana, subject_id=7, expires=NOW + dt.timedelta(seconds=60), now=NOW)
    clock.forward(seconds=seconds)
    drain(clock=clock)
    assert len(post_office.mails) == sent
    assert only_row().state == (State.SENT if sent else State.EXPIRED)


def test_a_mail_that_expires_while_it_is_written_is_not_sent(declare, sana, post_office, clock):
    def slow(*_):
        clock.forward(minutes=2)
        return {"number": 7}

    declare(context=slow, must_arrive=True).queue(to=sana, subject_id=7, expires=NOW + dt.timedelta(minutes=1), now=NOW)
    drain(clock=clock)
    assert (only_row().state, post_office.mails) == (State.EXPIRED, [])


@given(minutes=st.integers(1, 6000))
def test_no_try_is_ever_planned_past_the_expiry(minutes):
    now, expires, tries = NOW, NOW + dt.timedelta(minutes=minutes), 1
    while (following := time_of_next_try(tries, now, expires)) is not None:
        assert now < following < expires
        now, tries = following, tries + 1
    assert expires - now <= dt.timedelta(minutes=1)


def test_a_mail_that_was_not_accepted_in_time_expires(notice, sana, post_office, clock):
    post_office.data_answer = "451 4.3.0 Later"
    notice.queue(to=sana, subject_id=7, expires=NOW + dt.timedelta(minutes=5), now=NOW)
    while only_row().state == State.PENDING:
        drain(clock=clock)
        clock.now = max(clock.now, only_row().next_try)
    row = only_row()
    assert (row.state, row.last_error, row.attempts) == (State.EXPIRED, "451 4.3.0 Later", 5)
    assert clock.now < row.expires


# Refusals


def test_a_recipient_refused_for_good_is_not_tried_again(notice, sana, theo, post_office, clock):
    post_office.rcpt_answers[sana.email] = "550 5.1.1 No such person"
    notice.queue(to=sana, subject_id=7, now=NOW)
    notice.queue(to=theo, subject_id=7, now=NOW)
    drain(clock=clock)
    row = OutboxMail.objects.get(recipient=sana)
    assert (row.state, row.last_error) == (State.FAILED, "550 5.1.1 No such person")
    assert post_office.recipients == ["theo@student.example.edu"]


def test_content_refused_for_good_is_not_tried_again(notice, sana, post_office, clock):
    post_office.data_answer = "554 5.7.1 Looks like spam"
    notice.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    assert (only_row().state, only_row().last_error) == (State.FAILED, "554 5.7.1 Looks like spam")


def test_a_busy_mailbox_is_tried_later_and_later_and_then_given_up(notice, sana, post_office, clock):
    post_office.rcpt_answers[sana.email] = "452 4.2.2 Mailbox full"
    notice.queue(to=sana, subject_id=7, now=NOW)
    waits = []
    for _ in range(MOST_ATTEMPTS):
        assert drain(clock=clock).handled == 1
        waits.append((only_row().next_try - clock.now).total_seconds() / 60)
        clock.now = max(clock.now, only_row().next_try)
    assert waits[:-1] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 720, 720, 720]
    assert (only_row().state, only_row().last_error) == (State.DEAD, "452 4.2.2 Mailbox full")
    clock.forward(days=7)
    assert drain(clock=clock).handled == 0


def test_it_is_the_same_message_on_every_try(notice, sana, post_office, clock):
    post_office.data_answer = "451 4.3.0 Later"
    notice.queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    first = only_row().message_id
    post_office.data_answer = "250 OK"
    clock.forward(minutes=1)
    drain(clock=clock)
    assert taken(post_office)["Message-ID"] == first


def test_a_fault_in_one_kind_does_not_hold_up_the_others(declare, notice, sana, theo, post_office, clock, caplog):
    def broken(*_):
        raise KeyError("a word that must not be kept")

    declare("test.broken", context=broken, must_arrive=True).queue(to=sana, subject_id=1, now=NOW)
    notice.queue(to=theo, subject_id=1, now=NOW)
    drain(clock=clock)
    row = OutboxMail.objects.get(recipient=sana)
    assert (row.state, row.last_error, row.next_try) == (State.PENDING, "KeyError", NOW + dt.timedelta(minutes=1))
    assert post_office.recipients == ["theo@student.example.edu"]
    assert [record.levelname for record in caplog.records if record.exc_info] == ["ERROR"]


def test_a_kind_that_nobody_declares_waits_for_newer_code(sana, post_office, clock):
    OutboxMail.objects.create(kind="gone", subject_id=1, recipient=sana, created=NOW, due=NOW, next_try=NOW)
    drain(clock=clock)
    assert (only_row().state, only_row().last_error) == (State.PENDING, "UnknownKindError")


# The mail server goes away


def test_a_server_that_is_down_costs_no_try_and_stops_the_drain(notice, sana, no_post_office, clock):
    for number in range(3):
        notice.queue(to=sana, subject_id=number, now=NOW)
    assert drain(clock=clock) == delivery.Drained(0, End.SERVER_DOWN)
    rows = OutboxMail.objects.order_by("pk")
    assert [(row.state, row.attempts) for row in rows] == [(State.PENDING, 0)] * 3
    assert rows[0].last_error == "The mail server cannot be reached: Connection refused."


def test_within_two_minutes_of_recovery_everything_is_handed_over(notice, sana, clock, request):
    closed = request.getfixturevalue("no_post_office")
    for number in range(20):
        notice.queue(to=sana, subject_id=number, now=NOW)
    for _ in range(360):  # six hours of sweeps
        clock.forward(minutes=1)
        assert drain(clock=clock).ended is End.SERVER_DOWN
    assert closed.EMAIL_PORT
    post_office = request.getfixturevalue("post_office")
    clock.forward(minutes=1)
    assert drain(clock=clock) == delivery.Drained(20, End.EMPTY)
    assert len(post_office.mails) == 20


def test_a_connection_that_went_stale_is_opened_again(notice, sana, post_office, clock):
    for number in range(2):
        notice.queue(to=sana, subject_id=number, now=NOW)
    with delivery.MailServer() as server:
        first, second = claim(NOW)
        delivery.deliver_some([first], server, clock, bool)
        server._backend.connection.sock.shutdown(socket.SHUT_RDWR)
        delivery.deliver_some([second], server, clock, bool)
    assert (len(post_office.mails), post_office.sessions) == (2, 2)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_line_that_breaks_while_sending_is_judged_by_what_the_mail_is(
    notice, digest, sana, theo, post_office, clock, moment
):
    post_office.hang_up = moment
    notice.queue(to=sana, subject_id=1, now=NOW)
    digest.queue(to=theo, subject_id=1, now=NOW)
    drain(clock=clock)
    states = dict(OutboxMail.objects.values_list("kind", "state"))
    assert states == {"test.notice": State.PENDING, "test.digest": State.UNCERTAIN}
    post_office.hang_up = ""
    clock.forward(minutes=1)
    drain(clock=clock)
    assert post_office.recipients.count(sana.email) == (2 if moment == "after" else 1)
    assert post_office.recipients.count(theo.email) == (1 if moment == "after" else 0)
