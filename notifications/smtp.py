"""The conversation with the mail server: one connection for a batch, and what its answers mean."""

import contextlib
import smtplib
from enum import Enum, auto
from types import TracebackType

from django.core.mail import EmailMessage, get_connection


class ServerDownError(Exception):
    """The mail server cannot be reached or will not have us: no mail's fault."""


class Verdict(Enum):
    REFUSED = auto()  # the server will never take this mail
    LATER = auto()  # it did not take it now
    UNKNOWN = auto()  # the line broke: it may have taken it


class MailServer:
    def __enter__(self) -> "MailServer":
        self._backend = get_connection()
        self._is_open = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_open = False
        with contextlib.suppress(OSError):
            self._backend.close()

    def ready(self) -> None:
        """Open the connection, or find out that the open one is still good, before a mail depends on it."""
        if self._is_open and not self._answers():
            self.drop()
        if not self._is_open:
            try:
                self._backend.open()
                if conversation := self._conversation():
                    conversation.ehlo_or_helo_if_needed()
            except OSError as error:
                self.drop()
                raise ServerDownError(describe(error)) from error
            self._is_open = True

    def send(self, message: EmailMessage) -> None:
        if self._backend.send_messages([message]) != 1:
            raise ValueError("A mail without a recipient was not sent.")

    def drop(self) -> None:
        """Hang up without the good-bye that a broken line would make us wait for."""
        self._is_open = False
        if conversation := self._conversation():
            conversation.close()
            self._backend.connection = None  # type: ignore[attr-defined]

    def _conversation(self) -> smtplib.SMTP | None:
        """None for a backend without a line that could break, as in tests."""
        conversation = getattr(self._backend, "connection", None)
        return conversation if isinstance(conversation, smtplib.SMTP) else None

    def _answers(self) -> bool:
        conversation = self._conversation()
        try:
            return conversation is None or conversation.noop()[0] == 250
        except OSError:
            return False


def judge(error: Exception) -> Verdict:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return Verdict.REFUSED if all(code >= 500 for code, _ in refused.values()) else Verdict.LATER
        case smtplib.SMTPDataError(smtp_code=code) if code >= 500:
            return Verdict.REFUSED
        case smtplib.SMTPServerDisconnected():
            return Verdict.UNKNOWN
        case smtplib.SMTPException():
            return Verdict.LATER
        case OSError():
            return Verdict.UNKNOWN
    return Verdict.LATER


def describe(error: Exception) -> str:
    """For staff: the server's own words where it spoke, else the kind of error alone, which holds no content."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            text = "; ".join(_answer(code, words) for code, words in refused.values())
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            text = _answer(code, words)
        case smtplib.SMTPServerDisconnected():
            text = "The mail server hung up."
        case TimeoutError():
            text = "The mail server did not answer in time."
        case OSError(strerror=str(words)) if words:
            text = f"The mail server cannot be reached: {words}."
        case _:
            text = type(error).__name__
    return text[:300]


def _answer(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
