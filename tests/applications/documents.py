"""Documents made in code: good ones, and the parts that hostile ones are made of."""

import io
import zipfile

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.uploads import DOCX, PDF

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
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


def upload(content, name="resume.pdf", declared=None):
    default = DOCX if name.lower().endswith(".docx") else PDF
    return SimpleUploadedFile(name, content, content_type=default if declared is None else declared)
