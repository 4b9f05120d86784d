"""Mails with a one-time link go through the outbox sealed, and are erased."""

import datetime as dt

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from notifications.account_mail import LIFETIME, erase_expired, queue_rendered
from notifications.delivery import drain
from notifications.models import OutboxMail, SealedMessage
from notifications.sweep import tend
from notifications.workflow import State

from .conftest import NOW

SECRET = "https://jobs.example.edu/accounts/confirm-email/one-time-secret/"


@pytest.fixture
def message():
    message = EmailMultiAlternatives("Confirm your address", f"Follow {SECRET}\n", to=["new@student.example.edu"])
    message.attach_alternative(f'<a href="{SECRET}">Confirm</a>', "text/html")
    return message


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM notifications_sealedmessage")
        return [row[0] for row in cursor.fetchall()]


def test_it_reaches_an_address_that_is_nobodys_yet(message, post_office, clock, db):
    row = queue_rendered(message, kind="email_confirmation", now=NOW)
    assert (row.address, row.recipient, row.offset) == ("new@student.example.edu", None, "email_confirmation")
    drain(clock=clock)
    content = post_office.mails[0].content.decode()
    assert post_office.recipients == ["new@student.example.edu"]
    assert content.count("one-time-secret") == 2
    assert f"Message-ID: {row.message_id}" in content


def test_it_is_stored_as_ciphertext_and_erased_when_sent(message, post_office, clock, db):
    queue_rendered(message, kind="email_confirmation", now=NOW)
    (payload,) = stored()
    assert "one-time-secret" not in payload
    assert "one-time-secret" not in str(OutboxMail.objects.values().get())
    drain(clock=clock)
    assert (stored(), OutboxMail.objects.get().state) == ([], State.SENT)


def test_it_is_kept_for_the_next_try_while_the_server_does_not_take_it(message, post_office, clock, db):
    post_office.data_answer = "451 4.3.0 Later"
    queue_rendered(message, kind="password_reset_key", now=NOW)
    drain(clock=clock)
    assert SealedMessage.objects.count() == 1
    post_office.data_answer = "250 OK"
    clock.forward(minutes=1)
    drain(clock=clock)
    assert (len(post_office.mails), SealedMessage.objects.count()) == (1, 0)


def test_it_is_not_sent_after_some_hours_and_the_sweep_erases_it(message, post_office, clock, db):
    queue_rendered(message, kind="password_reset_key", now=NOW)
    tend(NOW + LIFETIME - dt.timedelta(seconds=1))
    assert SealedMessage.objects.count() == 1
    tend(NOW + LIFETIME)
    assert SealedMessage.objects.count() == 0
    clock.now += LIFETIME
    drain(clock=clock)
    assert (OutboxMail.objects.get().state, post_office.mails) == (State.EXPIRED, [])


def test_each_request_is_a_mail_of_its_own(message, post_office, clock, db):
    for _ in range(2):
        queue_rendered(message, kind="password_reset_key", now=NOW)
    drain(clock=clock)
    assert len(post_office.mails) == 2


def test_nothing_is_erased_early(message, db):
    queue_rendered(message, kind="email_confirmation", now=NOW)
    assert (erase_expired(NOW), erase_expired(NOW + LIFETIME)) == (0, 1)
