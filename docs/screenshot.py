"""Take the pictures of the README: `.local/venv/bin/python docs/screenshot.py` while bin/serve runs."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
PASSWORD = "micro-intern-demo"  # noqa: S105  printed by bin/serve
FLAGS = ["--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def sign_in(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def main(base: str) -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=1)
        page.goto(f"{base}/postings/?q=micro-intern")
        page.screenshot(path=HERE / "search.png")
        sign_in(page, base, "theo@student.example.edu")
        page.goto(f"{base}/applications/")
        page.get_by_role("region", name="Needs you").get_by_role("link").first.click()
        page.get_by_role("link", name="Read the offer and decide").click()
        page.locator(".day-count").evaluate("count => scrollTo(0, count.getBoundingClientRect().top - 260)")
        page.screenshot(path=HERE / "offer.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
