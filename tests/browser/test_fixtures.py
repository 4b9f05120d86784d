"""The browser's own guards: each is shown a page that it has to refuse."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from tests.browser.conftest import assert_accessible, assert_fits, listen

PAGE = "<!doctype html><html lang=en><title>Sound</title><main><h1>Sound</h1>{}</main></html>"


def answer(body, *, lenient=False):
    def view(request):
        response = HttpResponse(PAGE.format(body))
        response._csp_exempt = lenient
        return response

    return login_not_required(view)


urlpatterns = [
    path("favicon.ico", answer("")),
    path("sound", answer("<p>Fine</p>")),
    path("blocked", answer("<p style='color:red'>Red</p>")),
    path("throws", answer("<script>throw new Error('thrown')</script>", lenient=True)),
    path("missing", answer("<link rel=stylesheet href=/nowhere.css>")),
    path("unlabeled", answer("<input type=text>")),
    path("wide", answer("<div style='width:2000px'>Wide</div>", lenient=True)),
]


@pytest.fixture(autouse=True)
def these_pages_alone(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize(
    ("address", "heard"), [("sound", 0), ("blocked", 1), ("throws", 1), ("missing", 1)], ids=lambda value: str(value)
)
def test_what_a_page_complains_about_is_heard(browser, site, address, heard):
    complaints = []
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        listen(page, complaints)
        page.goto(address)
        page.wait_for_load_state("networkidle")
    assert len(complaints) == heard, complaints


def test_axe_sees_a_field_without_a_label(page):
    page.goto("sound")
    assert_accessible(page)
    page.goto("unlabeled")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)


def test_a_page_wider_than_the_screen_is_seen(phone):
    phone.goto("sound")
    assert_fits(phone)
    phone.goto("wide")
    with pytest.raises(AssertionError):
        assert_fits(phone)
