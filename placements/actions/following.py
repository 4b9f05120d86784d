"""What becomes of placements when a clearance changes, and who is told."""

import datetime as dt
from typing import Any

from authorization.caps import over_the_cap
from authorization.models import AuthorizationRecord
from authorization.rules import is_cleared
from core import clock
from placements import emails
from placements.actions.moving import lock_after_a_record, move_placement, note_on, tell_hosts, tell_student
from placements.models import Placement
from placements.rules import footing, program_word, state_before_work
from placements.workflow import PLACEMENT, SYSTEM, TO_COME, UNDER_WAY, Status

FOOTINGS = {"stop": emails.held_back, "stop_after": emails.stop_after, "go_on": emails.go_on}


def follow_clearance(record: Any, *, by: Any, now: dt.datetime) -> None:
    """Called with the record locked, whenever its clearance changes, be it that of the authorization or of the program;
    `by` stays in the record."""
    is_authorization = isinstance(record, AuthorizationRecord)
    whose = "offer__authorization" if is_authorization else "program_record"
    placement = Placement.objects.filter(**{whose: record}).first()
    if placement and not record.is_closed:  # whoever closed it says what becomes of the placement
        _follow(lock_after_a_record(placement), now)
    if is_authorization:
        follow_others(record, now)


def follow_others(record: AuthorizationRecord, now: dt.datetime) -> None:
    """Hours in term are counted over all of a student's work, so a change of one can hold back or free another. The
    student is locked, as by whoever changes any of their records."""
    of_student = Placement.objects.filter(offer__application__student=record.student_id, status__in=TO_COME)
    for placement in of_student.exclude(offer__authorization=record).order_by("pk"):
        _follow(lock_after_a_record(placement), now)


def _follow(placement: Placement, now: dt.datetime) -> None:
    if placement.status in UNDER_WAY:
        tell_who_works(placement, now)
    if placement.status not in TO_COME:
        return
    record, starts_on = placement.record, placement.starts_on
    held = is_held(record, starts_on, now)
    due = state_before_work(record, program_word(placement), starts_on, over_the_cap=held)
    if due == placement.status:
        return
    move = next(move.name for move in PLACEMENT if move.target == due and move.who == SYSTEM)
    was_ready = placement.status == Status.READY
    move_placement(placement, move, by=None, now=now, roles=set(SYSTEM))
    if due == Status.READY:
        tell_student(emails.ready, placement, now=now)
        tell_hosts(emails.ready_host, placement, now=now)
    elif was_ready:
        tell_hosts(emails.held_back, placement, now=now)


def is_held(record: AuthorizationRecord, starts_on: dt.date, now: dt.datetime) -> bool:
    """By hours in term alone, where its first day is cleared."""
    return is_cleared(record, starts_on) and bool(over_the_cap([record], since=clock.today(now)))


def tell_who_works(placement: Placement, now: dt.datetime) -> None:
    """Of work under way the hosts are told to stop, until when to go on, and to go on again: each once, until it
    changes. They begin with what is as it should be."""
    told = placement.events.filter(move__in=FOOTINGS).order_by("pk").last()
    before = (told.move, told.note) if told else ("go_on", "")
    move, day = footing(placement, clock.today(now))
    if (move, day) != before:
        note_on(placement, move, by=None, now=now, note=day)
        tell_hosts(FOOTINGS[move], placement, now=now)
