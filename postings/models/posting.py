import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone

from accounts.models import Host, Level, Organization
from postings.models.choices import (
    ANSWER_DAYS,
    HOME_COUNTRY,
    HOME_CURRENCY,
    MOST_HOURS_A_WEEK,
    MOST_POSITIONS,
    MOST_WEEKS,
    PAID,
    LocationMode,
    MaterialKind,
    PayKind,
    Supply,
)
from postings.models.querysets import PostingQuerySet
from postings.models.rows import EngagementType, Label, OpportunityType, Stream
from postings.workflow import APPROVED, ENDED, JUDGED, UNSUBMITTED, HoldCause, Reason, Status


class Fold(Func):
    """Lower case without accents; the wrapper of unaccent that a generated column accepts (see the migration)."""

    function = "public.fold_text"
    output_field = models.TextField()


def _search_vector() -> Any:
    def weighted(field: str, weight: str, config: str = "english") -> SearchVector:
        return SearchVector(Fold(Coalesce(F(field), Value(""))), config=config, weight=weight)

    # The words as they stand are kept beside their stems: marketing is not market, and stands before it.
    return (
        weighted("title", "A", "simple")
        + weighted("skills", "B", "simple")
        + weighted("search_context", "B", "simple")
        + weighted("title", "A")
        + weighted("skills", "B")
        + weighted("search_context", "B")
        + weighted("deliverable", "C")
        + weighted("learning_goals", "C")
        + weighted("brief", "D")
    )


def _between(least: int, most: int) -> list[Any]:
    return [MinValueValidator(least), MaxValueValidator(most)]


class Posting(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="postings")
    host = models.ForeignKey(Host, models.PROTECT, related_name="postings")
    cohosts = models.ManyToManyField(Host, related_name="cohosted_postings", blank=True)
    opportunity_type = models.ForeignKey(OpportunityType, models.PROTECT, null=True, related_name="postings")
    stream = models.ForeignKey(Stream, models.PROTECT, null=True, related_name="postings")
    labels = models.ManyToManyField(Label, related_name="postings", blank=True)

    title = models.CharField(max_length=120)
    brief = models.TextField("project brief", max_length=8000, blank=True)
    deliverable = models.TextField(max_length=1000, blank=True)
    learning_goals = models.TextField(max_length=1500, blank=True)
    skills = models.CharField(max_length=300, blank=True)

    weeks_min = models.PositiveSmallIntegerField(
        "weeks, at least", null=True, blank=True, validators=_between(1, MOST_WEEKS)
    )
    weeks_max = models.PositiveSmallIntegerField(
        "weeks, at most", null=True, blank=True, validators=_between(1, MOST_WEEKS)
    )
    hours_week_min = models.PositiveSmallIntegerField(
        "hours a week, at least", null=True, blank=True, validators=_between(1, MOST_HOURS_A_WEEK)
    )
    hours_week_max = models.PositiveSmallIntegerField(
        "hours a week, at most", null=True, blank=True, validators=_between(1, MOST_HOURS_A_WEEK)
    )
    total_hours = models.PositiveSmallIntegerField(
        "hours in total", null=True, blank=True, validators=_between(1, MOST_WEEKS * MOST_HOURS_A_WEEK)
    )
    start_earliest = models.DateField("earliest start", null=True, blank=True)
    start_latest = models.DateField("latest start", null=True, blank=True)

    location_mode = models.CharField(max_length=10, choices=LocationMode, default=LocationMode.REMOTE)
    place = models.CharField("city", max_length=120, blank=True)
    region = models.CharField("state or region", max_length=40, blank=True)
    country = models.CharField(max_length=2, default=HOME_COUNTRY)
    street_address = models.CharField(max_length=200, blank=True)
    supplies = ArrayField(models.CharField(max_length=16, choices=Supply), default=list, blank=True)
    supplies_note = models.CharField(max_length=200, blank=True)

    pay_kind = models.CharField(max_length=10, choices=PayKind, blank=True)
    pay_amount = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default=HOME_CURRENCY)
    unpaid_basis = models.TextField(max_length=1000, blank=True)
    travel_costs_covered = models.BooleanField(default=False)
    unpaid_talk_at = models.DateTimeField(null=True, blank=True)
    unpaid_talk_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    engagement_type = models.ForeignKey(EngagementType, models.PROTECT, null=True, related_name="postings")
    levels = ArrayField(models.CharField(max_length=16, choices=Level), default=list, blank=True)
    mentor_name = models.CharField(max_length=120, blank=True)
    mentor_title = models.CharField(max_length=120, blank=True)
    mentor_email = models.EmailField(blank=True)
    feedback_plan = models.TextField(max_length=1000, blank=True)
    extra_materials = ArrayField(models.CharField(max_length=16, choices=MaterialKind), default=list, blank=True)
    questions = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    positions = models.PositiveSmallIntegerField(default=1, validators=_between(1, MOST_POSITIONS))
    opens_at = models.DateTimeField(null=True, blank=True)
    apply_by = models.DateTimeField(null=True, blank=True)
    answer_within = models.PositiveSmallIntegerField(
        "business days to answer",
        null=True,
        blank=True,
        choices=[(days, f"{days} business days") for days in ANSWER_DAYS],
    )
    credit_possible = models.BooleanField(default=False)
    campus_only = models.BooleanField("for the campus only", default=False)

    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    expectations_read_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decision_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    decision_comment = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    hold_cause = models.CharField(max_length=12, choices=HoldCause, blank=True)
    hold_note = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    # The names of what a posting belongs to, for search; kept by actions.
    search_context = models.TextField(blank=True, editable=False)
    search = models.GeneratedField(expression=_search_vector(), output_field=SearchVectorField(), db_persist=True)
    # The least that an hour can come to: rules.effective_pay says the same in Python.
    effective_hourly = models.GeneratedField(
        expression=Case(
            When(pay_kind=PayKind.HOURLY, then=F("pay_amount")),
            When(
                pay_kind=PayKind.FIXED_FEE,
                then=ExpressionWrapper(
                    F("pay_amount")
                    / NullIf(Coalesce(F("total_hours"), F("weeks_max") * F("hours_week_max")), Value(0)),
                    output_field=models.DecimalField(max_digits=9, decimal_places=2),
                ),
            ),
            When(pay_kind=PayKind.UNPAID, then=Value(Decimal(0))),
            default=None,
        ),
        output_field=models.DecimalField(max_digits=9, decimal_places=2, null=True),
        db_persist=True,
    )

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            GinIndex(fields=["search"], name="posting_search"),
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="posting_newest",
                condition=Q(status__in=["open", "scheduled"]),
            ),
            models.Index(fields=["apply_by"], name="posting_apply_by", condition=Q(status="open")),
            models.Index(fields=["submitted_at"], name="posting_queue", condition=Q(status="submitted")),
            # For the office: all postings in the order of the list, and what the figures of a period count.
            models.Index(fields=["submitted_at", "id"], include=["status", "country"], name="posting_submissions"),
            models.Index(
                fields=["published_at"],
                include=["status", "country", "stream", "pay_kind", "submitted_at", "approved_at", "host"],
                name="posting_figures",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=UNSUBMITTED) | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="posting_submitted_by_someone",
                violation_error_message="A posting past its draft needs who submitted it, and when.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=APPROVED)
                | Q(approved_at__isnull=False, approved_by__isnull=False, published_at__isnull=False),
                name="posting_approved_by_someone",
                violation_error_message="An approved posting needs who approved it, and when.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=JUDGED)
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision_reason="")),
                name="posting_judged_for_a_reason",
                violation_error_message="Give a reason: the host reads it.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.ON_HOLD, held_at__isnull=False, held_by__isnull=False)
                    & ~Q(hold_cause="")
                    & ~Q(hold_note="")
                )
                | (~Q(status=Status.ON_HOLD) & Q(held_at=None, held_by=None, hold_cause="", hold_note="")),
                name="posting_held_by_someone",
                violation_error_message="A hold needs who set it, when and why, and no other state has one.",
            ),
            models.CheckConstraint(
                condition=(Q(status__in=ENDED, ended_at__isnull=False) | (~Q(status__in=ENDED) & Q(ended_at=None)))
                & (~Q(status__in=[Status.CLOSED, Status.WITHDRAWN]) | Q(ended_by__isnull=False)),
                name="posting_ended_at_some_time",
                violation_error_message="A posting that is over needs when it ended, and who closed it.",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SCHEDULED) | Q(opens_at__isnull=False),
                name="posting_scheduled_for_a_time",
                violation_error_message="A scheduled posting needs the time it opens.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNSUBMITTED)
                | (
                    Q(
                        opportunity_type__isnull=False,
                        stream__isnull=False,
                        engagement_type__isnull=False,
                        hours_week_min__isnull=False,
                        hours_week_max__isnull=False,
                        start_earliest__isnull=False,
                        start_latest__isnull=False,
                        levels__len__gte=1,
                    )
                    & ~Q(brief="")
                    & ~Q(deliverable="")
                    & ~Q(mentor_name="")
                    & (Q(location_mode=LocationMode.REMOTE) | ~Q(place=""))
                    & (Q(pay_kind=PayKind.UNPAID) | Q(pay_kind__in=PAID, pay_amount__isnull=False))
                ),
                name="posting_complete_when_submitted",
                violation_error_message="Complete the posting before you submit it.",
            ),
            models.CheckConstraint(
                condition=Q(pay_amount=None) | (~Q(pay_kind=PayKind.UNPAID) & Q(pay_amount__gt=0)),
                name="posting_pay_matches_its_kind",
                violation_error_message="An unpaid posting has no amount; any other needs one above zero.",
            ),
            models.CheckConstraint(
                condition=~Q(pay_kind=PayKind.UNPAID, status__in=APPROVED)
                | (
                    Q(unpaid_talk_at__isnull=False, unpaid_talk_by__isnull=False, travel_costs_covered=True)
                    & ~Q(unpaid_basis="")
                ),
                name="posting_unpaid_after_a_talk",
                violation_error_message="An unpaid posting needs a basis, a conversation with the career office, "
                "and local travel costs borne by the host.",
            ),
            models.CheckConstraint(
                condition=Q(weeks_min=None, weeks_max=None)
                | Q(
                    weeks_min__isnull=False,
                    weeks_max__isnull=False,
                    weeks_min__gte=1,
                    weeks_min__lte=F("weeks_max"),
                    weeks_max__lte=MOST_WEEKS,
                )
                | (Q(status__in=UNSUBMITTED) & (Q(weeks_min=None) | Q(weeks_max=None))),
                name="posting_weeks_in_order",
                violation_error_message="Enter at least one week, no fewer weeks at most than at least, "
                f"and no more than {MOST_WEEKS}.",
            ),
            models.CheckConstraint(
                condition=Q(
                    hours_week_min__gte=1,
                    hours_week_min__lte=F("hours_week_max"),
                    hours_week_max__lte=MOST_HOURS_A_WEEK,
                )
                | Q(hours_week_min=None)
                | Q(hours_week_max=None),
                name="posting_hours_in_order",
                violation_error_message="Enter at least one hour a week, no fewer hours at most than at least, "
                f"and no more than {MOST_HOURS_A_WEEK}.",
            ),
            models.CheckConstraint(
                condition=Q(total_hours=None) | Q(total_hours__gte=1),
                name="posting_total_hours_positive",
                violation_error_message="Enter at least one hour in total, or leave it empty.",
            ),
            models.CheckConstraint(
                condition=Q(start_latest__gte=F("start_earliest")),
                name="posting_starts_in_order",
                violation_error_message="The latest start must not be before the earliest.",
            ),
            models.CheckConstraint(
                condition=Q(apply_by__gt=F("opens_at")),
                name="posting_opens_before_it_closes",
                violation_error_message="The posting must open before its application deadline.",
            ),
            models.CheckConstraint(
                condition=Q(positions__gte=1),
                name="posting_has_a_position",
                violation_error_message="Enter at least one position.",
            ),
            models.CheckConstraint(
                condition=Q(answer_within=None) | Q(answer_within__in=ANSWER_DAYS),
                name="posting_answer_promised_in_days",
                violation_error_message="Choose one of the promises listed, or none.",
            ),
            models.CheckConstraint(
                condition=Q(levels__contained_by=[level.value for level in Level]),
                name="posting_levels_known",
                violation_error_message="Choose undergraduate, graduate or both.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("posting", args=[self.pk])

    @property
    def is_global(self) -> bool:
        """Abroad: the partner program administers it."""
        return self.country != HOME_COUNTRY

    @property
    def is_unpaid(self) -> bool:
        return self.pay_kind == PayKind.UNPAID

    def is_open_at(self, now: dt.datetime) -> bool:
        """The same question as PostingQuerySet.open_at, of one posting in hand."""
        opened = self.status == Status.OPEN or (
            self.status == Status.SCHEDULED and self.opens_at is not None and self.opens_at <= now
        )
        return opened and (self.apply_by is None or now < self.apply_by)
