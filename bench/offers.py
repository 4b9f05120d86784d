"""Open offers, each to a student of its own few, of which a given number is to be reminded of at one moment."""

import datetime as dt
import random
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection

from accounts.models import Level, StudentProfile, User
from applications import rules
from applications.emails import offer_reminder
from applications.models import Acknowledgment, Application, GuidelinesText, Offer
from bench import words
from bench.load import Table, fill
from bench.rows import SEED, Row
from campus.calendar import ONE_DAY, campus_calendar
from notifications.models import ReminderTick

PER_POSTING = 20
PER_STUDENT = 4
AT_ONCE = 10_000
MARGIN = dt.timedelta(hours=2)  # no deadline passes while the bench runs
YEAR = 365 * ONE_DAY
A_WHILE = dt.timedelta(hours=1)  # before the nine o'clock of the reminders, that the sweep comes upon it
FILLED = [User, StudentProfile, Acknowledgment, Application, Offer]
PROMISED = (5, 7, 20)  # business days
WRITTEN = range(1, 45)  # calendar days ago


class Shape(NamedTuple):
    written_at: dt.datetime
    days: int
    deadline: rules.Deadline


def fill_offers(count: int, due: int, now: dt.datetime) -> None:
    """`count` open offers, of which `due` are to be reminded of at the last nine o'clock that had reminders."""
    fill(-(-count // PER_POSTING), now)
    first = max(User.objects.values_list("pk", flat=True)) + 1
    fill_students(range(first, first + -(-count // PER_STUDENT)), now)
    nine, reminded, silent = shapes(now)
    rows = offers(count, due, first, reminded, silent)
    for start in range(0, count, AT_ONCE):
        part = [next(rows) for _ in range(min(AT_ONCE, count - start))]
        Table(Application, numbered=True).copy_in(application for application, _ in part)
        Table(Offer, numbered=True).copy_in(offer for _, offer in part)
    ReminderTick.objects.create(kind=offer_reminder.kind, until=nine - A_WHILE)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), FILLED):
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def fill_students(keys: range, now: dt.datetime) -> None:
    """Each with one key for the person, the profile and the acknowledgment of the guidelines."""
    read = {"text_id": GuidelinesText.objects.current(now).pk, "at": now - 60 * ONE_DAY, "valid_until": now + YEAR}
    Table(User, numbered=True).copy_in(_person(key) for key in keys)
    Table(StudentProfile, numbered=True).copy_in(
        {"id": key, "user_id": key, "level": Level.UNDERGRADUATE.value} for key in keys
    )
    Table(Acknowledgment, numbered=True).copy_in({"id": key, "user_id": key, **read} for key in keys)


def shapes(now: dt.datetime) -> tuple[dt.datetime, list[Shape], list[Shape]]:
    """The moment of the reminders, and when offers were written of which it is one, and of which it is none."""
    calendar, zone = campus_calendar(), settings.TIME_ZONE
    reminded: dict[dt.datetime, list[Shape]] = {}
    every: list[tuple[Shape, set[dt.datetime]]] = []
    for ago, days in product(WRITTEN, PROMISED):
        written = now - ago * ONE_DAY
        deadline = rules.deadline(written, days, calendar, zone)
        if deadline.instant < now + MARGIN:
            continue
        shape = Shape(written, days, deadline)
        moments = rules.reminders(
            written_at=written, moved_at=written, last_day=deadline.last_day, calendar=calendar, zone=zone
        )
        every.append((shape, {moment.due for moment in moments}))
        for moment in moments:
            if moment.due <= now:
                reminded.setdefault(moment.due, []).append(shape)
    nine = max(reminded)
    return nine, reminded[nine], [shape for shape, moments in every if nine not in moments]


def offers(count: int, due: int, first: int, reminded: list[Shape], silent: list[Shape]) -> Iterator[tuple[Row, Row]]:
    chance = random.Random(f"{SEED} offers")
    told = set(chance.sample(range(count), due))
    for number in range(count):
        shape = chance.choice(reminded if number in told else silent)
        posting, student = number // PER_POSTING + 1, first + number % -(-count // PER_STUDENT)
        yield _application(number, posting, student, shape), _offer(number, shape)


def _person(key: int) -> Row:
    name = random.Random(f"{SEED} student {key}").choice(words.NAMES)
    return {"id": key, "email": f"student{key}@bench.example", "name": f"{name} Student", "password": "!"}


def _application(number: int, posting: int, student: int, shape: Shape) -> Row:
    return {
        "id": number + 1,
        "posting_id": posting,
        "student_id": student,
        "acknowledgment_id": student,
        "status": "offered",
        "status_by_id": 1,
        **dict.fromkeys(("status_at", "created_at", "submitted_at"), shape.written_at),
    }


def _offer(number: int, shape: Shape) -> Row:
    starts = shape.deadline.last_day + 30 * ONE_DAY
    return {
        "id": number + 1,
        "application_id": number + 1,
        **dict.fromkeys(("status_at", "written_at", "deadline_set_at"), shape.written_at),
        **dict.fromkeys(("status_by_id", "written_by_id"), 1),
        "starts_on": starts,
        "ends_on": starts + 20 * ONE_DAY,
        "hours_week": 15,
        "pay_kind": "hourly",
        "pay_amount": 20,
        "currency": "USD",
        "zone": settings.TIME_ZONE,
        **dict.fromkeys(("policy_days", "policy_least", "days"), shape.days),
        "last_day": shape.deadline.last_day,
        "deadline": shape.deadline.instant,
    }
