"""The decision reminders. They carry the deadline's day as their version, so one that moved is reminded anew and the
old dates stay silent."""

import datetime as dt
from collections.abc import Iterable

from applications import emails, rules
from applications.models import Offer
from applications.workflow import OfferStatus
from campus.calendar import campus_calendar
from notifications.reminders import Planned, Reminder, register


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


register(Reminder(mail=emails.offer_reminder, plan=plan))
