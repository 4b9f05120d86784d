import io
import struct
import zipfile
import zlib
from hashlib import sha256

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from pikepdf import Array, Dictionary, Name, String

from applications import inspection, uploads
from applications.inspection import inspect
from applications.uploads import DOCX, PDF, accept, clean_name, inspect_apart
from tests.applications.documents import (
    HEADER,
    MAIN,
    RELATIONS,
    body,
    content_types,
    default,
    document_as_written_by,
    docx,
    instruction,
    object_stream_bomb,
    override,
    pdf,
    relations,
    restate,
    upload,
)


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


def model(kind):
    def change(document):
        stream = document.make_stream(b"U3D", Type=Name("/3D"), Subtype=Name(kind))
        document.pages[0].Annots = Array([Dictionary({"/Subtype": Name.Link, "/Later": stream})])

    return change


def model_annotation(document):
    document.pages[0].Annots = Array([Dictionary(Subtype=Name("/3D"))])


def model_data(document):
    document.pages[0].Annots = Array([Dictionary({"/3DD": document.make_stream(b"model")})])


def script_of_a_model(document):
    document.Root.Later = document.make_stream(b"...", OnInstantiate=document.make_stream(b"app.alert(1)"))


def action(kind, place):
    """The action where the document opens, on a page, on a link, in an outline, behind another action."""

    def change(document):
        does = Dictionary(S=Name(f"/{kind}"))
        page = document.pages[0]
        if place == "open":
            document.Root.OpenAction = does
        elif place == "page":
            page.AA = Dictionary(O=document.make_indirect(does))
        elif place == "link":
            page.Annots = Array([Dictionary(Subtype=Name.Link, A=does)])
        elif place == "outline":
            item = document.make_indirect(Dictionary(Title=String("Work"), A=does))
            document.Root.Outlines = Dictionary(First=item, Last=item, Count=1)
        elif place == "next":
            document.Root.OpenAction = Dictionary(S=Name.GoTo, D=String("a"), Next=Array([does]))
        elif place == "name elsewhere":
            document.Root.OpenAction = Dictionary(S=document.make_indirect(Name(f"/{kind}")))

    return change


@pytest.mark.parametrize("place", ["open", "page", "link", "outline", "next", "name elsewhere"])
@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        ("GoTo", ""),
        ("URI", ""),
        ("Named", ""),
        ("JavaScript", "SCRIPT"),
        ("Launch", "LAUNCH"),
        ("GoToE", "EMBEDDED"),
        ("GoToR", "ACTION"),
        ("SubmitForm", "ACTION"),
        ("ImportData", "ACTION"),
        ("Rendition", "MEDIA"),
        ("Movie", "MEDIA"),
        ("Sound", "MEDIA"),
    ],
)
def test_actions_that_leave_the_file_are_found_wherever_they_hang(kind, finding, place):
    assert inspect(pdf(action(kind, place)), "pdf") == (finding and getattr(inspection, finding))


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
        (rich_media, inspection.MEDIA),
        (model("/U3D"), inspection.MEDIA),
        (model("/PRC"), inspection.MEDIA),
        (model_annotation, inspection.MEDIA),
        (model_data, inspection.MEDIA),
        (script_of_a_model, inspection.SCRIPT),
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
        document.Root.Outlines = Dictionary(
            First=Dictionary(
                Title=String("Work"), A=Dictionary(S=Name.GoTo, D=Array([document.pages[0].obj, Name.Fit]))
            )
        )
        document.Root.StructTreeRoot = Dictionary(K=Dictionary(Type=Name.StructElem, S=Name.Link))
        document.Root.AcroForm = Dictionary(Fields=Array([Dictionary(FT=Name.Tx, T=String("Sound"))]))

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


# More than is read at once, in an order that does not pack like a bomb.
BLANKS = "".join(" \t\n\r"[byte % 4] for number in range(5000) for byte in sha256(bytes(str(number), "ascii")).digest())
FIELD = instruction("DDEAUTO cmd")["word/document.xml"]


def typed(more, name, content=FIELD):
    return {"[Content_Types].xml": content_types(more=more), name: content}


@pytest.mark.parametrize(
    "entries",
    [
        {"word/header1.xml": FIELD},
        {"word/header1.XML": FIELD},
        {"hdr/header1.xml": FIELD},
        {"hdr/header1.rels": FIELD},
        {"header1.xml": FIELD.encode("utf-16")},
        typed(override("/word/header1.bin"), "word/header1.bin"),
        typed(override("/WORD/header1.BIN", HEADER.upper()), "word/Header1.bin"),
        typed(override("/word/header1.bin", f"{HEADER} ; charset=utf-8"), "word/header1.bin"),
        typed(default("DAT", HEADER), "word/header1.dat"),
        typed(default("png", "image/png"), "word/header1.png"),
        typed(default("png", "image/png"), "word/header1.png", BLANKS + FIELD.partition("?>")[2]),
    ],
)
def test_a_field_is_found_in_whatever_part_it_lies(entries):
    harmless = {name: content for name, content in entries.items() if name == "[Content_Types].xml"}
    assert inspect(docx(harmless), "docx") == ""
    assert inspect(docx(entries), "docx") == outside("part")


@pytest.mark.parametrize("code", ["DDE", "ddeauto", "INCLUDEPICTURE", "IncludeText", "LINK", "IMPORT"])
def test_fields_that_load_or_run_something(code):
    assert inspect(docx({"word/footnotes.xml": body(f'<w:fldSimple w:instr=" {code} a"/>')}), "docx") == outside("part")


def test_what_is_declared_as_xml_is_xml():
    declared = typed(override("/word/a.bin", f"{HEADER} ; charset=utf-8"), "word/a.bin", b"\x4c\x6f\xa7")
    assert inspect(docx(declared), "docx") == inspection.NOT_WORD
    assert inspect(docx({"word/header1.XML": "+ADw-w:hdr+AD4-"}), "docx") == inspection.NOT_WORD
    assert inspect(docx(typed(override("/word/a.bin"), "word/a.bin", b"\x4c\x6f\xa7")), "docx") == inspection.NOT_WORD


@pytest.mark.parametrize(
    "entries",
    [
        {"_rels/.rels": relations(("officeDocument", "/evil/main.xml", "")), "evil/main.xml": body()},
        {"_rels/.rels": relations(("officeDocument", "evil/main.xml", "")), "evil/main.xml": body()},
        {"_rels/.rels": relations(("officeDocument", "word/../main.xml", "")), "main.xml": body()},
        {"_rels/.rels": relations(("officeDocument", "word/%64ocument.xml", ""))},
        {
            "_rels/.rels": relations(
                ("officeDocument", "word/document.xml", ""), ("officeDocument", "evil/main.xml", "")
            ),
            "evil/main.xml": body(),
        },
        {"_rels/.rels": relations(("extended-properties", "docProps/app.xml", ""))},
        typed(override("/evil/main.xml", MAIN), "evil/main.xml", body()),
        typed(override("/evil/main.xml", MAIN.replace("document.main", "template.main")), "evil/main.xml", body()),
        typed(default("bin", MAIN), "evil/main.bin", body()),
    ],
)
def test_a_word_document_has_one_main_part_and_begins_there(entries):
    assert inspect(docx(entries), "docx") == inspection.NOT_WORD


@pytest.mark.parametrize("target", ["word/document.xml", "/word/document.xml", "./word/document.xml"])
def test_the_main_part_may_be_named_in_each_ordinary_way(target):
    assert inspect(docx({"_rels/.rels": relations(("officeDocument", target, ""))}), "docx") == ""


@pytest.mark.parametrize("program", ["Word", "LibreOffice", "Google Docs", "Open XML SDK"])
def test_what_ordinary_programs_write_passes(program):
    assert inspect(document_as_written_by(program), "docx") == ""


def test_a_picture_may_name_its_grammar_but_define_nothing():
    types = default("svg", "image/svg+xml")
    hostile = '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>'
    assert inspect(docx(typed(types, "word/media/a.svg", "<!DOCTYPE svg><svg/>")), "docx") == ""
    assert inspect(docx(typed(types, "word/media/a.svg", hostile)), "docx") == inspection.NOT_WORD


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
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


PART = "word/media/a.bin"
NOISE = b"".join(bytes([number % 251, number % 13, number % 241]) for number in range(3000))


def part(content, compression=zipfile.ZIP_DEFLATED):
    return docx({PART: content}, compression=compression)


def deflated(content, end=zlib.Z_FINISH):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush(end)


def as_deflated(packed, content=NOISE):
    """An entry with those very bytes, said to unpack to that."""
    stored, crc = part(packed, zipfile.ZIP_STORED), zlib.crc32(content)
    return restate(stored, PART, method=zipfile.ZIP_DEFLATED, size=len(content), crc=crc)


@pytest.mark.parametrize("claim", [0, 10, 1000])
def test_a_bomb_that_claims_to_be_small_is_not_believed(claim):
    """Its sum is that of the bytes that it claims to have, so a reader who stops there finds nothing wrong."""
    lying = restate(part(b"\0" * 63_000_000), PART, size=claim, crc=zlib.crc32(b"\0" * claim))
    assert len(lying) < 70_000
    assert inspect(lying, "docx") == inspection.TOO_LARGE_INSIDE


def test_an_entry_is_as_long_as_it_says_and_ends_where_it_says():
    assert inspect(as_deflated(deflated(NOISE)), "docx") == ""
    short = NOISE[:500]
    filling = BLANKS.encode()[: inspection.CHUNK - 5]
    one_read = b"\x01" + struct.pack("<HH", len(filling), len(filling) ^ 0xFFFF) + filling
    assert inspect(as_deflated(one_read, filling), "docx") == ""
    lying = {
        "longer than said": restate(part(NOISE), PART, size=500, crc=zlib.crc32(short)),
        "shorter than said": restate(part(NOISE), PART, size=len(NOISE) + 1),
        "another sum": restate(part("x" + BLANKS), PART, crc=1),
        "stored, longer than said": restate(part(NOISE, zipfile.ZIP_STORED), PART, size=500, crc=zlib.crc32(short)),
        "stored, shorter than said": restate(part(NOISE, zipfile.ZIP_STORED), PART, size=len(NOISE) + 1),
        "something after the end": as_deflated(deflated(NOISE) + b"MZ"),
        "after an end where a read ends": as_deflated(one_read + b"MZ", filling),
        "no end": as_deflated(deflated(NOISE, zlib.Z_SYNC_FLUSH)),
        "nothing at all": as_deflated(b"", b""),
    }
    assert {name: inspect(content, "docx") for name, content in lying.items()} == dict.fromkeys(
        lying, inspection.NOT_WORD
    )


def test_the_two_headers_of_an_entry_agree_on_how_it_is_packed():
    content = bytearray(part(NOISE))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.getinfo(PART).header_offset + 8
    assert content[at] == zipfile.ZIP_DEFLATED
    content[at] = zipfile.ZIP_STORED
    assert inspect(bytes(content), "docx") == inspection.NOT_WORD


def test_entries_do_not_share_bytes():
    content = docx({PART: b"a" * 10, "word/media/b.bin": b"b"}, compression=zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.getinfo("word/media/b.bin").header_offset - 10
    shared = content[start : start + 40]
    lying = restate(content, PART, packed=40, size=40, crc=zlib.crc32(shared))
    assert inspect(content, "docx") == ""
    assert inspect(lying, "docx") == inspection.NOT_WORD


def test_the_last_entry_ends_before_the_directory():
    content = part(b"a" * 10, zipfile.ZIP_STORED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.start_dir - 10
    lying = restate(content, PART, packed=14, size=14, crc=zlib.crc32(content[start : start + 14]))
    assert inspect(lying, "docx") == inspection.NOT_WORD


def test_a_name_that_goes_on_after_a_zero_byte_is_refused():
    content = docx({"word/a.xml_b": "<a/>"}).replace(b"word/a.xml_b", b"word/a.xml\0b")
    assert inspect(content, "docx") == inspection.NOT_WORD


def test_five_hundred_entries_and_no_more():
    entries = {f"word/media/{number}.png": "x" for number in range(497)}
    assert inspect(docx(entries), "docx") == ""
    assert inspect(docx(entries | {"word/media/more.png": "x"}), "docx") == inspection.NOT_WORD


def test_many_small_files_may_not_add_up_to_a_bomb():
    """Each stays under a hundred to one; together they pass fifty megabytes."""
    block = b"".join(bytes([number % 251, number % 13]) * 40 for number in range(13_000))
    content = docx({f"word/media/{number}.bin": block for number in range(60)})
    assert len(content) < uploads.MAX_BYTES
    assert inspect(content, "docx") == inspection.TOO_LARGE_INSIDE


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
