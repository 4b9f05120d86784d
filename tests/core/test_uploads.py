import io
import zipfile

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from pikepdf import Array, Dictionary, Name, String

from core import inspection, uploads
from core.inspection import inspect
from core.uploads import DOCX, PDF, accept, clean_name
from tests.core.documents import (
    RELATIONS,
    body,
    docx,
    pdf,
    relations,
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


def test_an_unknown_compression_is_refused():
    assert inspect(docx(compression=zipfile.ZIP_LZMA), "docx") == inspection.NOT_WORD


def test_the_same_name_twice_is_refused():
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Word/Document.xml", body())
    assert inspect(out.getvalue(), "docx") == inspection.NOT_WORD


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


def test_a_relation_is_read_in_the_strict_namespace_too():
    odd = relations(("oleObject", "a.bin", "")).replace(
        RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"
    )
    assert inspect(docx({"word/_rels/document.xml.rels": odd}), "docx") == inspection.MACRO


def test_what_comes_after_the_largest_size_is_forgotten():
    handler = uploads.TooMuch()
    assert handler.receive_data_chunk(b"x", uploads.MAX_BYTES) == b"x"
    assert handler.receive_data_chunk(b"x", uploads.MAX_BYTES + 1) is None
