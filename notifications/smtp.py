"""The conversation with the mail server: one connection for a batch, and what its answers mean."""

import contextlib
import secrets
import smtplib
from email.generator import BytesGenerator
from email.policy import Compat32
from enum import Enum, auto
from io import BytesIO
from types import TracebackType

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

OK, FORWARDED, GOING_AWAY = 250, 251, 421
SHORT = 76

Answer = tuple[int, bytes]


class ServerDownError(Exception):
    """The mail server cannot be reached or will not have us: no mail's fault."""


class Verdict(Enum):
    REFUSED = auto()  # the server will never take this mail
    LATER = auto()  # it did not take it now
    UNKNOWN = auto()  # the line broke: it may have taken it


class Letter(EmailMultiAlternatives):
    """A message, what its mail said that it tells, and the bytes that go over the line."""

    told: frozenset[int] = frozenset()
    content = b""

    def sealed(self) -> "Letter":
        """As Django would write it, in half the time, which is a tenth of all that a mail takes."""
        message, buffer = self.message(), BytesIO()
        if message.is_multipart():
            message.set_boundary(f"=={secrets.token_hex(16)}==")  # the standard library looks for one in the text
        BytesGenerator(buffer, mangle_from_=False, policy=ShortHeaders()).flatten(message, linesep="\r\n")
        self.content = buffer.getvalue()
        return self


class ShortHeaders(Compat32):
    """Leaves a header as it is that fits on its line; only others are folded."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if isinstance(value, str) and len(name) + len(value) < SHORT and value.isascii() and "\n" not in value:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class MailServer:
    def __enter__(self) -> "MailServer":
        self._backend = get_connection()
        self._is_open = self._is_addressed = False
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_open = False
        with contextlib.suppress(OSError):
            self._backend.close()

    def address(self, letter: Letter) -> None:
        """Name its sender and its recipient, on an open line. That sends nothing yet, so it also finds out whether a
        line that was used before still holds; one that does not is opened anew."""
        was_open = self._is_open
        self._open()
        try:
            self._name(letter)
        except OSError as error:
            if not (was_open and is_lost(error)):
                raise
            self.drop()
            self._open()
            self._name(letter)

    def send(self, letter: Letter) -> None:
        conversation = self._conversation()
        if conversation is None:
            if self._backend.send_messages([letter]) != 1:
                raise ValueError("A mail without a recipient was not sent.")
            return
        code, words = conversation.data(letter.content)
        self._is_addressed = False
        if code != OK:
            raise smtplib.SMTPDataError(code, words)

    def drop(self) -> None:
        """Hang up without the good-bye that a broken line would make us wait for."""
        self._is_open = self._is_addressed = False
        if conversation := self._conversation():
            conversation.close()
            self._backend.connection = None  # type: ignore[attr-defined]

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            self._backend.open()
            if conversation := self._conversation():
                conversation.ehlo_or_helo_if_needed()
        except OSError as error:
            self.drop()
            raise ServerDownError(describe(error)) from error
        self._is_open = True

    def _name(self, letter: Letter) -> None:
        conversation = self._conversation()
        if conversation is None:
            return
        if self._is_addressed:  # to somebody whose mail was not sent after all
            conversation.rset()
        self._is_addressed = True
        sender, recipient = answers(conversation, letter)
        if sender[0] != OK:
            raise smtplib.SMTPSenderRefused(*sender, letter.from_email)
        if recipient[0] not in (OK, FORWARDED):
            raise smtplib.SMTPRecipientsRefused({letter.to[0]: recipient})

    def _conversation(self) -> smtplib.SMTP | None:
        """None for a backend without a line that could break, as in tests."""
        conversation = getattr(self._backend, "connection", None)
        return conversation if isinstance(conversation, smtplib.SMTP) else None


def answers(conversation: smtplib.SMTP, letter: Letter) -> tuple[Answer, Answer]:
    """To the names of the sender and of the recipient: after one wait, where the server takes both at once."""
    size = f" size={len(letter.content)}" if conversation.has_extn("size") else ""
    commands = [f"MAIL FROM:{on_the_line(letter.from_email)}{size}", f"RCPT TO:{on_the_line(letter.to[0])}"]
    if conversation.has_extn("pipelining"):  # RFC 2920
        conversation.send("".join(f"{command}\r\n" for command in commands))
        return conversation.getreply(), conversation.getreply()
    sender = conversation.docmd(commands[0])
    return sender, conversation.docmd(commands[1]) if sender[0] == OK else sender


def on_the_line(address: str) -> str:
    return smtplib.quoteaddr(address if address.isascii() else sanitize_address(address, "utf-8"))


def is_lost(error: OSError) -> bool:
    """Whether the server ended the conversation, by a word or without one."""
    match error:
        case smtplib.SMTPServerDisconnected():
            return True
        case smtplib.SMTPResponseException(smtp_code=code):
            return code == GOING_AWAY
        case smtplib.SMTPException():
            return False
    return True


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
