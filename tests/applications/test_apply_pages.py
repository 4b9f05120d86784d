"""The page on which a student applies."""

import datetime as dt

import pytest
import time_machine

from applications.forms.applying import answer_to
from applications.models import Application, GuidelinesText, Material, MaterialKind
from tests.applications.viewing import A, apply_url, complete
from tests.core.documents import docx, pdf, upload
from tests.factories import NOW, make_posting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

WHY, TOOL = answer_to("Why you?"), answer_to("Which tool would you use?")


def test_a_student_applies_with_a_pdf_and_a_typed_letter(client, sana):
    posting = make_posting()
    assert client.get(apply_url(posting)).status_code == 200
    assert not Application.objects.exists()
    response = client.post(apply_url(posting), complete())
    application = Application.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/applications/{application.pk}/")
    assert (application.status, application.student) == (A.SUBMITTED, sana)
    kept = {material.kind: material.name or material.text for material in application.materials.all()}
    assert kept == {"resume": "resume.pdf", "cover_letter": "I count things for fun."}


def test_a_word_document_works(client, sana):
    data = complete(
        resume=upload(docx(), "resume.docx"), cover_letter_text="", cover_letter=upload(docx(), "letter.docx")
    )
    assert client.post(apply_url(make_posting()), data).status_code == 302
    assert sorted(Application.objects.get().materials.values_list("name", flat=True)) == ["letter.docx", "resume.docx"]


def test_a_renamed_program_is_refused_with_the_reason_and_everything_else_is_kept(client, sana):
    posting = make_posting()
    data = complete(cover_letter=upload(b"MZ\x90\x00", "letter.pdf"), cover_letter_text="", guidelines=None)
    response = client.post(apply_url(posting), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert "“letter.pdf” is named .pdf, but its content is a Windows program." in page
    assert "We have “resume.pdf”" in page
    assert "<title>Error:" in page.replace("\n", "")
    draft = Application.objects.get()
    assert (draft.status, draft.materials.get().kind) == (A.DRAFT, MaterialKind.RESUME)
    again = client.post(apply_url(posting), {"cover_letter_text": "Dear Fenwick Labs", "guidelines": "on"})
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.status == A.SUBMITTED


def test_what_was_typed_stays_on_an_invalid_form_and_when_coming_back(client, sana):
    posting = make_posting(questions=["Which tool would you use?"])
    data = complete(resume=None, **{TOOL: "A spreadsheet."})
    response = client.post(apply_url(posting), data)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "resume": ["Choose the file of your resume: PDF or Word (.docx)."],
    }
    for page in (response, client.get(apply_url(posting))):
        assert page.context["form"]["cover_letter_text"].value() == "I count things for fun."
        assert page.context["form"][TOOL].value() == "A spreadsheet."


def test_the_guidelines_are_asked_once_for_each_version(client, sana):
    posting = make_posting()
    response = client.post(apply_url(posting), complete(guidelines=None))
    assert response.context["form"].errors == {
        "guidelines": ["Read the recruiting guidelines and tick the box to keep to them."]
    }
    client.post(apply_url(posting), {"cover_letter_text": "Dear you", "guidelines": "on"})
    assert "guidelines" not in client.get(apply_url(make_posting())).context["form"].fields
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW)
    page = client.get(apply_url(make_posting()))
    assert "guidelines" in page.context["form"].fields
    assert "Be kind." in page.content.decode()


def test_guidelines_written_ahead_are_not_shown_yet(client, sana):
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW + dt.timedelta(minutes=1))
    assert "Be kind." not in client.get(apply_url(make_posting())).content.decode()


def test_what_a_host_asks_for_besides(client, sana):
    posting = make_posting(extra_materials=["transcript", "portfolio"], questions=["Why you?"])
    response = client.post(apply_url(posting), complete())
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"transcript", "portfolio", WHY}
    data = {
        "transcript": upload(pdf(), "transcript.pdf"),
        "portfolio_link": "https://sana.example.org/",
        "cover_letter_text": "I count things for fun.",
        WHY: "Because.",
        "guidelines": "on",
    }
    assert client.post(apply_url(posting), data).status_code == 302
    kinds = sorted(Application.objects.get().materials.values_list("kind", flat=True))
    assert kinds == ["answer", "cover_letter", "portfolio", "resume", "transcript"]


def test_a_file_and_a_typed_letter_are_one_too_many(client, sana):
    data = complete(cover_letter=upload(pdf(), "letter.pdf"))
    response = client.post(apply_url(make_posting()), data)
    assert response.context["form"].errors == {
        "cover_letter_text": ["You gave this as a file too. Empty this box to send the file."]
    }
    assert response.context["form"]["cover_letter_text"].value() == "I count things for fun."


def test_a_draft_is_saved_and_not_sent(client, sana):
    posting = make_posting()
    response = client.post(apply_url(posting), {"resume": upload(pdf()), "save": "1"})
    assert (response.status_code, response.headers["Location"]) == (302, apply_url(posting))
    assert Application.objects.get().status == A.DRAFT
    assert "It was not sent yet" in client.get(apply_url(posting)).content.decode()


def test_pressed_twice_it_is_sent_once(client, sana):
    posting = make_posting()
    client.post(apply_url(posting), complete())
    response = client.post(apply_url(posting), complete(cover_letter_text="Another letter"))
    application = Application.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, application.get_absolute_url())
    assert application.materials.get(kind="cover_letter").text == "I count things for fun."


CLOSED = "This posting is not taking applications now."


def test_a_closed_posting_says_so(client, sana):
    posting = make_posting("closed")
    response = client.get(apply_url(posting))
    assert (response.status_code, response.headers["Location"]) == (302, posting.get_absolute_url())


@pytest.mark.parametrize("drafted", [True, False])
def test_a_posting_that_closed_while_the_student_wrote_takes_no_word_away(client, sana, drafted):
    posting = make_posting(apply_by=NOW + dt.timedelta(minutes=1))
    if drafted:
        client.post(apply_url(posting), {"resume": upload(pdf()), "save": "1"})
    with time_machine.travel(NOW + dt.timedelta(minutes=1), tick=False):
        client.force_login(sana.user)
        response = client.post(apply_url(posting), complete())
    assert (response.status_code, response.context["form"].non_field_errors()) == (422, [CLOSED])
    assert response.context["form"]["cover_letter_text"].value() == "I count things for fun."
    kept = Material.objects.filter(application__status=A.DRAFT).values_list("kind", flat=True)
    assert sorted(kept) == (["cover_letter", "resume"] if drafted else [])
