"""The university as rows that staff edit: closed days, terms, and who runs the board."""

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

# A slip of the pen in a year would close every day that anything could be due on.
LONGEST_CLOSURE = dt.timedelta(days=200)
HOME_COUNTRY = "US"  # ISO 3166


class Verified(models.Model):
    """A fact about the outside world: where it was read, and when somebody last looked."""

    source = models.CharField(
        max_length=300, blank=True, help_text="Where this comes from: a page's address or a document."
    )
    last_verified = models.DateField(
        null=True, blank=True, help_text="The day somebody last compared it with its source."
    )

    class Meta:
        abstract = True


class Closure(Verified):
    """Days on which the university is closed. They may overlap: a storm can fall in a recess."""

    name = models.CharField(max_length=100)
    first_day = models.DateField()
    last_day = models.DateField(help_text="Closed too. For a single day, the same as the first.")

    class Meta:
        ordering = ["first_day", "last_day", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="closure_ends_after_it_begins",
                violation_error_message="The last day must not be before the first day.",
            ),
            models.CheckConstraint(
                condition=Q(last_day__lte=F("first_day") + LONGEST_CLOSURE),
                name="closure_is_not_endless",
                violation_error_message=f"A closure is at most {LONGEST_CLOSURE.days} days long: check the year.",
            ),
            models.UniqueConstraint(
                fields=["name", "first_day", "last_day"],
                name="closure_listed_once",
                violation_error_message="This closure is already listed.",
            ),
        ]

    def __str__(self) -> str:
        if self.first_day == self.last_day:
            return f"{self.name}, {self.first_day}"
        return f"{self.name}, {self.first_day} to {self.last_day}"


class Term(Verified):
    name = models.CharField(max_length=100, unique=True)
    first_day = models.DateField()
    last_day = models.DateField()
    in_session = models.BooleanField(default=True, help_text="Classes are held: weekly caps on hours apply.")

    class Meta:
        ordering = ["first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="term_ends_after_it_begins",
                violation_error_message="The last day must not be before the first day.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProgramSettings(Verified):
    """Who runs the board. One row, shipped by a migration; names in templates come from here."""

    university_name = models.CharField(max_length=120, default="The University")
    program_name = models.CharField(max_length=120, default="Micro-internships")
    office_name = models.CharField(max_length=120, default="Career Office")
    office_email = models.EmailField(default="careers@example.edu")
    international_office_name = models.CharField(max_length=120, default="International Office")
    international_office_url = models.URLField(blank=True, help_text="The page students read before they ask.")
    international_office_email = models.EmailField(default="international@example.edu")
    student_email_domains = ArrayField(
        models.CharField(max_length=253, validators=[DomainNameValidator()]),
        default=list,
        blank=True,
        help_text="Students sign up with an address at one of these, or at a subdomain; separate with commas.",
    )
    guidelines_days = models.PositiveSmallIntegerField(
        "days that an acknowledgment of the guidelines holds",
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Then students are asked to read them again. What was acknowledged keeps its term.",
    )
    silent_after = models.PositiveSmallIntegerField(
        "business days of silence",
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="How long an application may wait on a posting without a promise before staff see it.",
    )
    review_within = models.PositiveSmallIntegerField(
        "business days to review a posting",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Within how many the career office usually answers. Hosts read it, and the queue marks what is late.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "program settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="program_settings_is_one_row"),
            models.CheckConstraint(
                condition=Q(guidelines_days__range=(1, 3650)),
                name="program_guidelines_days_possible",
                violation_error_message="An acknowledgment holds for 1 to 3650 days.",
            ),
            models.CheckConstraint(
                condition=Q(silent_after__gte=1, silent_after__lte=60), name="program_settings_silence_in_days"
            ),
            models.CheckConstraint(
                condition=Q(review_within__range=(1, 60)),
                name="program_settings_review_in_days",
                violation_error_message="The career office answers within 1 to 60 business days.",
            ),
        ]

    def __str__(self) -> str:
        return self.program_name

    def clean(self) -> None:
        self.student_email_domains = [domain.lower() for domain in self.student_email_domains]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ValidationError("The program settings cannot be deleted.")

    @classmethod
    def load(cls) -> "ProgramSettings":
        """The one row, by primary key; the defaults when it is missing. Nothing is written."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def is_student_address(self, email: str) -> bool:
        domain = email.rpartition("@")[2].lower()
        return any(domain == own or domain.endswith("." + own) for own in self.student_email_domains)
