"""The list of postings by keyboard alone: what is pressed, what is announced, and where the focus stays."""

import re

import pytest
from playwright.sync_api import expect

from core import clock
from postings.models import LocationMode
from tests.browser.conftest import NARROW, WIDE, assert_accessible, assert_fits
from tests.factories import make_host, make_posting

MANY = 23


@pytest.fixture
def board(transactional_db):
    now, host = clock.now(), make_host("Omar Haddad")
    for number in range(MANY):
        make_posting(host=host, title=f"Tide tables, part {number}", now=now)
    make_posting(host=host, title="Research on ferries", location_mode=LocationMode.ON_SITE, place="Boston", now=now)


def tab_to(page, element, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if element.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Nobody reaches {element} by the Tab key.")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_searching_filtering_turning_and_opening_by_keyboard_alone(open_page, board, width):
    page = open_page(width=width)
    page.goto("/postings/")
    heading, live = page.locator("#results h2").first, page.locator("#live")
    expect(heading).to_have_text("24 postings")

    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("ferr")
    expect(live).to_have_text("1 posting")
    expect(page).to_have_title(re.compile("^“ferr” – Postings – "))
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert "q=ferr" in page.url
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Delete")
    expect(live).to_have_text("24 postings")

    if width == NARROW:
        tab_to(page, page.locator(".filters__summary"))
        page.keyboard.press("Enter")
    remote = page.get_by_role("checkbox", name=re.compile("^Remote"))
    if not remote.is_visible():
        tab_to(page, page.locator("#facet-location"))
        page.keyboard.press("Enter")
    tab_to(page, remote)
    page.keyboard.press("Space")
    expect(live).to_have_text("23 postings")
    expect(remote).to_be_focused()
    assert "location=remote" in page.url
    assert_accessible(page)
    assert_fits(page)

    tab_to(page, page.get_by_role("link", name="Next"), most=120)
    page.keyboard.press("Enter")
    expect(page.locator(".entries").get_by_role("heading")).to_have_count(3)
    page.go_back()
    expect(page.locator(".entries").get_by_role("heading")).to_have_count(20)
    chip = page.locator("#results").get_by_role("link", name=re.compile("Remote")).first
    tab_to(page, chip, most=120)
    page.keyboard.press("Enter")
    expect(heading).to_have_text("24 postings")
    first = page.locator(".entries").get_by_role("link").first
    tab_to(page, first, most=120)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Tide tables|Research on ferries"))
