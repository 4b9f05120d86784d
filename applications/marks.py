"""What stands of an applicant beside the status: that more time is asked for, and how the interview stands."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from accounts.models import User
from applications.models import (
    Application,
    ApplicationQuerySet,
    Interview,
    Offer,
    OfferRequest,
    RequestKind,
)
from applications.wording import short_moment
from applications.workflow import TALKING, ApplicationStatus, InterviewStatus, OfferStatus


class Standing(models.TextChoices):
    """As the list can be narrowed down by it."""

    MORE_TIME = "more_time", "Asks for more time to decide"
    PROPOSED = "proposed", "Interview times proposed"
    GONE = "gone", "No proposed time left"
    REFUSED = "refused", "Other interview times asked for"
    PICKED = "picked", "Interview to come"
    OVER = "over", "Interview over"


TONES = {Standing.PROPOSED: "waiting", Standing.PICKED: "success", Standing.OVER: "ended"}


@dataclass(frozen=True)
class Mark:
    standing: Standing
    text: str

    @property
    def tone(self) -> str:
        """What waits for the host is a triangle."""
        return TONES.get(self.standing, "warning")


def with_marks(applications: ApplicationQuerySet, *, viewer: User, now: dt.datetime) -> ApplicationQuerySet:
    """Reads along what `marks` needs, in as many queries for one as for fifty."""
    asked = OfferRequest.objects.visible_to(viewer).filter(kind=RequestKind.MORE_TIME).waiting()
    return applications.prefetch_related(
        Prefetch("interviews", _interviews(now)),
        Prefetch("offers", Offer.objects.select_related("authorization")),
        Prefetch("offers__requests", asked, to_attr="asks_for_time"),
    )


def marks(application: Application, now: dt.datetime) -> list[Mark]:
    """Of an application from `with_marks`. An interview that is over is told of only while no other is on its way."""
    found = [mark for interview in application.interviews.all() if (mark := _of_interview(interview, application, now))]
    to_come = [mark for mark in found if mark.standing != Standing.OVER]
    asks = [
        Mark(Standing.MORE_TIME, f"Asks for more time, until {request.wished_day:%b} {request.wished_day.day}")
        for offer in application.offers.all()
        if offer.is_open_at(now)
        for request in offer.asks_for_time  # type: ignore[attr-defined]  # from with_marks
        if request.wished_day
    ]
    return [*asks, *(to_come or found[-1:])]


def _of_interview(interview: Interview, application: Application, now: dt.datetime) -> Mark | None:
    status = InterviewStatus(interview.status)
    if status == InterviewStatus.PICKED and application.status in TALKING:
        starts = interview.span[0]
        if starts > now:
            return Mark(Standing.PICKED, f"Interview {short_moment(starts)}")
        return Mark(Standing.OVER, f"Interview was {short_moment(starts)}")
    if application.status != ApplicationStatus.INTERVIEW:
        return None
    if status == InterviewStatus.TIMES_REFUSED:
        return Mark(Standing.REFUSED, "Other interview times asked for")
    if status != InterviewStatus.PROPOSED:
        return None
    if interview.can_be_picked:  # type: ignore[attr-defined]  # from with_marks
        return Mark(Standing.PROPOSED, "Interview times proposed")
    return Mark(Standing.GONE, "No proposed interview time is left")


def standing_at(
    applications: ApplicationQuerySet, chosen: list[str], *, viewer: User, now: dt.datetime
) -> ApplicationQuerySet:
    """Those that bear one of these marks."""
    interviews = _interviews(now).filter(application=OuterRef("pk"))
    arranged = Q(status=ApplicationStatus.INTERVIEW)
    proposed = interviews.filter(status=InterviewStatus.PROPOSED)
    picked = interviews.filter(status=InterviewStatus.PICKED)
    asked = OfferRequest.objects.visible_to(viewer).filter(kind=RequestKind.MORE_TIME).waiting()
    open_offer = Q(offer__status=OfferStatus.OPEN, offer__deadline__gt=now, offer__application=OuterRef("pk"))
    to_come = Q(status__in=TALKING) & _exists(picked.filter(starts_at__gt=now))
    refused = arranged & _exists(interviews.filter(status=InterviewStatus.TIMES_REFUSED))
    bears: dict[Standing, Q] = {
        Standing.MORE_TIME: _exists(asked.filter(open_offer)),
        Standing.PROPOSED: arranged & _exists(proposed.filter(can_be_picked=True)),
        Standing.GONE: arranged & _exists(proposed.filter(can_be_picked=False)),
        Standing.REFUSED: refused,
        Standing.PICKED: to_come,
        Standing.OVER: Q(status__in=TALKING)
        & _exists(picked.filter(starts_at__lte=now))
        & ~to_come
        & ~refused
        & ~(arranged & _exists(proposed)),
    }
    wanted = Q()
    for one in chosen:
        wanted |= bears[Standing(one)]
    return applications.filter(wanted)


def _exists(queryset: models.QuerySet[Any]) -> Q:
    return Q(Exists(queryset.order_by()))


def _interviews(now: dt.datetime) -> models.QuerySet[Any]:
    return Interview.objects.with_can_be_picked(now).order_by(F("starts_at").asc(nulls_last=True), "pk")
