from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from applications.models import Offer
from authorization.models import AuthorizationRecord
from core.events import Event
from placements.workflow import BEGUN, OVER, TO_COME, Status
from postings.models import Posting
from programs.models import ProgramRecord, managed_by

QUARTERS_A_DAY = 96


class PlacementQuerySet(models.QuerySet["Placement"]):
    def of_student(self, user: Any) -> "PlacementQuerySet":
        return self.filter(offer__application__student__user=user.pk)

    def managed_by(self, user: Any) -> "PlacementQuerySet":
        """Of the hosts who look after the posting."""
        return self.filter(offer__application__posting__in=Posting.objects.managed_by(user).order_by())

    def visible_to(self, user: Any) -> "PlacementQuerySet":
        """The student's own, those of the hosts, everything to the staff who may look at placements, and to managers
        what their programs administer."""
        if user.has_perm("placements.view_placement"):
            return self
        administered = ProgramRecord.objects.filter(managed_by(user, "program")).order_by()
        return self.of_student(user) | self.managed_by(user) | self.filter(program_record__in=administered)

    def with_people(self) -> "PlacementQuerySet":
        return self.select_related(
            "offer__application__student__user",
            "offer__application__posting__organization",
            "offer__authorization",
            "program_record",
        ).defer("offer__application__posting__search")


class Placement(models.Model):
    """An accepted offer, being done. Its dates are those of the offer until they are moved. It cannot have begun on a
    day that no clearance covers: a trigger of the database looks at the records, too."""

    offer = models.OneToOneField(Offer, models.PROTECT, related_name="placement")
    # For a host abroad: the program clears it too.
    program_record = models.OneToOneField(
        ProgramRecord, models.PROTECT, null=True, blank=True, related_name="placement"
    )
    status = models.CharField(max_length=24, choices=Status, editable=False)
    status_at = models.DateTimeField("in this state since")
    # Empty where a clearance moved it: who gave it or took it back is between the student and the advisors.
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day of work")
    began_on = models.DateField("begun on", null=True, blank=True)
    deliverable = models.TextField(blank=True, max_length=4000)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="placement_status_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="placement_dates_in_order",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=BEGUN, began_on__isnull=False, began_on__gte=F("starts_on"))
                | (~Q(status__in=BEGUN) & Q(began_on=None)),
                name="placement_begun_on_a_day",
                violation_error_message="Work that has begun says on which day, not before the first.",
            ),
            models.CheckConstraint(
                condition=Q(status_by__isnull=False) | ~Q(status__in=[*BEGUN, *OVER]),
                name="placement_status_by_someone",
                violation_error_message="Somebody began, ended or canceled this.",
            ),
            models.CheckConstraint(
                condition=~Q(deliverable="") | ~Q(status__in=[Status.DELIVERABLE_SUBMITTED, Status.COMPLETED]),
                name="placement_deliverable_handed_in",
                violation_error_message="Say what is handed in, or where it is.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.posting}"

    def get_absolute_url(self) -> str:
        return reverse("placement", args=[self.pk])

    @property
    def student(self) -> User:
        return self.offer.application.student.user

    @property
    def posting(self) -> Posting:
        return self.offer.application.posting

    @property
    def record(self) -> AuthorizationRecord:
        """Every accepted offer has one: a constraint of the offer sees to it."""
        record = self.offer.authorization
        if record is None:
            raise AssertionError(f"Placement {self.pk} has no authorization record.")
        return record

    @property
    def has_begun(self) -> bool:
        return self.began_on is not None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def lacks_a_program(self) -> bool:
        """Its posting has moved abroad since the acceptance, so no program was ever asked."""
        return self.program_record is None and self.posting.is_global and self.status in TO_COME


class PlacementEvent(Event):
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="events")


class ProposalOutcome(models.TextChoices):
    AGREED = "agreed", "Agreed"
    DECLINED = "declined", "Not agreed"
    TAKEN_BACK = "taken_back", "Taken back by the host"
    VOID = "void", "No longer needed"


class ProposalQuerySet(models.QuerySet["DateProposal"]):
    def waiting(self) -> "ProposalQuerySet":
        return self.filter(settled_at=None)

    def visible_to(self, user: Any) -> "ProposalQuerySet":
        return self.filter(placement__in=Placement.objects.visible_to(user).order_by())

    def of_student(self, user: Any) -> "ProposalQuerySet":
        return self.filter(placement__in=Placement.objects.of_student(user).order_by())

    def managed_by(self, user: Any) -> "ProposalQuerySet":
        return self.filter(placement__in=Placement.objects.managed_by(user).order_by())


class DateProposal(models.Model):
    """New dates that a host wishes for; they move nothing before the student agrees. Of those that nobody has settled a
    placement has one at most, and none when it is over: triggers of the database look at both tables."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="date_proposals")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day of work")
    reason = models.TextField(max_length=1000)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=ProposalOutcome, blank=True)
    note = models.TextField(max_length=1000, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(settled_at=None),
                name="proposal_open_once",
                violation_error_message="New dates are proposed already, and not answered yet.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="proposal_dates_in_order",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, outcome="", note="")
                | Q(settled_at__isnull=False, settled_by__isnull=False, outcome__in=ProposalOutcome.values),
                name="proposal_settled_by_someone",
                violation_error_message="A proposal that is settled needs who settled it, when, and what came of it.",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & (~Q(outcome=ProposalOutcome.DECLINED) | ~Q(note="")),
                name="proposal_has_its_reasons",
                violation_error_message="Give the reason: the other side reads it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


class HoursEntry(models.Model):
    """What a student worked on one day, in quarters of an hour. A trigger of the database refuses days that are not
    cleared, days outside the placement, and placements that are not under way."""

    placement = models.ForeignKey(Placement, models.PROTECT, related_name="hours_entries")
    day = models.DateField()
    quarters = models.PositiveSmallIntegerField(
        "quarters of an hour", validators=[MinValueValidator(1), MaxValueValidator(QUARTERS_A_DAY)]
    )
    note = models.CharField(max_length=300, blank=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()

    class Meta:
        verbose_name = "hours entry"
        verbose_name_plural = "hours entries"
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "day"],
                name="hours_once_a_day",
                violation_error_message="There are hours on this day already.",
            ),
            models.CheckConstraint(
                condition=Q(quarters__gte=1, quarters__lte=QUARTERS_A_DAY),
                name="hours_fit_in_a_day",
                violation_error_message="Enter between a quarter of an hour and 24 hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.hours} h"

    @property
    def hours(self) -> Decimal:
        return in_hours(self.quarters)


def in_hours(quarters: int) -> Decimal:
    """Written as short as it can be: 2.5, 20."""
    return Decimal(quarters) / 4
