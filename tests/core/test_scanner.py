"""The virus scanner, against a small server that speaks clamd's protocol over a real socket."""

import socket
import struct
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from applications.models import Application
from applications.workflow import ApplicationStatus
from core import scanner
from core.uploads import accept
from tests.core.documents import docx, pdf, upload
from tests.factories import make_posting, make_student

LATER = "We cannot check files at the moment. Your words are kept; try again in a few minutes."


class Clamd:
    """Takes connections one after the other, notes what each sent, and answers with `answer`; None: with nothing."""

    def __init__(self, family, address):
        self.answer = b"stream: OK\0"
        self.takes_all = True
        self.received = []
        self.over = threading.Event()
        self.server = socket.socket(family)
        self.server.bind(address)
        self.server.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            connection, _ = self.server.accept()
            with connection:
                if self.over.is_set():
                    return
                if self.takes_all:
                    self.received.append(self._read(connection))
                if self.answer is None:
                    self.over.wait(10)
                else:
                    with suppress(OSError):  # it may have heard enough
                        connection.sendall(self.answer)

    @staticmethod
    def _read(connection):
        with connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            chunks = []
            while length := struct.unpack(">I", stream.read(4))[0]:
                chunks.append(stream.read(length))
            return b"".join(chunks)

    def stop(self):
        self.over.set()
        with socket.socket(self.server.family) as last:
            last.connect(self.server.getsockname())
        self.thread.join(5)
        self.server.close()


@pytest.fixture
def path():
    with tempfile.TemporaryDirectory() as folder:  # a socket's path is short
        yield str(Path(folder) / "clamd")


@pytest.fixture
def clamd(path, settings):
    server = Clamd(socket.AF_UNIX, path)
    settings.CLAMD_SOCKET = path
    yield server
    server.stop()


def refusal(file):
    with pytest.raises(ValidationError) as caught:
        accept(file)
    return caught.value.code, caught.value.message


def test_without_a_scanner_nobody_is_asked(settings):
    assert settings.CLAMD_SOCKET == ""
    assert scanner.scan(pdf()) == ""


@pytest.mark.parametrize("content", [b"", b"x", b"x" * scanner.CHUNK, b"xyz" * scanner.CHUNK], ids=len)
def test_the_scanner_gets_every_byte(clamd, content):
    assert scanner.scan(content) == ""
    assert clamd.received == [content]


def test_a_file_in_which_nothing_is_found_is_accepted(clamd):
    content = docx()
    assert accept(upload(content, "letter.docx")).content == content
    assert clamd.received == [content]


def test_the_scanner_is_reached_over_the_network_too(settings):
    server = Clamd(socket.AF_INET, ("127.0.0.1", 0))
    settings.CLAMD_SOCKET = f"127.0.0.1:{server.server.getsockname()[1]}"
    try:
        assert accept(upload(pdf())).name == "resume.pdf"
        server.answer = b"stream: Eicar-Signature FOUND\0"
        assert refusal(upload(pdf()))[0] == "infected"
    finally:
        server.stop()


def test_a_file_in_which_something_is_found_is_refused_with_its_name(clamd, caplog):
    clamd.answer = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
    code, message = refusal(upload(pdf()))
    assert code == "infected"
    assert message == (
        "“resume.pdf” cannot be accepted: our virus scanner found “Win.Test.EICAR_HDB-1” in it. Scan your computer, "
        "make the file anew on one that is clean, and choose that instead."
    )
    assert caplog.messages == ["The virus scanner found Win.Test.EICAR_HDB-1 in an upload"]


def test_what_the_inspection_refuses_is_not_sent(clamd):
    assert refusal(upload(b"%PDF-1.7 and nothing that follows"))[0] == "content"
    assert clamd.received == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"stream: OK",  # and breaks off
        b"OK\0",
        b"stream: OK\n\0",
        b"stream: \0",
        b"stream:  FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"\xff\xfe\x00",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"x" * 100_000,
    ],
    ids=lambda answer: repr(answer[:20]),
)
def test_an_answer_that_is_not_clear_is_no_answer(clamd, answer, caplog):
    assert accept(upload(pdf())).name == "resume.pdf"
    clamd.answer = answer
    assert refusal(upload(pdf())) == ("unchecked", LATER)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_scanner_that_hangs_up_at_once_is_no_answer(clamd, caplog):
    clamd.takes_all, clamd.answer = False, b""
    assert refusal(upload(pdf())) == ("unchecked", LATER)


@pytest.mark.parametrize("takes_all", [True, False])
def test_a_scanner_that_hangs_is_not_waited_for(clamd, monkeypatch, caplog, takes_all):
    """Before it has read everything, which fills the socket, and after."""
    monkeypatch.setattr(scanner, "SECONDS", 0.2)
    clamd.takes_all, clamd.answer = takes_all, None
    with pytest.raises(scanner.Unavailable):
        scanner.scan(b"x" * 5_000_000)


@pytest.mark.parametrize("where", ["/nowhere/clamd", "127.0.0.1:1", "127.0.0.1:99999"])
def test_a_scanner_that_is_not_there_fails_closed(settings, where, caplog):
    settings.CLAMD_SOCKET = where
    assert refusal(upload(pdf())) == ("unchecked", LATER)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert where in caplog.text


@pytest.mark.django_db
def test_while_the_scanner_is_away_the_words_of_an_application_are_kept(client, settings, path, caplog, tmp_path):
    settings.CLAMD_SOCKET, settings.MEDIA_ROOT = path, tmp_path
    student, posting = make_student("Sana Iqbal"), make_posting()
    client.force_login(student.user)
    words = {"cover_letter_text": "I count things for fun.", "guidelines": "on"}
    response = client.post(f"/postings/{posting.pk}/apply/", words | {"resume": upload(pdf())})
    assert response.status_code == 422
    assert LATER in response.content.decode()
    assert Application.objects.get().materials.get().text == "I count things for fun."
    server = Clamd(socket.AF_UNIX, path)
    try:
        assert client.post(f"/postings/{posting.pk}/apply/", words | {"resume": upload(pdf())}).status_code == 302
    finally:
        server.stop()
    assert Application.objects.get().status == ApplicationStatus.SUBMITTED
