"""A posting's page in a real browser: its data are no script, and whoever has to sign in comes back."""

import json

import pytest
from playwright.sync_api import expect

from postings.models import PostingReport
from tests.browser.conftest import assert_accessible
from tests.factories import make_posting, make_student

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "long-enough-to-be-hers"


def test_the_data_block_is_read_and_nobody_complains(page):
    """The policy refuses what is inline and would run; a complaint in the console fails the test."""
    posting = make_posting(title="</script><b>Churn</b> & co")
    page.goto(posting.get_absolute_url())
    block = page.locator('script[type="application/ld+json"]')
    assert json.loads(block.text_content())["title"] == posting.title
    expect(page.get_by_role("heading", level=1)).to_have_text(posting.title)
    assert page.evaluate("document.querySelectorAll('h1 b, head b').length") == 0


def test_the_line_beside_the_pay_is_drawn_where_the_words_say(page):
    make_posting(title="Well paid", pay_amount=60)
    posting = make_posting(pay_amount=20)
    page.goto(posting.get_absolute_url())
    band, pay = (page.locator(f".pay-band__{part}").bounding_box() for part in ("typical", "pay"))
    assert band["x"] < pay["x"] < pay["x"] + pay["width"] < band["x"] + band["width"]
    page.get_by_role("link", name="Well paid").click()
    band, pay = (page.locator(f".pay-band__{part}").bounding_box() for part in ("typical", "pay"))
    assert band["x"] + band["width"] < pay["x"]


def test_a_visitor_signs_in_and_reads_what_is_for_the_campus(page):
    posting = make_posting(title="For the campus", campus_only=True)
    sana = make_student("Sana", password=PASSWORD)
    page.goto(posting.get_absolute_url())
    page.locator("[name=login]").fill(sana.user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the campus")


def test_a_report_by_keyboard_alone(open_page):
    posting, sana = make_posting(), make_student("Sana")
    page = open_page(sana.user)
    page.goto(posting.get_absolute_url())
    page.get_by_role("link", name="Report this posting").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What should we know?").focus()
    page.keyboard.type("They want a deposit.")
    page.get_by_role("button", name="Send the report").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose what is wrong.")
    expect(page.get_by_label("What should we know?")).to_have_value("They want a deposit.")
    assert_accessible(page)
    page.get_by_role("link", name="Choose what is wrong.").press("Enter")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send the report").press("Enter")
    expect(page.get_by_text("Thank you. The career office looks at it.")).to_be_visible()
    assert list(PostingReport.objects.values_list("reason", "note")) == [("money", "They want a deposit.")]
