from django.conf import settings
from django.db import models

from applications.models.application import Application


class InterviewMode(models.TextChoices):
    VIDEO = "video", "Video call"
    PHONE = "phone", "Phone call"
    IN_PERSON = "in_person", "In person"


class Interview(models.Model):
    """One invitation to talk: when, how, and what to know beforehand."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="interviews")
    starts_at = models.DateTimeField()
    mode = models.CharField(max_length=10, choices=InterviewMode)
    note = models.TextField(max_length=2000, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}, {self.application}"
