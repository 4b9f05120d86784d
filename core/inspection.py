"""Looks inside an uploaded file, in a process of its own with little time and little memory.

Run as a script: the file on standard input, `pdf` or `docx` as the argument; an empty answer means that nothing was
found, else one sentence that says what and how to mend it. It imports nothing of the project, so a file that breaks a
parser breaks this process alone.
"""

import io
import posixpath
import re
import struct
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
MEMORY = 192 * 1024 * 1024  # of addresses, so that what is in use stays below; a document of 5 MB takes 120

WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
NEEDED_PARTS = {"[Content_Types].xml", "_rels/.rels", "word/document.xml"}
# What a parser of XML passes over before the first tag, in any encoding that it may take the part for.
BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
# Parts by which a document runs something or carries another file inside.
ACTIVE_PART = re.compile(r"vbaproject|vbadata|/embeddings/|/activex/|oleobject|attachedtoolbars", re.IGNORECASE)
ACTIVE_TYPE = re.compile(r"macroenabled|vbaproject|vbadata|oleobject|activex|keymapcustomizations", re.IGNORECASE)
ACTIVE_RELATION = re.compile(
    r"/(oleobject|package|vbaproject|wordvbadata|control|afchunk|subdocument|frame|attachedtoolbars)$", re.IGNORECASE
)
ACTIVE_FIELD = re.compile(r"^\s*(dde|ddeauto|includepicture|includetext|link|import)\b", re.IGNORECASE)
ORDINARY_LINK = re.compile(r"^(https?://|mailto:|tel:|#)", re.IGNORECASE)
ABSOLUTE = re.compile(r"^([a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)

# What scanners are tested with, in two pieces, so that they leave this file alone.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!"
# What a part of a Word document must not begin with: a file of its own. Not gzip: Office packs pictures with it.
OTHER_FILES = (b"PK\x03\x04", b"MZ\x90\x00", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"Rar!\x1a", b"7z\xbc\xaf", b"%PDF-")
HEAD = 128

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
MEDIA = "It carries a film, a sound or a 3D model. Print it to a new PDF, and choose that instead."
ACTION = (
    "It carries an action that opens or sends something outside it. Print it to a new PDF, and choose that instead."
)
VIRUS = "It carries a virus, or the file that virus scanners are tested with. Make it anew on a computer that is clean."
PAGES = f"It has more than {MAX_PAGES} pages. Shorten it, and choose it again."


# A PDF says in these keys what an object is.
KIND_KEYS = ("/S", "/Subtype", "/Type")
PDF_KINDS = {
    "/JavaScript": SCRIPT,
    "/Launch": LAUNCH,
    "/EmbeddedFile": EMBEDDED,
    "/FileAttachment": EMBEDDED,
    "/GoToE": EMBEDDED,
    "/GoToR": ACTION,
    "/SubmitForm": ACTION,
    "/ImportData": ACTION,
    "/Rendition": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/RichMedia": MEDIA,
    "/3D": MEDIA,
    "/U3D": MEDIA,
    "/PRC": MEDIA,
}
PDF_KEYS = {
    "/JS": SCRIPT,
    "/JavaScript": SCRIPT,
    "/XFA": SCRIPT,
    "/OnInstantiate": SCRIPT,
    "/Launch": LAUNCH,
    "/EF": EMBEDDED,
    "/EmbeddedFiles": EMBEDDED,
    "/RichMedia": MEDIA,
    "/RichMediaContent": MEDIA,
    "/3DD": MEDIA,
}


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
    if EICAR in data:
        raise Found(VIRUS)
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
    for value in pdf.objects:
        _check_stream(value)
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


def _check_stream(value: Any) -> None:
    """How its bytes begin, unpacked no further than that."""
    import pikepdf

    if not isinstance(value, pikepdf.Stream):
        return
    head = value.read_raw_bytes()
    if b"/FlateDecode" in value.stream_dict.get("/Filter", pikepdf.Array()).unparse():
        try:
            head = zlib.decompressobj().decompress(head, HEAD)
        except zlib.error:
            return  # packed in some way besides, or broken
    if head.startswith(EICAR):
        raise Found(VIRUS)


def _direct(value: Any) -> list[Any]:
    import pikepdf

    return [value] if isinstance(value, pikepdf.Object) and not value.is_indirect else []


def _check_pdf_entry(key: str, value: Any) -> None:
    kind = str(value) if key in KIND_KEYS and _is_name(value) else ""
    finding = PDF_KEYS.get(key) or PDF_KINDS.get(kind)
    if finding:
        raise Found(finding)


def _is_name(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Name)


def _docx(data: bytes) -> None:
    # A header for each entry: counted before zipfile builds an object for every one of them.
    if not data.startswith(b"PK\x03\x04") or data.count(b"PK\x01\x02") > 2 * MAX_ENTRIES:
        raise Found(NOT_WORD)
    if b"%PDF-" in data[:1024]:
        raise Found(NOT_WORD)  # there viewers of PDF still look for their header
    if EICAR in data:
        raise Found(VIRUS)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_docx(archive, data)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, struct.error, zlib.error) as error:
        raise Found(NOT_WORD) from error


def _check_docx(archive: zipfile.ZipFile, data: bytes) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES or len({name.lower() for name in names}) < len(names):
        raise Found(NOT_WORD)
    if not set(names) >= NEEDED_PARTS:
        raise Found(NOT_WORD)
    for entry in entries:
        _check_entry(entry)
    _check_sizes(archive, data)
    types = _content_types(_xml(archive, "[Content_Types].xml"), names)
    _check_main_part(types, _xml(archive, "_rels/.rels"))
    for name in names:
        if name.lower().endswith(".rels"):
            _check_relations(_xml(archive, name))
        if _is_xml(archive, name, types[f"/{name.lower()}"]):
            # A drawing may name its grammar, as many programs write it; like all others it may define nothing.
            _check_fields(archive, name, forbid_dtd=not types[f"/{name.lower()}"].startswith("image/svg"))


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.flag_bits & 0x1:
        raise Found(ENCRYPTED)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Found(NOT_WORD)
    if name != entry.orig_filename or name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise Found(NOT_WORD)
    if ACTIVE_PART.search(f"/{name}"):
        raise Found(MACRO)


def _check_sizes(archive: zipfile.ZipFile, data: bytes) -> None:
    """From here on the sizes in the headers are true, so that reading an entry by zipfile reads all of it."""
    end = unpacked = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        start = _start(archive, entry, data)
        if entry.header_offset < end or start + entry.compress_size > archive.start_dir:
            raise Found(NOT_WORD)  # two entries share bytes
        end = start + entry.compress_size
        unpacked += _count(entry, data[start:end], MAX_UNPACKED - unpacked)


def _start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> int:
    """Where the bytes of an entry begin: after the header that stands before them, which must fit the directory."""
    archive.open(entry).close()  # compares the names
    flags, method, name, extra = struct.unpack_from("<6xHH16xHH", data, entry.header_offset)
    if flags & 0x1 or method != entry.compress_type:
        raise Found(NOT_WORD)
    return int(entry.header_offset + 30 + name + extra)


def _count(entry: zipfile.ZipInfo, packed: bytes, most: int) -> int:
    """The size of an entry as it unpacks. zipfile stops at the size that the header claims; this does not."""
    limit = min(most, MAX_RATIO * entry.compress_size)
    size = checksum = 0
    head = b""
    for block in _inflate(packed) if entry.compress_type == zipfile.ZIP_DEFLATED else [packed]:
        size += len(block)
        if size > limit:
            raise Found(TOO_LARGE_INSIDE)
        checksum = zlib.crc32(block, checksum)
        head += block[: HEAD - len(head)]
    if head.startswith(EICAR):
        raise Found(VIRUS)
    if head.startswith(OTHER_FILES):
        raise Found(MACRO)
    if (size, checksum) != (entry.file_size, entry.CRC):
        raise Found(NOT_WORD)
    return size


def _inflate(packed: bytes) -> Iterator[bytes]:
    stream, unpacker = io.BytesIO(packed), zlib.decompressobj(-15)
    while not unpacker.eof:
        piece = unpacker.unconsumed_tail or stream.read(CHUNK)
        block = unpacker.decompress(piece, CHUNK)
        if not piece and not block:
            raise Found(NOT_WORD)  # breaks off
        yield block
    if unpacker.unused_data or stream.read(1):
        raise Found(NOT_WORD)  # something lies after the end


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


def _content_types(root: Element, names: list[str]) -> dict[str, str]:
    """The type of each part, declared for its name or else for its extension. Lower case, as readers compare them."""
    types = {"/[content_types].xml": "application/xml"}  # no part, so no default applies to it
    defaults: dict[str, str] = {}
    for element in root.iter():
        declared = element.get("ContentType", "").partition(";")[0].strip().lower()
        if ACTIVE_TYPE.search(declared):
            raise Found(MACRO)
        if "PartName" in element.attrib:
            types[element.attrib["PartName"].lower()] = declared
        else:
            defaults[element.get("Extension", "").lower()] = declared
    for name in names:
        types.setdefault(f"/{name.lower()}", defaults.get(name.rpartition(".")[2].lower(), ""))
    return types


def _check_main_part(types: dict[str, str], root: Element) -> None:
    """The document that opens is the one that was looked at: one main part, and the file begins there."""
    mains = {part: declared for part, declared in types.items() if declared.endswith("main+xml")}
    targets = [
        posixpath.join("/", relation.get("Target", "").strip())
        for relation in root.iter()
        if relation.get("Type", "").strip().lower().endswith("/officedocument")
    ]
    if mains != {"/word/document.xml": WORD_MAIN} or [*map(posixpath.normpath, targets)] != ["/word/document.xml"]:
        raise Found(NOT_WORD)


def _check_relations(root: Element) -> None:
    for relation in root.iter():
        if relation.tag.rpartition("}")[2] != "Relationship":
            continue
        kind, target = relation.get("Type", "").strip(), relation.get("Target", "").strip()
        if ACTIVE_RELATION.search(kind):
            raise Found(MACRO)
        outside = relation.get("TargetMode", "Internal") != "Internal" or ABSOLUTE.match(target)
        if outside and not (kind.lower().endswith("/hyperlink") and ORDINARY_LINK.match(target)):
            raise Found(OUTSIDE.format(what=_what(kind)))


def _what(kind: str) -> str:
    word = kind.rpartition("/")[2].lower()
    return {"attachedtemplate": "template", "image": "picture", "hyperlink": "file"}.get(word, "part")


def _is_xml(archive: zipfile.ZipFile, name: str, declared: str) -> bool:
    """By its type or its name, as Word goes; or by how it begins, as some readers follow relations alone."""
    if declared.endswith("xml") or name.lower().endswith(".xml"):
        return True
    with archive.open(name) as stream:
        for chunk in iter(lambda: stream.read(CHUNK), b""):
            if rest := chunk.lstrip(BLANK):
                return rest.startswith(b"<")
    return False


def _check_fields(archive: zipfile.ZipFile, name: str, *, forbid_dtd: bool) -> None:
    """Field codes that run or load something. Word splits a code over several runs, so they are joined first."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    code = ""
    try:
        with archive.open(name) as stream:
            for _, element in iterparse(stream, forbid_dtd=forbid_dtd):
                tag = element.tag.rpartition("}")[2]
                if tag == "instrText":
                    code += "".join(element.itertext())
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
