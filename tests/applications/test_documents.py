"""The library of a student: what stands on it, who sees it, and what stays when it changes."""

from dataclasses import replace

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.models import Document, DocumentVersion, Material, MaterialAccess, MaterialKind
from applications.uploads import PDF, Upload
from core.workflow import MoveRefused
from tests.applications.documents import docx, pdf, upload
from tests.applications.making import MINUTE, RESUME, host_of, make_application, make_draft
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
SECOND = Upload(pdf(pages=2), "resume 2026.pdf", PDF)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def sana(client):
    student = make_student("Sana Iqbal")
    client.force_login(student.user)
    return student


def add(student, *, kind=MaterialKind.RESUME, upload=RESUME, name="", now=NOW):
    return actions.add_document(kind=kind, upload=upload, name=name, by=student.user, now=now)


def listed(student):
    mine = Document.objects.visible_to(student.user)
    return [(document.name, [version.number for version in document.versions.all()]) for document in mine]


def stored(file):
    with file.open() as content:
        return content.read()


def sent_resume(application):
    return application.materials.get(kind=MaterialKind.RESUME)


# The actions


def test_a_document_takes_the_name_of_its_file_or_one_of_its_own():
    student = make_student()
    first, second = add(student), add(student, name="For banks", now=NOW + MINUTE)
    assert listed(student) == [("For banks", [1]), ("resume", [1])]
    assert (first.file_name, first.size, first.added_at) == ("resume.pdf", RESUME.size, NOW)
    assert stored(second.file) == RESUME.content


def test_a_new_version_leaves_the_old_ones():
    first = add(make_student())
    document, by = first.document, first.document.student.user
    second = actions.add_version(document, upload=SECOND, by=by, now=NOW + MINUTE)
    assert actions.add_version(document, upload=SECOND, by=by, now=NOW + 2 * MINUTE) == second
    third = actions.add_version(document, upload=RESUME, by=by, now=NOW + 3 * MINUTE)
    assert list(document.versions.all()) == [third, second, first]
    assert [version.number for version in (first, second, third)] == [1, 2, 3]
    assert stored(first.file) == RESUME.content


def test_two_of_a_kind_do_not_share_a_name():
    student = make_student()
    document = add(student).document
    add(student, kind=MaterialKind.TRANSCRIPT)
    add(make_student())
    other = add(student, name="For banks").document
    with pytest.raises(MoveRefused, match="You have a resume named “resume” already"):
        add(student)
    with pytest.raises(MoveRefused, match="You have a resume named “resume” already"):
        actions.rename_document(other, name="resume", by=student.user)
    assert actions.rename_document(document, name="resume", by=student.user) == document
    with pytest.raises(IntegrityError, match="document_named_once"), transaction.atomic():
        Document.objects.filter(pk=other.pk).update(name="resume")


def test_a_list_holds_so_many_documents_and_no_more():
    student = make_student()
    rows = [Document(student=student, kind=MaterialKind.RESUME, name=f"R {n}", added_at=NOW) for n in range(49)]
    Document.objects.bulk_create(rows)
    add(make_student())
    last = add(student).document
    with pytest.raises(MoveRefused, match="Your list holds 50 documents at most"):
        add(student, name="Another")
    draft = actions.start_application(make_posting(), by=student.user, now=NOW)
    with pytest.raises(MoveRefused, match="Your list holds 50 documents at most"):
        actions.keep_file(draft, kind="transcript", upload=RESUME, by=student.user, now=NOW)
    assert Document.objects.visible_to(student.user).count() == 50
    actions.keep_file(draft, kind="resume", upload=RESUME, by=student.user, now=NOW)
    actions.remove_document(last, by=student.user, now=NOW)
    assert add(student, name="Another").document.name == "Another"


def versions_up_to(first, number):
    numbers = range(first.number + 1, number + 1)
    same = {"file": first.file.name, "file_name": "r.pdf", "content_type": PDF, "size": 1, "digest": first.digest}
    rows = [DocumentVersion(document=first.document, number=one, added_at=NOW, **same) for one in numbers]
    DocumentVersion.objects.bulk_create(rows)


def test_a_document_has_so_many_versions_and_no_more(client, sana):
    first = add(sana)
    versions_up_to(first, 19)
    document, words = first.document, "“resume” has 20 versions, and no document has more. "
    assert actions.add_version(document, upload=SECOND, by=sana.user, now=NOW).number == 20
    assert actions.add_version(document, upload=SECOND, by=sana.user, now=NOW).number == 20
    response = client.post(f"/documents/{document.pk}/versions/", {"file": upload(pdf(pages=3))})
    words += "Give the file another name, or remove the document from your list first."
    assert (response.status_code, response.context["form"].errors) == (422, {"__all__": [words]})
    assert document.versions.count() == 20
    assert add(sana, name="Another").number == 1


def test_a_name_is_free_again_when_its_document_is_off_the_list():
    student = make_student()
    actions.remove_document(add(student).document, by=student.user, now=NOW)
    assert add(student).document.name == "resume"


def test_what_no_application_uses_is_deleted_with_its_file(django_capture_on_commit_callbacks):
    version = add(make_student())
    assert default_storage.exists(version.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_document(version.document, by=version.document.student.user, now=NOW)
    assert not Document.objects.exists()
    assert not default_storage.exists(version.file.name)


def test_what_an_application_sent_stays_when_the_document_changes_and_goes(client, django_capture_on_commit_callbacks):
    application = make_application()
    student, material = application.student, sent_resume(application)
    document, first = material.version.document, material.version
    second = actions.add_version(document, upload=SECOND, by=student.user, now=NOW)
    actions.rename_document(document, name="Another name", by=student.user)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_document(document, by=student.user, now=NOW)
    assert listed(student) == []
    assert list(DocumentVersion.objects.all()) == [first]
    assert not default_storage.exists(second.file.name)
    client.force_login(host_of(application))
    response = client.get(material.get_absolute_url())
    assert response.headers["Content-Disposition"] == 'attachment; filename="resume.pdf"'
    assert response.getvalue() == RESUME.content
    assert MaterialAccess.objects.get().material == material


def test_the_last_draft_that_lets_go_of_a_removed_document_deletes_it(django_capture_on_commit_callbacks):
    draft = make_draft()
    student, version = draft.student.user, sent_resume(draft).version
    other = actions.start_application(make_posting(), by=student, now=NOW)
    actions.keep_version(other, version=version, by=student, now=NOW)
    actions.remove_document(version.document, by=student, now=NOW)
    actions.leave_out(draft, kind=MaterialKind.RESUME, by=student)
    assert DocumentVersion.objects.get() == version
    with django_capture_on_commit_callbacks(execute=True):
        actions.leave_out(other, kind=MaterialKind.RESUME, by=student)
    assert not Document.objects.exists()
    assert not default_storage.exists(version.file.name)


def test_leaving_a_file_out_of_a_draft_leaves_it_in_the_library():
    draft = make_draft()
    actions.leave_out(draft, kind=MaterialKind.RESUME, by=draft.student.user)
    assert not draft.materials.filter(kind=MaterialKind.RESUME).exists()
    assert listed(draft.student) == [("resume", [1])]


def test_an_application_is_sent_with_the_version_that_was_chosen():
    first = add(make_student())
    student = first.document.student
    actions.add_version(first.document, upload=SECOND, by=student.user, now=NOW)
    draft = make_draft(student=student)
    material = actions.keep_version(draft, version=first, by=student.user, now=NOW)
    assert actions.keep_version(draft, version=first, by=student.user, now=NOW + MINUTE) == material
    sent = actions.submit(draft, by=student.user, now=NOW)
    assert (sent_resume(sent).version, sent_resume(sent).name) == (first, "resume.pdf")
    with pytest.raises(MoveRefused, match="stays as it was"):
        actions.keep_version(sent, version=first.document.versions.first(), by=student.user, now=NOW)
    with pytest.raises(MoveRefused, match="stays as it was"):
        actions.leave_out(sent, kind=MaterialKind.RESUME, by=student.user)


def test_a_file_given_with_an_application_is_a_version_of_the_document_of_its_name():
    student = make_student()
    make_draft(student=student)
    make_draft(student=student)
    assert listed(student) == [("resume", [1])]
    draft = make_draft(student=student)
    actions.keep_file(
        draft, kind=MaterialKind.RESUME, upload=replace(SECOND, name="resume.pdf"), by=student.user, now=NOW
    )
    actions.keep_file(draft, kind=MaterialKind.TRANSCRIPT, upload=RESUME, by=student.user, now=NOW)
    actions.keep_file(draft, kind=MaterialKind.RESUME, upload=SECOND, by=student.user, now=NOW)
    assert listed(student) == [("resume", [2, 1]), ("resume 2026", [1]), ("resume", [1])]


def test_nobody_else_touches_a_document():
    mine, other = add(make_student()), make_student().user
    draft = actions.start_application(make_posting(), by=other, now=NOW)
    for by in (other, make_host().user):
        for change in (
            lambda by: actions.add_version(mine.document, upload=SECOND, by=by, now=NOW),
            lambda by: actions.rename_document(mine.document, name="Mine", by=by),
            lambda by: actions.remove_document(mine.document, by=by, now=NOW),
            lambda by: actions.keep_version(draft, version=mine, by=by, now=NOW),
        ):
            with pytest.raises(MoveRefused):
                change(by)
    owner = mine.document.student.user
    assert actions.rename_document(mine.document, name="Mine", by=owner).name == "Mine"
    with pytest.raises(MoveRefused, match="Only students"):
        actions.add_document(kind=MaterialKind.RESUME, upload=RESUME, by=make_host().user, now=NOW)


def test_a_document_that_is_off_the_list_is_not_chosen_any_more():
    application = make_application()
    student, version = application.student.user, sent_resume(application).version
    draft = make_draft(student=application.student)
    actions.leave_out(draft, kind=MaterialKind.RESUME, by=student)
    actions.remove_document(version.document, by=student, now=NOW)
    with pytest.raises(MoveRefused, match="not on your list"):
        actions.keep_version(draft, version=version, by=student, now=NOW)
    with pytest.raises(MoveRefused, match="not on your list"):
        actions.add_version(version.document, upload=SECOND, by=student, now=NOW)


# What the database refuses


def test_the_database_changes_no_version_and_deletes_none_that_was_sent():
    material = sent_resume(make_application())
    version = material.version
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        DocumentVersion.objects.filter(pk=version.pk).update(file_name="other.pdf")
    with pytest.raises(ProtectedError):
        version.delete()
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        delete_behind_the_models(version)


def delete_behind_the_models(version):
    DocumentVersion.objects.filter(pk=version.pk)._raw_delete("default")
    connection.check_constraints()


@pytest.mark.parametrize(
    "broken", [{"number": 0}, {"size": 0}, {"file": ""}, {"file_name": ""}, {"content_type": ""}, {"digest": "x"}]
)
def test_a_version_is_a_numbered_file(broken):
    version = add(make_student())
    row = {
        "document": version.document,
        "number": 2,
        "file": version.file.name,
        "file_name": "a.pdf",
        "content_type": PDF,
        "size": 1,
        "digest": version.digest,
        "added_at": NOW,
    }
    with pytest.raises(IntegrityError, match="document_version_is_a_file"), transaction.atomic():
        DocumentVersion.objects.create(**row | broken)
    with pytest.raises(IntegrityError, match="document_version_numbered_once"), transaction.atomic():
        DocumentVersion.objects.create(**row | {"number": 1})
    assert DocumentVersion.objects.create(**row).number == 2


def test_a_typed_material_has_no_version():
    application = make_application()
    letter = Material.objects.filter(application=application, kind=MaterialKind.COVER_LETTER)
    with pytest.raises(IntegrityError, match="material_of_a_version_is_a_file"), transaction.atomic():
        letter.update(version=sent_resume(application).version)


@pytest.mark.parametrize("broken", [{"kind": "answer"}, {"name": ""}])
def test_a_document_has_a_name_and_a_kind_that_comes_as_a_file(broken):
    document = add(make_student()).document
    with pytest.raises(IntegrityError, match="document_has_a_kind_and_a_name"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**broken)


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
    assert "Nobody has opened a file of yours here yet." in client.get(application.get_absolute_url()).content.decode()
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
    assert [
        text.partition("</li>")[0] for text in page.partition("Who has opened your files")[2].split("<li>")[1:3]
    ] == [
        f"Mo Castellanos: resume.pdf, {at.format(2)}",
        f"{host}: resume.pdf, 2 times, last {at.format(1)}",
    ]


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
