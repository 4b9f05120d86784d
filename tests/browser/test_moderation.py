"""A moderator clears what waits with the keyboard alone; and everything on the page works without a script."""

import datetime as dt
from collections import Counter

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from core import clock
from postings.models import Posting, PostingEvent
from postings.reasons import WORDS
from postings.workflow import Status
from tests.browser.conftest import assert_accessible
from tests.factories import make_host, make_posting, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/admin/postings/posting/"


def waiting(number, **fields):
    host, start = make_host(), clock.now() - dt.timedelta(days=1)
    for minute in range(number):
        submitted = start + dt.timedelta(minutes=minute)
        make_posting(Status.SUBMITTED, host=host, title=f"Posting {minute}", submitted_at=submitted, **fields)


def press(page, key):
    """A key that leads to another page."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press(key)


def title(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def statuses():
    return Counter(Posting.objects.values_list("status", flat=True))


def test_a_moderator_clears_fifty_postings_without_a_mouse(open_page):
    waiting(49)
    unpaid = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "A charity", "travel_costs_covered": True}
    submitted_at = clock.now() - dt.timedelta(hours=1)
    make_posting(Status.SUBMITTED, title="Unpaid", submitted_at=submitted_at, **unpaid)
    page = open_page(make_staff(Role.MODERATOR, "Mo"))
    page.goto(QUEUE)
    press(page, "n")
    title(page, "Posting 0")
    press(page, "n")  # looked at later
    title(page, "Posting 1")

    page.keyboard.press("c")
    expect(page.get_by_label("reason").locator("visible=true")).to_be_focused()
    page.keyboard.type("Pay")
    page.keyboard.press("Tab")
    words = page.locator(":focus")
    expect(words).to_have_value(WORDS["pay"])
    page.keyboard.press("Control+End")
    page.keyboard.type(" And say approve.")
    press(page, "Control+Enter")
    title(page, "Posting 2")

    page.keyboard.press("d")
    page.keyboard.type("Duplicate")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    press(page, "Enter")
    title(page, "Posting 3")

    for _ in range(46):
        press(page, "a")
    title(page, "Unpaid")
    page.keyboard.press("a")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    press(page, "Control+Enter")
    assert page.url.endswith(QUEUE)
    press(page, "n")
    title(page, "Posting 0")
    press(page, "a")
    assert statuses() == {Status.OPEN: 48, Status.CHANGES_REQUESTED: 1, Status.DECLINED: 1}
    asked = PostingEvent.objects.get(move="request_changes")
    assert (asked.reason, asked.note) == ("pay", WORDS["pay"] + " And say approve.")
    assert PostingEvent.objects.get(move="decline").note == WORDS["duplicate"]


def test_the_keys_can_be_switched_off_and_stay_off(open_page):
    waiting(2)
    page = open_page(make_staff(Role.MODERATOR, "Mo"))
    page.goto(QUEUE)
    press(page, "n")
    approve = page.get_by_role("button", name="Approve")
    expect(approve.locator("kbd")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Switch the keys off").press("Enter")
    expect(approve.locator("kbd")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Switch the keys on")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("c")
    expect(page.get_by_label("reason").locator("visible=true")).to_have_count(0)
    title(page, "Posting 0")
    assert statuses() == {Status.SUBMITTED: 2}
    page.get_by_role("button", name="Switch the keys on").press("Enter")
    press(page, "a")
    title(page, "Posting 1")


def test_without_a_script_everything_is_a_form(open_page):
    waiting(2)
    page = open_page(make_staff(Role.MODERATOR, "Mo"), java_script_enabled=False)
    page.goto(QUEUE)
    page.get_by_role("button", name="Review what waits longest").click()
    title(page, "Posting 0")
    assert page.locator("kbd").count() == 0
    page.get_by_text("Request changes", exact=True).first.click()
    page.locator("#changes_reason").select_option("supervision")
    page.get_by_role("button", name="Fill in our words for the reason").locator("visible=true").click()
    expect(page.get_by_label("What the host reads")).to_have_value(WORDS["supervision"])
    page.get_by_role("button", name="Request changes").click()
    page.goto(QUEUE)
    page.get_by_role("button", name="Review what waits longest").click()
    title(page, "Posting 1")
    page.get_by_role("button", name="Approve").click()
    assert statuses() == {Status.CHANGES_REQUESTED: 1, Status.OPEN: 1}
