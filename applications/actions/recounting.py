"""After closures changed, every undecided offer is counted again: many at a time, as there may be very many."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import User
from applications import emails, rules
from applications.models import Offer, OfferEvent, OfferQuerySet
from applications.wording import shown
from applications.workflow import UNDECIDED, OfferStatus
from campus.calendar import BusinessCalendar, campus_calendar
from campus.closures import Moved, Moves, soonest
from core import clock
from core.bulk import insert_like
from notifications.doorbell import ring
from notifications.mail import queue_like, supersede_all

AT_ONCE = 20_000


class Counted(NamedTuple):
    """Of an undecided offer what a count needs; and whom to tell, where it is not a mere look."""

    pk: int
    status: str
    written_at: dt.datetime
    days: int
    zone: str
    last_day: dt.date
    deadline: dt.datetime
    student: int = 0


COUNTED = Counted._fields[:-1]


def preview_recount(*, calendar: BusinessCalendar, now: dt.datetime) -> Moves:
    """What a recount over this calendar would move. Reads alone: nothing is locked or written."""
    counts: Counter[tuple[dt.date, dt.date]] = Counter()

    def told() -> Iterator[Moved]:
        for offer, after in _moving(_undecided().values_list(*COUNTED), calendar, now):
            counts[offer.last_day, after] += 1
            yield Moved(offer.pk, offer.last_day, after)

    first = soonest(told())
    offers = Offer.objects.with_people().in_bulk([one.row for one in first])
    return Moves(counts, tuple(replace(one, row=offers[one.row]) for one in first if one.row in offers))


@transaction.atomic
def recount_open_offers(
    *, by: User | None, calendar: BusinessCalendar | None = None, now: dt.datetime | None = None
) -> int:
    """Every open deadline becomes the later of what it was and what a new count gives; how many moved. One that is past
    does not move, and none moves earlier. Each row stays locked from when it is read."""
    moment = now or clock.now()
    locked = _undecided().select_for_update(of=("self",), no_key=True)
    rows = locked.values_list(*COUNTED, "application__student__user")
    moving = _moving(rows, calendar or campus_calendar(), moment)
    words = cache(lambda day, zone: f"The university is closed on more days. Until {shown(day, zone)}.")
    moved = 0
    while chunk := list(islice(moving, AT_ONCE)):
        offers, days = zip(*chunk, strict=True)
        deadlines = [rules.end_of_day(day, offer.zone) for offer, day in chunk]
        _set_deadlines(offers, days, deadlines, now=moment)
        _note(offers, [words(day, offer.zone) for offer, day in chunk], by=by, now=moment)
        _tell(offers, days, deadlines, now=moment)
        moved += len(chunk)
    if moved:
        transaction.on_commit(ring)
    return moved


def _undecided() -> OfferQuerySet:
    return Offer.objects.filter(status__in=UNDECIDED).order_by("application_id")


def _moving(
    rows: QuerySet[Offer, tuple[Any, ...]], calendar: BusinessCalendar, now: dt.datetime
) -> Iterator[tuple[Counted, dt.date]]:
    """Those that move, each with its new last day."""
    recount = rules.Recount(calendar)
    for row in rows.iterator(chunk_size=AT_ONCE):
        offer = Counted(*row)
        last_day = recount.last_day(offer.written_at, offer.days, offer.zone, offer.last_day)
        past = offer.status == OfferStatus.OPEN and now >= offer.deadline
        if last_day != offer.last_day and not past:
            yield offer, last_day


def _set_deadlines(
    offers: Sequence[Counted], days: Sequence[dt.date], deadlines: Sequence[dt.datetime], *, now: dt.datetime
) -> None:
    """In one statement, where bulk_update would write a case for each row."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE applications_offer AS offer
            SET last_day = later.last_day, deadline = later.deadline, deadline_set_at = %s
            FROM unnest(%s::bigint[], %s::date[], %s::timestamptz[]) AS later (id, last_day, deadline)
            WHERE offer.id = later.id
            """,
            [now, [offer.pk for offer in offers], list(days), list(deadlines)],
        )


def _note(offers: Sequence[Counted], notes: Sequence[str], *, by: User | None, now: dt.datetime) -> None:
    statuses = [offer.status for offer in offers]
    insert_like(
        OfferEvent(at=now, by=by, move="recount"),
        {
            "offer_id": [offer.pk for offer in offers],
            "from_status": statuses,
            "to_status": statuses,
            "note": notes,
        },
    )


def _tell(
    offers: Sequence[Counted], days: Sequence[dt.date], deadlines: Sequence[dt.datetime], *, now: dt.datetime
) -> None:
    """The reminders of the days as they were stay silent; those of the new ones are planned as they come."""
    keys = [offer.pk for offer in offers]
    supersede_all(kind_prefix="offer.reminder", subject_ids=keys)
    queue_like(
        emails.deadline_moved.row(0, 0, "", "", now, None, now),
        {
            "subject_id": keys,
            "recipient_id": [offer.student for offer in offers],
            "version": [day.isoformat() for day in days],
            "expires": deadlines,
        },
    )
