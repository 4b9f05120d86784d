"""The reminders of an offer's deadline and of an interview, and the nudges to hosts and to the career office.

Reminders carry the deadline's day, or how often a time was picked for the interview, as their version: one that moved
is reminded anew, and the old dates stay silent. A nudge carries its own day: one mail a day and posting, however many
wait.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from applications import emails, rules, waiting
from applications.models import Interview, Offer, OfferRequest, RequestKind, deadline_version, office
from applications.workflow import OfferStatus
from campus.calendar import ONE_DAY, BusinessCalendar, campus_calendar
from core import clock
from notifications.reminders import Planned, Reminder, register
from postings.models import Posting

# What a host did not hear of in two days stands on the applicants' page anyway.
STALE_AFTER = 2 * ONE_DAY

AHEAD = dt.timedelta(days=2)  # nine o'clock of the day before lies at most 39 hours ahead, and one more


def plan(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """Every reminder due in (since, until] of an offer whose deadline is still to come then."""
    offers = Offer.objects.filter(status=OfferStatus.OPEN, deadline__gt=since, deadline_set_at__lte=until)
    zones = offers.order_by().values_list("zone", flat=True).distinct()
    offers = offers.filter(zone__in=[zone for zone in zones if any(_nines(since, until, zone))])
    if recipient_id is not None:
        offers = offers.filter(application__student__user=recipient_id)
    moments = _moments_between(since, until)
    rows = offers.order_by("pk").values_list(
        *("application__student__user", "pk", "written_at", "deadline_set_at", "last_day", "zone", "deadline")
    )
    for recipient, pk, written_at, moved_at, last_day, zone, deadline in rows.iterator(chunk_size=5000):
        for moment in moments(rules.local_date(written_at, zone), last_day, zone):
            if moment.due >= moved_at:
                yield Planned(recipient, pk, moment.word, deadline_version(last_day), moment.due, deadline)


def _moments_between(since: dt.datetime, until: dt.datetime) -> Callable[[dt.date, dt.date, str], list[rules.Moment]]:
    """Counted once for all offers of the same days: a hundred thousand offers share some hundred pairs of them."""
    calendar = campus_calendar()

    @cache
    def moments(start: dt.date, last_day: dt.date, zone: str) -> list[rules.Moment]:
        return [found for found in rules.moments(start, last_day, calendar, zone) if since < found.due <= until]

    return moments


def plan_interviews(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """To both sides at nine the day before; not where the time was picked after that."""
    picked = Interview.objects.standing().filter(
        starts_at__gt=since, starts_at__lte=until + AHEAD, picked_at__lte=until
    )
    if recipient_id is not None:
        picked = picked.filter(_may_concern(recipient_id)).distinct()
    interviews = list(picked.select_related("application__student").order_by("pk"))
    hosts = Posting.objects.filter(pk__in={interview.application.posting_id for interview in interviews}).hosts()
    for interview in interviews:
        due = rules.day_before(interview.span[0], settings.TIME_ZONE)
        if since < due <= until and interview.picked_at and due >= interview.picked_at:
            sides = (interview.application.student.user_id, *hosts.get(interview.application.posting_id, ()))
            for person in dict.fromkeys((*sides, interview.proposed_by_id)):
                if recipient_id in (None, person):
                    yield Planned(person, interview.pk, "day_before", interview.pick, due, interview.starts_at)


def _may_concern(user_id: int) -> Q:
    member = Q(application__posting__organization__memberships__user=user_id)
    return Q(proposed_by=user_id) | Q(application__student__user=user_id) | member


def plan_nudges(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """To the hosts at nine, on the day on which the promised number of business days is over for somebody, and
    two business days before."""
    nines = dict(_nines(since, until, settings.TIME_ZONE))
    if not nines:
        return
    due = waiting.due_on(nines, campus_calendar())
    hosts = Posting.objects.filter(pk__in=set().union(*due.values())).hosts()
    for day, found in due.items():
        for posting_id in sorted(found):
            for user_id in hosts.get(posting_id, ()):
                if recipient_id in (None, user_id):
                    moment = nines[day]
                    yield Planned(user_id, posting_id, "", day.isoformat(), moment, moment + STALE_AFTER)


def _nines(since: dt.datetime, until: dt.datetime, name: str) -> Iterable[tuple[dt.date, dt.datetime]]:
    """Each nine o'clock on the clocks of a place in (since, until], under its day. Mostly there is none."""
    zone = ZoneInfo(name)
    first, last = rules.local_date(since, name), rules.local_date(until, name)
    for number in range((last - first).days + 1):
        day = first + number * ONE_DAY
        nine = clock.nine_o_clock(day, zone)
        if since < nine <= until:
            yield day, nine


def plan_unanswered(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """To the career office, of a talk or more time that is still asked for."""
    asked = _unanswered(since, until, RequestKind.TALK, RequestKind.MORE_TIME)
    people = [person.pk for person in office()] if asked else []
    for request, due in asked:
        for person in people:
            if recipient_id in (None, person):
                yield Planned(person, request.pk, "", request.offer.version, due, request.offer.deadline)


def plan_unanswered_hosts(
    since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None
) -> Iterable[Planned]:
    """To the hosts, who are asked for more time alone."""
    asked = _unanswered(since, until, RequestKind.MORE_TIME)
    hosts = Posting.objects.filter(pk__in={request.offer.application.posting_id for request, _ in asked}).hosts()
    for request, due in asked:
        for person in hosts.get(request.offer.application.posting_id, ()):
            if recipient_id in (None, person):
                yield Planned(person, request.pk, "", request.offer.version, due, request.offer.deadline)


def _unanswered(since: dt.datetime, until: dt.datetime, *kinds: RequestKind) -> list[tuple[OfferRequest, dt.datetime]]:
    """What waits at nine on the business day before the last of its offer, each with that moment. What is asked after
    it was told then."""
    waits = OfferRequest.objects.waiting().filter(kind__in=kinds, offer__status=OfferStatus.OPEN, asked_at__lte=until)
    waits = waits.filter(offer__deadline__gt=since, offer__deadline_set_at__lte=until).order_by("pk")
    calendar = campus_calendar()
    return [
        (request, moment.due)
        for request in waits.select_related("offer__application")
        for moment in _of_deadline(request.offer, calendar)
        if moment.word == rules.ONE_BEFORE and since < moment.due <= until and moment.due >= request.asked_at
    ]


def _of_deadline(offer: Offer, calendar: BusinessCalendar) -> list[rules.Moment]:
    return rules.reminders(
        written_at=offer.written_at,
        moved_at=offer.deadline_set_at,
        last_day=offer.last_day,
        calendar=calendar,
        zone=offer.zone,
    )


register(Reminder(mail=emails.offer_reminder, plan=plan))
register(Reminder(mail=emails.applicants_wait, plan=plan_nudges))
register(Reminder(mail=emails.interview_reminder, plan=plan_interviews))
register(Reminder(mail=emails.request_unanswered, plan=plan_unanswered))
register(Reminder(mail=emails.request_unanswered_host, plan=plan_unanswered_hosts))
