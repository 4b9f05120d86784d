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
        next_sweep = time.monotonic()

        def interrupted() -> bool:
            """However much waits, a drain ends for the sweep: what is planned then may be more urgent."""
            return told.is_set() or time.monotonic() >= next_sweep

        while not told.is_set():
            try:
                if time.monotonic() >= next_sweep:
                    tend()
                    next_sweep = time.monotonic() + SWEEP_EVERY
                pause = PAUSE[drain(stop=interrupted).ended]
            except (OperationalError, InterfaceError) as error:
                logger.warning("outbox: the database did not answer (%s)", type(error).__name__)
                connection.close()
                pause = PAUSE_WITHOUT_DATABASE
            told.wait(pause)
