from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from applications.models.offer import Offer

PHONE = RegexValidator(
    r"^(?=(?:\D*\d){6})[0-9+()./ x-]{6,40}$", message="Enter a phone number, for example +1 617 555 0100."
)


class OfferLetter(models.Model):
    """What the host says in the letter in other words than the posting, or beyond it. Empty: as the posting says."""

    offer = models.OneToOneField(Offer, models.CASCADE, related_name="letter")
    student_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=120, blank=True)
    organization_name = models.CharField(max_length=120, blank=True)
    duties = models.TextField(max_length=10_000, blank=True)
    address = models.CharField(max_length=400, blank=True)
    supervisor_name = models.CharField(max_length=120, blank=True)
    supervisor_title = models.CharField(max_length=120, blank=True)
    supervisor_email = models.EmailField(blank=True)
    supervisor_phone = models.CharField(max_length=40, blank=True, validators=[PHONE])
    filled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    filled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Letter of {self.offer}"
