"""What a Word document must not carry, and what ordinary ones do."""

import pytest

from core import inspection
from core.inspection import inspect
from tests.core.documents import (
    HEADER,
    MAIN,
    body,
    content_types,
    default,
    document_as_written_by,
    docx,
    instruction,
    override,
    relations,
)
from tests.core.packing import BLANKS


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
