"""Finding a time to talk: the host proposes, the student picks or asks for others, either side calls it off.

Each change raises the interview's sequence, which its mails and its calendar file carry: what has been overtaken is not
sent, and calendars replace what they hold. A time that was picked and no longer holds leaves each calendar by one mail,
whatever happens before that is sent.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction

from accounts.models import User
from applications import emails
from applications.actions.moving import hosts_of, lock_application, move_application, refuse_if_suspended, roles_of
from applications.models import MOST_TIMES, Application, Interview, InterviewEvent, InterviewTime
from applications.workflow import BEING_ARRANGED, INTERVIEW, ApplicationStatus, InterviewStatus
from core import clock
from core.workflow import MoveRefused
from notifications.mail import Mail

ARRANGED = "An interview is being arranged already. Find a time for that one first, or cancel it."
OVER = "The time of this interview has come, so it can no longer be moved or canceled."
TAKEN = "Somebody else has just picked that time. Pick another one, or ask for others."
PASSED = "That time has passed. Pick another one, or ask for others."
GONE = "That time is not proposed any longer. These are the times that are."


@transaction.atomic
def invite_to_interview(
    application: Application,
    *,
    by: User,
    times: Sequence[dt.datetime],
    mode: str,
    minutes: int = 30,
    note: str = "",
    now: dt.datetime | None = None,
) -> Interview:
    """The first times that the host proposes."""
    moment = now or clock.now()
    _refuse_times(times, moment)
    application = lock_application(application.pk)
    refuse_if_suspended(application)
    move_application(application, "interview", by=by, now=moment)
    if application.interviews.filter(status__in=BEING_ARRANGED).exists():
        raise MoveRefused(ARRANGED)
    interview = Interview.objects.create(
        application=application,
        status_at=moment,
        status_by=by,
        proposed_by=by,
        minutes=minutes,
        mode=mode,
        note=note,
    )
    _write_down(interview, "propose", by=by, now=moment)
    _put_forward(interview, times)
    _tell(emails.interview_proposed, interview, [interview.student], now=moment, expires=max(times))
    return interview


@transaction.atomic
def propose_times(
    interview: Interview,
    *,
    by: User,
    times: Sequence[dt.datetime],
    mode: str,
    minutes: int = 30,
    note: str = "",
    now: dt.datetime | None = None,
) -> Interview:
    """Other times, in the place of those proposed before or of the one that was picked."""
    moment = now or clock.now()
    _refuse_times(times, moment)
    interview = _lock_talking(interview)
    refuse_if_over(interview, moment)
    refuse_if_another_is_arranged(interview)
    fell_through, at_the_table = interview.is_picked, _people(interview)
    interview.proposed_by, interview.minutes, interview.mode, interview.note = by, minutes, mode, note
    _move(interview, "propose", by=by, now=moment, fields=["proposed_by", "minutes", "mode", "note"])
    interview.times.all().delete()
    _put_forward(interview, times)
    if fell_through:
        _lift(interview, at_the_table, now=moment)
    else:
        _tell(emails.interview_proposed, interview, [interview.student], now=moment, expires=max(times))
    return interview


@transaction.atomic
def pick_time(interview: Interview, *, by: User, time: InterviewTime, now: dt.datetime | None = None) -> Interview:
    """The student's choice. Pressed twice, it is one."""
    moment = now or clock.now()
    interview = _lock_talking(interview)
    INTERVIEW.target("pick", InterviewStatus.PROPOSED, roles_of(by, interview.application))
    if interview.is_picked and interview.starts_at == time.starts_at:
        return interview
    if not interview.times.filter(pk=time.pk).exists():
        raise MoveRefused(GONE)
    if time.starts_at <= moment:
        raise MoveRefused(PASSED)
    interview.starts_at, interview.ends_at = time.starts_at, time.starts_at + dt.timedelta(minutes=interview.minutes)
    interview.picked_at, interview.picks = moment, interview.picks + 1
    _refuse_taken(interview)
    _move(interview, "pick", by=by, now=moment, fields=["starts_at", "ends_at", "picked_at", "picks"])
    _tell(emails.interview_picked, interview, _people(interview), now=moment, expires=interview.starts_at)
    return interview


@transaction.atomic
def change_place(
    interview: Interview, *, by: User, mode: str, note: str = "", now: dt.datetime | None = None
) -> Interview:
    """Another link, room or way to meet at the time that was picked, which stays. Sent twice, it is one."""
    moment = now or clock.now()
    interview = _lock(interview)
    refuse_if_suspended(interview.application)
    INTERVIEW.target("change_place", interview.status, roles_of(by, interview.application))
    refuse_if_over(interview, moment)
    if (interview.mode, interview.note) == (mode, note):
        return interview
    was = "\n".join(filter(None, [f"Before: {interview.get_mode_display()}", interview.note]))
    interview.mode, interview.note = mode, note
    _move(interview, "change_place", by=by, now=moment, was=was, fields=["mode", "note"])
    _tell(emails.interview_place_changed, interview, _people(interview), now=moment, expires=interview.starts_at)
    return interview


@transaction.atomic
def refuse_times(interview: Interview, *, by: User, reason: str, now: dt.datetime | None = None) -> Interview:
    """None of the times suits, or the picked one does no longer: the student says which would."""
    moment = now or clock.now()
    if not reason.strip():
        raise MoveRefused("Say which times would suit you: the host reads it.")
    interview = _lock_talking(interview)
    refuse_if_over(interview, moment)
    refuse_if_another_is_arranged(interview)
    fell_through = interview.is_picked
    _move(interview, "refuse_times", by=by, now=moment, note=reason)
    if fell_through:
        _lift(interview, _people(interview), now=moment)
    else:
        _tell(emails.interview_times_refused, interview, _hosts(interview), now=moment)
    return interview


@transaction.atomic
def cancel_interview(interview: Interview, *, by: User, reason: str, now: dt.datetime | None = None) -> Interview:
    moment = now or clock.now()
    if not reason.strip():
        raise MoveRefused("Give the reason: the other side reads it.")
    interview = _lock(interview)
    refuse_if_over(interview, moment)
    fell_through = interview.is_picked
    _move(interview, "cancel", by=by, now=moment, note=reason)
    people = _people(interview)  # with a time in their calendars, all; else all but who cancels
    _tell(emails.interview_canceled, interview, [one for one in people if fell_through or one != by], now=moment)
    return interview


def call_off_interviews(
    application: Application,
    *,
    by: User | None,
    reason: str,
    now: dt.datetime,
    statuses: Collection[str] = (*BEING_ARRANGED, InterviewStatus.PICKED),
) -> None:
    """The application, which is locked, has moved on, and the other side hears that: what is to come does not take
    place, and leaves the calendars."""
    for interview in application.interviews.filter(status__in=statuses).select_for_update(no_key=True):
        interview.application = application
        if not interview.is_picked:
            _move(interview, "cancel", by=by, now=now, note=reason, roles=INTERVIEW.moves["cancel"].who)
        elif interview.span[0] > now:
            _move(interview, "cancel", by=by, now=now, note=reason, roles=INTERVIEW.moves["cancel"].who)
            _tell(emails.interview_canceled, interview, _people(interview), now=now)


def refuse_if_over(interview: Interview, now: dt.datetime) -> None:
    """A talk that took place is not taken back afterwards, and no calendar loses it."""
    if interview.is_picked and interview.span[0] <= now:
        raise MoveRefused(OVER)


def refuse_if_another_is_arranged(interview: Interview) -> None:
    """While a further talk is being arranged, the one whose time was picked keeps it or is canceled."""
    if interview.application.interviews.filter(status__in=BEING_ARRANGED).exclude(pk=interview.pk).exists():
        raise MoveRefused(ARRANGED)


def _lock(interview: Interview) -> Interview:
    """The interview and, before it, its application."""
    application = lock_application(interview.application_id)
    locked = Interview.objects.select_for_update(of=("self",), no_key=True).get(pk=interview.pk)
    locked.application = application
    return locked


def _lock_talking(interview: Interview) -> Interview:
    locked = _lock(interview)
    application = locked.application
    refuse_if_suspended(application)
    if application.status != ApplicationStatus.INTERVIEW:
        status = application.get_status_display().lower()
        raise MoveRefused(f"This application is {status} now, so no time for an interview is being arranged.")
    return locked


def _refuse_times(times: Sequence[dt.datetime], now: dt.datetime) -> None:
    if not 1 <= len(times) <= MOST_TIMES or len(set(times)) < len(times):
        raise MoveRefused(f"Propose one to {MOST_TIMES} different times.")
    if min(times) <= now:
        raise MoveRefused("Propose times that are still to come.")


def _refuse_taken(interview: Interview) -> None:
    """The row of whoever interviews is locked, so that of two students who pick the same hour one is first."""
    User.objects.select_for_update(no_key=True).get(pk=interview.proposed_by_id)
    if Interview.objects.taken(interview.proposed_by_id, *interview.span).exists():
        raise MoveRefused(TAKEN)


def _put_forward(interview: Interview, times: Sequence[dt.datetime]) -> None:
    InterviewTime.objects.bulk_create(
        InterviewTime(interview=interview, number=number, starts_at=time)
        for number, time in enumerate(sorted(times), start=1)
    )


def _move(
    interview: Interview,
    move: str,
    *,
    by: User | None,
    now: dt.datetime,
    note: str = "",
    was: str = "",
    fields: Iterable[str] = (),
    roles: Collection[str] | None = None,
) -> None:
    """`note` is why, and is read beside the interview; `was` stands in the timeline alone."""
    before = interview.status
    found = roles_of(by, interview.application) if roles is None else roles
    interview.status = INTERVIEW.target(move, before, found)
    interview.status_at, interview.status_by = now, by
    interview.sequence += 1
    interview.reason = note
    interview.save(update_fields=["status", "status_at", "status_by", "sequence", "reason", *fields])
    _write_down(interview, move, by=by, now=now, note=note or was, before=before)


def _write_down(
    interview: Interview, move: str, *, by: User | None, now: dt.datetime, note: str = "", before: str = ""
) -> None:
    InterviewEvent.objects.create(
        interview=interview, at=now, by=by, move=move, from_status=before, to_status=interview.status, note=note
    )


def _hosts(interview: Interview) -> list[User]:
    """With whoever of them has proposed times, who may be a colleague and has had them in the calendar since."""
    proposed = User.objects.filter(pk__in=interview.events.filter(move="propose").values("by"))
    hosts = (*hosts_of(interview.application.posting), *proposed, interview.proposed_by)
    people = {host.pk: host for host in hosts}
    return [people[key] for key in sorted(people)]


def _people(interview: Interview) -> list[User]:
    return [interview.student, *_hosts(interview)]


def _lift(interview: Interview, people: Iterable[User], *, now: dt.datetime) -> None:
    """The version is that of the pick, so that nobody hears twice that this time no longer holds."""
    for person in people:
        emails.interview_lifted.queue(to=person, subject_id=interview.pk, version=interview.pick, now=now)


def _tell(
    mail: Mail,
    interview: Interview,
    people: Iterable[User],
    *,
    now: dt.datetime,
    expires: dt.datetime | None = None,
) -> None:
    for person in people:
        mail.queue(to=person, subject_id=interview.pk, version=interview.version, expires=expires, now=now)
