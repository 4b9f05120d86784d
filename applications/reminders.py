"""The reminders of an offer's deadline and of an interview, and the nudges to hosts.

Reminders carry the deadline's day, or how often a time was picked for the interview, as their version: one that moved
is reminded anew, and the old dates stay silent. A nudge carries its own day: one mail a day and posting, however many
wait.
"""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from applications import emails, rules, waiting
from applications.models import Interview, Offer
from applications.workflow import OfferStatus
from campus.calendar import ONE_DAY, campus_calendar
from core import clock
from notifications.reminders import Planned, Reminder, register
from postings.models import Posting

# What a host did not hear of in two days stands on the applicants' page anyway.
STALE_AFTER = 2 * ONE_DAY

AHEAD = dt.timedelta(days=2)  # nine o'clock of the day before lies at most 39 hours ahead, and one more


def plan(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """Every reminder due in (since, until] of an offer whose deadline is still to come then."""
    offers = Offer.objects.filter(status=OfferStatus.OPEN, deadline__gt=since, deadline_set_at__lte=until)
    if recipient_id is not None:
        offers = offers.filter(application__student__user=recipient_id)
    calendar = campus_calendar()
    for offer in offers.select_related("application__student").order_by("pk").iterator(chunk_size=1000):
        for moment in rules.reminders(
            written_at=offer.written_at,
            moved_at=offer.deadline_set_at,
            last_day=offer.last_day,
            calendar=calendar,
            zone=offer.zone,
        ):
            if since < moment.due <= until:
                recipient = offer.application.student.user_id
                yield Planned(recipient, offer.pk, moment.word, offer.version, moment.due, offer.deadline)


def plan_interviews(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """To both sides at nine the day before; not where the time was picked after that."""
    picked = Interview.objects.standing().filter(
        starts_at__gt=since, starts_at__lte=until + AHEAD, picked_at__lte=until
    )
    if recipient_id is not None:
        picked = picked.filter(_at_the_table(recipient_id)).distinct()
    picked = picked.select_related("application__student", "application__posting__host")
    for interview in picked.prefetch_related("application__posting__cohosts").order_by("pk"):
        due = rules.day_before(interview.span[0], settings.TIME_ZONE)
        if since < due <= until and interview.picked_at and due >= interview.picked_at:
            for person in _people(interview):
                if recipient_id in (None, person):
                    yield Planned(person, interview.pk, "day_before", interview.pick, due, interview.starts_at)


def _at_the_table(user_id: int) -> Q:
    posting = "application__posting__"
    hosts = Q(proposed_by=user_id) | Q(**{f"{posting}host__user": user_id}) | Q(**{f"{posting}cohosts__user": user_id})
    return hosts | Q(application__student__user=user_id)


def _people(interview: Interview) -> list[int]:
    posting = interview.application.posting
    hosts = [posting.host.user_id, *(host.user_id for host in posting.cohosts.all()), interview.proposed_by_id]
    return list(dict.fromkeys([interview.application.student.user_id, *hosts]))


def plan_nudges(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """To host and co-hosts at nine, on the day on which the promised number of business days is over for somebody, and
    two business days before."""
    nines = dict(_nines(since, until))
    if not nines:
        return
    due = waiting.due_on(nines, campus_calendar())
    postings = Posting.objects.filter(pk__in=set().union(*due.values())).select_related("host").defer("search")
    hosts = {
        posting.pk: {posting.host.user_id, *(cohost.user_id for cohost in posting.cohosts.all())}
        for posting in postings.prefetch_related("cohosts")
    }
    for day, found in due.items():
        for posting_id in sorted(found):
            for user_id in sorted(hosts[posting_id]):
                if recipient_id in (None, user_id):
                    moment = nines[day]
                    yield Planned(user_id, posting_id, "", day.isoformat(), moment, moment + STALE_AFTER)


def _nines(since: dt.datetime, until: dt.datetime) -> Iterable[tuple[dt.date, dt.datetime]]:
    """Each nine o'clock on the board's clock in (since, until], under its day. Mostly there is none."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first, last = clock.today(since), clock.today(until)
    for number in range((last - first).days + 1):
        day = first + number * ONE_DAY
        nine = clock.nine_o_clock(day, zone)
        if since < nine <= until:
            yield day, nine


register(Reminder(mail=emails.offer_reminder, plan=plan))
register(Reminder(mail=emails.applicants_wait, plan=plan_nudges))
register(Reminder(mail=emails.interview_reminder, plan=plan_interviews))
