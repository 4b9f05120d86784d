"""Saving in the browser: with scripts the button turns where it stands, without them the page comes back."""

import re

import pytest
from playwright.sync_api import expect

from core import clock
from postings.actions import save_posting
from postings.models import SavedPosting, SavedSearch
from tests.browser.conftest import NARROW, assert_accessible, assert_fits
from tests.factories import make_host, make_posting, make_student

TITLE = "Churn analysis for a bike-share"


@pytest.fixture
def posting(transactional_db):
    now, host = clock.now(), make_host("Omar Haddad")
    make_posting(host=host, title="Tide tables for small boats", now=now)
    return make_posting(host=host, title=TITLE, now=now)


@pytest.fixture
def sana(transactional_db):
    return make_student("Sana Iyer")


def saved():
    return list(SavedPosting.objects.values_list("posting__title", flat=True))


def test_the_button_of_a_card_turns_by_keyboard_and_keeps_the_focus(open_page, posting, sana):
    page = open_page(sana.user, width=NARROW)
    page.goto("/postings/")
    page.get_by_role("button", name=f"Save {TITLE}").focus()
    page.keyboard.press("Enter")
    turned = page.get_by_role("button", name=f"Saved (take out) {TITLE}")
    expect(turned).to_be_focused()
    expect(page.locator("#live")).to_have_text(f"“{TITLE}” stands under Saved.")
    assert (page.url.endswith("/postings/"), saved()) == (True, [TITLE])
    assert_accessible(page)
    assert_fits(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Save {TITLE}")).to_be_focused()
    assert saved() == []


def test_the_button_of_a_posting_turns(open_page, posting, sana):
    page = open_page(sana.user)
    page.goto(posting.get_absolute_url())
    page.get_by_role("button", name=f"Save {TITLE}").click()
    expect(page.get_by_role("button", name=f"Saved (take out) {TITLE}")).to_be_focused()
    page.reload()
    expect(page.get_by_role("button", name=f"Saved (take out) {TITLE}")).to_be_visible()
    assert saved() == [TITLE]


def test_everything_saved_without_scripts(open_page, posting, sana):
    page = open_page(sana.user, width=NARROW, java_script_enabled=False)
    page.goto("/postings/?q=bike")
    page.get_by_role("button", name=f"Save {TITLE}").click()
    expect(page).to_have_url(re.compile(r"/postings/\?q=bike$"))
    page.get_by_label("Mail me new postings").select_option("Once a week")
    page.get_by_role("button", name="Save this search").click()
    expect(page).to_have_url(re.compile(r"/postings/\?q=bike$"))
    page.get_by_role("link", name="Saved", exact=True).click()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    page.get_by_role("link", name="Change the alert").click()
    page.get_by_label("Time of day").select_option("6 p.m.")
    page.get_by_label("Day of the week").select_option("Friday")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Fridays at 6 p.m.")).to_be_visible()
    page.get_by_role("button", name=f"Take out {TITLE}").click()
    expect(page.get_by_text("No saved postings")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No saved searches")).to_be_visible()
    assert (saved(), SavedSearch.objects.count()) == ([], 0)


def test_a_visitor_signs_in_and_is_back_at_the_posting(page, posting, sana):
    sana.user.set_password("a long pass phrase")
    sana.user.save()
    page.goto(posting.get_absolute_url())
    page.get_by_role("link", name=f"Save {TITLE}").click()
    page.get_by_label("Email").fill(sana.user.email)
    page.get_by_label("Password", exact=True).fill("a long pass phrase")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=f"Save {TITLE}")).to_be_visible()
    assert page.url.endswith(posting.get_absolute_url())


def test_the_page_of_saved_things_fits_a_small_screen(open_page, posting, sana):
    save_posting(posting, by=sana.user)
    page = open_page(sana.user, width=NARROW)
    page.goto("/saved/")
    assert_accessible(page)
    assert_fits(page)
