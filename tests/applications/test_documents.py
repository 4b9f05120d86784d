"""The library of a student: what stands on it, who sees it, and what stays when it changes."""

from dataclasses import replace

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from applications import actions
from applications.models import Document, DocumentVersion, Material, MaterialAccess, MaterialKind
from applications.uploads import stored_path
from core.uploads import PDF
from core.workflow import MoveRefused
from tests.applications.library import SECOND, add, listed, sent_resume
from tests.applications.making import MINUTE, RESUME, host_of, make_application, make_draft
from tests.core.documents import pdf, upload
from tests.factories import NOW, make_host, make_posting, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def stored(file):
    with file.open() as content:
        return content.read()


def test_a_stored_file_lies_under_a_random_name():
    first, second = (stored_path(None, "../../resume.pdf") for _ in range(2))
    assert first != second
    assert all("resume" not in path and ".." not in path for path in (first, second))
    assert first.startswith(f"materials/{first[10:12]}/{first[10:12]}")


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
