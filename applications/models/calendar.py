import hashlib

from django.conf import settings
from django.db import models
from django.urls import reverse

from core.fields import EncryptedTextField


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class CalendarFeed(models.Model):
    """The secret address at which a person's calendar can be read. It is found by its digest, and kept encrypted for
    its owner to copy once more: who reads the table can open no calendar."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    secret = EncryptedTextField(editable=False)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar of {self.user}"

    @property
    def url(self) -> str:
        return settings.BASE_URL + reverse("calendar_feed", args=[self.secret])
