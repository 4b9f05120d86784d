import datetime as dt

from django.conf import settings
from django.db import models

from core import clock


class GuidelinesQuerySet(models.QuerySet["GuidelinesText"]):
    def current(self, now: dt.datetime | None = None) -> "GuidelinesText":
        """The text that holds now: one may be written ahead of the day from which it reads so."""
        return self.filter(published_at__lte=now or clock.now()).latest()


class GuidelinesText(models.Model):
    """The recruiting guidelines for students as they read from a day on. A text that was acknowledged is never
    edited: a new version is added beside it. What hosts agree to stands with the posting they submit."""

    version = models.PositiveSmallIntegerField(unique=True)
    body = models.TextField(help_text="One expectation a line.")
    published_at = models.DateTimeField()

    objects = GuidelinesQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        get_latest_by = "version"

    def __str__(self) -> str:
        return f"Recruiting guidelines, version {self.version}"

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.body.splitlines() if line.strip()]


class Acknowledgment(models.Model):
    """That a person read one version of the guidelines, and when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="acknowledgments")
    text = models.ForeignKey(GuidelinesText, models.PROTECT, related_name="acknowledgments")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "text"], name="guidelines_acknowledged_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.text}"
