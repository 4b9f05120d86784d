import pytest
from django.db import IntegrityError
from django.utils import timezone

from applications import actions
from applications.models import ApplicationNote
from core.workflow import MoveRefused
from tests.applications.making import host_of, make_application, make_draft
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def posting():
    return make_posting(host=make_host("Omar Haddad"))


@pytest.fixture
def application(posting):
    return make_application(posting, make_student("Sana Iqbal"))


def note_on(application, text="Asked good questions."):
    return actions.add_note(application, by=host_of(application), text=text, now=NOW)


def test_the_organization_reads_and_writes_notes(client, posting, application):
    client.force_login(host_of(application))
    response = client.post(f"{application.get_absolute_url()}notes/", {"text": "Asked <b>good</b> questions.\x07"})
    assert response.headers["Location"] == f"{application.get_absolute_url()}#notes-title"
    note = ApplicationNote.objects.get()
    assert (note.text, note.author) == ("Asked <b>good</b> questions.", posting.host.user)
    priya = make_host("Priya Nair", organization=posting.organization).user
    client.force_login(priya)
    page = client.get(application.get_absolute_url()).content.decode()
    assert "Asked &lt;b&gt;good&lt;/b&gt; questions." in page
    assert f"/notes/{note.pk}/removal/" not in page
    listed = client.get(f"/host/postings/{posting.pk}/applications/").content.decode()
    assert "1 note<" in listed


def test_nobody_else_learns_that_there_are_notes(client, application):
    superuser = make_user(is_staff=True, is_superuser=True)
    others = [application.student.user, make_staff("adviser"), make_staff("moderator"), superuser]
    pages = {}
    for written in (False, True):
        if written:
            note_on(application, "Quaxolotl")
        for person in others:
            client.force_login(person)
            for url in (
                application.get_absolute_url(),
                f"/host/postings/{application.posting_id}/applications/",
                f"/host/postings/{application.posting_id}/applications/compare/?a={application.pk}",
                f"/admin/applications/application/{application.pk}/change/",
            ):
                response = client.get(url)
                text = response.content.decode()
                assert "Quaxolotl" not in text
                assert "Notes of your organization" not in text
                pages.setdefault((person.pk, url), []).append((response.status_code, "note" in text))
    assert all(before == after for before, after in pages.values())
    client.force_login(host_of(application))
    assert "Quaxolotl" in client.get(application.get_absolute_url()).content.decode()


def test_strangers_and_other_roles_get_404(client, application):
    note = note_on(application)
    urls = [f"{application.get_absolute_url()}notes/", f"/notes/{note.pk}/removal/"]
    for person in (
        make_host().user,
        make_student().user,
        application.student.user,
        make_staff("adviser"),
        make_staff(),
    ):
        client.force_login(person)
        assert [client.post(url, {"text": "Hello"}).status_code for url in urls] == [404, 404]
    assert list(ApplicationNote.objects.all()) == [note]


@pytest.mark.parametrize(
    ("text", "error"),
    [("", "Write the note first."), (" \x00\n", None), ("x" * 2001, "Shorten “Note” to 2000 characters; it has 2001.")],
)
def test_an_invalid_note_comes_back_as_it_was_typed(client, application, text, error):
    client.force_login(host_of(application))
    response = client.post(f"{application.get_absolute_url()}notes/", {"text": text})
    assert response.status_code == 422
    if error:
        assert error in response.content.decode()
    assert response.context["form"]["text"].value() == text
    assert not ApplicationNote.objects.exists()


def test_a_note_is_removed_by_who_wrote_it(client, posting, application):
    note = note_on(application)
    priya = make_host("Priya Nair", organization=posting.organization).user
    with pytest.raises(MoveRefused, match="whoever wrote it"):
        actions.remove_note(note, by=priya)
    client.force_login(host_of(application))
    assert client.get(f"/notes/{note.pk}/removal/").status_code == 405
    assert client.post(f"/notes/{note.pk}/removal/").status_code == 302
    assert not ApplicationNote.objects.exists()


def test_whoever_leaves_the_organization_leaves_the_notes_behind(client, application):
    note = note_on(application)
    omar = host_of(application)
    omar.memberships.all().delete()
    assert list(ApplicationNote.objects.visible_to(omar)) == []
    with pytest.raises(MoveRefused):
        actions.remove_note(note, by=omar)


def test_while_the_organization_is_suspended_nothing_is_added(application):
    actions.suspend_organization(application.posting.organization, by=make_staff(), reason="A report", now=NOW)
    with pytest.raises(MoveRefused, match="suspended"):
        note_on(application)


def test_a_draft_has_no_notes(posting):
    with pytest.raises(MoveRefused):
        note_on(make_draft(posting))


def test_the_database_refuses_an_empty_note(application):
    with pytest.raises(IntegrityError, match="note_says_something"):
        ApplicationNote.objects.create(application=application, author=host_of(application), at=timezone.now(), text="")
