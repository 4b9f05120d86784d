"""A mail server that takes everything and keeps it: each mail with the moment at which it had it whole.

python -m bench.sink PORT FILE
"""

import asyncio
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

HEAD = struct.Struct("<dI")


class Kept(NamedTuple):
    at: float  # seconds of the machine's monotonic clock, the same in all of its processes
    content: bytes


class Keeper:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """As the servers in the world say it; aiosmtpd takes several commands at once, and only does not tell."""
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        self.file.write(HEAD.pack(time.monotonic(), len(envelope.original_content)) + envelope.original_content)
        return "250 OK"


def read(file: Path) -> Iterator[Kept]:
    with file.open("rb") as kept:
        while head := kept.read(HEAD.size):
            at, size = HEAD.unpack(head)
            yield Kept(at, kept.read(size))


async def serve(port: int, file: BinaryIO) -> None:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keeper(file), loop=loop, hostname="sink"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("wb", buffering=0) as opened:
        asyncio.run(serve(int(sys.argv[1]), opened))
