import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q, Value
from django.urls import reverse

from accounts.models import User
from applications.models.application import Application
from applications.wording import moment
from applications.workflow import BEING_ARRANGED, TALKING, ApplicationStatus, InterviewStatus
from core.events import Event
from postings.models import Posting

MOST_TIMES = 5
SHORTEST, LONGEST = 10, 240  # minutes
MINUTE = Value(dt.timedelta(minutes=1))


class InterviewMode(models.TextChoices):
    VIDEO = "video", "Video call"
    PHONE = "phone", "Phone call"
    IN_PERSON = "in_person", "In person"


class InterviewQuerySet(models.QuerySet["Interview"]):
    def of_student(self, user: Any) -> "InterviewQuerySet":
        return self.filter(application__student__user=user.pk)

    def of_hosts(self, user: Any) -> "InterviewQuerySet":
        """Those of the postings that the person manages."""
        sent = self.exclude(application__status=ApplicationStatus.DRAFT)
        return sent.filter(application__posting__in=Posting.objects.managed_by(user).order_by())

    def visible_to(self, user: Any) -> "InterviewQuerySet":
        """The two sides. Staff read of interviews on the application."""
        return self.of_student(user) | self.of_hosts(user)

    def held_by(self, user: Any) -> "InterviewQuerySet":
        """Of the interviews on the host's side, those at which this person sits: who proposed them, the host and the
        co-hosts of the posting."""
        return self.of_hosts(user).filter(
            Q(proposed_by=user.pk)
            | Q(application__posting__host__user=user.pk)
            | Q(application__posting__in=Posting.objects.filter(cohosts__user=user.pk).order_by())
        )

    def standing(self) -> "InterviewQuerySet":
        """With a time that was picked, of an application that has not ended."""
        return self.filter(status=InterviewStatus.PICKED, application__status__in=TALKING)

    def taken(self, by: int, starts: dt.datetime, ends: dt.datetime) -> "InterviewQuerySet":
        """What the person has agreed to at that time."""
        return self.filter(proposed_by=by, status=InterviewStatus.PICKED, starts_at__lt=ends, ends_at__gt=starts)

    def with_can_be_picked(self, now: dt.datetime) -> "InterviewQuerySet":
        """Each with whether one of its times is free."""
        free = InterviewTime.objects.filter(interview=OuterRef("pk")).free(now)
        return self.annotate(can_be_picked=Exists(free.order_by()))

    def with_people(self) -> "InterviewQuerySet":
        return self.select_related("application__student__user", "application__posting__organization", "proposed_by")


class Interview(models.Model):
    """One talk between a student and a host. `starts_at` and `ends_at` hold the time that was picked last, which
    stands while the status says so, and `picked_at` when that was. `picks` counts them, and `sequence` every change,
    for calendars and mails."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="interviews")
    status = models.CharField(max_length=16, choices=InterviewStatus, default=InterviewStatus.PROPOSED, editable=False)
    status_at = models.DateTimeField("in this state since")
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField("length in minutes", default=30)
    mode = models.CharField(max_length=10, choices=InterviewMode)
    note = models.TextField(max_length=2000, blank=True)
    reason = models.TextField("why it was canceled, or which times would suit", max_length=1000, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True, editable=False)
    picks = models.PositiveIntegerField(default=0, editable=False)
    sequence = models.PositiveIntegerField(default=0)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=BEING_ARRANGED),
                name="interview_arranged_one_at_a_time",
                violation_error_message="An interview is being arranged already.",
            ),
            models.CheckConstraint(
                condition=Q(status=InterviewStatus.CANCELED) | Q(status_by__isnull=False),
                name="interview_status_by_someone",
                violation_error_message="Only an interview of an application that has ended is canceled by nobody.",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST),
                name="interview_length_possible",
                violation_error_message=f"Enter between {SHORTEST} and {LONGEST} minutes.",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None, picked_at=None, picks=0) & ~Q(status=InterviewStatus.PICKED)
                | Q(starts_at__isnull=False, picked_at__isnull=False, picks__gt=0, ends_at__gt=F("starts_at")),
                name="interview_picked_with_its_time",
                violation_error_message="An interview that was picked has its time.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[InterviewStatus.PROPOSED, InterviewStatus.PICKED], reason="")
                | (Q(status__in=[InterviewStatus.TIMES_REFUSED, InterviewStatus.CANCELED]) & ~Q(reason="")),
                name="interview_turned_down_for_a_reason",
                violation_error_message="Whoever cancels, or asks for other times, says why.",
            ),
            ExclusionConstraint(
                name="interview_one_talk_at_a_time",
                expressions=[
                    ("proposed_by", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status=InterviewStatus.PICKED),
                violation_error_message="Whoever interviews is in another interview then.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"], condition=Q(status=InterviewStatus.PICKED), name="interview_picked_by_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}, {self.application}"

    def get_absolute_url(self) -> str:
        """It stands on the page of its application."""
        return f"{reverse('application', args=[self.application_id])}#interview-{self.pk}"

    @property
    def student(self) -> User:
        return self.application.student.user

    @property
    def is_picked(self) -> bool:
        return self.status == InterviewStatus.PICKED

    @property
    def shown(self) -> str:
        return moment(self.starts_at) if self.starts_at else ""

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """From when to when, of one that was picked at some point."""
        if self.starts_at is None or self.ends_at is None:
            raise ValueError("No time was ever picked for this interview.")
        return self.starts_at, self.ends_at

    @property
    def version(self) -> str:
        return str(self.sequence)

    @property
    def pick(self) -> str:
        """Of the time that was picked last: the same as long as that is kept, wherever people meet."""
        return str(self.picks)


class InterviewTimeQuerySet(models.QuerySet["InterviewTime"]):
    def free(self, now: dt.datetime) -> "InterviewTimeQuerySet":
        """Still to come, and not taken by another talk of whoever proposed it."""
        length = ExpressionWrapper(OuterRef("interview__minutes") * MINUTE, output_field=models.DurationField())
        ends = ExpressionWrapper(OuterRef("starts_at") + length, output_field=models.DateTimeField())
        taken = Interview.objects.filter(
            proposed_by=OuterRef("interview__proposed_by"),
            status=InterviewStatus.PICKED,
            starts_at__lt=ends,
            ends_at__gt=OuterRef("starts_at"),
        )
        return self.filter(starts_at__gt=now).exclude(Exists(taken))


class InterviewTime(models.Model):
    """One of the times that are proposed now."""

    interview = models.ForeignKey(Interview, models.CASCADE, related_name="times")
    number = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()

    objects = InterviewTimeQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["interview", "number"], name="interview_time_numbered_once"),
            models.UniqueConstraint(
                fields=["interview", "starts_at"],
                name="interview_time_proposed_once",
                violation_error_message="Each time is proposed once.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_TIMES),
                name="interview_times_one_to_five",
                violation_error_message=f"Propose up to {MOST_TIMES} times.",
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        return moment(self.starts_at)


class InterviewEvent(Event):
    interview = models.ForeignKey(Interview, models.CASCADE, related_name="events")
