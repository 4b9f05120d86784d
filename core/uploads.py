"""What may be uploaded, and under which name it is shown.

PDF and DOCX of at most 5 MB, whose extension, declared type and content agree, and in which the inspection finds
nothing. Names are kept for display alone.
"""

import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from core import inspection, scanner

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_NAME: Final = 100
SECONDS: Final = 5
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS: Final = {".pdf": ("pdf", PDF), ".docx": ("docx", DOCX)}
# A browser that does not know the type of a file declares one of these: nothing that could disagree.
UNDECLARED: Final = ("", "application/octet-stream")
# What files are by their first bytes, for a refusal that says what was found.
MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a Word document or another archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"\xcf\xfa\xed\xfe", "a Mac program"),
    (b"\xd0\xcf\x11\xe0", "an old Word (.doc) or Office file"),
    (b"{\\rtf", "a rich-text file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"#!", "a script"),
    (b"<", "a web page"),
)
UNSAFE_IN_NAME: Final = re.compile(r'[<>:"|?*]')
CHOOSE: Final = "PDF or Word (.docx), at most 5 MB."
NEEDED: Final = "Choose a PDF or a Word document (.docx) of at most 5 MB."
UNCHECKED: Final = "We cannot check files at the moment. Your words are kept; try again in a few minutes."
INFECTED: Final = (
    "“{name}” cannot be accepted: our virus scanner found “{found}” in it. Scan your computer, make the file anew on "
    "one that is clean, and choose that instead."
)


@dataclass(frozen=True)
class Upload:
    """An accepted file: its bytes, the name to show and the type it is."""

    content: bytes
    name: str
    content_type: str

    @property
    def size(self) -> int:
        return len(self.content)


def accept(file: "UploadedFile[Any]") -> Upload:
    """Check an upload in full; raises ValidationError with a sentence that says why and how to mend it."""
    name = clean_name(file.name or "")
    extension = PurePosixPath(name).suffix.lower()
    if extension not in KINDS:
        raise ValidationError(f"“{name}” is not a PDF or a Word document (.docx). {NEEDED}", code="extension")
    if (file.size or 0) > MAX_BYTES:
        raise ValidationError(f"“{name}” is larger than 5 MB. {NEEDED}", code="size")
    content = file.read(MAX_BYTES + 1)
    kind, content_type = KINDS[extension]
    _check_agreement(name, kind, content, declared=file.content_type or "", expected=content_type)
    problem = inspect_apart(content, kind)
    if problem:
        raise ValidationError(f"“{name}” cannot be accepted. {problem}", code="content")
    _scan(name, content)
    return Upload(content, name, content_type)


def _scan(name: str, content: bytes) -> None:
    try:
        found = scanner.scan(content)
    except scanner.Unavailable as error:
        raise ValidationError(UNCHECKED, code="unchecked") from error
    if found:
        raise ValidationError(INFECTED.format(name=name, found=found[:80]), code="infected")


def _check_agreement(name: str, kind: str, content: bytes, *, declared: str, expected: str) -> None:
    if not content:
        raise ValidationError(f"“{name}” is empty. {NEEDED}", code="empty")
    if len(content) > MAX_BYTES:
        raise ValidationError(f"“{name}” is larger than 5 MB. {NEEDED}", code="size")
    if not content.startswith(b"%PDF-" if kind == "pdf" else b"PK\x03\x04"):
        raise ValidationError(
            f"“{name}” is named .{kind}, but its content is {_looks_like(content)}. {NEEDED}", code="content_type"
        )
    if declared.lower() not in (expected, *UNDECLARED):
        raise ValidationError(
            f"“{name}” is named .{kind}, but was sent as {declared[:80]}. {NEEDED}", code="declared_type"
        )


def _looks_like(content: bytes) -> str:
    return next((words for magic, words in MAGIC if content.startswith(magic)), "something else")


def inspect_apart(content: bytes, kind: str) -> str:
    """What the inspection says, from a process of its own: whatever ends that process ends the upload alone."""
    try:
        done = subprocess.run(  # noqa: S603  our own script, with arguments of ours
            [sys.executable, "-I", str(Path(inspection.__file__)), kind],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            env={},
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return inspection.NOT_PDF if kind == "pdf" else inspection.NOT_WORD
    return done.stdout.decode()


def clean_name(name: str) -> str:
    """A name fit to be shown: no folders, no invisible or direction-changing characters, of a bounded length."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(" " if character.isspace() else character for character in name)
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = " ".join(UNSAFE_IN_NAME.sub("_", name).split()).lstrip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:MAX_NAME] or "unnamed"
    extension = extension[:10]
    return f"{stem[: MAX_NAME - 1 - len(extension)].rstrip()}.{extension}"


class TooMuch(FileUploadHandler):
    """First of the upload handlers: what comes after the largest size we accept is received and forgotten, so that
    a huge file is told so by the form without ever lying on the disk."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one make the file."""


class UploadField(forms.FileField):
    """An uploaded file, inspected in full; cleaned to an Upload."""

    widget = forms.FileInput(attrs={"accept": f".pdf,.docx,{PDF},{DOCX}"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return accept(file) if file else None
