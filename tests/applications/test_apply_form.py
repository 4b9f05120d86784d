"""The application form: what it fills in, what a draft keeps as one types, and that nothing typed is lost."""

import datetime as dt

import pytest
import time_machine

from applications import actions
from applications.forms.applying import DRAFT_LENGTH, NOT_ASKED, answer_to
from applications.models import Acknowledgment, Application, Document, GuidelinesText, Material, MaterialKind
from applications.workflow import ApplicationStatus
from core.uploads import PDF, Upload
from tests.applications.making import MINUTE, RESUME, make_application, make_draft
from tests.core.documents import pdf, upload
from tests.factories import NOW, make_host, make_posting, make_student

pytestmark = pytest.mark.django_db
A = ApplicationStatus
LETTER = "I count things for fun."
WHY = answer_to("Why you?")
TYPING = {"headers": {"HX-Request": "true", "HX-Target": "draft-status"}}
SENT_ALREADY = "This application has been sent, and what was sent stays as it was."
CLOSED = "This posting is not taking applications now."


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def sana(client):
    student = make_student("Sana Iqbal")
    client.force_login(student.user)
    return student


@pytest.fixture
def posting():
    return make_posting(questions=["Why you?"])


def apply_url(posting):
    return f"/postings/{posting.pk}/apply/"


def typed(client, posting, **data):
    """The form saves itself: a status code, and the line that is shown."""
    response = client.post(apply_url(posting), {"save": "1", "guidelines_version": "1", **data}, **TYPING)
    return response.status_code, " ".join(response.content.decode().split())


def add(student, name="resume.pdf", *, kind=MaterialKind.RESUME, now=NOW, pages=1):
    upload = Upload(pdf(pages=pages), name, PDF)
    return actions.add_document(kind=kind, upload=upload, by=student.user, now=now)


def kept(application=None):
    materials = Material.objects.all() if application is None else application.materials.all()
    return {material.kind: material.text or material.name for material in materials}


def form_of(client, posting):
    return client.get(apply_url(posting)).context["form"]


SAVED = 'Draft saved at <time datetime="2026-03-02T10:00:00-05:00">10:00 a.m.</time>'

# As one types


def test_the_form_saves_itself(client, sana, posting):
    assert typed(client, posting, cover_letter_text=LETTER, **{WHY: ""}) == (200, SAVED)
    assert typed(client, posting, cover_letter_text=LETTER, **{WHY: "Because."}) == (200, SAVED)
    assert kept() == {"cover_letter": LETTER, "answer": "Because."}
    assert Application.objects.get().status == A.DRAFT
    form = form_of(client, posting)
    assert (form["cover_letter_text"].value(), form[WHY].value()) == (LETTER, "Because.")


def test_what_is_typed_away_is_gone_from_the_draft_too(client, sana, posting):
    typed(client, posting, cover_letter_text=LETTER, **{WHY: "Because."})
    typed(client, posting, cover_letter_text="", **{WHY: "Because."})
    assert kept() == {"answer": "Because."}


def test_a_draft_keeps_more_words_than_can_be_sent(client, sana, posting):
    words = "x" * 6001
    assert typed(client, posting, cover_letter_text=words) == (200, SAVED)
    assert kept() == {"cover_letter": words}
    form = form_of(client, posting)
    assert form["cover_letter_text"].value() == words
    assert form.fields["cover_letter_text"].widget.attrs["maxlength"] == "6000"
    data = {"resume": upload(pdf()), "cover_letter_text": words, WHY: "y" * 2001, "guidelines": "on"}
    sent = client.post(apply_url(posting), data)
    assert (sent.status_code, set(sent.context["form"].errors)) == (422, {"cover_letter_text", WHY})
    assert sent.context["form"][WHY].value() == "y" * 2001
    assert Application.objects.get().status == A.DRAFT


def test_the_limits_stand_beside_the_boxes(client, sana, posting):
    page = client.get(apply_url(posting)).content.decode()
    assert page.count("At most 6,000 characters.") == page.count("At most 2,000 characters.") == 1


@pytest.mark.parametrize(
    ("data", "label"),
    [
        ({"portfolio_link": "https://["}, "Or a link to your portfolio"),
        ({"cover_letter_text": "x" * (DRAFT_LENGTH + 1)}, "Or type your cover letter"),
        ({"resume_document": "nothing"}, "Resume from your documents"),
    ],
)
def test_what_cannot_be_kept_is_named_and_the_rest_is_kept(client, sana, data, label):
    add(sana)
    posting = make_posting(extra_materials=["portfolio"], questions=["Why you?"])
    assert typed(client, posting, **{WHY: "Because."}, **data) == (422, f"{SAVED}, but for “{label}”.")
    assert kept() == {"answer": "Because."}


def test_a_posting_that_closes_as_one_types_takes_no_word_away(client, sana, at_noon):
    posting = make_posting(apply_by=NOW + MINUTE)
    typed(client, posting, cover_letter_text=LETTER)
    at_noon.move_to(NOW + MINUTE)
    saved = SAVED.replace("10:00", "10:01")
    assert typed(client, posting, cover_letter_text=f"{LETTER} More.") == (200, f"{saved} {CLOSED}")
    assert kept() == {"cover_letter": f"{LETTER} More."}
    response = client.get(apply_url(posting))
    assert response.headers["Location"] == Application.objects.get().get_absolute_url()


def test_a_posting_that_closed_before_the_first_word_was_saved(client, sana, at_noon):
    posting = make_posting(apply_by=NOW + MINUTE)
    at_noon.move_to(NOW + MINUTE)
    assert typed(client, posting, cover_letter_text=LETTER) == (422, f"Not saved. {CLOSED}")
    assert not Application.objects.exists()


def test_a_posting_that_is_held_back_keeps_what_was_typed(client, sana, posting):
    typed(client, posting, cover_letter_text=LETTER)
    unseen = make_posting("on_hold", host=posting.host)
    Application.objects.update(posting=unseen)
    assert typed(client, unseen, cover_letter_text="More.") == (200, f"{SAVED} {CLOSED}")
    assert kept() == {"cover_letter": "More."}
    client.force_login(make_student().user)
    assert typed(client, unseen, cover_letter_text="Mine.")[0] == 404


def test_words_that_arrive_after_the_application_was_sent_change_nothing(client, sana):
    application = make_application(student=sana)
    assert typed(client, application.posting, cover_letter_text="Late.") == (422, f"Not saved. {SENT_ALREADY}")
    assert kept(application)["cover_letter"] == LETTER


def test_words_go_before_a_chosen_letter_while_the_draft_saves_itself(client, sana, posting):
    letter = add(sana, "letter.pdf", kind=MaterialKind.COVER_LETTER)
    chosen = {"cover_letter_document": str(letter.pk)}
    typed(client, posting, **chosen)
    assert kept() == {"cover_letter": "letter.pdf"}
    typed(client, posting, cover_letter_text=LETTER, **chosen)
    assert kept() == {"cover_letter": LETTER}
    data = {"resume": upload(pdf()), "cover_letter_text": LETTER, WHY: "x", "guidelines": "on", **chosen}
    sent = client.post(apply_url(posting), data)
    assert (sent.status_code, list(sent.context["form"].errors)) == (422, ["cover_letter_text"])
    assert kept()["cover_letter"] == LETTER


def test_the_line_is_for_the_form_alone(client, sana, posting):
    headers = {"HX-Request": "true", "HX-Target": "something-else"}
    response = client.post(apply_url(posting), {"save": "1", "cover_letter_text": LETTER}, headers=headers)
    assert response.headers["Location"] == apply_url(posting)
    page = client.get(apply_url(posting)).content.decode()
    assert 'hx-target="#draft-status" hx-swap="innerHTML"' in page
    assert 'hx-params="not resume,cover_letter"' in page
    assert '<p class="small" id="draft-status" role="status"' in page


def test_others_save_nothing(client, posting):
    client.force_login(make_host().user)
    assert typed(client, posting, cover_letter_text=LETTER)[0] == 403
    client.logout()
    assert typed(client, posting, cover_letter_text=LETTER)[0] == 302
    assert not Application.objects.exists()


def test_two_students_have_a_draft_each(client, sana, posting):
    typed(client, posting, cover_letter_text="Mine.")
    client.force_login(make_student().user)
    assert "cover_letter_text" not in form_of(client, posting).initial
    typed(client, posting, cover_letter_text="Another's.")
    letters = Material.objects.values_list("application__student__user__name", "text")
    assert dict(letters)["Sana Iqbal"] == "Mine."


# Questions that change while the form is open


def change_questions(posting, *questions):
    """As an approved revision does."""
    posting.questions = list(questions)
    posting.save(update_fields=["questions"])


def finished(**answers):
    return {"resume": upload(pdf()), "cover_letter_text": LETTER, "guidelines": "on", **answers}


def answers():
    return dict(Material.objects.filter(kind=MaterialKind.ANSWER).values_list("question", "text"))


def test_words_stay_with_their_question_when_another_comes_before_it(client, sana, posting):
    (name,) = [name for name in form_of(client, posting).fields if name.startswith("answer_")]
    change_questions(posting, "Which tool?", "Why you?")
    response = client.post(apply_url(posting), finished(**{name: "Because."}))
    form = response.context["form"]
    assert (response.status_code, set(form.errors)) == (422, {answer_to("Which tool?")})
    assert (form[answer_to("Why you?")].value(), form[answer_to("Which tool?")].value()) == ("Because.", None)
    assert answers() == {"Why you?": "Because."}
    change_questions(posting, "Why you?", "Which tool?")
    names = [name for name in form_of(client, posting).fields if name.startswith("answer_")]
    response = client.post(apply_url(posting), finished(**dict(zip(names, ("Still.", "A spreadsheet."), strict=True))))
    assert response.status_code == 302
    assert answers() == {"Why you?": "Still.", "Which tool?": "A spreadsheet."}


def test_an_answer_to_what_is_asked_no_longer_is_not_dropped_without_a_word(client, sana, posting):
    change_questions(posting)
    response = client.post(apply_url(posting), finished(**{WHY: "Because."}))
    assert (response.status_code, response.context["form"].errors) == (422, {"__all__": [NOT_ASKED]})
    assert Application.objects.get().status == A.DRAFT
    assert typed(client, posting, **{WHY: "Because."}) == (422, f"{SAVED} {NOT_ASKED}")
    assert typed(client, posting, **{WHY: " "}) == (200, SAVED)
    assert client.post(apply_url(posting), finished(**{WHY: ""})).status_code == 302
    assert answers() == {}


# From the library


def test_without_documents_the_form_asks_for_files(client, sana, posting):
    fields = form_of(client, posting).fields
    assert [name for name in fields if name.endswith("_document")] == []
    assert fields["resume"].required


def test_the_newest_resume_is_chosen_beforehand_and_no_letter_is(client, sana, posting):
    add(sana, "old.pdf")
    newest = add(sana, "new.pdf", now=NOW + MINUTE)
    add(sana, "letter.pdf", kind=MaterialKind.COVER_LETTER, now=NOW + MINUTE)
    form = form_of(client, posting)
    assert form["resume_document"].value() == str(newest.pk)
    assert [label for _, label in form.fields["resume_document"].choices] == [
        "None of these",
        "new (version 1, Mar 2, 2026)",
        "old (version 1, Mar 2, 2026)",
    ]
    assert form["cover_letter_document"].value() is None


def test_a_chosen_document_is_sent_and_its_newest_version_is_offered(client, sana, posting):
    first = add(sana)
    actions.add_version(first.document, upload=RESUME, by=sana.user, now=NOW + MINUTE)
    second = actions.add_version(
        first.document, upload=Upload(pdf(pages=2), "resume.pdf", PDF), by=sana.user, now=NOW + MINUTE
    )
    form = form_of(client, posting)
    assert form["resume_document"].value() == str(second.pk)
    data = {"resume_document": str(second.pk), "cover_letter_text": LETTER, WHY: "x", "guidelines": "on"}
    assert client.post(apply_url(posting), data | {"resume_document": str(first.pk)}).status_code == 422
    assert client.post(apply_url(posting), data).status_code == 302
    assert Application.objects.get().materials.get(kind="resume").version == second


def test_the_version_that_a_draft_holds_stays_chosen(client, sana, posting):
    draft = make_draft(posting, sana)
    held = draft.materials.get(kind="resume").version
    newer = actions.add_version(held.document, upload=Upload(pdf(pages=2), "b.pdf", PDF), by=sana.user, now=NOW)
    form = form_of(client, posting)
    assert form["resume_document"].value() == str(held.pk)
    assert {value for value, _ in form.fields["resume_document"].choices} == {"", str(held.pk), str(newer.pk)}


def test_another_students_document_is_not_to_be_chosen(client, sana, posting):
    add(sana)
    foreign = add(make_student())
    data = {"resume_document": str(foreign.pk), "cover_letter_text": LETTER, WHY: "x", "guidelines": "on"}
    response = client.post(apply_url(posting), data)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["resume_document"])
    assert "resume" not in kept()


def test_choosing_none_takes_a_document_out_of_the_draft_and_cannot_be_sent(client, sana, posting):
    typed(client, posting, resume_document=str(add(sana).pk))
    assert kept() == {"resume": "resume.pdf"}
    data = {"resume_document": "", "cover_letter_text": LETTER, WHY: "x", "guidelines": "on"}
    response = client.post(apply_url(posting), data)
    assert response.context["form"].errors == {
        "resume_document": ["Choose one of your documents, or the file of your resume: PDF or Word (.docx)."],
    }
    assert kept() == {"cover_letter": LETTER, "answer": "x"}


def test_a_new_file_goes_before_the_chosen_document_and_joins_the_library(client, sana, posting):
    old = add(sana, "old.pdf")
    data = {"resume_document": str(old.pk), "resume": upload(pdf(), "new.pdf"), "cover_letter_text": LETTER}
    response = client.post(apply_url(posting), data)
    assert (response.status_code, set(response.context["form"].errors)) == (422, {WHY, "guidelines"})
    new = Document.objects.get(name="new").versions.get()
    assert response.context["form"]["resume_document"].value() == str(new.pk)
    assert str(new.pk) in dict(response.context["form"].fields["resume_document"].choices)
    again = {"resume_document": str(new.pk), "cover_letter_text": LETTER, WHY: "x", "guidelines": "on"}
    assert client.post(apply_url(posting), again).status_code == 302
    assert Application.objects.get().materials.get(kind="resume").version == new
    assert sorted(Document.objects.values_list("name", flat=True)) == ["new", "old"]


def test_what_else_the_host_asks_for_comes_from_the_library_too(client, sana):
    posting = make_posting(extra_materials=["transcript", "writing_sample"])
    transcript = add(sana, "t.pdf", kind=MaterialKind.TRANSCRIPT)
    sample = add(sana, "s.pdf", kind=MaterialKind.WRITING_SAMPLE)
    form = form_of(client, posting)
    assert form["transcript_document"].value() == str(transcript.pk)
    assert form["writing_sample_document"].value() is None
    data = {
        "resume": upload(pdf()),
        "cover_letter_text": LETTER,
        "transcript_document": str(transcript.pk),
        "writing_sample_document": str(sample.pk),
        "guidelines": "on",
    }
    assert client.post(apply_url(posting), data).status_code == 302
    sent = Application.objects.get().materials.filter(version__in=[transcript, sample])
    assert sorted(sent.values_list("kind", flat=True)) == ["transcript", "writing_sample"]


def test_a_file_for_which_the_list_is_full_costs_nothing_else(client, sana, posting):
    rows = [Document(student=sana, kind=MaterialKind.TRANSCRIPT, name=f"T {n}", added_at=NOW) for n in range(49)]
    Document.objects.bulk_create(rows)
    data = finished(**{WHY: "Because.", "cover_letter": upload(pdf(), "letter.pdf")}) | {"cover_letter_text": ""}
    response = client.post(apply_url(posting), data)
    assert (response.status_code, response.context["form"].errors) == (
        422,
        {"cover_letter": ["Your list holds 50 documents at most. Remove one that you no longer need."]},
    )
    assert kept() == {"resume": "resume.pdf", "answer": "Because."}
    assert Application.objects.get().status == A.DRAFT
    assert (
        client.post(apply_url(posting), {WHY: "Because.", "cover_letter_text": LETTER, "guidelines": "on"}).status_code
        == 302
    )


# The guidelines


def test_the_page_says_what_was_acknowledged_and_until_when(client, sana, posting, at_noon):
    page = client.get(apply_url(posting)).content.decode()
    assert "Version 1, January 1, 2025." in page
    assert "You acknowledged it" not in page
    actions.acknowledge_guidelines(sana.user, now=NOW)
    response = client.get(apply_url(posting))
    assert "guidelines" not in response.context["form"].fields
    assert "You acknowledged it on March 2, 2026, which holds until March 2, 2027" in response.content.decode()
    at_noon.move_to(NOW + dt.timedelta(days=365))
    client.force_login(sana.user)
    later = make_posting(now=NOW + dt.timedelta(days=365))
    assert "guidelines" in form_of(client, later).fields


def test_nobody_acknowledges_a_text_that_was_not_on_the_page(client, sana, posting):
    GuidelinesText.objects.create(version=2, body="Be kind.", published_at=NOW)
    data = {"resume": upload(pdf()), "cover_letter_text": LETTER, WHY: "x", "guidelines": "on"}
    response = client.post(apply_url(posting), data | {"guidelines_version": "1"})
    form = response.context["form"]
    assert (response.status_code, form.errors) == (
        422,
        {"guidelines": ["The guidelines have changed since you opened this page. Read them again."]},
    )
    page = response.content.decode()
    assert "Be kind." in page
    assert '<input type="hidden" name="guidelines_version" value="2">' in page
    assert not form["guidelines"].value()
    assert not Acknowledgment.objects.exists()
    del data["resume"]
    assert client.post(apply_url(posting), data | {"guidelines_version": "2"}).status_code == 302
    assert Application.objects.get().acknowledgment.text.version == 2


def test_both_sides_read_under_which_guidelines_it_was_sent(client):
    application = make_application()
    for user in (application.student.user, application.posting.host.user):
        client.force_login(user)
        page = client.get(application.get_absolute_url()).content.decode()
        assert "Sent under the recruiting guidelines, version 1, acknowledged on March 2, 2026." in page
