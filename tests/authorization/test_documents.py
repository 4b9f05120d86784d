"""What a student uploads to a step: who may, who opens it, who reads that, and how it is kept."""

import datetime as dt
import re

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from authorization import actions
from authorization.models import AuthorizationDocument, DocumentOpening, RouteStep
from authorization.workflow import RouteKind, Status
from core.fields import UnreadableValueError
from core.uploads import DOCX, PDF, Upload
from core.workflow import MoveRefused
from tests.core.documents import docx, pdf, upload
from tests.factories import make_student

from .conftest import NOW

LATER = NOW + dt.timedelta(hours=3)
CONTENT = b"%PDF- canary-of-a-consulate"
I20 = Upload(CONTENT, "i20.pdf", PDF)


@pytest.fixture(autouse=True)
def uploads_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def sign_in(client):
    def as_(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def step_for(document, kind="cpt"):
    return RouteStep.objects.get(kind=kind, document=document)


def keep(record, *, step=None, given=I20, now=NOW):
    step = step or step_for("I-20")
    return actions.keep_document(record, step=step, upload=given, by=record.student.user, now=now)


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def happened(record):
    moves = ("upload", "replace_document", "remove_document")
    return [(event.move, event.note) for event in record.events.all() if event.move in moves]


def test_the_checklists_name_what_can_be_uploaded(db):
    found = {kind: [*RouteStep.objects.filter(kind=kind).exclude(document="")] for kind in RouteKind.values}
    assert {kind: [step.document for step in steps] for kind, steps in found.items()} == {
        "cpt": ["Offer letter", "I-20"],
        "opt": ["I-20", "Receipt notice", "EAD"],
        "at": ["Offer letter", "Authorization letter and DS-2019 (one file)"],
        "visa": ["Offer letter", "Receipt notice", "Status document"],
        "unsure": ["Offer letter"],
        "none": [],
    }


def test_a_student_uploads_replaces_and_removes_it(sign_in, open_record, sana, uploads_folder):
    record, step = open_record(), step_for("I-20")
    client, url = sign_in(sana.user), f"/authorization/records/{record.pk}/steps/{step.pk}/document/"
    page = client.get(record.get_absolute_url()).content.decode()
    assert f'<a href="{url}">Upload: I-20</a> (optional)' in page
    assert "Only you and the international advisors can open it" in text(client.get(url))
    for content, name, kind in [(pdf(), "../../My I-20.pdf", PDF), (docx(), "i20.docx", DOCX)]:
        assert client.post(url, {"file": upload(content, name, kind)}).status_code == 302
        document = record.documents.get()
        opened = client.get(document.get_absolute_url())
        assert (b"".join(opened.streaming_content), opened["Content-Type"]) == (content, kind)
        assert opened["Content-Disposition"] == f'attachment; filename="{name.rpartition("/")[2]}"'
        assert (opened["Content-Security-Policy"], opened["X-Content-Type-Options"]) == (
            "default-src 'none'; sandbox",
            "nosniff",
        )
        assert "no-store" in opened["Cache-Control"]
    page = text(client.get(record.get_absolute_url()))
    assert "I-20: i20.docx" in page
    assert "Nobody but you." in page
    removal = f"{document.get_absolute_url()}removal/"
    assert "i20.docx" in text(client.get(removal))
    assert record.documents.exists()
    assert client.post(removal).status_code == 302
    assert client.get(document.get_absolute_url()).status_code == 404
    assert happened(record) == [("upload", "I-20"), ("replace_document", "I-20"), ("remove_document", "I-20")]
    assert not uploads_folder.exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "Choose a file for “I-20”."),
        (upload(b"MZ" * 100, "i20.pdf"), "but its content is a Windows program"),
        (upload(b"%PDF-1.7 and nothing that follows", "i20.pdf"), "It is not a PDF that opens."),
        (upload(pdf(), "i20.exe"), "is not a PDF or a Word document"),
        (upload(b"%PDF-" + b"0" * 5 * 1024 * 1024, "i20.pdf"), "is larger than 5 MB"),
    ],
)
def test_what_is_no_document_is_given_back(sign_in, open_record, sana, given, message):
    record, step = open_record(), step_for("I-20")
    url = f"/authorization/records/{record.pk}/steps/{step.pk}/document/"
    response = sign_in(sana.user).post(url, {"file": given} if given else {})
    assert response.status_code == 422
    assert message in text(response)
    assert not AuthorizationDocument.objects.exists()


def test_it_passes_the_scanner_where_there_is_one(sign_in, open_record, sana, settings):
    settings.CLAMD_SOCKET = "/nowhere/clamd"
    record = open_record()
    url = f"/authorization/records/{record.pk}/steps/{step_for('I-20').pk}/document/"
    response = sign_in(sana.user).post(url, {"file": upload(pdf())})
    assert "We cannot check files at the moment" in text(response)
    assert not AuthorizationDocument.objects.exists()


def test_every_opening_by_an_advisor_is_read_by_the_student(sign_in, open_record, sana, ines):
    record = open_record()
    document = keep(record)
    url = document.get_absolute_url()
    for person, times in ((sana.user, 2), (ines, 2)):
        for _ in range(times):
            assert sign_in(person).get(url).status_code == 200
        assert sign_in(person).head(url).status_code == 405
    assert [(one.by, one.what) for one in DocumentOpening.objects.all()] == [(ines, "I-20, i20.pdf")] * 2
    page = text(sign_in(sana.user).get(record.get_absolute_url()))
    assert "Ines Duarte: I-20, i20.pdf, 2 times, last" in page
    actions.remove_document(document, by=sana.user)
    page = text(sign_in(sana.user).get(record.get_absolute_url()))
    assert "Ines Duarte: I-20, i20.pdf, 2 times, last" in page


def test_an_advisor_opens_it_from_the_admin_and_changes_nothing(sign_in, open_record, ines):
    record = open_record()
    document, client = keep(record), sign_in(ines)
    page = client.get(f"/admin/authorization/authorizationrecord/{record.pk}/change/").content.decode()
    assert f'<a href="{document.get_absolute_url()}" download>i20.pdf</a>' in page
    step = f"/authorization/records/{record.pk}/steps/{step_for('I-20').pk}/document/"
    for url in (step, f"{document.get_absolute_url()}removal/"):
        assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
    assert record.documents.exists()


def test_only_the_student_and_only_where_the_step_takes_one(open_record, sana, ines):
    record, met = open_record(), RouteStep.objects.get(kind="cpt", settled_by="advise")
    document = keep(record)
    with pytest.raises(MoveRefused, match="No document belongs to this step"):
        keep(record, step=met)
    for by in (ines, make_student().user):
        with pytest.raises(MoveRefused, match="You cannot do that with this record"):
            actions.keep_document(record, step=step_for("I-20"), upload=I20, by=by, now=LATER)
        with pytest.raises(MoveRefused, match="You cannot do that with this record"):
            actions.remove_document(document, by=by, now=LATER)
    assert record.documents.get().added_at == NOW


def test_of_a_closed_record_it_can_be_removed_and_no_other_is_taken(sign_in, open_record, sana):
    record = open_record(Status.APPROVED)
    document = keep(record)
    actions.close_record(record, by=sana.user, now=LATER)
    with pytest.raises(MoveRefused, match="This record is closed"):
        keep(record, now=LATER)
    page = text(sign_in(sana.user).get(record.get_absolute_url()))
    assert ("Remove" in page, "Replace" in page, "Upload:" in page) == (True, False, False)
    actions.remove_document(document, by=sana.user, now=LATER)
    actions.remove_document(document, by=sana.user, now=LATER)
    assert happened(record)[-2:] == [("upload", "I-20"), ("remove_document", "I-20")]


def test_what_belonged_to_another_route_stays_in_sight(sign_in, open_record, sana):
    record = open_record(Status.DENIED)
    keep(record)
    actions.advise(record, by=sana.user, route=RouteKind.AT, now=LATER)
    page = text(sign_in(sana.user).get(record.get_absolute_url()))
    assert ("i20.pdf" in page, "Remove" in page, "Replace" in page) == (True, True, False)


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM authorization_authorizationdocument")
        return str(cursor.fetchall())


def test_it_is_kept_encrypted_and_a_wrong_key_opens_nothing(sign_in, open_record, sana, settings):
    document = keep(open_record())
    kept, keys = stored(), settings.FIELD_ENCRYPTION_KEYS
    assert [word for word in ("i20", "I-20", "%PDF", "canary", "Y2FuYXJ5", PDF) if word in kept] == []
    assert AuthorizationDocument.objects.get().file == CONTENT
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    client = sign_in(sana.user)
    client.raise_request_exception = False
    assert client.get(document.get_absolute_url()).status_code == 500
    with pytest.raises(UnreadableValueError):
        AuthorizationDocument.objects.get()
    assert stored() == kept
    settings.FIELD_ENCRYPTION_KEYS = [*settings.FIELD_ENCRYPTION_KEYS, *keys]
    call_command("reencrypt", verbosity=0)
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert AuthorizationDocument.objects.get().file == CONTENT


def test_it_ends_with_its_record(open_record, sana):
    record = open_record()
    actions.open_document(keep(record), by=make_student().user)
    record.delete()
    assert not AuthorizationDocument.objects.exists()
    assert not DocumentOpening.objects.exists()


def test_the_page_reads_no_file_and_asks_the_same_for_many(sign_in, open_record, sana):
    record = open_record(route=RouteKind.OPT)
    client = sign_in(sana.user)
    keep(record, step=step_for("I-20", "opt"))
    client.get(record.get_absolute_url())
    with connection.execute_wrapper(one := Spy()):
        client.get(record.get_absolute_url())
    for document in ("Receipt notice", "EAD"):
        keep(record, step=step_for(document, "opt"))
    with connection.execute_wrapper(three := Spy()):
        client.get(record.get_absolute_url())
    assert len(one.statements) == len(three.statements)
    assert [sql for sql in three.statements if '"content"' in sql] == []


class Spy:
    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, many, context):
        self.statements.append(sql)
        return execute(sql, params, many, context)
