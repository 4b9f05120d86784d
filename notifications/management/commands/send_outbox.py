import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from notifications.delivery import End, drain
from notifications.sweep import tend

logger = logging.getLogger(__name__)

SWEEP_EVERY = 60.0
PAUSE = {End.EMPTY: 1.0, End.STOPPED: 0.0, End.SERVER_DOWN: 15.0}
PAUSE_WITHOUT_DATABASE = 5.0


class Command(BaseCommand):
    help = "Plan the reminders that fell due and send what waits in the outbox; with --loop, until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="Go on until SIGTERM; the mail in hand is finished.")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        if loop:
            self.run_until_told()
            return
        tend()
        drained = drain()
        self.stdout.write(f"{drained.handled} handled, ended with: {drained.ended.name.lower().replace('_', ' ')}")

    def run_until_told(self) -> None:
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        self.stdout.write("The outbox worker is ready.")
        self.stdout.flush()
        last_sweep = -SWEEP_EVERY
        while not told.is_set():
            try:
                if time.monotonic() - last_sweep >= SWEEP_EVERY:
                    tend()
                    last_sweep = time.monotonic()
                pause = PAUSE[drain(stop=told.is_set).ended]
            except (OperationalError, InterfaceError) as error:
                logger.warning("outbox: the database did not answer (%s)", type(error).__name__)
                connection.close()
                pause = PAUSE_WITHOUT_DATABASE
            told.wait(pause)
