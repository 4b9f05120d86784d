import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from pikepdf import Array, Dictionary, Name, String

from applications import inspection, uploads
from applications.inspection import inspect
from applications.uploads import DOCX, PDF, accept, clean_name, inspect_apart
from tests.applications.documents import RELATIONS, body, content_types, docx, pdf, relations, upload


def refusal(file):
    with pytest.raises(ValidationError) as caught:
        accept(file)
    return caught.value.code, caught.value.message


def test_a_pdf_and_a_word_document_are_accepted():
    content = pdf()
    found = accept(upload(content, "Sana Iqbal – resume.PDF"))
    assert (found.name, found.content_type, found.content) == ("Sana Iqbal – resume.PDF", PDF, content)
    assert accept(upload(docx(), "letter.docx")).content_type == DOCX


@pytest.mark.parametrize("declared", ["", "application/octet-stream"])
def test_a_browser_that_declares_no_type_does_not_stand_in_the_way(declared):
    assert accept(upload(docx(), "letter.docx", declared)).content_type == DOCX


def test_a_renamed_program_is_refused_and_the_error_says_why():
    code, message = refusal(upload(b"MZ\x90\x00" + b"\0" * 200, "resume.pdf"))
    assert code == "content_type"
    assert message == (
        "“resume.pdf” is named .pdf, but its content is a Windows program. "
        "Choose a PDF or a Word document (.docx) of at most 5 MB."
    )


@pytest.mark.parametrize(
    ("content", "name", "declared", "code"),
    [
        (b"MZ\x90", "resume.exe", "application/x-msdownload", "extension"),
        (b"%PDF-1.4", "resume.pdf.exe", PDF, "extension"),
        (b"%PDF-1.4", "resume", PDF, "extension"),
        (b"%PDF-1.4", "resume.doc", PDF, "extension"),
        (b"", "resume.pdf", PDF, "empty"),
        (b"%PDF-" + b"0" * uploads.MAX_BYTES, "resume.pdf", PDF, "size"),
        (pdf(), "resume.docx", DOCX, "content_type"),
        (docx(), "resume.pdf", PDF, "content_type"),
        (b"\n" + pdf(), "resume.pdf", PDF, "content_type"),
        (pdf(), "resume.pdf", "text/html", "declared_type"),
        (pdf(), "resume.pdf", DOCX, "declared_type"),
        (docx(), "letter.docx", "application/zip", "declared_type"),
        (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "resume.pdf", PDF, "content_type"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "resume.docx", DOCX, "content_type"),
        (b"%PDF-1.7 and nothing that follows", "resume.pdf", PDF, "content"),
        (b"PK\x03\x04 and nothing that follows", "letter.docx", DOCX, "content"),
    ],
)
def test_extension_declared_type_and_content_agree(content, name, declared, code):
    assert refusal(upload(content, name, declared))[0] == code


def javascript_action(document):
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def javascript_in_names(document):
    script = document.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))


def javascript_on_a_page(document):
    document.pages[0].AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def javascript_that_nothing_refers_to_but_a_viewer_finds(document):
    action = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    document.pages[0].Annots = Array([document.make_indirect(Dictionary(Subtype=Name.Link, A=action))])


def xfa_form(document):
    document.Root.AcroForm = Dictionary(XFA=document.make_stream(b"<xdp/>"))


def launch_action(document):
    document.Root.OpenAction = Dictionary(S=Name.Launch, F=String("cmd.exe"))


def attachment(document):
    document.attachments["evil.exe"] = b"MZ"


def go_to_embedded(document):
    document.Root.OpenAction = Dictionary(S=Name.GoToE, T=Dictionary(R=Name.C, N=String("x")))


def rich_media(document):
    document.pages[0].Annots = Array([Dictionary(Subtype=Name.RichMedia)])


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (javascript_action, inspection.SCRIPT),
        (javascript_in_names, inspection.SCRIPT),
        (javascript_on_a_page, inspection.SCRIPT),
        (javascript_that_nothing_refers_to_but_a_viewer_finds, inspection.SCRIPT),
        (xfa_form, inspection.SCRIPT),
        (launch_action, inspection.LAUNCH),
        (attachment, inspection.EMBEDDED),
        (go_to_embedded, inspection.EMBEDDED),
        (rich_media, inspection.EMBEDDED),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_what_a_pdf_must_not_carry(change, finding, packed):
    """Packed: the objects lie compressed in object streams, where a search of the bytes would not see them."""
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    assert inspect(pdf(object_stream_mode=mode), "pdf") == ""
    assert inspect(pdf(change, object_stream_mode=mode), "pdf") == finding


def test_a_name_spelled_with_escapes_is_still_that_name():
    plain = pdf(javascript_action, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    spelled = plain.replace(b"/JavaScript", b"/J#61vaScript")
    assert spelled != plain
    assert inspect(spelled, "pdf") == inspection.SCRIPT


def test_links_outlines_and_forms_without_scripts_pass():
    def ordinary(document):
        link = Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.org/me")))
        document.pages[0].Annots = Array([document.make_indirect(link)])
        document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])

    assert inspect(pdf(ordinary), "pdf") == ""


@pytest.mark.parametrize("password", ["", "secret"])
def test_an_encrypted_pdf_is_refused_with_and_without_a_password_to_open_it(password):
    locked = pdf(encryption=pikepdf.Encryption(owner="owner", user=password))
    assert inspect(locked, "pdf") == inspection.ENCRYPTED


def test_fifty_pages_and_no_more():
    assert inspect(pdf(pages=50), "pdf") == ""
    assert inspect(pdf(pages=51), "pdf") == inspection.PAGES
    assert inspect(pdf(pages=0), "pdf") == inspection.NOT_PDF


def test_a_pdf_that_is_a_zip_too_is_refused():
    assert inspect(pdf() + docx(), "pdf") == inspection.NOT_PDF


def test_a_word_document_with_an_ordinary_link_passes():
    links = relations(
        ("hyperlink", "https://example.org/portfolio", "External"),
        ("hyperlink", "mailto:sana@student.example.edu", "External"),
        ("styles", "styles.xml", ""),
        ("image", "media/photo.png", ""),
    )
    assert inspect(docx({"word/_rels/document.xml.rels": links}), "docx") == ""


def rels(*rows):
    return {"word/_rels/document.xml.rels": relations(*rows)}


def instruction(*runs):
    inner = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    inner += "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    return {"word/document.xml": body(inner + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')}


def outside(what):
    return inspection.OUTSIDE.format(what=what)


@pytest.mark.parametrize(
    ("entries", "finding"),
    [
        ({"word/vbaProject.bin": b"\xd0\xcf"}, inspection.MACRO),
        ({"word/VBAPROJECT.BIN": b"\xd0\xcf"}, inspection.MACRO),
        ({"word/embeddings/oleObject1.bin": b"\xd0\xcf"}, inspection.MACRO),
        ({"word/activeX/activeX1.xml": "<x/>"}, inspection.MACRO),
        (
            {
                "[Content_Types].xml": content_types(
                    more='<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                )
            },
            inspection.MACRO,
        ),
        (
            {"[Content_Types].xml": content_types(main="application/vnd.ms-word.document.macroEnabled.main+xml")},
            inspection.MACRO,
        ),
        ({"[Content_Types].xml": content_types(main="application/xml")}, inspection.NOT_WORD),
        (rels(("oleObject", "a.bin", "")), inspection.MACRO),
        (rels(("package", "a.xlsx", "")), inspection.MACRO),
        (rels(("aFChunk", "a.html", "")), inspection.MACRO),
        (rels(("attachedTemplate", "http://evil.example/a.dotm", "External")), outside("template")),
        (rels(("attachedTemplate", "file:///C:/a.dotm", "External")), outside("template")),
        (rels(("image", "http://evil.example/a.png", "External")), outside("picture")),
        (rels(("image", "\\\\evil.example\\share\\a.png", "External")), outside("picture")),
        (rels(("image", "http://evil.example/a.png", "")), outside("picture")),
        (rels(("settings", "//evil.example/a", "external")), outside("part")),
        (rels(("hyperlink", "file:///etc/passwd", "External")), outside("file")),
        (rels(("hyperlink", "javascript:alert(1)", "External")), outside("file")),
        (instruction("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe"), outside("part")),
        (instruction(" INCLUDE", "PICTURE http://evil.example/a.png"), outside("part")),
        ({"word/document.xml": body('<w:fldSimple w:instr="DDE cmd"/>')}, outside("part")),
        ({"word/document.xml": "<not closed"}, inspection.NOT_WORD),
        ({"_rels/.rels": "<not closed"}, inspection.NOT_WORD),
        (
            {"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]>' + body("&b;").partition("?>")[2]},
            inspection.NOT_WORD,
        ),
        ({"[Content_Types].xml": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}, inspection.NOT_WORD),
        ({"../../etc/passwd": "x"}, inspection.NOT_WORD),
        ({"/etc/passwd": "x"}, inspection.NOT_WORD),
        ({f"word/media/{number}.png": "x" for number in range(500)}, inspection.NOT_WORD),
        ({f"word/media/{number}.png": "x" for number in range(2000)}, inspection.NOT_WORD),
        ({"word/media/a.png": b"\0" * 3_000_000}, inspection.TOO_LARGE_INSIDE),
    ],
)
def test_what_a_word_document_must_not_carry(entries, finding):
    assert inspect(docx(entries), "docx") == finding


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "word/document.xml"])
def test_a_zip_that_is_no_word_document_is_refused(missing):
    assert inspect(docx(without=[missing]), "docx") == inspection.NOT_WORD


def test_an_ordinary_field_passes():
    assert inspect(docx(instruction(" PAGE ")), "docx") == ""


def test_an_encrypted_entry_is_refused():
    content = bytearray(docx())
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(header) + offset
        content[at] |= 1
    assert inspect(bytes(content), "docx") == inspection.ENCRYPTED


def test_an_unknown_compression_is_refused():
    assert inspect(docx(compression=zipfile.ZIP_LZMA), "docx") == inspection.NOT_WORD


def test_the_same_name_twice_is_refused():
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Word/Document.xml", body())
    assert inspect(out.getvalue(), "docx") == inspection.NOT_WORD


def test_a_header_that_lies_about_the_size_is_not_believed():
    """The bomb says that it unpacks to ten bytes."""
    content = docx({"word/media/a.bin": b"\0" * 3_000_000})
    lying = content.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 10))
    assert lying != content
    assert inspect(lying, "docx") == inspection.NOT_WORD


def test_many_small_files_may_not_add_up_to_a_bomb():
    """Each stays under a hundred to one; together they pass fifty megabytes."""
    block = b"".join(bytes([number % 251, number % 13]) * 40 for number in range(13_000))
    content = docx({f"word/media/{number}.bin": block for number in range(60)})
    assert len(content) < uploads.MAX_BYTES
    assert inspect(content, "docx") == inspection.TOO_LARGE_INSIDE


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


def test_a_bomb_is_stopped_by_the_memory_that_its_process_has():
    assert inspect_apart(object_stream_bomb(megabytes=1), "pdf") == ""
    assert inspect_apart(object_stream_bomb(megabytes=600), "pdf") == inspection.TOO_LARGE_INSIDE
    assert inspect_apart(pdf(), "pdf") == ""


def test_the_inspection_that_does_not_end_is_ended(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(inspection, "__file__", str(slow))
    monkeypatch.setattr(uploads, "SECONDS", 0.2)
    assert inspect_apart(pdf(), "pdf") == inspection.NOT_PDF


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("resume.pdf", "resume.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\sana\\My resume.docx", "My resume.docx"),
        ("resume\u202efdp.exe.pdf", "resumefdp.exe.pdf"),
        ("a\x00b\r\nc.pdf", "ab c.pdf"),
        ('my "best" <resume>?.pdf', "my _best_ _resume__.pdf"),
        ("...hidden.pdf", "hidden.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
        ("履歴書.pdf", "履歴書.pdf"),
        ("", "unnamed"),
        ("   ", "unnamed"),
    ],
)
def test_names_are_cleaned_for_display(name, shown):
    assert clean_name(name) == shown


def test_a_stored_file_lies_under_a_random_name():
    first, second = (uploads.stored_path(None, "../../resume.pdf") for _ in range(2))
    assert first != second
    assert all("resume" not in path and ".." not in path for path in (first, second))
    assert first.startswith(f"materials/{first[10:12]}/{first[10:12]}")


def test_a_relation_is_read_in_the_strict_namespace_too():
    odd = relations(("oleObject", "a.bin", "")).replace(
        RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"
    )
    assert inspect(docx({"word/_rels/document.xml.rels": odd}), "docx") == inspection.MACRO


def test_what_comes_after_the_largest_size_is_forgotten():
    handler = uploads.TooMuch()
    assert handler.receive_data_chunk(b"x", uploads.MAX_BYTES) == b"x"
    assert handler.receive_data_chunk(b"x", uploads.MAX_BYTES + 1) is None
