from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import StudentProfile
from applications.models.guidelines import Acknowledgment
from applications.workflow import RUNNING, SUBMITTED_OR_LATER, ApplicationStatus
from core.events import Event
from postings.models import Posting


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of_student(self, user: Any) -> "ApplicationQuerySet":
        return self.filter(student__user=user.pk)

    def handled_by(self, user: Any) -> "ApplicationQuerySet":
        """Seen from the other side of the table: staff, and whoever manages the posting. Drafts are the student's
        own affair."""
        sent = self.exclude(status=ApplicationStatus.DRAFT)
        if user.has_perm("applications.view_application"):
            return sent
        return sent.filter(posting__in=Posting.objects.managed_by(user).order_by())

    def running(self) -> "ApplicationQuerySet":
        """Sent, and not yet answered for good."""
        return self.filter(status__in=RUNNING)

    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        return self.of_student(user) | self.handled_by(user)

    def with_people(self) -> "ApplicationQuerySet":
        return self.select_related("student__user", "posting__organization", "posting__opportunity_type")


class Application(models.Model):
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="applications")
    student = models.ForeignKey(StudentProfile, models.PROTECT, related_name="applications")
    status = models.CharField(max_length=24, choices=ApplicationStatus, default=ApplicationStatus.DRAFT, editable=False)
    status_at = models.DateTimeField("in this state since")
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    saved_from = models.CharField("page that changed the draft last", max_length=32, blank=True, editable=False)
    saved_turn = models.PositiveBigIntegerField("how far that page has counted", default=0, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    promised_days = models.PositiveSmallIntegerField(
        "business days to answer, as promised when it was sent", null=True, blank=True, editable=False
    )
    acknowledgment = models.ForeignKey(Acknowledgment, models.PROTECT, null=True, blank=True, related_name="+")
    waived_days = models.PositiveSmallIntegerField("business days to decide, by waiver", null=True, blank=True)
    waived_reason = models.TextField(blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    waived_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["posting", "student"],
                name="application_once_per_posting",
                violation_error_message="There is an application to this posting already.",
            ),
            models.CheckConstraint(
                condition=Q(status=ApplicationStatus.DRAFT, submitted_at=None)
                | Q(status__in=SUBMITTED_OR_LATER, submitted_at__isnull=False, acknowledgment__isnull=False),
                name="application_submitted_with_acknowledgment",
                violation_error_message="An application is sent at a moment, after the guidelines were acknowledged.",
            ),
            models.CheckConstraint(
                condition=Q(promised_days=None) | (~Q(status=ApplicationStatus.DRAFT) & Q(promised_days__gte=1)),
                name="application_promised_when_sent",
                violation_error_message="A promise to answer is made to an application that is sent.",
            ),
            models.CheckConstraint(
                condition=Q(status=ApplicationStatus.OFFER_EXPIRED, status_by=None)
                | (~Q(status=ApplicationStatus.OFFER_EXPIRED) & Q(status_by__isnull=False)),
                name="application_status_by_someone",
                violation_error_message="Somebody moved the application here; only the clock lets an offer expire.",
            ),
            models.CheckConstraint(
                condition=Q(waived_days=None, waived_by=None, waived_at=None, waived_reason="")
                | (Q(waived_days__gte=1, waived_by__isnull=False, waived_at__isnull=False) & ~Q(waived_reason="")),
                name="application_waiver_with_reason",
                violation_error_message="A waiver needs its days, a reason, and who gave it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student} to {self.posting}"

    def get_absolute_url(self) -> str:
        return reverse("application", args=[self.pk])

    @property
    def answer_within(self) -> int | None:
        """Business days: what was promised when it was sent, or what is promised now where that is sooner."""
        return min(filter(None, [self.promised_days, self.posting.answer_within]), default=None)

    @property
    def least_days(self) -> int:
        """The fewest business days that a host may offer here."""
        kind = self.posting.opportunity_type
        return self.waived_days or (kind.offer_days_least if kind else 1)


class ApplicationEvent(Event):
    application = models.ForeignKey(Application, models.CASCADE, related_name="events")
