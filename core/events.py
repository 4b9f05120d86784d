"""What happened to a thing, in order: who, when, from where to where, and why."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """Abstract; each app adds the foreign key to its thing. `by` is empty for what the clock did."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    move = models.CharField(max_length=40)
    from_status = models.CharField(max_length=40, blank=True)
    to_status = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.move} at {self.at:%Y-%m-%d %H:%M}"
