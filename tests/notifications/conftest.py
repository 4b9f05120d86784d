import datetime as dt
import logging
import socket
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth import get_user_model

from notifications.mail import MAILS, Mail
from notifications.preferences import GROUPS
from notifications.reminders import REMINDERS

NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)


LETTERS = Path(__file__).parent / "letters" / "templates"


logging.getLogger("mail.log").setLevel(logging.WARNING)  # the SMTP server tells every word


class FakeClock:
    """Stands still until it is told to go."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **span):
        self.now += dt.timedelta(**span)


class PostOffice:
    """A real SMTP server: it keeps what it takes, and answers as it is told."""

    def __init__(self):
        self.mails = []
        self.sessions = 0
        self.rcpt_answers = {}
        self.data_answer = "250 OK"
        self.hang_up = ""  # "before" or "after" a mail was taken

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up == "before":
            server.transport.abort()
            return "421 going away"
        if self.data_answer.startswith("250"):
            self.mails.append(envelope)
        if self.hang_up == "after":
            server.transport.abort()
        return self.data_answer

    @property
    def recipients(self):
        return [address for envelope in self.mails for address in envelope.rcpt_tos]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def post_office(settings):
    """Mail goes to this server, over a socket."""
    office = PostOffice()
    controller = Controller(office, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 2
    yield office
    controller.stop()


@pytest.fixture
def no_post_office(settings):
    """Mail goes to a port on which nobody listens."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return settings


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(autouse=True)
def _registries():
    """What a test declares is gone after it."""
    kept = [(registry, dict(registry)) for registry in (MAILS, GROUPS, REMINDERS)]
    REMINDERS.clear()
    yield
    for registry, before in kept:
        registry.clear()
        registry.update(before)


@pytest.fixture
def declare(settings):
    """Declare a mail with the templates of the letters."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], LETTERS]}]

    def make(kind="test.notice", *, context=lambda subject_id, recipient, version: {"number": subject_id}, **options):
        return Mail(kind, template="letters/letter", context=context, **options)

    return make


@pytest.fixture
def sana(db):
    return get_user_model().objects.create_user("sana@student.example.edu", name="Sana Rahman")


@pytest.fixture
def theo(db):
    return get_user_model().objects.create_user("theo@student.example.edu", name="Theo Marsh")


@pytest.fixture
def notice(declare):
    return declare(must_arrive=True)


@pytest.fixture
def digest(declare):
    return declare("test.digest")
