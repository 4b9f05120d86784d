import base64
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from authorization.models.record import AuthorizationRecord
from core.fields import EncryptedTextField


class RecordDocumentQuerySet(models.QuerySet["AuthorizationDocument"]):
    def visible_to(self, user: Any) -> "RecordDocumentQuerySet":
        return self.filter(record__in=AuthorizationRecord.objects.visible_to(user).order_by())

    def listed(self) -> "RecordDocumentQuerySet":
        """Without the files: each would be read and deciphered."""
        return self.defer("content")


class AuthorizationDocument(models.Model):
    """What a student uploads to a step of the checklist, an I-20 for example: one for each step, since another takes
    its place. The file stands in its row, so that backups, keys and the end of the record are those of the record."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(AuthorizationRecord, models.CASCADE, related_name="documents")
    added_at = models.DateTimeField()
    step = EncryptedTextField()  # its key: a row that pointed to a step would tell the route
    title = EncryptedTextField()
    file_name = EncryptedTextField()
    content_type = EncryptedTextField()
    content = EncryptedTextField()  # base64

    objects = RecordDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "uuid"]

    def __str__(self) -> str:
        return f"Document {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("authorization_document", args=[self.pk])

    @property
    def file(self) -> bytes:
        return base64.b64decode(self.content)


class DocumentOpening(models.Model):
    """That an international advisor opened a document, and when, for the student to read. It outlives the document."""

    record = models.ForeignKey(AuthorizationRecord, models.CASCADE, related_name="openings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    what = EncryptedTextField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Opening {self.pk}"
