from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudentProfile
from accounts.roles import Role
from authorization.workflow import EVENT_WORDS, Extent, Needs, RouteKind, Status
from core.events import Event
from core.fields import EncryptedTextField


class OwnQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "OwnQuerySet":
        """The student's own, and everything to international advisors. A superuser is neither."""
        if not user.is_authenticated:
            return self.none()
        if user.has_role(Role.INTERNATIONAL_ADVISER):
            return self
        return self.filter(student__user=user)


class Declaration(models.Model):
    """What a student says about needing work authorization. Everybody may fill it in, so having one tells nothing."""

    student = models.OneToOneField(StudentProfile, models.CASCADE, related_name="declaration")
    needs = EncryptedTextField(choices=Needs)
    route = EncryptedTextField(choices=RouteKind, blank=True)
    updated_at = models.DateTimeField()

    objects = OwnQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Declaration {self.pk}"


class AuthorizationRecord(models.Model):
    """One planned stretch of work of one student. Everybody who accepts gets one, needed or not."""

    student = models.ForeignKey(StudentProfile, models.PROTECT, related_name="authorization_records")
    purpose = models.CharField(max_length=250, help_text="What for, as the student knows it.")
    starts = models.DateField("first day of work")
    ends = models.DateField("last day of work")
    hours_week = models.PositiveSmallIntegerField("hours a week, as agreed", null=True, blank=True)
    contractor = models.BooleanField("as a contractor", default=False)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    status = EncryptedTextField(choices=Status, default=Status.NOT_STARTED)
    route = EncryptedTextField(choices=RouteKind, blank=True)
    filed_on = EncryptedTextField(blank=True)
    # Of an approval: hours a week where they are not those agreed, and hours a week of all work cleared over the cap.
    authorized_hours = EncryptedTextField(blank=True)
    extent = EncryptedTextField(choices=Extent, blank=True)
    over_cap = EncryptedTextField(blank=True)

    # What a host is told after acceptance anyway; in the clear so that the database itself can hold the gate.
    cleared_from = models.DateField(null=True, blank=True)
    cleared_until = models.DateField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = "authorization record"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="authorization_ends_after_it_starts",
                violation_error_message="The last day must not be before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(cleared_from=None, cleared_until=None, cleared_at=None)
                | Q(
                    cleared_from__isnull=False,
                    cleared_until__isnull=False,
                    cleared_at__isnull=False,
                    cleared_until__gte=F("cleared_from"),
                ),
                name="authorization_cleared_with_dates",
                violation_error_message="A clearance needs its first day, its last day and its moment.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="authorization_closed_by_someone",
                violation_error_message="A closed record needs its moment and the person who closed it.",
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("authorization_record", args=[self.pk])

    @property
    def hours(self) -> int:
        """A week, at most: as authorized, else as agreed; none where nobody has said."""
        return int(self.authorized_hours or self.hours_week or 0)

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class AuthorizationEvent(Event):
    record = models.ForeignKey(AuthorizationRecord, models.CASCADE, related_name="events")
    move = EncryptedTextField()
    from_status = EncryptedTextField(blank=True)
    to_status = EncryptedTextField(blank=True)
    note = EncryptedTextField(blank=True)
    # The route then; of a filing its day; of a tick the step's key, and the number and the day that it asked for.
    route = EncryptedTextField(choices=RouteKind, blank=True)
    step = EncryptedTextField(blank=True)
    number = EncryptedTextField(blank=True)
    day = EncryptedTextField(blank=True)

    def __str__(self) -> str:
        return f"Event {self.pk}"

    @property
    def text(self) -> str:
        return EVENT_WORDS.get(self.move, self.move)


class AuthorizationQuestion(models.Model):
    """What an international advisor asks the student about a record, and the answer."""

    record = models.ForeignKey(AuthorizationRecord, models.CASCADE, related_name="questions")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    question = EncryptedTextField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = EncryptedTextField(blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at")),
                name="authorization_answered_after_asked",
                violation_error_message="An answer cannot come before its question.",
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.pk}"
