"""Documents made in code: good ones, and the parts that hostile ones are made of."""

import io
import struct
import zipfile
import zlib

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from core.uploads import DOCX, PDF

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(change=None, *, pages=1, **save):
    """A PDF with blank pages; `change` gets the open document."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def content_types(main=MAIN, more=""):
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{more}</Types>'
    )


def override(part, kind=HEADER):
    return f'<Override PartName="{part}" ContentType="{kind}"/>'


def default(extension, kind):
    return f'<Default Extension="{extension}" ContentType="{kind}"/>'


def relations(*rows):
    inner = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"' if mode else "")
        + "/>"
        for number, (kind, target, mode) in enumerate(rows)
    )
    return (
        '<?xml version="1.0"?><Relationships '
        f'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


def body(inner=""):
    return f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body><w:p>{inner}</w:p></w:body></w:document>'


def docx(entries=None, *, without=(), compression=zipfile.ZIP_DEFLATED):
    """A Word document; `entries` add to its parts or replace them."""
    parts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
        "word/document.xml": body("<w:r><w:t>Sana Iqbal, resume</w:t></w:r>"),
    } | (entries or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            if name not in without:
                archive.writestr(name, content)
    return out.getvalue()


def instruction(*runs):
    inner = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    inner += "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    return {"word/document.xml": body(inner + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')}


class Pipe(io.BytesIO):
    """Cannot go back: zipfile then writes the sizes after each entry, as LibreOffice and Google Docs do."""

    def seekable(self):
        return False

    def tell(self):
        raise OSError


def document_as_written_by(program):
    """A letter with a link, a page number in its header and a picture, laid out as that program lays it out."""
    page = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    parts = {
        "_rels/.rels": relations(
            ("officeDocument", "word/document.xml", ""), ("extended-properties", "docProps/app.xml", "")
        ),
        "docProps/app.xml": "<Properties/>",
        "word/_rels/document.xml.rels": relations(
            ("header", "header1.xml", ""),
            ("styles", "styles.xml", ""),
            ("image", "media/image1.png", ""),
            ("image", "media/image2.svg", ""),
            ("hyperlink", "https://example.org/portfolio", "External"),
        ),
        "word/document.xml": body(
            f'<w:hyperlink r:id="r4" xmlns:r="{RELATIONS}"><w:r><w:t>Portfolio</w:t></w:r></w:hyperlink>'
            '<w:fldSimple w:instr=" HYPERLINK &quot;https://example.org/link&quot; "/>'
        ),
        "word/header1.xml": f'<w:hdr xmlns:w="{W}"><w:p>{page}</w:p></w:hdr>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}"/>',
        "word/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "word/media/image2.svg": '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg xmlns="http://www.w3.org/2000/svg"/>',
    }
    relationships = "application/vnd.openxmlformats-package.relationships+xml"
    more = default("rels", relationships) + default("png", "image/png") + default("svg", "image/svg+xml")
    more += override("/word/header1.xml") + override("/word/styles.xml", HEADER.replace("header", "styles"))
    types = content_types(more=more)
    if program == "Open XML SDK":  # the main type is the default of the extension, and targets begin with a slash
        types = types.replace("application/xml", MAIN).replace(override("/word/document.xml", MAIN), "")
        types = types.replace("</Types>", override("/docProps/app.xml", "application/xml") + "</Types>")
        parts["_rels/.rels"] = relations(("officeDocument", "/word/document.xml", ""))
    if program == "LibreOffice":
        types = types.replace("</Types>", override("/_rels/.rels", relationships) + "</Types>")
    out = Pipe() if program in ("LibreOffice", "Google Docs") else io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if program == "Word":
            archive.writestr("[Content_Types].xml", types)
        for name, content in parts.items():
            archive.writestr(name, content)
        if program != "Word":
            archive.writestr("[Content_Types].xml", types)
    return out.getvalue()


def restate(content, name, *, method=None, crc=None, packed=None, size=None):
    """The same archive, whose headers say something else about one entry."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo(name)
    stated = struct.pack("<3I", entry.CRC, entry.compress_size, entry.file_size)
    wanted = (crc, packed, size)
    changed = [stays if new is None else new for new, stays in zip(wanted, struct.unpack("<3I", stated), strict=True)]
    assert content.count(stated) == 2
    out = bytearray(content.replace(stated, struct.pack("<3I", *changed)))
    at = -1
    for _ in range(2 if method is not None else 0):
        at = out.index(struct.pack("<3I", *changed), at + 1)
        out[at - 6 : at - 4] = struct.pack("<H", method)
    return bytes(out)


def object_stream_bomb(megabytes):
    """A PDF with one page, and an object stream that unpacks to that much blank space."""
    packer = zlib.compressobj(9)
    packed = b"".join([packer.compress(b"4 0 ")] + [packer.compress(b" " * 1_000_000) for _ in range(megabytes)])
    packed += packer.compress(b"null") + packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (len(packed), packed),
        None,  # the fourth lies in the stream
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    content, rows = b"%PDF-1.5\n", [(0, 0, 0)]
    for number, inner in enumerate(objects, start=1):
        rows.append((1, len(content), 0) if inner else (2, 3, 0))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, inner) if inner else b""
    rows.append((1, len(content), 0))
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    xref = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n%b" % (len(table), table)
    return content + xref + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(content)


def upload(content, name="resume.pdf", declared=None):
    default = DOCX if name.lower().endswith(".docx") else PDF
    return SimpleUploadedFile(name, content, content_type=default if declared is None else declared)
