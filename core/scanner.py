"""A virus scanner beside the inspection: clamd, where CLAMD_SOCKET names one (a path, or host:port).

Its INSTREAM command takes the bytes over the socket, so that it needs no access to our files. Where it is configured
and does not say "OK" in time, nothing is accepted.
"""

import logging
import re
import socket
import struct
import time
from typing import Final

from django.conf import settings

SECONDS: Final = 10
CHUNK: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096
FOUND: Final = re.compile(r"stream: (.+) FOUND")

logger = logging.getLogger(__name__)


class Unavailable(Exception):  # noqa: N818  not a fault of the file, nor of who sends it
    """The scanner is configured and gives no clear answer."""


def scan(content: bytes) -> str:
    """The name of what was found; empty when nothing was, or where no scanner is configured. Raises Unavailable."""
    if not settings.CLAMD_SOCKET:
        return ""
    try:
        answer = _ask(content, until=time.monotonic() + SECONDS)
    except (OSError, OverflowError) as error:  # which is a port beyond the last
        logger.error("The virus scanner at %s does not answer: %s", settings.CLAMD_SOCKET, error)
        raise Unavailable from error
    if answer == "stream: OK":
        return ""
    found = FOUND.fullmatch(answer)
    if not found:
        logger.error("The virus scanner at %s answers: %.200r", settings.CLAMD_SOCKET, answer)
        raise Unavailable
    logger.warning("The virus scanner found %s in an upload", found[1])
    return found[1]


def _ask(content: bytes, *, until: float) -> str:
    with _connect(until) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            _wait(connection, until)
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        _wait(connection, until)
        connection.sendall(struct.pack(">I", 0))
        return _answer(connection, until)


def _connect(until: float) -> socket.socket:
    where: str = settings.CLAMD_SOCKET
    if not where.startswith("/"):
        host, _, port = where.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=until - time.monotonic())
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _wait(connection, until)
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket, until: float) -> str:
    answer = b""
    while b"\0" not in answer:
        _wait(connection, until)
        more = connection.recv(LONGEST_ANSWER)
        answer += more
        if not more or len(answer) > LONGEST_ANSWER:
            raise ConnectionError("it breaks off or does not end")
    return answer.partition(b"\0")[0].decode(errors="replace")


def _wait(connection: socket.socket, until: float) -> None:
    """Bound what comes next by the time that is left of the whole."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    connection.settimeout(left)
