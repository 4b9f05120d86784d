from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.fields import EncryptedTextField
from notifications.sender import sender
from notifications.workflow import IN_HAND, WITH_ERROR, State


class OutboxMail(models.Model):
    """One mail to one person. It holds what the mail is about, never what it says: that is rendered when it leaves."""

    kind = models.CharField(max_length=80)
    subject_id = models.BigIntegerField("about")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="outbox_mails"
    )
    address = models.EmailField(blank=True, help_text="Where it goes instead of the recipient's own address.")
    offset = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=80, blank=True)
    must_arrive = models.BooleanField(default=False)

    created = models.DateTimeField()
    due = models.DateTimeField()
    expires = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    next_try = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "mail"
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "recipient", "offset", "version"],
                nulls_distinct=False,
                name="outbox_mail_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="outbox_state_known"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(address=""),
                name="outbox_goes_to_someone",
                violation_error_message="A mail needs a recipient or an address.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=IN_HAND, lease_until__isnull=False, lease_token__isnull=False)
                | (~Q(state__in=IN_HAND) & Q(lease_until=None, lease_token=None)),
                name="outbox_leased_while_in_hand",
                violation_error_message="A mail is leased while it is in hand, and only then.",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at=None)),
                name="outbox_sent_at_a_moment",
                violation_error_message="A sent mail has the moment it was sent, and no other has one.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=WITH_ERROR) | ~Q(last_error=""),
                name="outbox_given_up_for_a_reason",
                violation_error_message="A mail that was given up says why.",
            ),
        ]
        indexes = [
            models.Index(
                F("must_arrive").desc(), "next_try", "id", condition=Q(state=State.PENDING), name="outbox_to_claim"
            ),
            models.Index("lease_until", condition=Q(state__in=IN_HAND), name="outbox_in_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} to {self.goes_to}"

    @property
    def goes_to(self) -> str:
        return self.address or str(getattr(self.recipient, "email", ""))

    @property
    def message_id(self) -> str:
        """The same on every try, so that a mail server which saw the mail before can drop the second copy."""
        domain = sender().address.rpartition("@")[2]
        return f"<outbox-{self.pk}-{self.created:%Y%m%d%H%M%S%f}@{domain}>"


class SealedMessage(models.Model):
    """A message with a one-time link, rendered by somebody else: encrypted, and erased when sent or expired."""

    payload = EncryptedTextField()
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"sealed message {self.pk}"


class ReminderTick(models.Model):
    """Up to which moment the reminders of a kind are planned. Locked while planning, so that two sweeps take turns."""

    kind = models.CharField(max_length=80, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} until {self.until:%Y-%m-%d %H:%M}"


class SwitchedOff(models.Model):
    """A group of mails that a person does not want, since when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mails_switched_off")
    group = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "switched off"
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="switched_off_once")]

    def __str__(self) -> str:
        return f"{self.group} off for {self.user}"
