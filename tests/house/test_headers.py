"""What an answer has to tell the browser: a lack would be found. Every address is asked in test_access.py."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.house.guarding import faults, faults_of_caching, faults_of_policy
from tests.house.reading import Page


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
