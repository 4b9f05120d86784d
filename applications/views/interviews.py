"""Finding a time to talk, from both sides, and what stands of it on the page of the application."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import actions
from applications.actions.interviewing import ARRANGED, GONE, refuse_if_another_is_arranged, refuse_if_over
from applications.actions.moving import refuse_if_suspended
from applications.forms import InterviewForm, PlaceForm, ReasonForm, TimeForm
from applications.ics import interview_file
from applications.models import Application, Interview, InterviewTime
from applications.views.asking import ask, bound
from applications.workflow import APPLICATION, BEING_ARRANGED, INTERVIEW, TALKING, ApplicationStatus, InterviewStatus
from core import clock, ics
from core.workflow import MoveRefused

TONES = {
    InterviewStatus.PROPOSED: "waiting",
    InterviewStatus.PICKED: "success",
    InterviewStatus.TIMES_REFUSED: "warning",
}
ARRANGING = ("propose", "refuse_times")  # the moves that leave an interview without a picked time
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Row:
    """An interview as it stands on the page: the proposed times, each with why it cannot be picked any longer."""

    interview: Interview
    tone: str
    times: list[tuple[InterviewTime, str]]
    may: set[str]
    all_gone: bool
    is_over: bool


def rows(application: Application, *, roles: Collection[str], now: dt.datetime) -> list[Row]:
    """Reads prefetched interviews with their times; one query more where somebody has still to pick. What was being
    arranged when the application went on came to nothing, and is not shown."""
    talking = application.status == ApplicationStatus.INTERVIEW
    interviews = [one for one in application.interviews.all() if talking or one.status not in BEING_ARRANGED]
    arranged = next((one for one in interviews if one.status in BEING_ARRANGED), None)
    return [_row(one, roles, now, talking=talking, alone=arranged in (None, one)) for one in interviews]


def _row(interview: Interview, roles: Collection[str], now: dt.datetime, *, talking: bool, alone: bool) -> Row:
    """`alone`: no other interview is being arranged, so that this one may be arranged anew."""
    proposed = talking and interview.status == InterviewStatus.PROPOSED
    times = _times(interview, now) if proposed else []
    is_over = interview.is_picked and interview.span[0] <= now
    stands = interview.application.status in TALKING and not is_over
    may = {move.name for move in INTERVIEW.available(interview.status, roles)} if stands else set()
    return Row(
        interview=interview,
        tone=TONES.get(InterviewStatus(interview.status), "ended") if stands else "ended",
        times=times,
        may=may if talking and alone else may & {"change_place", "cancel"},
        all_gone=bool(times) and all(why for _, why in times),
        is_over=is_over,
    )


def _times(interview: Interview, now: dt.datetime) -> list[tuple[InterviewTime, str]]:
    length = dt.timedelta(minutes=interview.minutes)
    others = Interview.objects.filter(
        proposed_by=interview.proposed_by_id, status=InterviewStatus.PICKED, ends_at__gt=now
    )
    taken = [other.span for other in others.only("starts_at", "ends_at")]

    def why_not(starts: dt.datetime) -> str:
        if starts <= now:
            return "has passed"
        return "is taken" if any(begin < starts + length and starts < end for begin, end in taken) else ""

    return [(time, why_not(time.starts_at)) for time in interview.times.all()]


@require_get_or_post
def application_interview(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.handled_by(request.user).with_people(), pk=pk)
    if request.method != "POST":
        refuse_if_suspended(application)
        if application.status not in APPLICATION.moves["interview"].sources:
            status = application.get_status_display().lower()
            raise MoveRefused(f"This application is {status} now, so that is not possible.")
        if application.interviews.filter(status__in=BEING_ARRANGED).exists():
            raise MoveRefused(ARRANGED)

    def invite(form: InterviewForm) -> HttpResponse:
        interview = actions.invite_to_interview(application, by=request.user, **form.proposal)
        messages.success(request, f"{application.student} is invited and has been told by mail.")
        return redirect(interview)

    return ask(
        request,
        bound(InterviewForm, request),
        act=invite,
        title=f"Invite {application.student} to an interview",
        lead="Propose up to five times. The student picks one, and both of you get it for your calendars.",
        submit="Send the invitation",
        back=application,
    )


@require_get_or_post
def interview_times(request: HttpRequest, pk: int) -> HttpResponse:
    interview = get_object_or_404(Interview.objects.of_hosts(request.user).with_people(), pk=pk)
    _refuse_early(request, interview, "propose")

    def propose(form: InterviewForm) -> HttpResponse:
        proposed = actions.propose_times(interview, by=request.user, **form.proposal)
        messages.success(request, f"{interview.student.display_name} has been told the new times.")
        return redirect(proposed)

    lead = "The new times take the place of those proposed before."
    if interview.is_picked:
        lead = f"The time that was picked, {interview.shown}, no longer holds once you send these."
    return ask(
        request,
        bound(InterviewForm, request, initial=InterviewForm.initial_of(interview)),
        act=propose,
        title=f"Propose other times to {interview.student.display_name}",
        lead=lead,
        submit="Send the new times",
        back=interview,
        quote=interview.reason,
    )


@require_get_or_post
def interview_place(request: HttpRequest, pk: int) -> HttpResponse:
    interview = get_object_or_404(Interview.objects.of_hosts(request.user).with_people(), pk=pk)
    _refuse_early(request, interview, "change_place")

    def change(form: PlaceForm) -> HttpResponse:
        changed = actions.change_place(interview, by=request.user, **form.cleaned_data)
        if changed.version == interview.version:
            messages.info(request, "Nothing was changed, so nobody was told.")
        else:
            messages.success(request, f"{interview.student.display_name} has been told. The time stays as it is.")
        return redirect(changed)

    return ask(
        request,
        bound(PlaceForm, request, initial={"mode": interview.mode, "note": interview.note}),
        act=change,
        title="Change how you meet",
        lead=f"The time stays: {interview.shown}. Everybody gets a file that brings their calendars up to date.",
        submit="Save and tell everybody",
        back=interview,
    )


@require_POST
def interview_choice(request: HttpRequest, pk: int) -> HttpResponse:
    interview = get_object_or_404(Interview.objects.of_student(request.user), pk=pk)
    form = TimeForm(request.POST, interview=interview)
    if not form.is_valid():
        raise MoveRefused(GONE)
    picked = actions.pick_time(interview, by=request.user, time=form.cleaned_data["time"])
    messages.success(request, f"The interview is set: {picked.shown}. Both of you get it by mail for your calendars.")
    return redirect(picked)


@require_get_or_post
def interview_request(request: HttpRequest, pk: int) -> HttpResponse:
    interview = get_object_or_404(Interview.objects.of_student(request.user).with_people(), pk=pk)
    _refuse_early(request, interview, "refuse_times")

    def refuse(form: ReasonForm) -> HttpResponse:
        asked = actions.refuse_times(interview, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The host has been asked for other times.")
        return redirect(asked)

    label, hint = "Which times would suit you?", "Days and hours in the coming week, for example. The host reads it."
    lead = f"{interview.application.posting.organization} is asked to propose others."
    if interview.is_picked:
        lead = f"The time of {interview.shown} is given up. {lead}"
    return ask(
        request,
        bound(ReasonForm, request, label=label, hint=hint),
        act=refuse,
        title="Ask for other times",
        lead=lead,
        submit="Ask for other times",
        back=interview,
    )


@require_get_or_post
def interview_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    interview = get_object_or_404(Interview.objects.visible_to(request.user).with_people(), pk=pk)
    _refuse_early(request, interview, "cancel")

    def cancel(form: ReasonForm) -> HttpResponse:
        canceled = actions.cancel_interview(interview, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The interview is canceled, and the other side has been told.")
        return redirect(canceled)

    lead = "The application stays as it is. If another time is all you need, ask for one instead."
    if interview.student != request.user:
        lead = "The application stays as it is. If another time is all you need, propose others instead."
    return ask(
        request,
        bound(ReasonForm, request, hint="The other side reads it."),
        act=cancel,
        title="Cancel the interview",
        lead=lead,
        submit="Cancel the interview",
        back=interview,
        danger=True,
    )


@require_safe
def interview_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The file for the calendars of the two sides: of the time that was picked, or that it does not take place."""
    interview = get_object_or_404(Interview.objects.visible_to(request.user).with_people(), pk=pk)
    if interview.starts_at is None:
        raise Http404
    response = HttpResponse(interview_file(interview, reader=request.user), content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="interview-{interview.pk}.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _refuse_early(request: HttpRequest, interview: Interview, move: str) -> None:
    """A calm word before anything is typed; what has been typed is for the action to refuse, on the form."""
    if request.method == "POST":
        return
    if interview.status not in INTERVIEW.moves[move].sources:
        raise MoveRefused(f"{interview.get_status_display()}: that is not possible with this interview now.")
    refuse_if_over(interview, clock.now())
    if move in ARRANGING:
        refuse_if_another_is_arranged(interview)
