"""Work for a host abroad: the programs that administer it, and what each student settles with one.

No immigration data: of the visa of the host country a record knows that a step is done, or that it is not. It is
between the student and the managers of that one program all the same.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django_countries import countries

from accounts.models import StaffRole, StudentProfile
from accounts.roles import Role
from campus.models import HOME_COUNTRY, Verified
from core.events import Event
from programs.workflow import EVENT_WORDS, OFFICE, Status, StepState


class ProgramQuerySet(models.QuerySet["Program"]):
    def public(self) -> "ProgramQuerySet":
        """What everybody reads about."""
        return self.filter(active=True).prefetch_related("countries")

    def visible_to(self, user: Any) -> "ProgramQuerySet":
        """Staff who keep the rows see all, managers theirs alone."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("programs.change_program"):
            return self
        return self.filter(managed_by(user))

    def of_country(self, country: str) -> "Program | None":
        return self.filter(active=True, countries__country=country).first()


def managed_by(user: Any, program: str = "pk") -> Exists:
    """Of rows whose key of a program stands in that field: that of a program the person manages now."""
    return Exists(ProgramManager.objects.current().filter(program=OuterRef(program), user=user))


class Program(Verified):
    """Administers postings of hosts in its countries."""

    name = models.CharField(max_length=120, unique=True)
    contact_email = models.EmailField("contact", help_text="Where students and hosts ask.")
    how_it_works = models.TextField(
        max_length=6000, blank=True, help_text="What a student does, in which order, and what you help with."
    )
    link = models.URLField(blank=True, help_text="The program’s own site.")
    active = models.BooleanField(default=True, editable=False)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("program", args=[self.pk])

    @property
    def country_names(self) -> str:
        return ", ".join(sorted(row.name for row in self.countries.all()))


class ProgramCountry(models.Model):
    """Of each country one program at most: one that is retired gives up its countries."""

    program = models.ForeignKey(Program, models.CASCADE, related_name="countries")
    country = models.CharField(max_length=2)

    class Meta:
        verbose_name_plural = "countries"
        ordering = ["country"]
        constraints = [
            models.UniqueConstraint(
                fields=["country"],
                name="country_has_one_program",
                violation_error_message="Another program administers this country.",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$") & ~Q(country=HOME_COUNTRY),
                name="country_of_program_is_abroad",
                violation_error_message="Choose a country abroad.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return country_name(self.country)


def managed_countries(user: Any) -> models.QuerySet[ProgramCountry, Any]:
    """Whose postings the person looks after as a manager."""
    return ProgramCountry.objects.filter(managed_by(user, "program")).order_by().values("country")


def country_name(code: str) -> str:
    return str(countries.name(code)) or code


class ManagerQuerySet(models.QuerySet["ProgramManager"]):
    def current(self) -> "ManagerQuerySet":
        """Named and not taken away, and still a program manager among the staff."""
        held = StaffRole.objects.filter(user=OuterRef("user"), role=Role.PROGRAM_MANAGER, revoked_at=None)
        return self.filter(Exists(held), revoked_at=None, user__is_active=True)


class ProgramManager(models.Model):
    """Who looks after a program, with who said so. Rows stay: they tell who could see what."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="managers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="manager")
    since = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ManagerQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "user"], condition=Q(revoked_at=None), name="program_manager_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="program_manager_revoked_by_someone",
                violation_error_message="Taking it back needs its moment and the person who did.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class ProgramStep(models.Model):
    """A line of the checklist as new records begin with it; records that are open keep theirs."""

    program = models.ForeignKey(
        Program,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="steps",
        help_text="Empty: of every program, and where none administers the country.",
    )
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=300, blank=True, help_text="What it takes, for the student.")
    by_student = models.BooleanField(
        "the student may mark it", default=False, help_text="Otherwise the program’s managers alone."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "checklist step"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "name"],
                nulls_distinct=False,
                name="program_step_listed_once",
                violation_error_message="This step is listed already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecordQuerySet(models.QuerySet["ProgramRecord"]):
    def visible_to(self, user: Any) -> "RecordQuerySet":
        """The student's own; a program's to its managers; where there is neither, to career staff. A superuser is none
        of them."""
        if not user.is_authenticated:
            return self.none()
        seen = Q(student__user=user) | Q(managed_by(user, "program"))
        if any(user.has_role(role) for role in OFFICE):
            seen |= ~Q(Exists(ProgramManager.objects.current().filter(program=OuterRef("program"))))
        return self.filter(seen)

    def with_open_steps(self) -> "RecordQuerySet":
        """Annotates `open_steps`: how many lines of the checklist are neither done nor found not to be needed."""
        return self.annotate(open_steps=models.Count("steps", filter=Q(steps__state=StepState.OPEN)))


class ProgramRecord(models.Model):
    """One planned stretch of work of one student for a host abroad."""

    student = models.ForeignKey(StudentProfile, models.PROTECT, related_name="program_records")
    program = models.ForeignKey(Program, models.PROTECT, null=True, blank=True, related_name="records")
    country = models.CharField(max_length=2)
    purpose = models.CharField(max_length=250, help_text="What for, as the student knows it.")
    starts = models.DateField("first day of work")
    ends = models.DateField("last day of work")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN, editable=False)
    settled_at = models.DateTimeField("all steps settled since", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_from = models.DateField(null=True, blank=True)
    cleared_until = models.DateField(null=True, blank=True)
    reason = models.TextField(max_length=2000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "project abroad"
        verbose_name_plural = "projects abroad"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="program_record_ends_after_it_starts",
                violation_error_message="The last day must not be before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=Status.CLEARED,
                    cleared_from__isnull=False,
                    cleared_until__isnull=False,
                    cleared_until__gte=F("cleared_from"),
                )
                | (~Q(status=Status.CLEARED) & Q(cleared_from=None, cleared_until=None)),
                name="program_record_cleared_with_dates",
                violation_error_message="A clearance needs its first day and its last day, in this order.",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[Status.CLEARED, Status.NOT_CLEARED], decided_at__isnull=False, decided_by__isnull=False
                )
                | Q(status__in=[Status.OPEN, Status.CLOSED], decided_at=None, decided_by=None),
                name="program_record_decided_by_someone",
                violation_error_message="A decision needs its moment and the person who took it.",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.NOT_CLEARED) & ~Q(reason=""))
                | (~Q(status=Status.NOT_CLEARED) & Q(reason="")),
                name="program_record_not_cleared_for_a_reason",
                violation_error_message="Say why it is not cleared: the student reads it.",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at=None, closed_by=None)),
                name="program_record_closed_by_someone",
                violation_error_message="A closed record needs its moment and the person who closed it.",
            ),
            models.CheckConstraint(condition=~Q(country=HOME_COUNTRY), name="program_record_is_abroad"),
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.country_name}"

    def get_absolute_url(self) -> str:
        return reverse("program_record", args=[self.pk])

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED


class RecordStep(models.Model):
    """A line of a record's checklist, as it read when the record was opened."""

    record = models.ForeignKey(ProgramRecord, models.CASCADE, related_name="steps")
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=300, blank=True)
    by_student = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=12, choices=StepState, default=StepState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=StepState.OPEN, settled_at=None, settled_by=None)
                | (~Q(state=StepState.OPEN) & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="program_step_settled_by_someone",
                violation_error_message="A step that is settled needs its moment and the person.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProgramEvent(Event):
    record = models.ForeignKey(ProgramRecord, models.CASCADE, related_name="events")

    @property
    def text(self) -> str:
        return EVENT_WORDS.get(self.move, self.move)
