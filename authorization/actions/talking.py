"""What student and advisor tell each other on a record: ticks on its steps, comments, questions."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.roles import Role
from authorization.actions.writing import lock_record, refuse_others, tell_advisers, tell_student, write_event
from authorization.models import AuthorizationEvent, AuthorizationQuestion, AuthorizationRecord, RouteStep
from authorization.steps import ticks
from core import clock
from core.workflow import MoveRefused

STUDENT, ADVISER = Role.STUDENT, Role.INTERNATIONAL_ADVISER


@transaction.atomic
def tick(
    record: AuthorizationRecord,
    *,
    step: RouteStep,
    number: str = "",
    day: dt.date | None = None,
    by: Any,
    now: dt.datetime | None = None,
) -> AuthorizationEvent:
    """The student says that it is done, or the advisor has seen that it is. Saying it again says it anew."""
    record = lock_record(record)
    refuse_others(record, by, STUDENT, ADVISER)
    if step.settled_by != RouteStep.SettledBy.TICK:
        raise MoveRefused("This step is settled by what is filed and decided, not by a tick.")
    now = now or clock.now()
    words = {"number": number.strip(), "day": day.isoformat() if day else ""} if step.asks_number else {}
    return write_event(record, "tick", by=by, at=now, step=str(step.pk), note=step.name, **words)


@transaction.atomic
def untick(
    record: AuthorizationRecord, *, step: RouteStep, by: Any, now: dt.datetime | None = None
) -> AuthorizationEvent:
    record = lock_record(record)
    refuse_others(record, by, STUDENT, ADVISER)
    if step.pk not in ticks(record, record.events.all()):
        raise MoveRefused("This step is not ticked.")
    return write_event(record, "untick", by=by, at=now or clock.now(), step=str(step.pk), note=step.name)


@transaction.atomic
def comment(record: AuthorizationRecord, *, note: str, by: Any, now: dt.datetime | None = None) -> AuthorizationEvent:
    """The student reads it on the page of the record."""
    record = lock_record(record)
    refuse_others(record, by, ADVISER)
    now = now or clock.now()
    event = write_event(record, "comment", by=by, at=now, note=_said(note))
    tell_student(record, by=by, version=str(event.pk), now=now)
    return event


@transaction.atomic
def ask(record: AuthorizationRecord, *, note: str, by: Any, now: dt.datetime | None = None) -> AuthorizationQuestion:
    """A question that stays open until the student answers it."""
    record = lock_record(record)
    refuse_others(record, by, ADVISER)
    now = now or clock.now()
    question = AuthorizationQuestion.objects.create(record=record, asked_at=now, asked_by=by, question=_said(note))
    tell_student(record, by=by, version=f"q{question.pk}", now=now)
    return question


@transaction.atomic
def answer(
    question: AuthorizationQuestion, *, words: str, by: Any, now: dt.datetime | None = None
) -> AuthorizationQuestion:
    record = lock_record(question.record)
    refuse_others(record, by, STUDENT)
    question = AuthorizationQuestion.objects.select_for_update().get(pk=question.pk)
    if question.answered_at:
        raise MoveRefused("This question is answered already.")
    question.answered_at = max(now or clock.now(), question.asked_at)  # two machines' clocks may differ a little
    question.answer = _said(words)
    question.save(update_fields=["answered_at", "answer"])
    tell_advisers(record, by=by, version=f"a{question.pk}", now=question.answered_at)
    return question


def _said(words: str) -> str:
    if not words.strip():
        raise MoveRefused("Write a sentence first.")
    return words.strip()
