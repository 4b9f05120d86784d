"""One draft open in two windows: the later save does not win without a word."""

import pytest

from applications.forms.applying import answer_to
from applications.forms.drafts import ELSEWHERE, SAVED_ELSEWHERE, TYPED_ELSEWHERE
from applications.models import Application, Document, MaterialKind
from applications.views import applying
from applications.workflow import ApplicationStatus
from tests.applications.library import SECOND, add
from tests.applications.viewing import apply_url
from tests.core.documents import pdf, upload
from tests.factories import make_posting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

A = ApplicationStatus
WHY = answer_to("Why you?")
HIDDEN = ("draft_version", "draft_window", "draft_turn", "guidelines_version")
LATE = (422, f"Not saved. {TYPED_ELSEWHERE}")


class Window:
    """A page of the form, as a browser holds it: what it was opened with, and what is typed into it."""

    def __init__(self, client, posting):
        self.client, self.url = client, apply_url(posting)
        self.take_in(client.get(self.url))

    def take_in(self, response):
        form = response.context["form"]
        self.autosave = response.context["autosave"]
        self.fields = {name: str(value) for name, value in response.context["hidden"]}
        shown = {name: form[name].value() for name in form.fields if name not in ("resume", "cover_letter")}
        self.fields |= {name: value for name, value in shown.items() if value}
        return response

    def type(self, **words):
        """The form saves itself."""
        self.fields |= words
        headers = {"HX-Request": "true", "HX-Target": "draft-status"}
        response = self.client.post(self.url, self.fields | {"save": "1"}, headers=headers)
        return response.status_code, " ".join(response.content.decode().split())

    def press(self, button="save", **words):
        self.fields |= words
        response = self.client.post(self.url, self.fields | ({"save": "1"} if button == "save" else {}))
        if response.status_code == 422:
            self.take_in(response)
        return response


@pytest.fixture
def posting():
    return make_posting(questions=["Why you?"])


@pytest.fixture
def windows(client, sana, posting):
    return Window(client, posting), Window(client, posting)


def kept():
    materials = Application.objects.get().materials.all()
    return {material.question or material.kind: material.text or material.name for material in materials}


def beside(response):
    return {one.field: (one.stored, one.here) for one in response.context["form"].elsewhere}


def test_what_saves_itself_in_an_older_window_overwrites_nothing(windows):
    first, second = windows
    assert first.type(cover_letter_text="First")[0] == 200
    for _ in range(2):
        assert second.type(cover_letter_text="Second") == LATE
    assert kept() == {"cover_letter": "First"}
    assert first.type(cover_letter_text="First, and more")[0] == 200
    assert kept() == {"cover_letter": "First, and more"}


def test_without_javascript_both_stand_side_by_side_and_the_next_press_decides(windows):
    first, second = windows
    assert first.press(cover_letter_text="First", **{WHY: "Because."}).status_code == 302
    response = second.press(cover_letter_text="Second")
    assert response.status_code == 422
    assert beside(response) == {"cover_letter_text": ("First", "Second"), WHY: ("Because.", "")}
    form = response.context["form"]
    assert form.errors == {"__all__": [ELSEWHERE], "cover_letter_text": [SAVED_ELSEWHERE], WHY: [SAVED_ELSEWHERE]}
    assert form["cover_letter_text"].value() == "Second"
    page = response.content.decode()
    assert '<div class="prose"><p>First</p></div>' in page
    assert '<div class="prose"><p>Second</p></div>' in page
    assert second.autosave == ""
    assert kept() == {"cover_letter": "First", "Why you?": "Because."}
    assert second.press(cover_letter_text="First and second", **{WHY: "Because."}).status_code == 302
    assert kept() == {"cover_letter": "First and second", "Why you?": "Because."}
    assert first.type(cover_letter_text="First")[0] == 422


def test_an_older_window_sends_nothing_before_both_were_shown(windows):
    first, second = windows
    first.press(cover_letter_text="First")
    finished = {"cover_letter_text": "Second", "guidelines": "on", WHY: "Because."}
    assert second.press("send", resume=upload(pdf(), "resume.pdf"), **finished).status_code == 422
    application = Application.objects.get()
    assert (application.status, kept()) == (A.DRAFT, {"cover_letter": "First"})
    assert second.press("send").status_code == 302
    application.refresh_from_db()
    assert application.status == A.SUBMITTED
    assert kept() == {"resume": "resume.pdf", "cover_letter": "Second", "Why you?": "Because."}


def test_a_file_of_an_older_window_joins_the_documents_and_is_chosen_on_the_form(windows):
    first, second = windows
    first.press(cover_letter_text="First", resume=upload(pdf(), "first.pdf"))
    response = second.press(resume=upload(pdf(pages=2), "second.pdf"))
    assert beside(response)["resume"] == ("first.pdf", "second.pdf")
    assert kept() == {"resume": "first.pdf", "cover_letter": "First"}
    document = Document.objects.get(name="second")
    assert response.context["form"]["resume_document"].value() == str(document.versions.get().pk)
    second.press(cover_letter_text="First")
    assert kept() == {"resume": "second.pdf", "cover_letter": "First"}


def test_a_document_chosen_in_an_older_window_takes_no_others_place(client, sana, posting):
    one, other = add(sana), add(sana, upload=SECOND)
    first, second = Window(client, posting), Window(client, posting)
    first.press(resume_document=str(one.pk))
    response = second.press(resume_document=str(other.pk))
    assert beside(response) == {"resume_document": ("resume.pdf", "resume 2026.pdf")}
    assert kept() == {"resume": "resume.pdf"}
    assert second.press().status_code == 302
    assert kept() == {"resume": "resume 2026.pdf"}


def test_the_same_in_both_is_no_question(windows):
    first, second = windows
    first.press(cover_letter_text="The same")
    assert second.type(cover_letter_text="The same")[0] == 200
    assert first.type(cover_letter_text="The same, and more")[0] == 200  # the second changed nothing


def letter(words, turn):
    return {"cover_letter_text": words, "draft_turn": turn}


def test_what_was_overtaken_on_its_way_does_not_take_the_place_of_the_later_words(windows, client, posting):
    first, _ = windows
    assert first.type(**letter("One two", "20"))[0] == 200
    assert first.type(**letter("One", "10")) == LATE
    assert first.press(**letter("One two three", "40")).status_code == 302
    assert first.type(**letter("One two", "30")) == LATE
    assert first.type(**letter("One two three", "35"))[0] == 200  # it changes nothing
    assert kept() == {"cover_letter": "One two three"}
    again = Window(client, posting)
    assert again.type(**letter("One two three", "60"))[0] == 200  # typed, and taken away again
    assert again.type(**letter("One two three four", "50")) == LATE
    assert kept() == {"cover_letter": "One two three"}
    assert again.type(**letter("Four", "70"))[0] == 200
    assert kept() == {"cover_letter": "Four"}


def test_what_saves_itself_while_a_button_is_on_its_way_does_not_come_before_it(windows):
    """The form with its file takes a while; what saves itself meanwhile has a later number and arrives first."""
    first, _ = windows
    assert first.type(**letter("One", "50"))[0] == 200
    answers = {"guidelines": "on", WHY: "Because.", "resume": upload(pdf(), "resume.pdf")}
    assert first.press("send", **letter("One two", "40"), **answers).status_code == 302
    assert Application.objects.get().status == A.SUBMITTED
    assert kept() == {"resume": "resume.pdf", "cover_letter": "One two", "Why you?": "Because."}


def test_a_button_does_not_let_in_what_was_overtaken_before_it(windows):
    first, _ = windows
    assert first.type(**letter("One two", "50"))[0] == 200
    assert first.press(**letter("One two three", "40")).status_code == 302
    assert first.type(**letter("One", "45")) == LATE
    assert kept() == {"cover_letter": "One two three"}


def test_a_page_that_does_not_count_may_save_as_often_as_it_likes(windows):
    first, _ = windows
    for turn in ("0", "", "x", "-1", "9" * 30):
        assert first.type(**letter(f"Turn {turn}", turn))[0] == 200
    assert kept() == {"cover_letter": f"Turn {'9' * 30}"}


def test_a_window_that_was_opened_after_the_last_save_goes_on(client, sana, posting):
    first = Window(client, posting)
    first.type(cover_letter_text="First")
    second = Window(client, posting)
    assert second.type(cover_letter_text="Second")[0] == 200
    third = Window(client, posting)
    assert third.fields["cover_letter_text"] == "Second"
    assert first.type(cover_letter_text="First once more")[0] == 422
    second.type(cover_letter_text="Second once more")
    assert third.type(cover_letter_text="Third")[0] == 422
    assert kept() == {"cover_letter": "Second once more"}


def test_what_was_typed_away_elsewhere_does_not_come_back_by_itself(client, sana, posting):
    Window(client, posting).press(cover_letter_text="A letter")
    first, second = Window(client, posting), Window(client, posting)
    first.press(cover_letter_text="", **{WHY: "Because."})
    assert second.type(cover_letter_text="A letter")[0] == 422
    assert beside(second.press())["cover_letter_text"] == ("", "A letter")
    assert kept() == {"Why you?": "Because."}


def test_words_too_long_to_be_sent_are_compared_too(windows):
    first, second = windows
    first.press(cover_letter_text="First")
    long = "x" * 6001
    response = second.press("send", cover_letter_text=long)
    assert beside(response)["cover_letter_text"] == ("First", long)
    assert kept() == {"cover_letter": "First"}


def test_a_form_that_comes_back_for_another_reason_may_save(windows):
    first, _ = windows
    assert first.press("send", cover_letter_text="First").status_code == 422  # there is no resume
    assert first.type(cover_letter_text="First, and more")[0] == 200
    assert kept() == {"cover_letter": "First, and more"}


@pytest.mark.parametrize("window", ["", "x" * 99, "\0", "Ä" * 16])
def test_a_window_without_a_proper_name_counts_by_its_version(windows, window):
    first, second = windows
    first.fields["draft_window"] = second.fields["draft_window"] = window
    assert first.type(cover_letter_text="First")[0] == 200
    assert second.type(cover_letter_text="Second")[0] == 422
    assert Application.objects.get().saved_from == ""


def test_a_page_from_before_there_were_versions_still_saves(windows):
    first, _ = windows
    first.press(cover_letter_text="First")
    old = windows[1]
    for name in HIDDEN:
        del old.fields[name]
    assert old.type(cover_letter_text="Second")[0] == 200
    assert kept() == {MaterialKind.COVER_LETTER: "Second"}


def test_a_file_beside_typed_words_is_named(windows):
    first, second = windows
    first.press(cover_letter=upload(pdf(), "letter.pdf"))
    assert beside(second.press(cover_letter_text="Typed"))["cover_letter_text"] == ("letter.pdf", "Typed")


@pytest.mark.parametrize("same", [True, False], ids=["the same window", "another"])
def test_a_save_that_began_before_a_file_came_does_not_take_it_out(windows, monkeypatch, same):
    first, second = windows
    keep, done = applying._keep_and_send, []

    def meanwhile(request, posting, form):
        if not done:
            done.append(True)
            first.press(cover_letter=upload(pdf(), "letter.pdf"))
            first.fields.pop("cover_letter", None)
        return keep(request, posting, form)

    monkeypatch.setattr(applying, "_keep_and_send", meanwhile)
    (first if same else second).type(**{WHY: "Because."})
    assert kept()["cover_letter"] == "letter.pdf"
