import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import StudentProfile
from applications.uploads import stored_path


class MaterialKind(models.TextChoices):
    RESUME = "resume", "Resume"
    COVER_LETTER = "cover_letter", "Cover letter"
    TRANSCRIPT = "transcript", "Transcript"
    WRITING_SAMPLE = "writing_sample", "Writing sample"
    PORTFOLIO = "portfolio", "Portfolio"
    WORK_SAMPLE = "work_sample", "Work sample"
    ANSWER = "answer", "Answer"


# What comes as a file: an answer is only ever typed.
DOCUMENT_KINDS = [(kind.value, kind.label) for kind in MaterialKind if kind != MaterialKind.ANSWER]


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: Any) -> "DocumentQuerySet":
        """The student's own, but for what was taken off the list."""
        return self.filter(student__user=user.pk, removed_at=None)


class Document(models.Model):
    """What a student keeps for applications: a name over the versions that were uploaded. Nobody else sees it here;
    hosts see the version that an application sent, among its materials."""

    student = models.ForeignKey(StudentProfile, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=16, choices=DOCUMENT_KINDS)
    name = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "kind", "name"],
                condition=Q(removed_at=None),
                name="document_named_once",
                violation_error_message="There is a document of this kind and name already.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[value for value, _ in DOCUMENT_KINDS]) & ~Q(name=""),
                name="document_has_a_kind_and_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its place on the list; one that is not there yet has the list."""
        return reverse("document_list") + (f"#document-{self.pk}" if self.pk else "")


class VersionQuerySet(models.QuerySet["DocumentVersion"]):
    def visible_to(self, user: Any) -> "VersionQuerySet":
        return self.filter(document__in=Document.objects.visible_to(user).order_by())

    def newest(self) -> "VersionQuerySet":
        """Of each document the version that counts now."""
        return self.select_related("document").order_by("document_id", "-number").distinct("document_id")


class DocumentVersion(models.Model):
    """One file of a document. The database lets nobody change it, nor delete it while a material refers to it: that
    is how an application freezes what it sent."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to=stored_path)
    file_name = models.CharField(max_length=100)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField("SHA-256", max_length=64)
    added_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_numbered_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, size__gt=0, digest__regex="^[0-9a-f]{64}$")
                & ~Q(file="")
                & ~Q(file_name="")
                & ~Q(content_type=""),
                name="document_version_is_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("document_version", args=[self.pk])
