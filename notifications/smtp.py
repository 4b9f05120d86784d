"""The conversation with the mail server: one connection for a batch, and what its answers mean."""

import contextlib
import secrets
import smtplib
from collections.abc import Iterable, Sequence
from email.generator import BytesGenerator
from email.policy import Compat32
from enum import Enum, auto
from functools import lru_cache
from io import BytesIO
from types import TracebackType

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

OK, FORWARDED, GO_AHEAD, GOING_AWAY = 250, 251, 354, 421
SHORT = 76

Answer = tuple[int, bytes]


class ServerDownError(Exception):
    """The mail server cannot be reached or will not have us: no mail's fault."""


class Verdict(Enum):
    REFUSED = auto()  # the server will never take this mail
    LATER = auto()  # it did not take it now
    UNKNOWN = auto()  # the line broke: it may have taken it


class Letter(EmailMultiAlternatives):
    """A message, what its mail said that it tells, and what goes over the line: its ends and its content."""

    told: frozenset[int] = frozenset()
    ends = ("", "")
    content = b""

    def sealed(self) -> "Letter":
        """As Django would write it, in half the time, which is a tenth of all that a mail takes."""
        message, buffer = self.message(), BytesIO()
        if message.is_multipart():
            # Left to itself, the standard library looks for one in the whole text.
            message.replace_header("Content-Type", f'{message["Content-Type"]}; boundary="=={secrets.token_hex(16)}=="')
        BytesGenerator(buffer, mangle_from_=False, policy=SHORT_HEADERS).flatten(message)
        self.content = buffer.getvalue()
        self.ends = on_the_line(self.from_email), on_the_line(self.to[0])
        return self

    @property
    def quoted(self) -> bytes:
        """Its content, ended by a dot; a line that begins with one gets another (RFC 5321, 4.5.2)."""
        return self.content.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n") + b"\r\n.\r\n"


class ShortHeaders(Compat32):
    """Leaves a header as it is that fits on its line; only others are folded."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if isinstance(value, str) and len(name) + len(value) < SHORT and value.isascii() and "\n" not in value:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


SHORT_HEADERS = ShortHeaders(linesep="\r\n")


class MailServer:
    """Each mail is announced, sent, and taken: while the server takes one in, there is time to write another."""

    def __enter__(self) -> "MailServer":
        self._backend = get_connection()
        self._is_open = self._is_refused = False
        self._announced: Letter | None = None  # the server waits for its content, or has yet to answer
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._announced:
            self.drop()
        self._is_open = False
        with contextlib.suppress(OSError):
            self._backend.close()

    def announce(self, letter: Letter) -> None:
        """Name its sender and its recipient, and ask for leave to send, on an open line. That sends nothing yet, so it
        also finds out whether a line that was used before still holds; one that does not is opened anew."""
        if self._announced not in (None, letter):  # a content for which it waits in vain
            self.drop()
        was_open = self._is_open
        self._open()
        try:
            self._announce(letter)
        except OSError as error:
            if not (was_open and is_lost(error)):
                raise
            self.drop()
            self._open()
            self._announce(letter)

    def send(self, letter: Letter, following: Letter | None = None) -> None:
        """Its content, and in the same breath the announcement of the letter that follows, where the server allows it:
        one wait for each mail instead of four."""
        conversation = self._conversation()
        if conversation is None:
            if self._backend.send_messages([letter]) != 1:
                raise ValueError("A mail without a recipient was not sent.")
            return
        self._announced = following if takes_several(conversation) else None
        commands = announcement(conversation, self._announced) if self._announced else ()
        conversation.send(letter.quoted + together(commands))

    def taken(self) -> None:
        """What the server says to the content."""
        if conversation := self._conversation():
            code, words = conversation.getreply()
            if code != OK:
                raise smtplib.SMTPDataError(code, words)

    def drop(self) -> None:
        """Hang up without the good-bye that a broken line would make us wait for."""
        self._is_open = self._is_refused = False
        self._announced = None
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

    def _announce(self, letter: Letter) -> None:
        conversation = self._conversation()
        if conversation is None:
            return
        if self._announced is letter:
            answers = [conversation.getreply() for _ in range(3)]
        else:
            if self._is_refused:
                conversation.rset()
            self._announced, self._is_refused = letter, False
            answers = ask(conversation, announcement(conversation, letter))
        try:
            check(letter, answers)
        except smtplib.SMTPException:
            self._announced, self._is_refused = None, True
            if answers[-1][0] == GO_AHEAD:  # a content for nobody
                self.drop()
            raise

    def _conversation(self) -> smtplib.SMTP | None:
        """None for a backend without a line that could break, as in tests."""
        conversation = getattr(self._backend, "connection", None)
        return conversation if isinstance(conversation, smtplib.SMTP) else None


def ask(conversation: smtplib.SMTP, commands: Sequence[str]) -> list[Answer]:
    """The answers, up to the first that refuses where the server takes one command at a time."""
    if takes_several(conversation):
        conversation.send(together(commands))
        return [conversation.getreply() for _ in commands]
    answers = [conversation.docmd(commands[0])]
    for command in commands[1:]:
        if answers[-1][0] not in (OK, FORWARDED):
            break
        answers.append(conversation.docmd(command))
    return answers


def check(letter: Letter, answers: Sequence[Answer]) -> None:
    sender, recipient, content = [*answers, *[(OK, b"")] * 2][:3]
    if sender[0] != OK:
        raise smtplib.SMTPSenderRefused(*sender, letter.from_email)
    if recipient[0] not in (OK, FORWARDED):
        raise smtplib.SMTPRecipientsRefused({letter.to[0]: recipient})
    if content[0] != GO_AHEAD:
        raise smtplib.SMTPDataError(*content)


def takes_several(conversation: smtplib.SMTP) -> bool:
    """Whether it takes several commands at once (RFC 2920)."""
    return bool(conversation.has_extn("pipelining"))


def announcement(conversation: smtplib.SMTP, letter: Letter) -> list[str]:
    size = f" size={len(letter.content)}" if conversation.has_extn("size") else ""
    sender, recipient = letter.ends
    return [f"MAIL FROM:{sender}{size}", f"RCPT TO:{recipient}", "DATA"]


def together(commands: Iterable[str]) -> bytes:
    return "".join(f"{command}\r\n" for command in commands).encode("ascii")


@lru_cache(maxsize=1000)
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
