"""Immigration data. What rows say of a person is ciphertext; docs/decisions tells what stays readable, and why."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import StudentProfile
from accounts.roles import Role
from authorization.leadtime import Figures, LeadUnit
from authorization.workflow import EVENT_WORDS, Needs, RouteKind, Status
from campus.models import Verified
from core.events import Event
from core.fields import EncryptedTextField


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
    contractor = models.BooleanField("as a contractor", default=False)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    status = EncryptedTextField(choices=Status, default=Status.NOT_STARTED)
    route = EncryptedTextField(choices=RouteKind, blank=True)
    filed_on = EncryptedTextField(blank=True)

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
    def is_closed(self) -> bool:
        return self.closed_at is not None


class AuthorizationEvent(Event):
    record = models.ForeignKey(AuthorizationRecord, models.CASCADE, related_name="events")
    move = EncryptedTextField()
    from_status = EncryptedTextField(blank=True)
    to_status = EncryptedTextField(blank=True)
    note = EncryptedTextField(blank=True)

    def __str__(self) -> str:
        return f"Event {self.pk}"

    @property
    def text(self) -> str:
        return EVENT_WORDS.get(self.move, self.move)
