"""Who is looking at a posting that waits, and the address under which others may see it before it is published."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from postings.models.posting import Posting

IDLE = dt.timedelta(minutes=10)
_signer = Signer(salt="postings.preview")


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self, now: dt.datetime) -> "ClaimQuerySet":
        return self.filter(active_at__gt=now - IDLE)


class Claim(models.Model):
    """One moderator reads a posting, so that no second one does. It ends with the decision, or by itself after IDLE."""

    posting = models.OneToOneField(Posting, models.CASCADE, related_name="claim")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField()
    active_at = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(active_at__gte=F("claimed_at")),
                name="claim_active_after_it_began",
                violation_error_message="Nobody is active on a posting before claiming it.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.posting}, read by {self.moderator}"

    def is_live_at(self, now: dt.datetime) -> bool:
        return self.active_at > now - IDLE

    @property
    def ends_at(self) -> dt.datetime:
        return self.active_at + IDLE


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def live(self, now: dt.datetime) -> "PreviewLinkQuerySet":
        return self.filter(taken_back_at=None, expires_at__gt=now)

    def of(self, token: str, now: dt.datetime) -> "PreviewLinkQuerySet":
        """The live one with this token; none for a token that we have not signed."""
        try:
            key = _signer.unsign(token)
        except BadSignature:
            return self.none()
        return self.live(now).filter(pk=key)


class PreviewLink(models.Model):
    """Whoever has its address sees the posting as students will, until it expires or is taken back."""

    posting = models.ForeignKey(Posting, models.CASCADE, related_name="preview_links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["posting"], condition=Q(taken_back_at=None), name="preview_link_once_a_posting"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")),
                name="preview_link_expires_after_it_was_made",
                violation_error_message="A preview link lasts for some time.",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None, taken_back_by=None)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="preview_link_taken_back_by_someone",
                violation_error_message="A preview link that is taken back needs who did it, and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"preview of {self.posting}"

    def get_absolute_url(self) -> str:
        return reverse("preview_link", args=[_signer.sign(str(self.pk))])

    @property
    def address(self) -> str:
        """With the host, to be sent to somebody."""
        base: Any = settings.BASE_URL
        return f"{base}{self.get_absolute_url()}"
