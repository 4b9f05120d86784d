"""What a student uploads to the steps of a record. Nobody is told: advisors look when the step is before them."""

import base64
import datetime as dt
from typing import Any

from django.db import transaction

from accounts.roles import Role
from authorization.actions.writing import lock_even_closed, lock_record, refuse_others, write_event
from authorization.models import AuthorizationDocument, AuthorizationRecord, DocumentOpening, RouteStep
from core import clock
from core.uploads import Upload
from core.workflow import MoveRefused


@transaction.atomic
def keep_document(
    record: AuthorizationRecord, *, step: RouteStep, upload: Upload, by: Any, now: dt.datetime | None = None
) -> AuthorizationDocument:
    """By the student. What stood at this step is gone then."""
    record = lock_record(record)
    refuse_others(record, by, Role.STUDENT)
    if not step.document:
        raise MoveRefused("No document belongs to this step.")
    key, now = str(step.pk), now or clock.now()
    before = next((one for one in record.documents.listed() if one.step == key), None)
    document = before or AuthorizationDocument(record=record, step=key)
    document.added_at, document.title = now, step.document
    document.file_name, document.content_type = upload.name, upload.content_type
    document.content = base64.b64encode(upload.content).decode()
    document.save()
    write_event(record, "replace_document" if before else "upload", by=by, at=now, note=document.title)
    return document


@transaction.atomic
def remove_document(document: AuthorizationDocument, *, by: Any, now: dt.datetime | None = None) -> None:
    """By the student, from a closed record too. The log of who opened it stays."""
    record = lock_even_closed(document.record)
    refuse_others(record, by, Role.STUDENT)
    if record.documents.filter(pk=document.pk).delete()[0]:
        write_event(record, "remove_document", by=by, at=now or clock.now(), note=document.title)


def open_document(document: AuthorizationDocument, *, by: Any, now: dt.datetime | None = None) -> None:
    """Written down where it is not the student's own. The only write of a GET here."""
    if by.pk != document.record.student.user_id:
        what = f"{document.title}, {document.file_name}"
        DocumentOpening.objects.create(record=document.record, by=by, at=now or clock.now(), what=what)
