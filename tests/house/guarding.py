"""What every answer tells the browser to refuse, whoever asks and whatever the answer is."""

import re
from typing import Any

from tests.house.reading import Page

# A source that would let somebody else's text run, or somebody else's server answer.
ALLOWED_SOURCES = re.compile(r"'none'|'self'|'nonce-[A-Za-z0-9+/=_-]{16,}'")
MUST_SAY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NO_SENSORS = {"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"}


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split(";") if part.strip())}


def faults_of_policy(policy: str, *, page: Page | None) -> list[str]:
    said = directives(policy)
    faults = [f"default-src {said.get('default-src')}"] if said.get("default-src") != ["'none'"] else []
    if "sandbox" in said:  # a file that somebody sent in: it may do nothing at all
        return faults
    alone = {"base-uri": "'none'", "frame-ancestors": "'none'", "form-action": "'self'"}  # no default for these
    faults += [f"{name} {said.get(name)}" for name, source in alone.items() if said.get(name) != [source]]
    wide = [source for sources in said.values() for source in sources if not ALLOWED_SOURCES.fullmatch(source)]
    faults += [f"source {source}" for source in wide]
    if page:
        faults += [f"the policy blocks {tag}" for tag in page.inline]
        faults += [f"unknown nonce {nonce}" for nonce in page.nonces if f"'nonce-{nonce}'" not in policy]
    return faults


def faults_of_cookies(response: Any) -> list[str]:
    return [
        f"cookie {cookie.OutputString()}"
        for cookie in response.cookies.values()
        if cookie.value and not (cookie["httponly"] and cookie["samesite"] == "Lax")
    ]


def faults_of_caching(response: Any, *, signed_in: bool) -> list[str]:
    said = {part.strip() for part in response.headers.get("Cache-Control", "").split(",")}
    personal = signed_in or response.cookies
    if personal and not (said & {"private", "no-store"} and said & {"no-cache", "no-store"}):
        return [f"a shared cache may keep it: {sorted(said)}"]
    return []


def faults(response: Any, address: str, signed_in: bool) -> list[str]:
    is_html = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
    page = Page(address, response.content.decode()) if is_html else None
    headers = response.headers
    return [
        *faults_of_policy(headers.get("Content-Security-Policy", ""), page=page),
        *(f"{name}: {headers.get(name)}" for name, value in MUST_SAY.items() if headers.get(name) != value),
        *(f"may use {missing}" for missing in NO_SENSORS - set(headers.get("Permissions-Policy", "").split(", "))),
        *faults_of_cookies(response),
        *faults_of_caching(response, signed_in=signed_in),
    ]
