"""Looks inside an uploaded file, in a process of its own with little time and little memory.

Run as a script: the file on standard input, `pdf` or `docx` as the argument; an empty answer means that nothing was
found, else one sentence that says what and how to mend it. It imports nothing of the project, so a file that breaks a
parser breaks this process alone.
"""

import io
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

MAX_PAGES = 50
MAX_ENTRIES = 500
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_XML = 1024 * 1024
CHUNK = 64 * 1024
CPU_SECONDS = 4
MEMORY = 512 * 1024 * 1024

WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# Parts by which a document runs something or carries another file inside.
ACTIVE_PART = re.compile(r"vbaproject|vbadata|/embeddings/|/activex/|oleobject|attachedtoolbars", re.IGNORECASE)
ACTIVE_TYPE = re.compile(r"macroenabled|vbaproject|vbadata|oleobject|activex|keymapcustomizations", re.IGNORECASE)
ACTIVE_RELATION = re.compile(
    r"/(oleobject|package|vbaproject|wordvbadata|control|afchunk|subdocument|frame|attachedtoolbars)$", re.IGNORECASE
)
ACTIVE_FIELD = re.compile(r"^\s*(dde|ddeauto|includepicture|includetext|link|import)\b", re.IGNORECASE)
ORDINARY_LINK = re.compile(r"^(https?://|mailto:|tel:|#)", re.IGNORECASE)
ABSOLUTE = re.compile(r"^([a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)

MACRO = "It carries a macro or an embedded object. Save it as a plain .docx or as a PDF, and choose it again."
OUTSIDE = (
    "It loads a {what} from outside the file. Save it as a PDF, or remove the {what}, and choose it again. "
    "Ordinary links are fine."
)
NOT_WORD = "It is not a Word document that opens. Save it again as .docx or as a PDF, and choose it again."
TOO_LARGE_INSIDE = "It unpacks to far more than a document needs. Save it as a new PDF, and choose that instead."
ENCRYPTED = "It is protected by a password or encrypted. Save a copy without protection, and choose that instead."
NOT_PDF = "It is not a PDF that opens. Export it as a PDF again, and choose the new file."
SCRIPT = "It carries a script. Print it to a new PDF, and choose that instead."
LAUNCH = "It carries an action that starts a program. Print it to a new PDF, and choose that instead."
EMBEDDED = "It carries another file inside. Print it to a new PDF, and choose that instead."
PAGES = f"It has more than {MAX_PAGES} pages. Shorten it, and choose it again."


class Found(Exception):  # noqa: N818  a finding, not a fault
    """What stands against the file, in one sentence."""


def inspect(data: bytes, kind: str) -> str:
    try:
        _pdf(data) if kind == "pdf" else _docx(data)
    except Found as found:
        return str(found)
    return ""


def _pdf(data: bytes) -> None:
    import pikepdf

    if not data.startswith(b"%PDF-") or zipfile.is_zipfile(io.BytesIO(data)):
        raise Found(NOT_PDF)
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            _check_pdf(pdf)
    except pikepdf.PasswordError as error:
        raise Found(ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise Found(NOT_PDF) from error


def _check_pdf(pdf: Any) -> None:
    if pdf.is_encrypted:
        raise Found(ENCRYPTED)
    pages = len(pdf.pages)
    if not pages:
        raise Found(NOT_PDF)
    if pages > MAX_PAGES:
        raise Found(PAGES)
    for key, value in _pdf_entries(pdf):
        _check_pdf_entry(key, value)
    # Objects in a stream that could not be unpacked were not seen: a script may hide behind a bomb.
    if any("decoding stream" in warning or "unfilterable" in warning for warning in pdf.get_warnings()):
        raise Found(TOO_LARGE_INSIDE)


def _pdf_entries(pdf: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value in every object of the file, reachable or not. Indirect values stand on their own."""
    import pikepdf

    waiting = [pdf.trailer, *pdf.objects]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Stream):
            value = value.stream_dict
        if isinstance(value, pikepdf.Dictionary):
            for key, inner in value.items():
                yield key, inner
                waiting += _direct(inner)
        elif isinstance(value, pikepdf.Array):
            for inner in value:
                waiting += _direct(inner)


def _direct(value: Any) -> list[Any]:
    import pikepdf

    return [value] if isinstance(value, pikepdf.Object) and not value.is_indirect else []


def _check_pdf_entry(key: str, value: Any) -> None:
    name = str(value) if _is_name(value) else ""
    if key in ("/JS", "/JavaScript", "/XFA") or name == "/JavaScript":
        raise Found(SCRIPT)
    if key == "/Launch" or (key in ("/S", "/Subtype") and name == "/Launch"):
        raise Found(LAUNCH)
    if key in ("/EF", "/EmbeddedFiles", "/RichMediaContent") or name in (
        "/EmbeddedFile",
        "/FileAttachment",
        "/GoToE",
        "/RichMedia",
    ):
        raise Found(EMBEDDED)


def _is_name(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Name)


def _docx(data: bytes) -> None:
    # A header for each entry: counted before zipfile builds an object for every one of them.
    if not data.startswith(b"PK\x03\x04") or data.count(b"PK\x01\x02") > 2 * MAX_ENTRIES:
        raise Found(NOT_WORD)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_docx(archive, len(data))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error) as error:
        raise Found(NOT_WORD) from error


def _check_docx(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES or len({name.lower() for name in names}) < len(names):
        raise Found(NOT_WORD)
    if not {"[Content_Types].xml", "word/document.xml"} <= set(names):
        raise Found(NOT_WORD)
    for entry in entries:
        _check_entry(entry)
    _check_size(archive, entries, size)
    _check_content_types(_xml(archive, "[Content_Types].xml"))
    for name in names:
        if name.lower().endswith(".rels"):
            _check_relations(_xml(archive, name))
        elif name.startswith("word/") and name.endswith(".xml"):
            _check_fields(archive, name)


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise Found(ENCRYPTED)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Found(NOT_WORD)
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise Found(NOT_WORD)
    if ACTIVE_PART.search(f"/{name}"):
        raise Found(MACRO)


def _check_size(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = 0
    for entry in entries:
        unpacked += _count(archive, entry, unpacked)
    if unpacked > MAX_RATIO * size:
        raise Found(TOO_LARGE_INSIDE)


def _count(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int) -> int:
    """The size of an entry as it unpacks; what its header claims is not believed."""
    limit = min(MAX_UNPACKED - before, MAX_RATIO * max(entry.compress_size, 1))
    unpacked = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            unpacked += len(chunk)
            if unpacked > limit:
                raise Found(TOO_LARGE_INSIDE)
    return unpacked


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if archive.getinfo(name).file_size > MAX_XML:
        raise Found(NOT_WORD)
    try:
        root: Element = fromstring(archive.read(name), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise Found(NOT_WORD) from error
    return root


def _check_content_types(root: Element) -> None:
    types = {element.get("PartName", "").lower(): element.get("ContentType", "") for element in root}
    if any(ACTIVE_TYPE.search(element.get("ContentType", "")) for element in root):
        raise Found(MACRO)
    if types.get("/word/document.xml") != WORD_MAIN:
        raise Found(NOT_WORD)


def _check_relations(root: Element) -> None:
    for relation in root.iter():
        if relation.tag.rpartition("}")[2] != "Relationship":
            continue
        kind, target = relation.get("Type", ""), relation.get("Target", "").strip()
        if ACTIVE_RELATION.search(kind):
            raise Found(MACRO)
        outside = relation.get("TargetMode", "Internal") != "Internal" or ABSOLUTE.match(target)
        if outside and not (kind.lower().endswith("/hyperlink") and ORDINARY_LINK.match(target)):
            raise Found(OUTSIDE.format(what=_what(kind)))


def _what(kind: str) -> str:
    word = kind.rpartition("/")[2].lower()
    return {"attachedtemplate": "template", "image": "picture", "hyperlink": "file"}.get(word, "part")


def _check_fields(archive: zipfile.ZipFile, name: str) -> None:
    """Field codes that run or load something. Word splits a code over several runs, so they are joined first."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    code = ""
    try:
        with archive.open(name) as stream:
            for _, element in iterparse(stream, forbid_dtd=True):
                tag = element.tag.rpartition("}")[2]
                if tag == "instrText":
                    code += element.text or ""
                elif tag == "fldChar" and _attribute(element, "fldCharType") in ("begin", "separate", "end"):
                    _check_field(code)
                    code = ""
                elif tag == "fldSimple":
                    _check_field(_attribute(element, "instr"))
                if tag not in ("instrText", "fldChar"):
                    element.clear()
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise Found(NOT_WORD) from error
    _check_field(code)


def _attribute(element: Element, local_name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == local_name), "")


def _check_field(code: str) -> None:
    if ACTIVE_FIELD.match(code):
        raise Found(OUTSIDE.format(what="part"))


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform.startswith("linux"):  # macOS has the call and ignores it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _limit()
    sys.stdout.write(inspect(sys.stdin.buffer.read(), sys.argv[1]))
