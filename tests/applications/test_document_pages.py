"""The library on its pages, and the log of who opened which file."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.models import Document, Material, MaterialKind
from tests.applications.library import SECOND, add, listed, sent_resume
from tests.applications.making import RESUME, host_of, make_application
from tests.core.documents import docx, pdf, upload
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

# The pages


def test_an_empty_library_says_what_it_is_for(client, sana):
    page = client.get("/documents/").content.decode()
    assert "No documents yet" in page
    assert page.count('href="/documents/new/"') == 1


def test_adding_renaming_and_a_new_version(client, sana):
    response = client.post("/documents/new/", {"kind": "resume", "file": upload(pdf()), "name": "  For   banks "})
    document = Document.objects.get()
    assert response.headers["Location"] == f"/documents/#document-{document.pk}"
    client.post(f"/documents/{document.pk}/versions/", {"file": upload(docx(), "resume.docx")})
    client.post(f"/documents/{document.pk}/name/", {"name": "For labs"})
    assert listed(sana) == [("For labs", [2, 1])]
    page = client.get("/documents/").content.decode()
    assert "Resume, version 2 of March 2, 2026" in page
    assert "1 earlier version" in page
    assert "No application uses it yet." in page


def test_what_is_missing_or_refused_is_said_and_what_was_typed_stays(client, sana):
    response = client.post("/documents/new/", {"kind": "transcript", "name": "Fall"})
    assert (response.status_code, response.context["form"].errors) == (422, {"file": ["This field is required."]})
    assert response.context["form"]["name"].value() == "Fall"
    bad = client.post("/documents/new/", {"kind": "transcript", "file": upload(b"MZ\x90", "a.pdf"), "name": "Fall"})
    assert (bad.status_code, list(bad.context["form"].errors)) == (422, ["file"])
    add(sana)
    twin = client.post("/documents/new/", {"kind": "resume", "file": upload(pdf())})
    assert twin.status_code == 422
    assert twin.context["form"].non_field_errors() == ["You have a resume named “resume” already. Choose another name."]
    assert listed(sana) == [("resume", [1])]


def test_the_list_says_which_applications_used_which_version(client, sana):
    sent = make_application(make_posting(title="Tide gauges"), sana)
    document = sent_resume(sent).version.document
    actions.add_version(document, upload=SECOND, by=sana.user, now=NOW)
    draft = actions.start_application(make_posting(title="Churn"), by=sana.user, now=NOW)
    actions.keep_version(draft, version=document.versions.first(), by=sana.user, now=NOW)
    (row,) = client.get("/documents/").context["rows"]
    assert [(version.number, application) for version, application in row["uses"]] == [(2, draft), (1, sent)]
    page = " ".join(client.get("/documents/").content.decode().split())
    assert "Used in 2 applications" in page
    assert f'<a href="/applications/{sent.pk}/">Tide gauges</a>, {sent.posting.organization}: version 1<' in page
    assert f'<a href="/applications/{draft.pk}/">Churn</a>, {draft.posting.organization}: version 2, in a draft' in page


def test_removing_asks_first(client, sana):
    document = add(sana).document
    url = f"/documents/{document.pk}/removal/"
    assert client.get(url).status_code == 200
    assert listed(sana) == [("resume", [1])]
    assert client.post(url).headers["Location"] == "/documents/"
    assert listed(sana) == []
    assert client.post(url).status_code == 404


def test_a_version_is_downloaded_as_a_file_that_no_browser_runs(client, sana):
    response = client.get(add(sana).get_absolute_url())
    assert response.getvalue() == RESUME.content
    assert response.headers["Content-Disposition"] == 'attachment; filename="resume.pdf"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_nobody_else_finds_a_document(client):
    application = make_application()
    version = sent_resume(application).version
    gets = [f"/documents/{version.document_id}/{page}/" for page in ("versions", "name", "removal")]
    gets.append(version.get_absolute_url())
    strangers = [make_student().user, host_of(application), make_staff("moderator"), make_staff("adviser")]
    for user in strangers:
        client.force_login(user)
        assert {url: client.get(url).status_code for url in gets} == dict.fromkeys(gets, 404)
        assert {url: client.post(url).status_code for url in gets[:3]} == dict.fromkeys(gets[:3], 404)
    client.force_login(application.student.user)
    assert {url: client.get(url).status_code for url in gets[:3]} == dict.fromkeys(gets[:3], 200)
    assert client.get(gets[3]).getvalue() == RESUME.content


def test_the_list_is_for_students(client):
    for user in (make_host().user, make_staff("moderator")):
        client.force_login(user)
        assert client.get("/documents/").status_code == client.post("/documents/new/").status_code == 403


def test_the_list_asks_the_same_for_one_document_and_for_fifty(client, sana):
    def asked(url):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    form = f"/postings/{make_posting().pk}/apply/"
    make_application(student=sana)
    few = {url: asked(url) for url in ("/documents/", form)}
    for number in range(49):
        version = add(sana, name=f"Resume {number}")
        actions.add_version(version.document, upload=SECOND, by=sana.user, now=NOW)
        draft = actions.start_application(make_posting(), by=sana.user, now=NOW)
        actions.keep_version(draft, version=version, by=sana.user, now=NOW)
    assert {url: asked(url) for url in few} == few
    assert len(client.get("/documents/").context["rows"]) == 25
    assert len(client.get(form).context["form"].fields["resume_document"].choices) == 51


# Who opened what


def test_the_student_reads_who_opened_which_file_and_nobody_else_does(client, at_noon):
    application = make_application()
    host, student = host_of(application), application.student.user
    material = sent_resume(application)
    client.force_login(student)
    assert (
        "Nobody has opened anything of yours here yet." in client.get(application.get_absolute_url()).content.decode()
    )
    for user, times in ((host, 2), (make_staff("moderator", "Mo Castellanos"), 1)):
        at_noon.shift(60)
        client.force_login(user)
        for _ in range(times):
            assert client.get(material.get_absolute_url()).getvalue() == RESUME.content
        assert "Who has opened" not in client.get(application.get_absolute_url()).content.decode()
    client.force_login(student)
    client.get(material.get_absolute_url()).getvalue()
    page = " ".join(client.get(application.get_absolute_url()).content.decode().split())
    at = '<time datetime="2026-03-02T10:0{0}:00-05:00">March 2, 2026, 10:0{0} a.m.</time>'
    lines = [text.partition("</li>")[0] for text in page.partition("Who has opened what is yours")[2].split("<li>")]
    assert sorted(lines[1:5]) == sorted(
        [
            f"Mo Castellanos: resume.pdf, {at.format(2)}",
            f"Mo Castellanos: Cover letter, {at.format(2)}",
            f"{host}: resume.pdf, 2 times, last {at.format(1)}",
            f"{host}: Cover letter, {at.format(1)}",
        ]
    )


def test_the_log_outlives_the_file(client):
    application = make_application()
    student, host = application.student.user, host_of(application)
    material = sent_resume(application)
    client.force_login(host)
    client.get(material.get_absolute_url()).getvalue()
    actions.withdraw(application, by=student, now=NOW)
    actions.start_again(application, by=student, now=NOW)
    actions.keep_file(application, kind=MaterialKind.RESUME, upload=SECOND, by=student, now=NOW)
    assert not Material.objects.filter(pk=material.pk).exists()
    client.force_login(student)
    openings = client.get(application.get_absolute_url()).context["openings"]
    assert [(one["user__name"], one["name"], one["times"]) for one in openings] == [(host.name, "resume.pdf", 1)]


def test_the_log_is_of_one_application(client):
    student = make_student()
    one, other = (make_application(student=student) for _ in range(2))
    client.force_login(host_of(one))
    client.get(sent_resume(one).get_absolute_url()).getvalue()
    client.force_login(student.user)
    assert len(client.get(one.get_absolute_url()).context["openings"]) == 1
    assert len(client.get(other.get_absolute_url()).context["openings"]) == 0
