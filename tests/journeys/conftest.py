import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client

from campus.models import ProgramSettings
from notifications.delivery import drain
from notifications.sweep import tend

BOARD = ZoneInfo("America/New_York")


class Calendar:
    """The clock of a story: `calendar.at("2026-03-02 10:00")` is the board's local time."""

    def __init__(self, traveller):
        self.traveller = traveller

    def at(self, moment):
        self.traveller.move_to(dt.datetime.fromisoformat(moment).replace(tzinfo=BOARD), tick=False)


class PostOffice:
    """What beat and the worker do every minute, and the letters that went out by it."""

    def letters(self, address=None):
        """Everything sent since the last look: (address, subject) in the order of sending."""
        tend()
        drain()
        sent = [(letter.to[0], letter.subject, letter) for letter in mail.outbox]
        mail.outbox.clear()
        return (
            [(to, subject) for to, subject, _ in sent]
            if address is None
            else [letter for to, _, letter in sent if to == address]
        )


@pytest.fixture
def calendar():
    with time_machine.travel(dt.datetime(2026, 3, 2, 10, tzinfo=BOARD), tick=False) as traveller:
        yield Calendar(traveller)


@pytest.fixture
def post_office(db):
    return PostOffice()


@pytest.fixture
def university(db):
    program = ProgramSettings.load()
    program.student_email_domains = ["student.example.edu"]
    program.save()
    return program


@pytest.fixture
def as_user():
    def sign_in(user):
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in
