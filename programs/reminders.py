"""While steps are open the student hears of it, while a decision is open whoever decides: at nine on the board's clock.
What fell due before the record was opened, or before its steps were settled, is not made up for."""

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from campus.calendar import campus_calendar
from core import clock
from notifications.reminders import Planned, Reminder, register
from programs.emails import dates_version, record_waiting, settled_version, steps_open
from programs.models import ProgramManager, ProgramRecord, RecordQuerySet
from programs.rules import WEEK, manager_notices, student_notices
from programs.workflow import OFFICE, Status, StepState

# A start that has passed is recalled no more than so long afterwards.
LATEST = dt.timedelta(days=30)


def _open(until: dt.datetime) -> RecordQuerySet:
    records = ProgramRecord.objects.filter(status=Status.OPEN, starts__gte=clock.today(until) - LATEST)
    return records.select_related("student")


def deciders(programs: Iterable[int | None]) -> dict[int | None, list[int]]:
    """By the key of a program its managers; career staff where there are none, or no program: the keys of people."""
    found: dict[int | None, list[int]] = {program: [] for program in programs}
    rows = ProgramManager.objects.current().filter(program__in=set(found) - {None})
    for program, user in rows.order_by("user").values_list("program", "user"):
        found[program].append(user)
    office = list(_office().values_list("pk", flat=True)) if [] in found.values() else []
    return {program: people or office for program, people in found.items()}


def _office() -> QuerySet[User]:
    holds = {"staff_roles__role__in": OFFICE, "staff_roles__revoked_at": None}
    return User.objects.filter(is_active=True, **holds).distinct().order_by("pk")


def plan_steps(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    campus = campus_calendar()
    records = _open(until).filter(steps__state=StepState.OPEN).distinct()
    if recipient_id is not None:
        records = records.filter(student__user=recipient_id)
    for record in records:
        notices = student_notices(record, campus)
        for (day, name), (following, _) in pairwise([*notices, (record.starts + WEEK, "")]):
            due = nine(day)
            if since < due <= until and due > record.opened_at:
                version = dates_version(record)
                yield Planned(record.student.user_id, record.pk, name, version, due, nine(following))


def plan_waiting(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    campus = campus_calendar()
    records = list(_open(until))
    people = deciders({record.program_id for record in records})
    for record in records:
        notices = manager_notices(record, campus)
        for (day, name), (following, _) in pairwise([*notices, (record.starts + WEEK, "")]):
            due = nine(day)
            if not (since < due <= until and due > record.opened_at):
                continue
            version = settled_version(record) if name.startswith("w") else dates_version(record)
            for person in people[record.program_id]:
                yield Planned(person, record.pk, name, version, due, nine(following))


def nine(day: dt.date) -> dt.datetime:
    return clock.nine_o_clock(day, timezone.get_default_timezone())


register(Reminder(mail=steps_open, plan=plan_steps))
register(Reminder(mail=record_waiting, plan=plan_waiting))
