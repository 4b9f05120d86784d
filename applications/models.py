import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import StudentProfile, User
from applications.uploads import stored_path
from applications.wording import shown
from applications.workflow import (
    SUBMITTED_OR_LATER,
    UNDECIDED,
    ApplicationStatus,
    OfferStatus,
)
from authorization.models import AuthorizationRecord
from core import clock
from core.events import Event
from postings.models import PAID, PayKind, Posting


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
    submitted_at = models.DateTimeField(null=True, blank=True)
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
    def least_days(self) -> int:
        """The fewest business days that a host may offer here."""
        kind = self.posting.opportunity_type
        return self.waived_days or (kind.offer_days_least if kind else 1)


class MaterialKind(models.TextChoices):
    RESUME = "resume", "Resume"
    COVER_LETTER = "cover_letter", "Cover letter"
    TRANSCRIPT = "transcript", "Transcript"
    WRITING_SAMPLE = "writing_sample", "Writing sample"
    PORTFOLIO = "portfolio", "Portfolio"
    WORK_SAMPLE = "work_sample", "Work sample"
    ANSWER = "answer", "Answer"


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, user: Any) -> "MaterialQuerySet":
        return self.filter(application__in=Application.objects.visible_to(user).order_by())


class Material(models.Model):
    """A file, or what was typed instead, in one application. Nothing changes it once the application is sent."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=16, choices=MaterialKind)
    question = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
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


class MaterialAccess(models.Model):
    """That another person opened a student's file, and when."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "material accesses"

    def __str__(self) -> str:
        return f"{self.user} opened {self.material}"


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


class OfferQuerySet(models.QuerySet["Offer"]):
    def of_student(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.of_student(user).order_by())

    def handled_by(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.handled_by(user).order_by())

    def visible_to(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.visible_to(user).order_by())

    def with_people(self) -> "OfferQuerySet":
        return self.select_related("application__student__user", "application__posting__organization")


class Offer(models.Model):
    """A written offer. Its policy (days, least, waiver, zone) is frozen when it is written; `days`, `last_day` and
    `deadline` move later only, through actions."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="offers")
    status = models.CharField(max_length=24, choices=OfferStatus, default=OfferStatus.OPEN, editable=False)
    status_at = models.DateTimeField("in this state since")
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    authorization = models.OneToOneField(
        AuthorizationRecord, models.PROTECT, null=True, blank=True, related_name="offer"
    )

    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day of work")
    hours_week = models.PositiveSmallIntegerField("hours a week")
    pay_kind = models.CharField(max_length=10, choices=PayKind)
    pay_amount = models.DecimalField("pay", max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    note = models.TextField(max_length=2000, blank=True)

    zone = models.CharField(max_length=64)
    policy_days = models.PositiveSmallIntegerField("business days promised")
    policy_least = models.PositiveSmallIntegerField("least business days at the time")
    waiver_reason = models.TextField(blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    days = models.PositiveSmallIntegerField("business days it comes to now")
    last_day = models.DateField("last day to decide")
    deadline = models.DateTimeField("open until")
    deadline_set_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=[*UNDECIDED, OfferStatus.ACCEPTED]),
                name="offer_one_at_a_time",
                violation_error_message="This application has an offer already.",
            ),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.EXPIRED, status_by=None)
                | (~Q(status=OfferStatus.EXPIRED) & Q(status_by__isnull=False)),
                name="offer_status_by_someone",
                violation_error_message="Somebody decided this; only the clock lets an offer expire.",
            ),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.ON_HOLD, held_at__isnull=False)
                | (~Q(status=OfferStatus.ON_HOLD) & Q(held_at=None)),
                name="offer_held_since_a_moment",
                violation_error_message="An offer on hold says since when, and no other does.",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[OfferStatus.ACCEPTED, OfferStatus.ACCEPTANCE_WITHDRAWN], authorization__isnull=False
                )
                | Q(~Q(status__in=[OfferStatus.ACCEPTED, OfferStatus.ACCEPTANCE_WITHDRAWN]), authorization=None),
                name="offer_accepted_with_a_start_gate",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="offer_dates_in_order",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(hours_week__gte=1, hours_week__lte=80),
                name="offer_hours_possible",
                violation_error_message="Enter between 1 and 80 hours a week.",
            ),
            models.CheckConstraint(
                condition=Q(pay_kind=PayKind.UNPAID, pay_amount=None) | Q(pay_kind__in=PAID, pay_amount__gt=0),
                name="offer_pay_matches_its_kind",
                violation_error_message="An unpaid offer has no amount; any other needs one above zero.",
            ),
            models.CheckConstraint(
                condition=Q(policy_least__gte=1, policy_days__gte=F("policy_least")),
                name="offer_days_within_policy",
                violation_error_message="The offer gives fewer days than the least.",
            ),
            models.CheckConstraint(
                condition=Q(waiver_reason="", waived_by=None) | (~Q(waiver_reason="") & Q(waived_by__isnull=False)),
                name="offer_waiver_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(deadline__gt=F("written_at")), name="offer_deadline_after_it_was_written"
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(status=OfferStatus.OPEN), name="offer_open_by_deadline")
        ]

    def __str__(self) -> str:
        return f"Offer to {self.application}"

    def get_absolute_url(self) -> str:
        return reverse("offer", args=[self.pk])

    @property
    def student(self) -> User:
        return self.application.student.user

    @property
    def deadline_shown(self) -> str:
        return shown(self.last_day, self.zone)

    @property
    def version(self) -> str:
        """A deadline only ever moves later, so its day tells one from another."""
        return self.last_day.isoformat()

    def is_open_at(self, now: dt.datetime) -> bool:
        return self.status == OfferStatus.OPEN and now < self.deadline


def positions_left(posting: Posting) -> int:
    taken = Offer.objects.filter(application__posting=posting, status=OfferStatus.ACCEPTED).count()
    return posting.positions - taken


class OfferExtension(models.Model):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="extensions")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    last_day_before = models.DateField()
    last_day = models.DateField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gt=F("last_day_before")),
                name="extension_moves_later",
                violation_error_message="An extension must name a later day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.offer}: until {self.last_day}"


class ApplicationEvent(Event):
    application = models.ForeignKey(Application, models.CASCADE, related_name="events")


class OfferEvent(Event):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="events")
