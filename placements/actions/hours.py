"""Hours worked: written by the student, one entry a day, for days that are cleared alone."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from accounts.models import StudentProfile, User
from authorization.caps import WEEK, Caps, monday_of
from campus.calendar import ONE_DAY
from core import clock
from core.workflow import MoveRefused
from placements.actions.moving import lock_placement, note_on
from placements.models import QUARTERS_A_DAY, HoursEntry, Placement, in_hours
from placements.rules import in_words, why_no_hours
from placements.workflow import UNDER_WAY

NOT_YOURS = "Only the student writes down hours."


@transaction.atomic
def log_hours(
    placement: Placement, *, by: User, day: dt.date, hours: Decimal, note: str = "", now: dt.datetime | None = None
) -> HoursEntry:
    """`hours` to a quarter. The student's profile is locked first, so that two entries together stay within a day."""
    moment = now or clock.now()
    # Without `of` the placement would be locked here too, before its record: a deadlock with whoever locks in order.
    students = StudentProfile.objects.select_for_update(of=("self",), no_key=True)
    student = students.get(applications__offers__placement=placement.pk)
    placement = lock_placement(placement)
    if student.user_id != by.pk:
        raise MoveRefused(NOT_YOURS)
    refusal = (
        why_no_hours(placement, day, clock.today(moment))
        or _too_many(student, placement, day, hours)
        or _over_the_cap(student, day, hours)
    )
    if refusal:
        raise MoveRefused(refusal)
    return HoursEntry.objects.create(
        placement=placement, day=day, quarters=int(hours * 4), note=note, logged_by=by, logged_at=moment
    )


@transaction.atomic
def remove_hours(entry: HoursEntry, *, by: User, now: dt.datetime | None = None) -> None:
    """A slip of the pen is mended by writing it again. That something stood there stays in the timeline."""
    placement = lock_placement(entry.placement)
    if placement.student != by:
        raise MoveRefused(NOT_YOURS)
    if placement.status not in UNDER_WAY:
        raise MoveRefused("This work is over, so its hours stay as they are.")
    found = HoursEntry.objects.filter(pk=entry.pk).first()
    if found:
        found.delete()
        words = f"{found.hours} hours on {in_words(found.day)}"
        note_on(placement, "remove_hours", by=by, now=now or clock.now(), note=words)


def _too_many(student: StudentProfile, placement: Placement, day: dt.date, hours: Decimal) -> str:
    if hours <= 0 or hours * 4 % 1:
        return "Enter the hours to a quarter, for example 2.25."
    on_the_day = HoursEntry.objects.filter(placement__offer__application__student=student, day=day)
    if on_the_day.filter(placement=placement).exists():
        return "There are hours on this day already. Remove them first, then write them again."
    quarters = on_the_day.aggregate(total=Sum("quarters"))["total"] or 0
    if quarters + hours * 4 > QUARTERS_A_DAY:
        return "A day has 24 hours: with what is written already, this would be more."
    return ""


def _over_the_cap(student: StudentProfile, day: dt.date, hours: Decimal) -> str:
    """In term, by what is written down for all of the student's projects from Monday to Sunday."""
    monday = monday_of(day)
    limit = Caps.of(student.pk).cleared(student.pk).limit(monday)
    if limit is None:
        return ""
    written = HoursEntry.objects.filter(
        placement__offer__application__student=student, day__range=(monday, monday + WEEK - ONE_DAY)
    )
    total = in_hours(written.aggregate(total=Sum("quarters"))["total"] or 0) + hours
    if total <= limit:
        return ""
    return (
        f"While classes are held you are cleared for {limit} hours a week over all your projects. With these, the week "
        f"of {in_words(monday)} would come to {total.normalize():f}. Talk with the international advisor."
    )
