import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse

from accounts.models import User
from applications.models.application import Application
from applications.wording import shown
from applications.workflow import UNDECIDED, OfferStatus
from authorization.models import AuthorizationRecord
from core.events import Event
from postings.models import PAID, PayKind, Posting


class Side(models.TextChoices):
    """Who went back on an acceptance."""

    STUDENT = "student", "The student"
    HOST = "host", "The host"
    OFFICE = "office", "Neither: the career office ends it"


class OfferQuerySet(models.QuerySet["Offer"]):
    def of_student(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.of_student(user).order_by())

    def handled_by(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.handled_by(user).order_by())

    def visible_to(self, user: Any) -> "OfferQuerySet":
        return self.filter(application__in=Application.objects.visible_to(user).order_by())

    def with_people(self) -> "OfferQuerySet":
        return self.select_related("application__student__user", "application__posting__organization")


class Offer(models.Model):
    """A written offer. Its policy (days, least, waiver, zone) is frozen when it is written; `days`, `last_day` and
    `deadline` move later only, through actions."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="offers")
    status = models.CharField(max_length=24, choices=OfferStatus, default=OfferStatus.OPEN, editable=False)
    status_at = models.DateTimeField("in this state since")
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    authorization = models.OneToOneField(
        AuthorizationRecord, models.PROTECT, null=True, blank=True, related_name="offer"
    )
    talk = models.OneToOneField(
        "applications.OfferRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="talk with the career office",
    )

    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day of work")
    hours_week = models.PositiveSmallIntegerField("hours a week")
    pay_kind = models.CharField(max_length=10, choices=PayKind)
    pay_amount = models.DecimalField("pay", max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    note = models.TextField(max_length=2000, blank=True)

    zone = models.CharField(max_length=64)
    policy_days = models.PositiveSmallIntegerField("business days promised")
    policy_least = models.PositiveSmallIntegerField("least business days at the time")
    waiver_reason = models.TextField(blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    days = models.PositiveSmallIntegerField("business days it comes to now")
    last_day = models.DateField("last day to decide")
    deadline = models.DateTimeField("open until")
    deadline_set_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    gone_back = models.CharField("gone back on by", max_length=8, choices=Side, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=[*UNDECIDED, OfferStatus.ACCEPTED]),
                name="offer_one_at_a_time",
                violation_error_message="This application has an offer already.",
            ),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.EXPIRED, status_by=None)
                | (~Q(status=OfferStatus.EXPIRED) & Q(status_by__isnull=False)),
                name="offer_status_by_someone",
                violation_error_message="Somebody decided this; only the clock lets an offer expire.",
            ),
            models.CheckConstraint(
                condition=Q(status=OfferStatus.ON_HOLD, held_at__isnull=False)
                | (~Q(status=OfferStatus.ON_HOLD) & Q(held_at=None)),
                name="offer_held_since_a_moment",
                violation_error_message="An offer on hold says since when, and no other does.",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[OfferStatus.ACCEPTED, OfferStatus.ACCEPTANCE_WITHDRAWN], authorization__isnull=False
                )
                | Q(~Q(status__in=[OfferStatus.ACCEPTED, OfferStatus.ACCEPTANCE_WITHDRAWN]), authorization=None),
                name="offer_accepted_with_a_start_gate",
            ),
            models.CheckConstraint(
                condition=~Q(pay_kind=PayKind.UNPAID, status=OfferStatus.ACCEPTED) | Q(talk__isnull=False),
                name="offer_unpaid_accepted_after_a_talk",
                violation_error_message="An unpaid offer is accepted after a talk with the career office.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="offer_dates_in_order",
                violation_error_message="The last day must not be before the first.",
            ),
            models.CheckConstraint(
                condition=Q(hours_week__gte=1, hours_week__lte=80),
                name="offer_hours_possible",
                violation_error_message="Enter between 1 and 80 hours a week.",
            ),
            models.CheckConstraint(
                condition=Q(pay_kind=PayKind.UNPAID, pay_amount=None) | Q(pay_kind__in=PAID, pay_amount__gt=0),
                name="offer_pay_matches_its_kind",
                violation_error_message="An unpaid offer has no amount; any other needs one above zero.",
            ),
            models.CheckConstraint(
                condition=Q(policy_least__gte=1, policy_days__gte=F("policy_least")),
                name="offer_days_within_policy",
                violation_error_message="The offer gives fewer days than the least.",
            ),
            models.CheckConstraint(
                condition=Q(waiver_reason="", waived_by=None) | (~Q(waiver_reason="") & Q(waived_by__isnull=False)),
                name="offer_waiver_with_reason",
            ),
            # Empty where an acceptance was withdrawn before it was asked whose wish that was.
            models.CheckConstraint(
                condition=Q(gone_back="") | Q(status=OfferStatus.ACCEPTANCE_WITHDRAWN),
                name="offer_gone_back_on_after_acceptance",
                violation_error_message="Only an acceptance that was withdrawn was gone back on.",
            ),
            models.CheckConstraint(
                condition=Q(deadline__gt=F("written_at")), name="offer_deadline_after_it_was_written"
            ),
        ]
        indexes = [
            models.Index(fields=["deadline"], condition=Q(status=OfferStatus.OPEN), name="offer_open_by_deadline")
        ]

    def __str__(self) -> str:
        return f"Offer to {self.application}"

    def get_absolute_url(self) -> str:
        return reverse("offer", args=[self.pk])

    @property
    def student(self) -> User:
        return self.application.student.user

    @property
    def deadline_shown(self) -> str:
        return shown(self.last_day, self.zone)

    @property
    def version(self) -> str:
        return deadline_version(self.last_day)

    @property
    def needs_talk(self) -> bool:
        """Unpaid work is accepted only after a talk with the career office, and none is on record."""
        return self.pay_kind == PayKind.UNPAID and self.talk_id is None

    def is_open_at(self, now: dt.datetime) -> bool:
        return self.status == OfferStatus.OPEN and now < self.deadline


def deadline_version(last_day: dt.date) -> str:
    """A deadline only ever moves later, so its day tells one from another."""
    return last_day.isoformat()


def positions_taken(posting_ids: Iterable[int]) -> dict[int, int]:
    """By the key of the posting; one without an accepted offer is not named."""
    accepted = Offer.objects.filter(application__posting__in=posting_ids, status=OfferStatus.ACCEPTED).order_by()
    return dict(accepted.values_list("application__posting").annotate(Count("pk")))


def positions_left(posting: Posting) -> int:
    return posting.positions - positions_taken([posting.pk]).get(posting.pk, 0)


class OfferExtension(models.Model):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="extensions")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    last_day_before = models.DateField()
    last_day = models.DateField()
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gt=F("last_day_before")),
                name="extension_moves_later",
                violation_error_message="An extension must name a later day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.offer}: until {self.last_day}"


class OfferEvent(Event):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="events")

    class Meta(Event.Meta):
        indexes = [
            models.Index(
                fields=["at"],
                condition=Q(move__in=["rescind", "withdraw_acceptance", "ask_going_back"]),
                name="offer_event_of_a_case",
            )
        ]
