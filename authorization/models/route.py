from django.conf import settings
from django.db import models
from django.db.models import Q

from authorization.leadtime import Figures, LeadUnit
from authorization.workflow import RouteKind
from campus.models import Verified


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
            link=self.link,
            who_decides=self.who_decides,
            proof=self.proof,
            weekly_cap=self.weekly_cap,
        )
