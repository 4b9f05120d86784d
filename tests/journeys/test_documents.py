"""One resume through two applications: mended between them, removed at the end; each host keeps what came."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application
from core import clock
from microintern.demo.paper import pdf
from tests.factories import make_host, make_posting, make_student

pytestmark = pytest.mark.django_db
FIRST, SECOND = (pdf(["Theo Marsh", line], title="Resume") for line in ("Junior", "Senior"))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def resume(content):
    return SimpleUploadedFile("Theo Marsh.pdf", content, "application/pdf")


def read_by(host, application):
    material = application.materials.get(kind="resume")
    response = signed_in(host.user).get(material.get_absolute_url())
    return response.getvalue() if response.status_code == 200 else response.status_code


def test_a_resume_through_two_applications(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    student, hosts = make_student("Theo Marsh"), [make_host("Omar Haddad"), make_host("Lena Brandt")]
    theo = signed_in(student.user)
    assert theo.post("/documents/new/", {"kind": "resume", "file": resume(FIRST)}).status_code == 302
    document = student.documents.get()
    for host, later in zip(hosts, (True, False), strict=True):
        form = f"/postings/{make_posting(host=host, now=clock.now()).pk}/apply/"
        chosen = theo.get(form).context["form"]["resume_document"].value()
        words = {"resume_document": chosen, "cover_letter_text": f"Dear {host}", "guidelines_version": "1"}
        typing = {"HX-Request": "true", "HX-Target": "draft-status"}
        assert "Draft saved at" in theo.post(form, {**words, "save": "1"}, headers=typing).content.decode()
        assert theo.post(form, {**words, "guidelines": "on"}).status_code == 302
        if later:
            assert theo.post(f"/documents/{document.pk}/versions/", {"file": resume(SECOND)}).status_code == 302
    first, second = Application.objects.order_by("pk")
    (row,) = theo.get("/documents/").context["rows"]
    assert [(version.number, application) for version, application in row["uses"]] == [(2, second), (1, first)]
    assert theo.post(f"/documents/{document.pk}/removal/").status_code == 302
    assert [read_by(hosts[0], first), read_by(hosts[1], second)] == [FIRST, SECOND]
    assert [read_by(hosts[1], first), read_by(hosts[0], second)] == [404, 404]
    assert first.acknowledgment == second.acknowledgment
    page = theo.get(first.get_absolute_url()).content.decode()
    assert "Omar Haddad: Theo Marsh.pdf" in page
    assert "Lena Brandt" not in page
