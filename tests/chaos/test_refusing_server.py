"""The mail server refuses for ten minutes of clock: what is still in time afterwards is delivered, nothing else.

`bin/test --long tests/chaos/test_refusing_server.py` is 6,000 mails.
"""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from notifications.delivery import End, drain
from notifications.mail import queue_rows
from notifications.models import OutboxMail
from notifications.workflow import State
from tests.notifications.conftest import NOW, _registries, clock, declare, sana  # noqa: F401  fixtures

from .kit import free_port

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]

BACK = dt.timedelta(minutes=10)
PAUSE = dt.timedelta(seconds=15)  # that a loop makes when the server is down
SECOND = dt.timedelta(seconds=1)
TOO_LATE = (dt.timedelta(minutes=4), BACK - SECOND, BACK)
IN_TIME = (dt.timedelta(minutes=11), dt.timedelta(minutes=12), dt.timedelta(hours=6), None)
ANSWERS = [f"{code} not now, {step}" for step in ("MAIL", "RCPT", "DATA") for code in (451, 421)]


class PutsOff:
    """Takes mails, but until `back` puts each off: at the sender, at the recipient, or after its last line."""

    def __init__(self, now, back):
        self.now, self.back = now, back
        self.answers = itertools.cycle(ANSWERS)
        self.answer = ""
        self.put_off = Counter()
        self.taken = defaultdict(list)  # the moments of each letter

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.answer = next(self.answers) if self.now() < self.back else ""
        if refusal := self.refusal("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.refusal("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if refusal := self.refusal("DATA"):
            return refusal
        number = int(message_from_bytes(envelope.content)["Subject"].removeprefix("Letter "))
        self.taken[number].append(self.now())
        return "250 OK"

    def refusal(self, step):
        if self.answer.endswith(step):
            self.put_off[self.answer] += 1
            return self.answer
        return ""


@pytest.fixture
def port(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return settings.EMAIL_PORT


@pytest.fixture
def open_office(port, clock):  # noqa: F811
    """`open_office()` listens from then on."""
    opened = []

    def listen():
        office = PutsOff(clock, NOW + BACK)
        controller = Controller(office, hostname="127.0.0.1", port=port)
        controller.start()
        opened.append(controller)
        return office

    yield listen
    for controller in opened:
        controller.stop()


@pytest.fixture
def queue(declare, sana):  # noqa: F811
    """Letters of both kinds for each expiry in turn; gives the expiry of each number."""
    mails = [declare("test.notice", must_arrive=True), declare("test.digest")]

    def write(count, spans):
        spans_in_turn = itertools.islice(itertools.cycle(spans), count)
        expiries = {number: span and NOW + span for number, span in enumerate(spans_in_turn)}
        rows = [
            mails[number // len(spans) % 2].row(sana.pk, number, "", "", NOW, expires, NOW)
            for number, expires in expiries.items()
        ]
        queue_rows(rows)
        return expiries

    return write


def deliver_until_done(clock):  # noqa: F811
    """As a loop does that finds nothing more to do, or no server; gives how each drain ended."""
    ends = Counter()
    while OutboxMail.objects.filter(state=State.PENDING).exists():
        ends[drain(clock=clock).ended] += 1
        clock.now += PAUSE
    return ends


def assert_delivered_in_time(taken, expiries):
    in_time = {number for number, expires in expiries.items() if expires is None or expires > NOW + BACK}
    assert set(taken) == in_time
    assert {len(moments) for moments in taken.values()} == {1}
    late = [number for number in taken if expiries[number] and taken[number][0] >= expiries[number]]
    assert late == []
    assert min(moments[0] for moments in taken.values()) == NOW + BACK
    states = dict(OutboxMail.objects.values_list("subject_id", "state"))
    assert states == {number: State.SENT if number in in_time else State.EXPIRED for number in expiries}


def figures(taken, expiries):
    late = [number for number in taken if expiries[number] and taken[number][0] >= expiries[number]]
    return {
        "mails": len(expiries),
        "delivered": len(taken),
        "doubled": sum(len(moments) - 1 for moments in taken.values()),
        "expired": OutboxMail.objects.filter(state=State.EXPIRED).count(),
        "sent_after_expiry": len(late),
    }


def test_nobody_listens_for_ten_minutes(queue, open_office, clock, at_length, tell):  # noqa: F811
    expiries = queue(at_length(84, 6000), (*TOO_LATE, BACK + SECOND, *IN_TIME))
    down = Counter()
    while clock() < NOW + BACK:
        down[drain(clock=clock).ended] += 1
        clock.now += PAUSE
    assert down == {End.SERVER_DOWN: BACK // PAUSE}
    office = open_office()
    deliver_until_done(clock)

    tell(**figures(office.taken, expiries))
    assert_delivered_in_time(office.taken, expiries)
    assert {moments[0] for moments in office.taken.values()} == {NOW + BACK}, "no backoff stands in between"
    assert set(OutboxMail.objects.filter(state=State.SENT).values_list("attempts", flat=True)) == {1}


def test_a_server_that_puts_every_mail_off_for_ten_minutes(queue, open_office, clock, at_length, tell):  # noqa: F811
    expiries = queue(at_length(84, 6000), (*TOO_LATE, *IN_TIME))
    office = open_office()
    ends = deliver_until_done(clock)

    tell(**figures(office.taken, expiries), put_off=office.put_off.total())
    assert_delivered_in_time(office.taken, expiries)
    assert set(ends) == {End.EMPTY}
    assert set(office.put_off) == set(ANSWERS)
    without_expiry = [number for number, expires in expiries.items() if expires is None]
    rows = OutboxMail.objects.filter(subject_id__in=without_expiry)
    # Tried at once, and after 1, 3 and 7 minutes in vain; then after 15.
    assert set(rows.values_list("attempts", flat=True)) == {5}
    assert {office.taken[number][0] for number in without_expiry} == {NOW + dt.timedelta(minutes=15)}
