"""What staff edit: types, streams, labels, engagements and pay floors."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from campus.models import Verified
from postings.models.choices import HOME_CURRENCY, LabelRule


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
