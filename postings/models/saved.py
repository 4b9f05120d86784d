"""What a student keeps for later: postings, and searches that write when something new fits them.

What somebody looks for is private, and one of its filters tells of immigration: the question, its name and the postings
that answered it are encrypted, and no page of anybody else shows them.
"""

import base64
import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from pyroaring import BitMap

from accounts.models import StudentProfile
from core.fields import EncryptedTextField
from notifications.models import SwitchedOff
from postings.models.posting import Posting

ALERTS = "alerts"  # the group of mails that a student may switch off whole
NINE = 9
LONGEST_TRUST = dt.timedelta(hours=1)


class SavedPosting(models.Model):
    student = models.ForeignKey(StudentProfile, models.CASCADE, related_name="saved_postings", db_index=False)
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "posting"],
                name="posting_saved_once",
                violation_error_message="This posting is saved already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.posting}, kept by {self.student}"


class Frequency(models.TextChoices):
    NONE = "none", "Never"
    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day"
    WEEKLY = "weekly", "Once a week"


BY_THE_CLOCK = (Frequency.DAILY, Frequency.WEEKLY)


class Weekday(models.IntegerChoices):
    """As Python counts them."""

    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, user: Any) -> "SavedSearchQuerySet":
        return self.filter(student__user=user) if user.is_authenticated else self.none()

    def due(self, now: dt.datetime, state: str) -> "SavedSearchQuerySet":
        """Those that may write at this moment, to somebody who gets mails and wants these.

        Those that write at once are looked at when the board's state is another than at their last look; and every
        hour whatever it is, so that nothing hangs on the state alone.
        """
        fresh = Q(looked_state=state, looked_at__gt=now - LONGEST_TRUST)
        unwanted = SwitchedOff.objects.filter(user=OuterRef("student__user"), group=ALERTS)
        return self.filter(
            (Q(frequency=Frequency.AT_ONCE) & ~fresh) | Q(due_at__lte=now),
            ~Exists(unwanted),
            student__user__is_active=True,
        )

    def stop(self) -> int:
        return self.update(frequency=Frequency.NONE, alerts_since=None, due_at=None, seen="")

    def look_again(self) -> int:
        """What was announced and not told is new again, though the board is as it was."""
        return self.update(looked_state="")


class SavedSearch(models.Model):
    """`query` is the canonical query string, `name` what its chips said to the student who saved it.

    An alert tells of what comes to match after `alerts_since`. That is more than what was published after it: a hold is
    lifted, a host edits, a filter goes by the calendar. So `seen` keeps what matched at that moment.
    """

    student = models.ForeignKey(StudentProfile, models.CASCADE, related_name="saved_searches")
    query = EncryptedTextField()
    name = EncryptedTextField()
    frequency = models.CharField("new postings by mail", max_length=8, choices=Frequency, default=Frequency.NONE)
    hour = models.PositiveSmallIntegerField("at", default=NINE)
    weekday = models.PositiveSmallIntegerField("on", choices=Weekday, default=Weekday.MONDAY)
    created_at = models.DateTimeField()
    alerts_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    seen = EncryptedTextField(blank=True)
    looked_at = models.DateTimeField(null=True)
    looked_state = models.CharField(max_length=32, blank=True)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="saved_search_due"),
            models.Index(fields=["id"], condition=Q(frequency=Frequency.AT_ONCE), name="saved_search_at_once"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values),
                name="saved_search_frequency_known",
                violation_error_message="Choose how often to hear of new postings.",
            ),
            models.CheckConstraint(
                condition=Q(hour__lte=23),
                name="saved_search_hour_of_a_day",
                violation_error_message="Choose an hour of the day.",
            ),
            models.CheckConstraint(
                condition=Q(weekday__in=Weekday.values),
                name="saved_search_weekday_known",
                violation_error_message="Choose a day of the week.",
            ),
            models.CheckConstraint(
                condition=Q(frequency=Frequency.NONE, alerts_since=None)
                | (~Q(frequency=Frequency.NONE) & Q(alerts_since__isnull=False)),
                name="saved_search_alerts_since_a_moment",
                violation_error_message="An alert counts from a moment, and a search without one has none.",
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=BY_THE_CLOCK, due_at__isnull=False)
                | (~Q(frequency__in=BY_THE_CLOCK) & Q(due_at=None)),
                name="saved_search_due_by_the_clock",
                violation_error_message="A daily or weekly alert has its next time, and no other has one.",
            ),
        ]

    def __str__(self) -> str:
        return f"saved search {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("saved_search", args=[self.pk])

    @property
    def seen_postings(self) -> BitMap:
        return BitMap.deserialize(base64.b64decode(self.seen)) if self.seen else BitMap()

    @seen_postings.setter
    def seen_postings(self, keys: BitMap) -> None:
        self.seen = base64.b64encode(keys.serialize()).decode()


class Alert(models.Model):
    """One sending. It outlives its search, so that what it told is not told again by another."""

    saved_search = models.ForeignKey(SavedSearch, models.SET_NULL, null=True, related_name="alerts")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"alert {self.pk}"


class Announcement(models.Model):
    """A posting that a student was told of, in whichever alert: once and no more."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="announcements")
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="announcements")
    student = models.ForeignKey(StudentProfile, models.CASCADE, related_name="announcements", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "posting"],
                name="posting_announced_once",
                violation_error_message="This student has heard of this posting.",
            )
        ]

    def __str__(self) -> str:
        return f"posting {self.posting_id} in alert {self.alert_id}"
