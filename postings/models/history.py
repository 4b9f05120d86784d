"""What happened to a posting, and what its host would change."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from core.events import Event
from postings.models.posting import Posting
from postings.models.querysets import RevisionQuerySet
from postings.workflow import Reason, RevisionStatus


class PostingEvent(Event):
    posting = models.ForeignKey(Posting, models.CASCADE, related_name="events")
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    # What the posting said then, where somebody compares later: when it was submitted, and when it was judged.
    content = models.JSONField(encoder=DjangoJSONEncoder, null=True, editable=False)


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
