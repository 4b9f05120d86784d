"""When a record asks for attention, at nine on the board's clock. A moment already past when the record was opened is
not made up for here: opening tells all of those at once, in one mail. One thing is made up for: a start that became
impossible and of which nothing was told yet, whatever made it so (a closure entered late, a route's new figures)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from authorization.emails import cleared_version, item_date, item_stuck, item_waiting, stuck_version
from authorization.models import AuthorizationRecord
from authorization.rules import (
    ENDING_NOTICE,
    WEEK,
    Standing,
    World,
    filing_notices,
    standing,
    versions,
    weekly_notices,
)
from authorization.workflow import Status
from core import clock
from notifications.models import OutboxMail
from notifications.reminders import Planned, Reminder, register
from notifications.workflow import State

INSTANT = dt.timedelta(microseconds=1)


def _standings(recipient_id: int | None) -> Iterator[tuple[Standing, World]]:
    records = AuthorizationRecord.objects.filter(closed_at=None).select_related("student")
    if recipient_id is not None and recipient_id not in {adviser.pk for adviser in international_advisers()}:
        records = records.filter(student__user_id=recipient_id)
    world = World.load()
    for record in records:
        yield standing(record, world), world


def international_advisers() -> list[User]:
    return list(
        User.objects.filter(is_active=True, staff_roles__role=Role.INTERNATIONAL_ADVISER, staff_roles__revoked_at=None)
    )


def told_stuck(records: list[int]) -> set[int]:
    """Of which of these somebody was told, or is about to be, that the start can no longer be met."""
    rows = OutboxMail.objects.filter(kind=item_stuck.kind, subject_id__in=records)
    return set(rows.exclude(state=State.SUPERSEDED).values_list("subject_id", flat=True))


def _of_whom(one: Standing, day: dt.date, advisers: list[int]) -> set[int]:
    """Who has not said what is needed is asked each week, and the advisors with them."""
    weekly = one.is_undeclared and any(day == other for _, other in weekly_notices(one))
    return {one.record.student.user_id, *(advisers if weekly else ())}


def plan_waiting(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    advisers = [adviser.pk for adviser in international_advisers()]
    for one, world in _standings(recipient_id):
        weekly, filing = versions(one)
        notices = {day: (name, filing) for name, day in filing_notices(one, world.campus)}
        for name, day in weekly_notices(one):
            notices.setdefault(day, (name, weekly))
        for day, following in pairwise([*sorted(notices), one.record.starts + WEEK]):
            name, mail_version = notices[day]
            due = nine(day)
            if since < due <= until and due > one.record.opened_at:
                for person in _of_whom(one, day, advisers):
                    yield Planned(person, one.record.pk, name, mail_version, due, nine(following))


def plan_dates(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    for one, _ in _standings(recipient_id):
        record = one.record
        first, last, cleared_at = record.cleared_from, record.cleared_until, record.cleared_at
        if record.status != Status.APPROVED or first is None or last is None or cleared_at is None:
            continue
        moments = [("start", nine(first), nine(first + WEEK)), ("end", nine(last - ENDING_NOTICE), nine(last))]
        for name, due, expires in moments:
            if since < due <= until and due > cleared_at:
                mail_version = cleared_version(record)
                yield Planned(record.student.user_id, record.pk, name, mail_version, due, expires)


def plan_stuck(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    advisers = {adviser.pk for adviser in international_advisers()}
    standings = [one for one, _ in _standings(recipient_id)]
    told = told_stuck([one.record.pk for one in standings])
    for one in standings:
        if one.impossible_from is None:
            continue
        due = nine(one.impossible_from)
        if due <= since and one.record.pk not in told:
            due = since + INSTANT
        if since < due <= until:
            for person in {one.record.student.user_id, *advisers}:
                yield Planned(person, one.record.pk, "", stuck_version(one), due)


def nine(day: dt.date) -> dt.datetime:
    return clock.nine_o_clock(day, timezone.get_default_timezone())


register(Reminder(mail=item_waiting, plan=plan_waiting))
register(Reminder(mail=item_date, plan=plan_dates))
register(Reminder(mail=item_stuck, plan=plan_stuck))
