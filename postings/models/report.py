"""What people find wrong with a posting."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from postings.models.posting import Posting
from postings.models.querysets import ReportQuerySet


class ReportReason(models.TextChoices):
    MONEY = "money", "It asks the student for money"
    FRAUD = "fraud", "It looks like fraud"
    MISLEADING = "misleading", "The work is not what the posting says"
    DISCRIMINATORY = "discriminatory", "It discriminates"
    CONTACT = "contact", "It leads off the board, by contact details or links"
    OTHER = "other", "Something else"


class PostingReport(models.Model):
    """Open until a moderator has handled it. The host never learns who reported."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="reports")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=ReportReason)
    note = models.TextField(max_length=2000, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(max_length=2000, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["reported_at", "pk"]
        verbose_name = "report"
        constraints = [
            models.UniqueConstraint(
                fields=["posting", "reported_by"], condition=Q(handled_at=None), name="report_open_once_a_person"
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None, outcome="")
                | (Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(outcome="")),
                name="report_handled_by_someone",
                violation_error_message="A report that is handled needs who handled it, when, and what came of it.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=ReportReason.OTHER, note=""),
                name="report_says_what_else",
                violation_error_message="Say what is wrong.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.posting}"

    @property
    def is_open(self) -> bool:
        return self.handled_at is None
