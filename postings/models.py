import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils import timezone

from accounts.models import Host, Level, Membership, Organization
from campus.models import Verified
from core import clock
from core.events import Event
from postings.workflow import (
    APPROVED,
    ENDED,
    JUDGED,
    OVER,
    UNSUBMITTED,
    HoldCause,
    Reason,
    RevisionStatus,
    Status,
)

HOME_COUNTRY = "US"
HOME_CURRENCY = "USD"
MICRO = "micro-internship"
CONTRACTOR = "contractor"
MOST_WEEKS = 104
MOST_HOURS_A_WEEK = 60
MOST_POSITIONS = 200


class OpportunityType(Verified):
    """Micro-internship, internship, full-time job. The ranges warn and refuse nothing."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    plural = models.CharField(max_length=60)
    weeks_min = models.PositiveSmallIntegerField(null=True, blank=True)
    weeks_max = models.PositiveSmallIntegerField(null=True, blank=True)
    hours_week_min = models.PositiveSmallIntegerField("hours a week, at least", null=True, blank=True)
    hours_week_max = models.PositiveSmallIntegerField("hours a week, at most", null=True, blank=True)
    total_hours_min = models.PositiveSmallIntegerField("hours in total, at least", null=True, blank=True)
    total_hours_max = models.PositiveSmallIntegerField("hours in total, at most", null=True, blank=True)
    offer_days_least = models.PositiveSmallIntegerField(
        "business days to decide, at least", validators=[MinValueValidator(1)]
    )
    offer_days_recommended = models.PositiveSmallIntegerField("business days to decide, recommended")
    pay_low = models.DecimalField("typical pay an hour, from", max_digits=7, decimal_places=2, null=True, blank=True)
    pay_high = models.DecimalField("typical pay an hour, to", max_digits=7, decimal_places=2, null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField("offered to hosts", default=True)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weeks_min__lte=F("weeks_max")),
                name="type_weeks_in_order",
                violation_error_message="The most weeks must not be fewer than the least.",
            ),
            models.CheckConstraint(
                condition=Q(hours_week_min__lte=F("hours_week_max")),
                name="type_hours_in_order",
                violation_error_message="The most hours a week must not be fewer than the least.",
            ),
            models.CheckConstraint(
                condition=Q(total_hours_min__lte=F("total_hours_max")),
                name="type_total_in_order",
                violation_error_message="The most hours in total must not be fewer than the least.",
            ),
            models.CheckConstraint(
                condition=Q(offer_days_least__gte=1, offer_days_recommended__gte=F("offer_days_least")),
                name="type_offer_days_in_order",
                violation_error_message="Students get at least one business day, and the recommended number "
                "must not be below the least.",
            ),
            models.CheckConstraint(
                condition=Q(pay_low__lte=F("pay_high")),
                name="type_pay_in_order",
                violation_error_message="The pay band must not end below its start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EngagementType(Verified):
    """How the student is engaged: a policy of the career office, stated on every posting."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    allowed = models.BooleanField("allowed by the career office", default=True)
    explanation = models.TextField(help_text="Shown to hosts and students.")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Stream(models.Model):
    """A kind of work."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class LabelRule(models.TextChoices):
    BY_HAND = "by_hand", "Given by staff"
    OPPORTUNITY_TYPE = "opportunity_type", "Follows the opportunity type"
    ALUMNI_HOST = "alumni_host", "Follows a verified alumni host"
    ABROAD = "abroad", "Follows a host abroad"


class Label(models.Model):
    """A mark of the school's own. Only labels given by hand are ever stored on a posting; the others are derived."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    plural = models.CharField("name in the filter", max_length=60, blank=True)
    public = models.BooleanField("shown to everyone", default=True)
    rule = models.CharField("how it is given", max_length=20, choices=LabelRule, default=LabelRule.BY_HAND)
    opportunity_type = models.ForeignKey(OpportunityType, models.CASCADE, null=True, blank=True, related_name="labels")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rule=LabelRule.OPPORTUNITY_TYPE, opportunity_type__isnull=False)
                | (~Q(rule=LabelRule.OPPORTUNITY_TYPE) & Q(opportunity_type=None)),
                name="label_type_with_its_rule",
                violation_error_message="Name an opportunity type exactly when the label follows one.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PayFloor(Verified):
    """The least pay an hour: the program's own with no place, and minimum wages by place above it."""

    country = models.CharField(max_length=2, blank=True, help_text="Two letters; empty for the program's own floor.")
    region = models.CharField(max_length=40, blank=True, help_text="State or city; empty for the whole country.")
    hourly = models.DecimalField(max_digits=7, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    currency = models.CharField(max_length=3, default=HOME_CURRENCY)

    class Meta:
        ordering = ["country", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region", "currency"],
                name="pay_floor_once_per_place",
                violation_error_message="This place has a floor in this currency already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hourly} {self.currency} an hour, {self.place}"

    @property
    def place(self) -> str:
        return ", ".join(filter(None, [self.region, self.country])) or "everywhere"


class LocationMode(models.TextChoices):
    REMOTE = "remote", "Remote"
    HYBRID = "hybrid", "Hybrid"
    ON_SITE = "on_site", "On site"


class PayKind(models.TextChoices):
    HOURLY = "hourly", "By the hour"
    FIXED_FEE = "fixed_fee", "Fixed fee"
    UNPAID = "unpaid", "Unpaid"


PAID = (PayKind.HOURLY, PayKind.FIXED_FEE)


class Supply(models.TextChoices):
    LAPTOP = "laptop", "Laptop"
    PRINTER = "printer", "Printer"
    CONNECTIVITY = "connectivity", "Internet or phone connection"
    SOFTWARE = "software", "Software licenses"
    OTHER = "other", "Something else"


class MaterialKind(models.TextChoices):
    """What a host may ask for beyond the resume and cover letter, which every application has."""

    TRANSCRIPT = "transcript", "Transcript"
    WRITING_SAMPLE = "writing_sample", "Writing sample"
    PORTFOLIO = "portfolio", "Portfolio"
    WORK_SAMPLE = "work_sample", "Work sample"
    SHORT_ANSWERS = "short_answers", "Short answers"


def _open(now: dt.datetime) -> Q:
    opened = Q(status=Status.OPEN) | Q(status=Status.SCHEDULED, opens_at__lte=now)
    return opened & (Q(apply_by=None) | Q(apply_by__gt=now))


def _manages(user: Any) -> Q:
    return (
        Q(host__user=user)
        | Q(Exists(Posting.cohosts.through.objects.filter(posting=OuterRef("pk"), host__user=user)))
        | Q(Exists(Membership.objects.filter(organization=OuterRef("organization"), user=user)))
    )


class PostingQuerySet(models.QuerySet["Posting"]):
    def open_at(self, now: dt.datetime | None = None) -> "PostingQuerySet":
        """What students can apply to at this moment, to the second, wherever the clock's task may be."""
        return self.filter(_open(now or clock.now()))

    def managed_by(self, user: Any) -> "PostingQuerySet":
        """The host's own, co-hosted ones, and those of organizations the person belongs to."""
        return self.filter(_manages(user)) if user.is_authenticated else self.none()

    def visible_to(self, user: Any, now: dt.datetime | None = None) -> "PostingQuerySet":
        """Everyone sees what is open, and that something was; hosts see theirs, staff all but unsent drafts."""
        past = Q(status__in=[*OVER, Status.OPEN], organization__suspended_at=None)
        public = _open(now or clock.now()) | past
        if not user.is_authenticated:
            return self.filter(public)
        if user.has_perm("postings.view_posting"):
            return self.filter(public | _manages(user) | ~Q(status=Status.DRAFT))
        return self.filter(public | _manages(user))

    def with_alumni_host(self) -> "PostingQuerySet":
        """Annotates `alumni_host`: a verified alumnus with an account who posts or co-hosts."""
        verified = Host.objects.filter(alumnus_verified_at__isnull=False, user__is_active=True)
        through = Posting.cohosts.through.objects.filter(posting=OuterRef("pk"), host__in=verified)
        return self.annotate(
            alumni_host=ExpressionWrapper(
                Exists(verified.filter(pk=OuterRef("host"))) | Exists(through), output_field=models.BooleanField()
            )
        )

    def for_cards(self) -> "PostingQuerySet":
        """Everything that a list shows of a posting, in a constant number of queries."""
        return (
            self.with_alumni_host()
            .select_related("organization", "stream", "opportunity_type")
            .prefetch_related("labels")
            .defer("search")
        )

    def for_page(self) -> "PostingQuerySet":
        """Everything that a posting's own page says."""
        return self.for_cards().select_related("engagement_type", "host__user").prefetch_related("cohosts__user")

    def waiting(self) -> "PostingQuerySet":
        """The moderation queue, oldest first."""
        return self.filter(status=Status.SUBMITTED).order_by("submitted_at", "pk")


class Fold(Func):
    """Lower case without accents; the wrapper of unaccent that a generated column accepts (see the migration)."""

    function = "public.fold_text"
    output_field = models.TextField()


def _search_vector() -> Any:
    def weighted(field: str, weight: str) -> SearchVector:
        return SearchVector(Fold(Coalesce(F(field), Value(""))), config="english", weight=weight)

    return (
        weighted("title", "A")
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
        "business days to answer", null=True, blank=True, validators=_between(1, 60)
    )
    credit_possible = models.BooleanField(default=False)

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


class PostingEvent(Event):
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="events")
    reason = models.CharField(max_length=20, choices=Reason, blank=True)


class RevisionQuerySet(models.QuerySet["PostingRevision"]):
    def waiting(self) -> "RevisionQuerySet":
        return self.filter(status=RevisionStatus.WAITING).order_by("proposed_at", "pk")


class PostingRevision(models.Model):
    """An edit of an approved posting that waits for a moderator while the approved version stays up."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="revisions")
    changes = models.JSONField(encoder=DjangoJSONEncoder)
    status = models.CharField(max_length=12, choices=RevisionStatus, default=RevisionStatus.WAITING, editable=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    comment = models.TextField(blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["posting"], condition=Q(status=RevisionStatus.WAITING), name="revision_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(status=RevisionStatus.WAITING, decided_at=None, decided_by=None)
                | Q(status=RevisionStatus.REPLACED, decided_at__isnull=False)
                | Q(status=RevisionStatus.APPROVED, decided_at__isnull=False, decided_by__isnull=False)
                | (
                    Q(status=RevisionStatus.DECLINED, decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(reason="")
                ),
                name="revision_decided_by_someone",
                violation_error_message="A decision needs who made it, when, and for a refusal the reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"Changes to {self.posting}"
