"""Files that mean harm are refused, all of them, and looking at them costs little."""

import json
import subprocess
import sys

import pytest
from django.core.exceptions import ValidationError

from core import inspection, uploads
from core.uploads import DOCX, PDF, accept
from tests.core import hostile
from tests.core.documents import docx, pdf, upload

MEGABYTE = 1024  # in the kilobytes of getrusage
NAMES = [
    "../../etc/passwd",
    "..\\..\\evil.bat",
    "..",
    "",
    ".pdf",
    "resume",
    "resume.exe",
    "resume.pdf.exe",
    "resume.pdf\0.exe",
    "resume\u202efdp.exe",
    "resume.\u202efdp",
    "resume.pdf\u200b.js",
    "resume.pdf/",
    "resume.pdf::$DATA",
    "resume.docm",
    "resume.dotx",
    "resume.doc",
    "resume.pdf\n.html",
    "x" * 5000,
    "x" * 5000 + ".exe",
    "İ" * 2000 + ".ｐｄｆ",
]
# Named as a PDF; what is inside does not look like one.
MASKED = {
    "nothing": b"",
    "zero bytes": b"\0" * 1000,
    "too large": b"%PDF-1.7\n" + b"0" * uploads.MAX_BYTES,
    "program": b"MZ\x90\x00" + b"\0" * 200,
    "Linux program": b"\x7fELF" + b"\0" * 200,
    "Mac program": b"\xcf\xfa\xed\xfe" + b"\0" * 200,
    "script": b"#!/bin/sh\nrm -rf ~\n",
    "page": b"<html><script>alert(1)</script></html>",
    "page before it": b"<script>alert(1)</script>" + pdf(),
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "rich text": b"{\\rtf1\\object}",
    "picture before it": b"GIF89a" + pdf(),
    "picture": b"\x89PNG\r\n\x1a\n" + pdf(),
    "archive": docx(),
    "old Word, and what encrypted documents come in": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "EICAR": hostile.VIRUS,
    "header on the second line": b"\n" + pdf(),
    "PostScript": b"%!PS-Adobe-3.0\n(a) run\n",
}


def test_files_that_mean_harm_are_refused_within_200_megabytes(tmp_path):
    made = {
        (kind, name): make() for kind in ("pdf", "docx") for name, make in getattr(hostile, f"{kind.upper()}S").items()
    }
    made |= {("pdf", "good"): pdf(), ("docx", "good"): docx()}
    assert len(made) > 90
    assert [key for key, content in made.items() if len(content) > uploads.MAX_BYTES] == []
    for number, ((kind, _), content) in enumerate(made.items()):
        (tmp_path / f"{number}.{kind}").write_bytes(content)
    done = subprocess.run([sys.executable, hostile.__file__, tmp_path], capture_output=True, check=True)  # noqa: S603
    said = json.loads(done.stdout)
    found = {key: said["found"][f"{number}.{key[0]}"] for number, key in enumerate(made)}
    assert [key for key, problem in found.items() if not problem] == [("pdf", "good"), ("docx", "good")]
    assert 10 * MEGABYTE < said["peak"] < 200 * MEGABYTE
    assert uploads.SECONDS <= 5  # and test_uploads shows that it holds


@pytest.mark.parametrize(
    ("kind", "name", "problem"),
    [
        ("pdf", "EICAR in a packed stream", inspection.VIRUS),
        ("pdf", "EICAR behind it", inspection.VIRUS),
        ("pdf", "EICAR attached", inspection.EMBEDDED),
        ("docx", "EICAR inside", inspection.VIRUS),
        ("docx", "zip inside", inspection.MACRO),
        ("docx", "PDF in front", inspection.NOT_WORD),
        ("docx", "encrypted entry", inspection.ENCRYPTED),
        ("pdf", "encrypted, old way", inspection.ENCRYPTED),
        ("docx", "bomb", inspection.TOO_LARGE_INSIDE),
        ("docx", "template from a share", inspection.OUTSIDE.format(what="template")),
    ],
)
def test_the_reason_is_the_one_that_helps(kind, name, problem):
    assert inspection.inspect(getattr(hostile, f"{kind.upper()}S")[name](), kind) == problem


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_that_of_a_document_is_refused(name):
    file = upload(pdf(), "resume.pdf")
    assert accept(file).name == "resume.pdf"
    file.seek(0)
    file._name = name  # what a browser sends; Django's own cleaning of it is not relied on
    with pytest.raises(ValidationError) as caught:
        accept(file)
    assert caught.value.code == "extension"
    assert len(caught.value.message) < 250
    assert not {"/", "\\", "\0", "\n", "\u202e"} & set(caught.value.message.partition("”")[0])


@pytest.mark.parametrize("what", MASKED)
@pytest.mark.parametrize("declared", [PDF, "application/octet-stream"])
def test_what_is_named_as_a_document_is_one(what, declared):
    with pytest.raises(ValidationError) as caught:
        accept(upload(MASKED[what], "resume.pdf", declared))
    assert caught.value.code in ("empty", "size", "content_type")
    with pytest.raises(ValidationError):
        accept(upload(MASKED[what] if MASKED[what][:2] != b"PK" else pdf(), "resume.docx", DOCX))
