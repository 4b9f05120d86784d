"""What every answer tells the browser to refuse, whoever asks and whatever the answer is."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.house.reading import Page
from tests.house.test_access import address_of, addresses

ROLES = ("visitor", "student", "moderator")
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


def faults(response: Any, address: str, *, signed_in: bool) -> list[str]:
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


def ask(client: Client, address: str, **extra: Any) -> Any:
    with transaction.atomic():
        response = client.get(address, **extra)
        if response.streaming:
            response.getvalue()  # or the file stays open
        transaction.set_rollback(True)
    return response


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_address_is_guarded(world, role):
    client = world.client(role)
    signed_in = client.cookies.copy()
    wrong = []
    for route, entry in addresses():
        client.cookies = signed_in.copy()
        address = address_of(route, entry, world)
        response = ask(client, address)
        found = faults(response, address, signed_in=role != "visitor")
        wrong += [f"{response.status_code} {address}: {fault}" for fault in found]
    assert wrong == []


@pytest.mark.django_db
def test_a_bad_request_is_guarded(client):
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert (response.status_code, faults(response, "/", signed_in=False)) == (400, [])


@pytest.mark.django_db
def test_what_anybody_may_see_can_be_kept(client):
    """Or nothing shows that the rule looks at who asks."""
    response = client.get("/for-hosts/")
    assert (response.cookies, response.headers.get("Cache-Control")) == ({}, None)
    assert faults_of_caching(response, signed_in=True) == ["a shared cache may keep it: ['']"]


STRICT = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


@pytest.mark.parametrize(
    ("policy", "html"),
    [
        ("", ""),
        (STRICT.replace("default-src 'none'", "default-src 'self'"), ""),
        (STRICT.replace("form-action 'self'", ""), ""),
        (f"{STRICT}; img-src data:", ""),
        (f"{STRICT}; style-src 'unsafe-inline'", ""),
        (STRICT, "<p style='color:red'>"),
        (STRICT, "<a onclick='go()'>"),
        (STRICT, "<script>go()</script>"),
        (STRICT, "<script nonce='guessed' src='/a.js'></script>"),
    ],
)
def test_a_weak_policy_would_be_found(policy, html):
    assert faults_of_policy(STRICT, page=Page("/", "<p>")) == []
    assert faults_of_policy(policy, page=Page("/", html)) != []


ON_HTTPS = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
secure, plain = (Client().get(path, secure=flag, headers={"host": "jobs.example.edu"})
                 for path, flag in (("/healthz", True), ("/postings/", False)))
print(json.dumps([
    secure.headers["Strict-Transport-Security"],
    [plain.status_code, plain.headers["Location"]],
    [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE],
]))
"""


def test_an_address_on_https_keeps_to_it():
    """The settings follow BASE_URL when they are first read, so a process of its own reads them."""
    env = os.environ | {"BASE_URL": "https://jobs.example.edu", "ALLOWED_HOSTS": "jobs.example.edu", "DEBUG": "0"}
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-c", ON_HTTPS], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [
        "max-age=31536000; includeSubDomains; preload",
        [301, "https://jobs.example.edu/postings/"],
        [True, True],
    ]
