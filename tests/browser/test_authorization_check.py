"""What a start leaves time for, as a student sees it: the drawing, its words, and a plan by keyboard alone."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from accounts.roles import Role
from authorization.actions import declare, verify_route
from authorization.models import Route
from core import clock
from tests.browser.conftest import NARROW, WIDE, assert_accessible, assert_fits
from tests.factories import make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start():
    return clock.today() + dt.timedelta(days=77)


@pytest.fixture
def posting(transactional_db, start):
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    for route in Route.objects.exclude(lead_days=None):
        verify_route(route, by=ines)
    return make_posting(now=clock.now(), start_earliest=start, start_latest=start)


@pytest.fixture
def student(transactional_db):
    def make(route):
        found = make_student("Sana Iyer")
        declare(found, needs="yes", route=route, by=found.user)
        return found.user

    return make


@pytest.mark.parametrize(("width", "scheme"), [(NARROW, "dark"), (WIDE, "light")])
def test_the_drawing_says_what_the_words_say(open_page, posting, student, width, scheme):
    page = open_page(student("unsure"), width=width, color_scheme=scheme)
    page.goto(posting.get_absolute_url())
    article = page.get_by_role("article").filter(has=page.get_by_role("heading", name="F-1 CPT"))
    expect(article.get_by_text("In time")).to_be_visible()
    begin, file, work = (
        article.locator(f".lead-time__line--{kind}").bounding_box()["x"] for kind in ("begin", "file", "work")
    )
    assert begin < file < work
    inside = article.bounding_box()
    for words in article.locator(".lead-time__words").all():
        box = words.bounding_box()
        assert inside["x"] <= box["x"] <= box["x"] + box["width"] <= inside["x"] + inside["width"]
    article.get_by_text("Day by day").click()
    expect(article.get_by_text("(10 campus business days)")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)


def test_a_student_with_no_safe_window_plans_another_start(open_page, posting, student, start):
    page = open_page(student("opt"))
    page.goto(posting.get_absolute_url())
    expect(page.get_by_text("No safe window")).to_be_visible()
    expect(page.get_by_text("First possible filing day:")).to_be_visible()
    expect(page.get_by_text("Ask about CPT, which your school decides in days.")).to_be_visible()
    page.get_by_role("link", name="Plan from another start date").press("Enter")
    expect(page.get_by_label("I would like to start on")).to_have_value(start.isoformat())
    page.get_by_label("Last day of work").fill(clock.today().isoformat())
    page.get_by_role("button", name="Show the dates").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The last day of work must not be before the first.")
    assert_accessible(page)
    page.get_by_label("Last day of work").fill("")
    page.get_by_label("I would like to start on").fill((start + dt.timedelta(days=120)).isoformat())
    page.get_by_role("button", name="Show the dates").press("Enter")
    premium = page.get_by_role("article").filter(has=page.get_by_role("heading", name="premium processing"))
    expect(premium.get_by_text("In time")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Add these dates to your calendar").click()
    assert download.value.suggested_filename == f"plan-{start + dt.timedelta(days=120)}.ics"
    assert_accessible(page)
