"""The reminders of an offer's deadline and of an interview.

They carry the deadline's day, or the interview's sequence, as their version: one that moved is reminded anew, and the
old dates stay silent.
"""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q

from applications import emails, rules
from applications.models import Interview, Offer
from applications.workflow import OfferStatus
from campus.calendar import campus_calendar
from notifications.reminders import Planned, Reminder, register

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
        starts_at__gt=since, starts_at__lte=until + AHEAD, status_at__lte=until
    )
    if recipient_id is not None:
        picked = picked.filter(_at_the_table(recipient_id)).distinct()
    picked = picked.select_related("application__student", "application__posting__host")
    for interview in picked.prefetch_related("application__posting__cohosts").order_by("pk"):
        due = rules.day_before(interview.span[0], settings.TIME_ZONE)
        if since < due <= until and due >= interview.status_at:
            for person in _people(interview):
                if recipient_id in (None, person):
                    yield Planned(person, interview.pk, "day_before", interview.version, due, interview.starts_at)


def _at_the_table(user_id: int) -> Q:
    posting = "application__posting__"
    hosts = Q(proposed_by=user_id) | Q(**{f"{posting}host__user": user_id}) | Q(**{f"{posting}cohosts__user": user_id})
    return hosts | Q(application__student__user=user_id)


def _people(interview: Interview) -> list[int]:
    posting = interview.application.posting
    hosts = [posting.host.user_id, *(host.user_id for host in posting.cohosts.all()), interview.proposed_by_id]
    return list(dict.fromkeys([interview.application.student.user_id, *hosts]))


register(Reminder(mail=emails.offer_reminder, plan=plan))
register(Reminder(mail=emails.interview_reminder, plan=plan_interviews))
