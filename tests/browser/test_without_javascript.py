"""The board with scripts switched off, and with nothing but a keyboard."""

import re

import pytest
from playwright.sync_api import expect

from applications.models import Application
from core import clock
from microintern.demo.paper import pdf
from tests.browser.conftest import assert_accessible
from tests.factories import make_host, make_posting, make_student

TITLE = "Churn analysis for a bike-share"


@pytest.fixture
def posting(transactional_db):
    """One posting on site among two pages of remote ones."""
    now, host = clock.now(), make_host("Omar Haddad")
    for number in range(22):
        make_posting(host=host, title=f"Tide gauge number {number}", now=now)
    return make_posting(host=host, title=TITLE, location_mode="on_site", place="Boston", now=now)


@pytest.fixture
def resume(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    path = tmp_path / "Theo Marsh.pdf"
    path.write_bytes(pdf(["Theo Marsh"], title="Resume"))
    return path


# Without scripts


def test_searching_filtering_and_turning_pages_need_no_script(open_page, posting):
    page = open_page(java_script_enabled=False)
    page.goto("/postings/")
    expect(page.get_by_role("heading", name="23 postings")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"\?after=\d+$"))
    page.get_by_role("searchbox").fill("bike-sh")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    expect(page.get_by_role("heading", name="1 posting")).to_be_visible()
    page.get_by_role("link", name="Clear all").first.click()
    page.get_by_role("group", name="Location").get_by_label("On site").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("heading", name="1 posting")).to_be_visible()


def test_filters_open_on_a_phone_without_a_script(open_page, posting):
    page = open_page(width=320, java_script_enabled=False)
    page.goto("/postings/")
    choice = page.get_by_role("group", name="Location").get_by_label("On site")
    expect(choice).to_be_hidden()
    page.get_by_text("Filters").click()
    choice.check()
    page.get_by_role("button", name="Show results").click()
    expect(page.get_by_role("heading", name="1 posting")).to_be_visible()


def test_applying_needs_no_script(open_page, posting, resume):
    theo = make_student("Theo Marsh")
    page = open_page(theo.user, java_script_enabled=False)
    page.goto(posting.get_absolute_url())
    page.get_by_role("link", name="Apply").first.click()
    page.get_by_label("Or type your cover letter").fill("I have ridden every line of your network.")
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_label("Or type your cover letter")).to_have_value("I have ridden every line of your network.")
    page.get_by_label("Resume").set_input_files(resume)
    page.get_by_label("I have read the recruiting guidelines").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert Application.objects.get().status == "submitted"


# With the keyboard alone


def test_the_first_stop_skips_to_the_content_and_the_search_is_near(page, posting):
    page.goto("/postings/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("bike-sh")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 posting")).to_be_visible()
    expect(page.locator("#live")).to_have_text("1 posting")


def test_a_link_of_the_error_summary_moves_the_focus_to_its_field(page, transactional_db):
    page.goto("/accounts/signup/")
    page.get_by_role("button", name="Create the account").press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    assert_accessible(page)
    summary.get_by_role("link", name="Full name").press("Enter")
    expect(page.get_by_label("Full name")).to_be_focused()
    summary.get_by_role("link", name="You are").press("Enter")
    expect(page.get_by_role("radio", name="A student")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="A host")).to_be_checked()


def test_the_account_menu_closes_on_escape_and_gives_the_focus_back(open_page, transactional_db):
    page = open_page(make_student("Theo Marsh").user)
    page.goto("/profile/")
    menu = page.locator("summary", has_text="Theo Marsh")
    menu.press("Enter")
    sign_out = page.get_by_role("button", name="Sign out").or_(page.get_by_role("link", name="Sign out"))
    expect(sign_out).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(sign_out).to_be_hidden()
    expect(menu).to_be_focused()
