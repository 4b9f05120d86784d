"""Small real documents: a résumé has to open, in the demo as in the tests."""

import io
import zipfile
from collections.abc import Sequence

import pikepdf

LINES_A_PAGE = 46


def pdf(lines: Sequence[str], *, title: str) -> bytes:
    """A PDF of plain text, one page for every 46 lines."""
    document = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    for start in range(0, max(len(lines), 1), LINES_A_PAGE):
        page = document.add_blank_page(page_size=(612, 792))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(_text(lines[start : start + LINES_A_PAGE]))
    document.docinfo["/Title"] = title
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def _text(lines: Sequence[str]) -> bytes:
    shown = b" ".join(b"(" + _escaped(line) + b") Tj T*" for line in lines)
    return b"BT /F1 11 Tf 15 TL 56 736 Td " + shown + b" ET"


def _escaped(line: str) -> bytes:
    raw = line.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
)


def docx(lines: Sequence[str]) -> bytes:
    """A Word document of plain paragraphs."""
    escape = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    paragraphs = "".join(
        f"<w:p><w:r><w:t>{''.join(escape.get(char, char) for char in line)}</w:t></w:r></w:p>" for line in lines
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", DOCUMENT.format(paragraphs))
    return out.getvalue()
