import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from authorization.leadtime import Figures, LeadUnit, verified_too_long_ago
from authorization.workflow import RouteKind
from campus.models import Verified
from core import clock

# What a verdict is reckoned with. Whoever verified the row answers for these.
FIGURES = frozenset(
    {
        "kind",
        "preparation_days",
        "lead_days",
        "lead_unit",
        "post_days",
        "typical_days",
        "earliest_days",
        "after_offer",
        "employer_specific",
        "weekly_cap",
    }
)


class Route(Verified):
    """A way to work authorization and how long it takes. Nothing in code knows these figures."""

    kind = models.CharField(
        max_length=8, choices=[(kind.value, kind.label) for kind in RouteKind if kind not in ("none", "unsure")]
    )
    name = models.CharField(max_length=80, unique=True)
    who_decides = models.CharField(max_length=200)
    proof = models.CharField("proof needed to begin", max_length=200)
    preparation_days = models.PositiveSmallIntegerField(
        default=0, help_text="Campus business days to get ready for filing: course, advisor, letter, form."
    )
    lead_days = models.PositiveSmallIntegerField(
        "decision takes", null=True, blank=True, help_text="Empty: students are sent to the international office."
    )
    lead_unit = models.CharField(
        "in",
        max_length=8,
        choices=[
            (LeadUnit.CAMPUS.value, "campus business days"),
            (LeadUnit.FEDERAL.value, "federal business days"),
            (LeadUnit.CALENDAR.value, "calendar days"),
        ],
        default=LeadUnit.CAMPUS.value,
    )
    post_days = models.PositiveSmallIntegerField(
        "and the post", default=0, help_text="Calendar days after the decision."
    )
    typical_days = models.PositiveSmallIntegerField(
        "typically", null=True, blank=True, help_text="In the same unit; shown beside the lead, never counted with."
    )
    earliest_days = models.PositiveSmallIntegerField(
        "earliest filing", null=True, blank=True, help_text="Calendar days before the first day of work."
    )
    after_offer = models.BooleanField("filed only after the offer", default=False)
    employer_specific = models.BooleanField(
        "for one employer", default=True, help_text="An approval for one project says nothing about another."
    )
    weekly_cap = models.PositiveSmallIntegerField("hours a week in term, at most", null=True, blank=True)
    link = models.URLField(blank=True, help_text="Where a student reads on.")
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_verified=None, verified_by=None)
                | Q(last_verified__isnull=False, verified_by__isnull=False),
                name="route_verified_by_someone",
                violation_error_message="A verification needs its date and the person who made it.",
            ),
            models.CheckConstraint(
                condition=Q(lead_unit__in=[unit.value for unit in LeadUnit]), name="route_lead_unit_known"
            ),
            models.CheckConstraint(
                condition=Q(preparation_days__lte=365, post_days__lte=365)
                & (Q(lead_days=None) | Q(lead_days__lte=730))
                & (Q(typical_days=None) | Q(typical_days__lte=730))
                & (Q(earliest_days=None) | Q(earliest_days__lte=730)),
                name="route_figures_are_days",
                violation_error_message="A lead is at most 730 days, preparation and post at most 365.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def figures(self) -> Figures:
        return Figures(
            name=self.name,
            kind=self.kind,
            preparation=self.preparation_days,
            lead=self.lead_days,
            unit=LeadUnit(self.lead_unit),
            post=self.post_days,
            typical=self.typical_days,
            earliest_before=self.earliest_days,
            after_offer=self.after_offer,
            verified=self.last_verified is not None,
            verified_on=self.last_verified,
            link=self.link,
            who_decides=self.who_decides,
            proof=self.proof,
            weekly_cap=self.weekly_cap,
        )

    def is_stale(self, today: dt.date | None = None) -> bool:
        """Nobody has compared the row with its source for half a year, or ever."""
        return self.last_verified is None or verified_too_long_ago(self.last_verified, today or clock.today())


class RouteChange(models.Model):
    """One value of a row that changed: who, when, from, to, why. Rows say nothing of a person, so neither does this."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(before=models.F("after")), name="route_change_changes_something"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.before or 'nothing'} to {self.after or 'nothing'}"

    @property
    def what(self) -> str:
        field: Any = Route._meta.get_field(self.field)
        return str(field.verbose_name)


class RouteStep(models.Model):
    """What is to be done on the way to an authorization, as the office tells it."""

    class SettledBy(models.TextChoices):
        TICK = "tick", "A tick by student or advisor"
        ADVISE = "advise", "The meeting with the advisor"
        FILE = "file", "The filing"
        APPROVE = "approve", "The approval"

    kind = models.CharField(
        "route",
        max_length=8,
        choices=[(kind.value, kind.label) for kind in RouteKind if kind != "none"],
        help_text="The steps of “Not sure” are shown while no route is known.",
    )
    name = models.CharField("what is to be done", max_length=120)
    hint = models.CharField(max_length=300, blank=True)
    settled_by = models.CharField(max_length=8, choices=SettledBy, default=SettledBy.TICK)
    asks_number = models.BooleanField(
        "asks for a number and a date", default=False, help_text="Of a receipt, for example. Ticked steps alone."
    )
    document = models.CharField(
        max_length=80,
        blank=True,
        help_text="What the student may upload at this step, for example I-20. Empty: nothing.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "position", "pk"]
        verbose_name = "step of a route"
        verbose_name_plural = "steps of routes"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name"], name="route_step_once", violation_error_message="This step is already listed."
            ),
            models.CheckConstraint(
                condition=Q(asks_number=False) | Q(settled_by="tick"),
                name="route_step_asks_where_it_is_ticked",
                violation_error_message="Only a step that is ticked asks for a number.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
