"""The application form as somebody fills it in: it saves itself, says so, and never pretends to."""

import pytest
from playwright.sync_api import expect

from applications import actions
from applications.models import Application, Material
from core import clock
from core.uploads import PDF, Upload
from microintern.demo.paper import pdf
from tests.browser.conftest import assert_accessible
from tests.factories import make_posting, make_student

LETTER = "I have ridden every line of your network."
RESUME = Upload(pdf(["Theo Marsh"], title="Resume"), "Theo Marsh.pdf", PDF)


@pytest.fixture
def theo(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    theo = make_student("Theo Marsh")
    actions.add_document(kind="resume", upload=RESUME, by=theo.user)
    return theo


@pytest.fixture
def form(open_page, theo):
    page = open_page(theo.user)
    page.goto(f"/postings/{make_posting(now=clock.now()).pk}/apply/")
    return page


@pytest.fixture
def page_beside():
    """A second window of the same person, at the same address."""

    def open_one(page):
        other = page.context.new_page()
        other.goto(page.url)
        return other

    return open_one


def letter(page):
    return page.get_by_label("Or type your cover letter")


def test_what_is_typed_is_saved_and_comes_back(form):
    letter(form).press_sequentially(LETTER)
    expect(form.get_by_role("status").filter(has_text="Draft saved at")).to_be_visible()
    expect(letter(form)).to_be_focused()
    expect(letter(form)).to_have_value(LETTER)
    assert_accessible(form)
    form.reload()
    expect(letter(form)).to_have_value(LETTER)
    expect(form.get_by_label("Resume from your documents")).to_contain_text("Theo Marsh (version 1")
    form.get_by_label("I have read the recruiting guidelines").check()
    form.get_by_role("button", name="Send the application").dblclick()
    expect(form.get_by_role("heading", name="What you sent")).to_be_visible()
    assert Application.objects.get().status == "submitted"
    assert sorted(Material.objects.values_list("name", "text")) == [("", LETTER), ("Theo Marsh.pdf", "")]


def test_a_file_is_not_sent_while_one_types(form, tmp_path):
    path = tmp_path / "Other.pdf"
    path.write_bytes(RESUME.content)
    form.get_by_label("Resume as a new file").set_input_files(path)
    with form.expect_request(lambda request: request.method == "POST") as sent:
        letter(form).press_sequentially("Hello")
    assert 'name="cover_letter_text"' in sent.value.post_data
    assert "filename=" not in sent.value.post_data
    expect(form.locator("#draft-status")).to_contain_text("Draft saved at")


def test_somebody_who_is_signed_out_meanwhile_is_told_that_nothing_is_saved(form):
    form.route("**/apply/", lambda route: route.fulfill(status=302, headers={"Location": "/accounts/login/"}))
    letter(form).press_sequentially("Hello")
    expect(form.locator("#draft-status")).to_contain_text("Not saved. Check your connection")
    expect(letter(form)).to_have_value("Hello")
    form.unroute("**/apply/")
    letter(form).press_sequentially(" again")
    expect(form.locator("#draft-status")).to_contain_text("Draft saved at")
    assert Material.objects.get(kind="cover_letter").text == "Hello again"


def test_a_save_that_is_overtaken_on_its_way_comes_too_late(form):
    held = []

    def hold_what_saves_itself(route):
        if "hx-request" in route.request.headers:
            held.append(route.request)
        else:
            route.continue_()

    form.route("**/apply/", hold_what_saves_itself)
    with form.expect_request(lambda request: request.method == "POST"):
        letter(form).press_sequentially("Dear")
    letter(form).fill(LETTER)
    form.get_by_role("button", name="Save as a draft").click()
    expect(form.get_by_text("Your draft is saved.")).to_be_visible()
    (early,) = held
    late = form.request.post(early.url, data=early.post_data_buffer, headers=early.headers)
    assert (late.status, Material.objects.get(kind="cover_letter").text) == (422, LETTER)


def test_once_a_button_is_pressed_nothing_is_saved_until_somebody_types(form):
    form.wait_for_load_state()
    form.evaluate(
        "document.addEventListener('submit', (event) => event.preventDefault())"
    )  # the answer is not there yet
    form.clock.install()
    sent = []
    form.on("request", lambda request: sent.append(request.method))
    letter(form).fill(LETTER)
    form.get_by_role("button", name="Save as a draft").click()
    form.clock.run_for(60_000)
    assert sent == []
    letter(form).press_sequentially("!")
    with form.expect_response("**/apply/"):
        form.clock.run_for(60_000)
    assert (sent, Material.objects.get(kind="cover_letter").text) == (["POST"], f"{LETTER}!")


def test_two_windows_on_one_draft_lose_no_word(form, page_beside):
    other = page_beside(form)
    letter(other).press_sequentially("Written in the other window.")
    expect(other.locator("#draft-status")).to_contain_text("Draft saved at")
    form.bring_to_front()
    letter(form).press_sequentially(LETTER)
    expect(form.locator("#draft-status")).to_contain_text("Not saved. This draft was saved in another window")
    assert Material.objects.get(kind="cover_letter").text == "Written in the other window."
    form.get_by_role("button", name="Save as a draft").click()
    expect(form.get_by_role("heading", name="Another window has saved this draft")).to_be_visible()
    expect(form.get_by_text("Written in the other window.")).to_be_visible()
    expect(letter(form)).to_have_value(LETTER)
    assert_accessible(form)
    form.get_by_role("button", name="Save as a draft").click()
    expect(form.get_by_text("Your draft is saved.")).to_be_visible()
    assert Material.objects.get(kind="cover_letter").text == LETTER
    form.wait_for_load_state()  # what is typed before the script has come is saved with the next word
    letter(form).press_sequentially(" And more.")
    expect(form.locator("#draft-status")).to_contain_text("Draft saved at")
