"""Who waits for an answer, and for how many business days.

An applicant waits before an offer, since the last move of the application. While an interview is to come nobody does,
nor while one of the proposed times is: until then it is the student who has to pick.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest, Least

from applications import rules
from applications.models import Application, ApplicationQuerySet, Interview, InterviewTime
from applications.workflow import BEFORE_OFFER, InterviewStatus
from campus.calendar import BusinessCalendar, campus_calendar
from campus.models import ProgramSettings
from core import clock
from postings.models import ANSWER_DAYS, Posting
from postings.workflow import Status

# Where there is a position left to give. Of a posting that is filled, everybody was told that it is.
ANSWERABLE = (Status.OPEN, Status.ON_HOLD, Status.CLOSED, Status.EXPIRED)
NUDGE_AHEAD = 2


@dataclass(frozen=True)
class Wait:
    """Business days since the last word, beside what the host has promised, if anything."""

    days: int
    promised: int | None

    @property
    def late(self) -> bool:
        return self.promised is not None and self.days > self.promised

    def __str__(self) -> str:
        of = f" of {self.promised}" if self.promised else ""
        unit = "business day" if (self.promised or self.days) == 1 else "business days"
        return f"waiting {self.days}{of} {unit}"


def with_since(applications: ApplicationQuerySet) -> ApplicationQuerySet:
    """Annotates `waiting_since`, the last move or what came later of their interviews: the talk itself, the last time
    that was proposed and not picked, or that one was called off."""
    proposed = InterviewTime.objects.filter(interview=OuterRef("pk")).order_by("-starts_at").values("starts_at")[:1]
    at = Case(
        When(status=InterviewStatus.PICKED, then="starts_at"),
        When(status=InterviewStatus.PROPOSED, then=Coalesce(Subquery(proposed), "status_at")),
        default="status_at",
    )
    talks = Interview.objects.filter(application=OuterRef("pk")).annotate(at=at).order_by("-at")
    return applications.annotate(waiting_since=Greatest("status_at", Subquery(talks.values("at")[:1])))


def since(application: Application) -> dt.datetime:
    """Of an application from `with_since`."""
    return getattr(application, "waiting_since", application.status_at)


def wait(application: Application, calendar: BusinessCalendar, now: dt.datetime) -> Wait | None:
    """Likewise; nothing when nobody owes it an answer."""
    if application.status not in BEFORE_OFFER or since(application) > now:
        return None
    days = calendar.count(clock.today(since(application)), clock.today(now))
    return Wait(days, application.answer_within)


def waiting() -> ApplicationQuerySet:
    """Every application that a host can answer and has not. Some begin to wait only later: see `waiting_since`.
    `promise` is what `Application.answer_within` is."""
    answerable = Application.objects.filter(
        status__in=BEFORE_OFFER,
        posting__status__in=ANSWERABLE,
        posting__organization__suspended_at=None,
    )
    promise = Least("promised_days", "posting__answer_within")  # PostgreSQL passes over what is not there
    return with_since(answerable).annotate(promise=promise).order_by("pk")


def of_posting(posting: Posting) -> list[tuple[dt.datetime, int | None]]:
    """Since when each of its applicants waits, and within how many business days an answer was promised."""
    found = waiting().filter(posting=posting).select_related("posting").defer("posting__search")
    return [(since(one), one.answer_within) for one in found]


def due_on(days: Iterable[dt.date], calendar: BusinessCalendar) -> dict[dt.date, set[int]]:
    """For each of these days the postings whose hosts are nudged: somebody waits for the promised number of business
    days on it, or will in two."""
    return {day: _due(day, calendar) for day in days if calendar.is_open(day)}


def _due(day: dt.date, calendar: BusinessCalendar) -> set[int]:
    wanted = Q()
    for promised in ANSWER_DAYS:
        for number in (promised - NUDGE_AHEAD, promised):
            first, end = rules.began_to_wait(day, number, calendar, settings.TIME_ZONE)
            wanted |= Q(promise=promised, waiting_since__gte=first, waiting_since__lt=end)
    return set(waiting().filter(wanted).values_list("posting", flat=True))


def silent(now: dt.datetime | None = None) -> ApplicationQuerySet:
    """Those who have waited past the promise or, where nothing is promised, past what the program allows."""
    today, calendar = clock.today(now), campus_calendar()
    limits = [(days, days) for days in ANSWER_DAYS] + [(None, ProgramSettings.load().silent_after)]
    wanted = Q()
    for promised, days in limits:
        end = rules.past_before(today, days, calendar, settings.TIME_ZONE)
        wanted |= Q(promise=promised, waiting_since__lt=end)
    return waiting().filter(wanted)
