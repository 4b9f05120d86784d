import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Q
from django.urls import reverse

from applications.models.application import Application
from applications.models.document import DocumentVersion, MaterialKind
from applications.uploads import stored_path


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, user: Any) -> "MaterialQuerySet":
        return self.filter(application__in=Application.objects.visible_to(user).order_by())


class Material(models.Model):
    """A file, or what was typed instead, in one application. Nothing changes it once the application is sent.

    A file is that of a version in the student's library, under the name it had there: `version` keeps it from being
    deleted. One without a version is older than the libraries, and its file is its own.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=16, choices=MaterialKind)
    question = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    version = models.ForeignKey(DocumentVersion, models.PROTECT, null=True, blank=True, related_name="materials")
    file = models.FileField(upload_to=stored_path, blank=True)
    name = models.CharField("name shown", max_length=100, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()

    objects = MaterialQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "question"], name="material_once"),
            models.CheckConstraint(
                condition=(Q(file="", name="", content_type="", size=0) & ~Q(text=""))
                | (Q(text="", size__gt=0) & ~Q(file="") & ~Q(name="") & ~Q(content_type="")),
                name="material_is_a_file_or_a_text",
                violation_error_message="A material is a file or a text.",
            ),
            models.CheckConstraint(condition=Q(version=None) | ~Q(file=""), name="material_of_a_version_is_a_file"),
            models.CheckConstraint(
                condition=(Q(kind=MaterialKind.ANSWER) & ~Q(question=""))
                | (~Q(kind=MaterialKind.ANSWER) & Q(question="")),
                name="material_answer_has_its_question",
            ),
        ]

    def __str__(self) -> str:
        return self.question or self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("material", args=[self.pk])


class AccessQuerySet(models.QuerySet["MaterialAccess"]):
    def told(self) -> models.QuerySet["MaterialAccess", dict[str, Any]]:
        """As the student reads it: who opened what, how often (of words, on how many days) and when last."""
        people = self.order_by().values("user__name", "name")
        found = people.annotate(times=Count("pk"), days=Count("day"), last=Max("at"))
        return found.order_by("-last", "user__name", "name")


class MaterialAccess(models.Model):
    """That another person opened a student's file, the words of the application or the offer letter, and when. It
    outlives the file: an application that was withdrawn and taken up again may hold another."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="accesses")
    material = models.ForeignKey(Material, models.SET_NULL, null=True, related_name="accesses")
    name = models.CharField("what was opened", max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    day = models.DateField("day of what is noted once a day", null=True, blank=True)

    objects = AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "material accesses"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "user", "name", "day"],
                condition=Q(day__isnull=False),
                name="access_to_words_once_a_day",
            ),
            models.CheckConstraint(condition=Q(day=None) | Q(material=None), name="access_to_a_file_each_time"),
        ]

    def __str__(self) -> str:
        return f"{self.user} opened {self.name}"
