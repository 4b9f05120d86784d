from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application
from postings.models import Posting

LONGEST_NOTE = 2000


class NoteQuerySet(models.QuerySet["ApplicationNote"]):
    def visible_to(self, user: Any) -> "NoteQuerySet":
        """Whoever manages the posting, and nobody else: not the student, not the career office."""
        return self.filter(application__posting__in=Posting.objects.managed_by(user).order_by())


class ApplicationNote(models.Model):
    """What the people of an organization write about an applicant to each other."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(max_length=LONGEST_NOTE)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="note_says_something", violation_error_message="Write something first."
            )
        ]

    def __str__(self) -> str:
        return f"Note of {self.author} on {self.application}"
