"""The library of a student's documents. Each change locks the student's profile: one change of a library at a time."""

import datetime as dt
import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import StudentProfile, User
from applications.models import Document, DocumentVersion, MaterialKind
from core import clock
from core.uploads import Upload
from core.workflow import MoveRefused

MOST_DOCUMENTS = 50
MOST_VERSIONS = 20


@transaction.atomic
def add_document(
    *, kind: str, upload: Upload, by: User, name: str = "", now: dt.datetime | None = None
) -> DocumentVersion:
    """A new document with its first version; without a name it takes the file's."""
    student = lock_library(by)
    document = Document(student=student, kind=kind, name=name or name_of(upload), added_at=now or clock.now())
    _refuse_second(document)
    if Document.objects.visible_to(by).count() >= MOST_DOCUMENTS:
        raise MoveRefused(f"Your list holds {MOST_DOCUMENTS} documents at most. Remove one that you no longer need.")
    document.save()
    return _add_version(document, upload, document.added_at)


@transaction.atomic
def add_version(document: Document, *, upload: Upload, by: User, now: dt.datetime | None = None) -> DocumentVersion:
    """What was uploaded stays for the applications that used it. The newest once more changes nothing."""
    document = _listed(document, by)
    return _add_version(document, upload, now or clock.now())


@transaction.atomic
def rename_document(document: Document, *, name: str, by: User) -> Document:
    document = _listed(document, by)
    document.name = name
    _refuse_second(document)
    document.save(update_fields=["name"])
    return document


@transaction.atomic
def remove_document(document: Document, *, by: User, now: dt.datetime | None = None) -> None:
    """Off the list. Versions that no application uses are deleted with their files; the others stay where they are."""
    document = _listed(document, by)
    document.removed_at = now or clock.now()
    document.save(update_fields=["removed_at"])
    delete_unused(document, by=by)


@transaction.atomic
def add_to_library(*, kind: str, upload: Upload, by: User, now: dt.datetime) -> DocumentVersion:
    """What was uploaded with an application: under a name that is there it is a new version of that document."""
    student = lock_library(by)
    known = Document.objects.visible_to(by).filter(student=student, kind=kind, name=name_of(upload)).first()
    if known is None:
        return add_document(kind=kind, upload=upload, by=by, now=now)
    return _add_version(known, upload, now)


def lock_library(by: User) -> StudentProfile:
    if not by.is_student:
        raise MoveRefused("Only students keep documents here.")
    return StudentProfile.objects.select_for_update(no_key=True).get(user=by)


def delete_unused(document: Document, *, by: User) -> None:
    """Of a document that is off the list: what no material refers to any more, files included."""
    lock_library(by)
    document.refresh_from_db(fields=["removed_at"])
    if document.removed_at is None:
        return
    for version in document.versions.filter(materials=None):
        forget_file(version.file)
        version.delete()
    if not document.versions.exists():
        document.delete()


def forget_file(stored: Any) -> None:
    transaction.on_commit(lambda: stored.storage.delete(stored.name))


def name_of(upload: Upload) -> str:
    return PurePosixPath(upload.name).stem.strip() or upload.name


def _listed(document: Document, by: User) -> Document:
    lock_library(by)
    found = Document.objects.visible_to(by).filter(pk=document.pk).first()
    if found is None:
        raise MoveRefused("This document is not on your list any more.")
    return found


def _refuse_second(document: Document) -> None:
    same = {"student": document.student_id, "kind": document.kind, "name": document.name, "removed_at": None}
    if Document.objects.filter(**same).exclude(pk=document.pk).exists():
        kind = MaterialKind(document.kind).label.lower()
        raise MoveRefused(f"You have a {kind} named “{document.name}” already. Choose another name.")


def _add_version(document: Document, upload: Upload, now: dt.datetime) -> DocumentVersion:
    newest = document.versions.first()
    digest = hashlib.sha256(upload.content).hexdigest()
    if newest and (newest.digest, newest.file_name) == (digest, upload.name):
        return newest
    if document.versions.count() >= MOST_VERSIONS:
        raise MoveRefused(
            f"“{document}” has {MOST_VERSIONS} versions, and no document has more. Give the file another name, or "
            "remove the document from your list first."
        )
    version = DocumentVersion(
        document=document,
        number=newest.number + 1 if newest else 1,
        file_name=upload.name,
        content_type=upload.content_type,
        size=upload.size,
        digest=digest,
        added_at=now,
    )
    version.file.save("", ContentFile(upload.content), save=False)
    version.save(force_insert=True)
    return version
