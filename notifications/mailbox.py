"""The mails that the development sink keeps, read from their files."""

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9]{15,22}-[0-9a-f]{8}")
LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Kept:
    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "(no subject)")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def to(self) -> str:
        return str(self.message["X-RcptTo"] or self.message["To"] or "")

    @property
    def at(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(int(self.name.partition("-")[0]) / 1e9, dt.UTC)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @cached_property
    def text(self) -> str:
        return self._part("plain")

    @cached_property
    def html(self) -> str:
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """Every address in the mail, once, in reading order."""
        finder = _LinkFinder()
        finder.feed(self.html)
        in_text = (link.rstrip(".,;:)") for link in LINK.findall(self.text))
        return list(dict.fromkeys([*in_text, *finder.links]))

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        # Browsers hash a style sheet with plain line ends, so that is how the page must hold it.
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class _LinkFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") if tag == "a" else None
        if address and LINK.fullmatch(address):
            self.links.append(address)


def kept_mails(*, recipient: str = "", most: int = 200) -> list[Kept]:
    """The newest first, of one recipient when asked for."""
    wanted = (mail for mail in _all() if recipient.lower() in mail.to.lower())
    return list(islice(wanted, most))


def kept_mail(name: str) -> Kept | None:
    """The name must look like one that the sink gives, so it can be no path."""
    path = _folder() / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.is_file() else None


def _all() -> Iterator[Kept]:
    paths = (path for path in _folder().glob("*.eml") if NAME.fullmatch(path.stem))
    return (_read(path) for path in sorted(paths, reverse=True))


def _read(path: Path) -> Kept:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Kept(path.stem, message)


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR)
