"""Where one side went back on an offer or on an acceptance: what staff look into, and that they did."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from applications.models.offer import OfferEvent, Side
from applications.models.request import OfferRequest, RequestKind, RequestOutcome

RESCIND, WITHDRAW, ASK = "rescind", "withdraw_acceptance", f"ask_{RequestKind.GOING_BACK}"
RENEGING = Q(move=ASK) | Q(move=WITHDRAW, offer__gone_back=Side.STUDENT)
RESCINDING = Q(move=RESCIND) | Q(move=WITHDRAW, offer__gone_back=Side.HOST)
WITHDRAWN_BY: dict[str, str] = {
    Side.STUDENT: "Student went back on the acceptance",
    Side.HOST: "Host went back on the acceptance",
}
YEAR = dt.timedelta(days=365)


class CaseQuerySet(models.QuerySet["Case"]):
    def waiting(self) -> "CaseQuerySet":
        return self.filter(look=None)

    def described(self) -> "CaseQuerySet":
        """With what came of the student's question, and how often either side did so in the year up to the case, this
        one included: a plain fact, and an offer counts once."""
        asked = OfferRequest.objects.filter(
            offer=OuterRef("offer"), kind=RequestKind.GOING_BACK, asked_at=OuterRef("at")
        )
        return self.annotate(
            outcome=Coalesce(Subquery(asked.values("outcome")[:1]), Value("")),
            of_student=_within_a_year(RENEGING, "offer__application__student"),
            of_organization=_within_a_year(RESCINDING, "offer__application__posting__organization"),
        )

    def with_people(self) -> "CaseQuerySet":
        return self.select_related(
            "by", "look__by", "offer__application__student__user", "offer__application__posting__organization"
        )


class CaseManager(models.Manager.from_queryset(CaseQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> CaseQuerySet:
        """A question that was granted is the withdrawal that it became."""
        events = super().get_queryset().filter(move__in=(RESCIND, WITHDRAW, ASK))
        granted = OfferRequest.objects.filter(
            offer=OuterRef("offer"),
            kind=RequestKind.GOING_BACK,
            asked_at=OuterRef("at"),
            outcome=RequestOutcome.GRANTED,
        )
        return events.exclude(Q(move=ASK) & Exists(granted))


class Case(OfferEvent):
    """Read from what happened to offers, so that none can be missing."""

    objects: ClassVar[CaseManager] = CaseManager()
    # From `described`.
    outcome: str
    of_student: int
    of_organization: int

    class Meta:
        proxy = True
        verbose_name = "reneging or rescinding case"
        verbose_name_plural = "reneging and rescinding cases"

    def __str__(self) -> str:
        return f"{self.what}: {self.offer.application}"

    @property
    def what(self) -> str:
        if self.move == RESCIND:
            return "Offer rescinded"
        if self.move == ASK:
            return "Going back on the acceptance asked for"
        return WITHDRAWN_BY.get(self.offer.gone_back, "Acceptance withdrawn")

    @property
    def student(self) -> User:
        return self.offer.student

    @property
    def looked(self) -> "CaseLook | None":
        return getattr(self, "look", None)


class CaseLook(models.Model):
    """Somebody of the career office looked into it, and what came of that."""

    event = models.OneToOneField(OfferEvent, models.CASCADE, related_name="look")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(max_length=2000)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(note=""), name="case_look_with_a_note", violation_error_message="Write what came of it."
            )
        ]

    def __str__(self) -> str:
        return f"{self.by}, {self.at:%Y-%m-%d}"


def _within_a_year(which: Q, whose: str) -> Coalesce:
    same = {whose: OuterRef(whose), "at__lte": OuterRef("at"), "at__gt": OuterRef("at") - YEAR}
    counted = OfferEvent.objects.filter(which, **same).order_by().values(whose)
    return Coalesce(Subquery(counted.annotate(number=Count("offer", distinct=True)).values("number")), 0)
