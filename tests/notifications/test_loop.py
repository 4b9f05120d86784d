"""`send_outbox --loop`: what it does besides delivering."""

import itertools
import signal
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from notifications.delivery import Drained, End
from notifications.management.commands import send_outbox


@pytest.fixture
def _signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
def test_a_loop_that_finds_no_end_of_mails_sweeps_every_minute_all_the_same(monkeypatch, capsys):
    seconds = itertools.count(step=10)
    handled, swept = [], []

    def drain(*, stop):
        for number in range(100):
            if stop():
                handled.append(number)
                return Drained(number, End.STOPPED)
        raise AssertionError("it goes on delivering without a sweep")

    def tend():
        swept.append(len(handled))
        if len(swept) == 3:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(send_outbox, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(send_outbox, "drain", drain)
    monkeypatch.setattr(send_outbox, "tend", tend)
    call_command("send_outbox", "--loop")
    assert (swept, handled) == ([0, 1, 2], [5, 5, 0])
