import logging
import os
import secrets
import signal
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class MailboxHandler:
    """Writes each mail that it takes; a reader never sees half of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        recipients = ", ".join(envelope.rcpt_tos)
        self.write(f"X-RcptTo: {recipients}\r\n".encode() + envelope.content)
        return "250 OK"

    def write(self, content: bytes) -> None:
        name = f"{time.time_ns()}-{secrets.token_hex(4)}.eml"
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(content)
        unfinished.replace(self.folder / name)


class Command(BaseCommand):
    help = "Take every mail on a local SMTP port and keep it for the mailbox page. For development: nothing is sent on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, required=True)

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        try:
            from aiosmtpd.controller import Controller
        except ImportError:
            raise CommandError("The mailbox needs aiosmtpd, which is in requirements-dev.txt.") from None
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every word of the conversation
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        controller = Controller(MailboxHandler(folder), hostname=host, port=port, enable_SMTPUTF8=True)
        try:
            controller.start()
        except OSError as error:
            raise CommandError(
                f"The mailbox cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}."
            ) from None
        self.stdout.write(f"Mailbox on smtp://{host}:{port}, kept in {folder}")
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        told.wait()
        controller.stop()
