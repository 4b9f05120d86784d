"""A real browser: what a page complains about in its console, blocks, or fails to load fails the test."""

import os
import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect, sync_playwright

FLAGS = [
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEIGHT = 900
WIDE, NARROW = 1280, 320
SCREENSHOTS = Path(__file__).resolve().parents[2] / ".local" / "screenshots"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.when == "call":
        item.call_report = report
    return report


@pytest.fixture(scope="package")
def browser():
    """Playwright runs an event loop in this thread, so Django would refuse to use its connection here."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not executable:
        pytest.fail("No browser: name one in CHROMIUM, or leave these tests out with -m 'not browser'.")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=10_000)
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(live_server, settings):
    """The address of the running site, which mails and redirects name too."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def open_page(request, browser, site):
    """`open_page(user=sana, width=NARROW)`: a page of a person of her own, with her own cookies."""
    contexts, complaints = [], []

    def open_one(user=None, *, width=WIDE, **options):
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce", **options
        )
        contexts.append(context)
        if user:
            context.add_cookies([session_of(user, site)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        listen(page, complaints)
        return page

    yield open_one
    if getattr(request.node, "call_report", None) and request.node.call_report.failed:
        take_screenshots(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def phone(open_page):
    return open_page(width=NARROW)


def session_of(user, url):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def listen(page, complaints):
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda message: hear(message, page, complaints))
    page.on("response", lambda response: check_answer(response, complaints))


def hear(message, page, complaints):
    """A page that is refused, or a form that comes back, is no mistake; `check_answer` judges what did not load."""
    if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
        complaints.append(f"{page.url}: {message.text}")


def check_answer(response, complaints):
    is_part = response.request.resource_type in {"stylesheet", "script", "image", "font", "manifest"}
    if response.status >= 500 or (is_part and response.status >= 400):
        complaints.append(f"{response.url}: {response.status}")


def take_screenshots(name, contexts):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for number, context in enumerate(contexts):
        for page in context.pages:
            file = re.sub(r"[^\w.-]+", "_", f"{name}-{number}.png")
            page.screenshot(path=SCREENSHOTS / file, full_page=True)


def violations(page):
    """What axe-core finds, WCAG 2.2 AA and its best practices among its rules; styles need no second loading for it."""
    page.wait_for_load_state()  # a heading can be seen before the last sheet has come
    options = {"preload": False, "resultTypes": ["violations"], "reporter": "no-passes"}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [(one["id"], one["help"], [node["target"] for node in one["nodes"]]) for one in found]


def overflow(page):
    """By how many pixels the page is wider than the screen."""
    page.wait_for_load_state()
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def assert_accessible(page):
    assert violations(page) == []


def assert_fits(page):
    """Nobody has to scroll sideways."""
    assert overflow(page) == 0
