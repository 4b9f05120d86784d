"""The mailbox of a development machine: what a real SMTP sink took, shown as it is and unable to do harm."""

import base64
import hashlib
import os
import smtplib
import subprocess
import sys

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from notifications.mailbox import kept_mails
from notifications.management.commands.run_mailbox import MailboxHandler

from .conftest import free_port

pytestmark = [pytest.mark.urls("tests.notifications.mailbox_site"), pytest.mark.django_db]


@pytest.fixture
def folder(settings, tmp_path):
    settings.MAILBOX_DIR = tmp_path / "mail"
    settings.MAILBOX_DIR.mkdir()
    return settings.MAILBOX_DIR


@pytest.fixture
def sink(folder, settings):
    controller = Controller(MailboxHandler(folder), hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield controller
    controller.stop()


def send(subject="Your offer", to="sana@student.example.edu", text="See https://jobs.example.edu/offers/7/.", html=""):
    message = EmailMultiAlternatives(subject, text, to=[to])
    if html:
        message.attach_alternative(html, "text/html")
    message.send()


def test_a_mail_is_kept_whole_and_listed_newest_first(client, sink, folder):
    send("First")
    send("Second", to="theo@student.example.edu")
    listed = client.get(reverse("mailbox")).context["mails"]
    assert [(mail.subject, mail.to) for mail in listed] == [
        ("Second", "theo@student.example.edu"),
        ("First", "sana@student.example.edu"),
    ]
    assert [path.suffix for path in folder.iterdir()] == [".eml", ".eml"]


def test_mails_are_found_by_recipient(client, sink):
    send(to="sana@student.example.edu")
    send(to="theo@student.example.edu")
    found = client.get(reverse("mailbox"), {"to": "Theo@"}).context["mails"]
    assert [mail.to for mail in found] == ["theo@student.example.edu"]


def test_a_mail_shows_its_text_headers_and_links(client, sink):
    send(html='<p><a href="https://jobs.example.edu/offers/7/">See</a> <a href="javascript:alert(1)">x</a></p>')
    (mail,) = kept_mails()
    page = client.get(reverse("mailbox_mail", args=[mail.name])).content.decode()
    assert mail.links == ["https://jobs.example.edu/offers/7/"]
    assert page.count('<a href="https://jobs.example.edu/offers/7/">') == 1
    assert "See https://jobs.example.edu/offers/7/." in page
    assert "Message-ID" in page
    assert "javascript:" not in page


def test_what_a_mail_contains_is_never_markup_of_the_page(client, sink):
    send(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(2)>")
    (mail,) = kept_mails()
    for address in (reverse("mailbox"), reverse("mailbox_mail", args=[mail.name])):
        page = client.get(address).content.decode()
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_html_part_stands_in_a_box_of_its_own(client, sink):
    style = "\np { color: red }\n"
    send(html=f"<style>{style}</style><script>alert(1)</script><p>Hello</p>")
    (mail,) = kept_mails()
    answer = client.get(reverse("mailbox_html", args=[mail.name]))
    policy = answer["Content-Security-Policy"]
    assert "<p>Hello</p>" in answer.content.decode()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()  # as a browser reckons it
    assert policy == f"sandbox; default-src 'none'; style-src 'sha256-{digest}'"


def test_a_mail_without_html_has_no_html_page(client, sink):
    send()
    (mail,) = kept_mails()
    assert client.get(reverse("mailbox_html", args=[mail.name])).status_code == 404


@pytest.mark.parametrize(
    "name", ["..", "../secret", "%2e%2e%2fsecret", "/etc/passwd", "secret", "1-2", ".hidden", "0" * 19 + "-" + "g" * 8]
)
def test_a_name_is_never_a_path(client, folder, name):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nsecret")
    (folder / "secret.eml").write_text("Subject: secret\n\nsecret")
    for address in (f"/mailbox/{name}/", f"/mailbox/{name}/html/"):
        assert client.get(address).status_code == 404


def test_an_empty_or_missing_mailbox_says_so(client, folder):
    assert "No mail" in client.get(reverse("mailbox")).content.decode()
    folder.rmdir()
    assert "No mail" in client.get(reverse("mailbox")).content.decode()


def test_a_half_written_mail_is_not_shown(client, folder):
    (folder / ".1772463600000000000-0a1b2c3d.eml").write_text("Subject: half")
    assert client.get(reverse("mailbox")).context["mails"] == []


def test_a_blind_copy_is_found_by_who_got_it(sink):
    with smtplib.SMTP("127.0.0.1", sink.port) as conversation:
        conversation.sendmail("a@example.org", ["hidden@example.org"], "To: open@example.org\r\n\r\nHello\r\n")
    assert [mail.to for mail in kept_mails(recipient="hidden@")] == ["hidden@example.org"]


def test_outside_development_there_is_no_mailbox():
    """Asked of a process of its own: this one may have read its addresses with DEBUG on."""
    ask = (
        "import django; django.setup(); from microintern import urls; print([str(u.pattern) for u in urls.urlpatterns])"
    )
    listed = {
        debug: subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-c", ask], env=os.environ | {"DEBUG": debug}, capture_output=True, text=True, check=True
        ).stdout
        for debug in ("0", "1")
    }
    assert ["'mailbox/'" in listed[debug] for debug in ("0", "1")] == [False, True]
