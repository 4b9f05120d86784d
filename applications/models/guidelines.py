import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

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


class AcknowledgmentQuerySet(models.QuerySet["Acknowledgment"]):
    def valid_at(self, now: dt.datetime) -> "AcknowledgmentQuerySet":
        """Of the text that holds now, and not too long ago."""
        return self.filter(text=GuidelinesText.objects.current(now), valid_until__gt=now)


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Acknowledgment(models.Model):
    """That a person read one version of the guidelines, and when. It holds for as long as the program said at that
    time, and is then asked for anew."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="acknowledgments")
    text = models.ForeignKey(GuidelinesText, models.PROTECT, related_name="acknowledgments")
    at = models.DateTimeField()
    valid_until = models.DateTimeField()

    objects = AcknowledgmentQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=F("at")), name="guidelines_acknowledged_for_a_while"),
            ExclusionConstraint(
                name="guidelines_acknowledged_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("text", RangeOperators.EQUAL),
                    (TsTzRange("at", "valid_until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="This version is acknowledged already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.text}"
