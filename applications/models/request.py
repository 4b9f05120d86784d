"""What a student asks about an offer: more time, a talk with the career office, or to go back on an acceptance."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role
from applications.models.application import Application
from applications.models.offer import Offer
from postings.models import Posting


class RequestKind(models.TextChoices):
    MORE_TIME = "more_time", "More time"
    TALK = "talk", "A talk with the career office"
    GOING_BACK = "going_back", "Going back on the acceptance"


class RequestOutcome(models.TextChoices):
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"
    HELD = "held", "The talk took place"
    TAKEN_BACK = "taken_back", "Taken back by the student"
    VOID = "void", "No longer needed"


K, R = RequestKind, RequestOutcome


class OfferRequestQuerySet(models.QuerySet["OfferRequest"]):
    def waiting(self) -> "OfferRequestQuerySet":
        return self.filter(settled_at=None)

    def of_student(self, user: Any) -> "OfferRequestQuerySet":
        return self.filter(offer__application__student__user=user.pk)

    def visible_to(self, user: Any) -> "OfferRequestQuerySet":
        """The student and the career office; a host reads only that more time is wished for."""
        if user.has_perm("applications.view_offerrequest"):
            return self.filter(offer__in=Offer.objects.visible_to(user).order_by())
        own = Q(offer__application__in=Application.objects.of_student(user).order_by())
        managed = Q(offer__application__posting__in=Posting.objects.managed_by(user).order_by())
        return self.filter(own | (managed & Q(kind=K.MORE_TIME)))


class OfferRequest(models.Model):
    """Open until it is settled: by whom and when, and what came of it. Staff who record a talk that nobody asked for
    on the board are the ones who asked."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=12, choices=RequestKind)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    words = models.TextField(max_length=1000)
    wished_day = models.DateField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=RequestOutcome, blank=True)
    note = models.TextField(max_length=2000, blank=True)

    objects = OfferRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name = "request about an offer"
        verbose_name_plural = "requests about offers"
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "kind"],
                condition=Q(settled_at=None),
                name="request_open_once_a_kind",
                violation_error_message="This has been asked already, and was not answered yet.",
            ),
            # The offer's reference to its talk leans on it: a talk about another offer is refused (see the migration).
            models.UniqueConstraint(fields=["id", "offer"], name="request_with_its_offer"),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by=None, outcome="", note="")
                | (Q(settled_at__isnull=False) & (Q(settled_by__isnull=False) | Q(outcome=R.VOID)) & ~Q(outcome="")),
                name="request_settled_by_someone",
                violation_error_message="A request that is settled needs who settled it, when, and what came of it.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", R.VOID, R.TAKEN_BACK])
                | Q(kind=K.TALK, outcome=R.HELD)
                | (~Q(kind=K.TALK) & Q(outcome__in=[R.GRANTED, R.REFUSED])),
                name="request_outcome_fits_its_kind",
                violation_error_message="A talk takes place; anything else is granted or refused.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=R.TAKEN_BACK) | Q(settled_by=F("asked_by")),
                name="request_taken_back_by_who_asked",
                violation_error_message="Only whoever asked takes a request back.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=[R.REFUSED, R.HELD]) | ~Q(note=""),
                name="request_settled_with_a_note",
                violation_error_message="Write a sentence about it.",
            ),
            models.CheckConstraint(
                condition=Q(kind=K.MORE_TIME, wished_day__isnull=False) | (~Q(kind=K.MORE_TIME) & Q(wished_day=None)),
                name="request_for_time_names_a_day",
                violation_error_message="Name the day that you wish for.",
            ),
            models.CheckConstraint(
                condition=~Q(words=""), name="request_has_words", violation_error_message="Say it in a few words."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.student}"

    @property
    def student(self) -> User:
        return self.offer.student

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


def office() -> list[User]:
    """The career advisers; where there is none, moderators see to it."""
    for role in (Role.ADVISER, Role.MODERATOR):
        people = User.objects.filter(is_active=True, staff_roles__role=role, staff_roles__revoked_at=None)
        if people:
            return list(people.order_by("pk"))
    return []


def wished_day(offer: Offer) -> dt.date | None:
    """The day that the student asks for and still waits to hear about."""
    return offer.requests.waiting().filter(kind=K.MORE_TIME).values_list("wished_day", flat=True).first()
