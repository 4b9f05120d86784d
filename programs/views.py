"""How work for a host abroad goes, for everybody; and a record, for its student and for those who decide on it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core import clock
from core.http import page
from core.workflow import MoveRefused
from programs import actions
from programs.models import Program, ProgramRecord, ProgramStep, RecordStep
from programs.rules import falls_short
from programs.workflow import Status, StepState

ADMIN_RECORD = "admin:programs_programrecord_change"
TONES = {
    Status.OPEN: "waiting",
    Status.CLEARED: "success",
    Status.NOT_CLEARED: "danger",
    Status.CLOSED: "ended",
}
STEP_TONES = {StepState.OPEN: "waiting", StepState.DONE: "success", StepState.NOT_NEEDED: "ended"}
LABELS = {StepState.DONE: "Mark as done", StepState.NOT_NEEDED: "Mark as not needed", StepState.OPEN: "Open again"}
SAID = {StepState.DONE: "done", StepState.NOT_NEEDED: "not needed", StepState.OPEN: "open again"}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "partners": Program.objects.public(),
        "steps": ProgramStep.objects.filter(program=None),
        "records": _own(request.user),
    }
    return page(request, "programs/home.html", context)


@login_not_required
@require_safe
def program(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Program.objects.public(), pk=pk)
    steps = ProgramStep.objects.filter(program=None) | ProgramStep.objects.filter(program=found)
    return page(request, "programs/program.html", {"partner": found, "steps": steps})


@never_cache
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    found = _visible_or_404(request, pk)
    own = found.student.user_id == request.user.pk
    roles = actions.roles_of(found, request.user) if found.status == Status.OPEN else set()
    steps = list(found.steps.select_related("settled_by"))
    context = {
        "record": found,
        "partner": found.program,
        "own": own,
        "tone": TONES[Status(found.status)],
        "steps": [_shown(step, roles) for step in steps],
        "road": _road(found, steps),
        "open_steps": sum(step.state == StepState.OPEN for step in steps),
        "late": found.status == Status.OPEN and found.starts <= clock.today(),
        "falls_short": falls_short(found),
        "events": found.events.select_related("by"),
        "admin_url": "" if own else reverse(ADMIN_RECORD, args=[found.pk]),
    }
    return page(request, "programs/record.html", context)


@require_POST
def step(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    found = _visible_or_404(request, pk)
    line = get_object_or_404(RecordStep.objects.filter(record=found).select_related("record"), pk=step)
    state = request.POST.get("state", "")
    if state not in StepState.values:
        raise MoveRefused("Say whether the step is done, not needed or open.")
    actions.mark_step(line, state=state, by=request.user)
    messages.success(request, f"{line.name}: {SAID[StepState(state)]}.")
    return redirect(found)


def _visible_or_404(request: HttpRequest, pk: int) -> ProgramRecord:
    visible = ProgramRecord.objects.visible_to(request.user).select_related("student__user", "program")
    return get_object_or_404(visible, pk=pk)


def _own(user: Any) -> list[tuple[ProgramRecord, str]]:
    if not user.is_authenticated or not user.is_student:
        return []
    records = ProgramRecord.objects.filter(student=user.student).order_by("-starts", "-pk")
    return [(one, TONES[Status(one.status)]) for one in records]


def _shown(step: RecordStep, roles: set[str]) -> dict[str, Any]:
    """A line of the checklist with the buttons that this person has for it."""
    states = [state for state in actions.markable(step, roles) if state != step.state]
    state = StepState(step.state)
    return {
        "step": step,
        "tone": STEP_TONES[state],
        "buttons": [(state.value, LABELS[state]) for state in map(StepState, states)],
    }


def _road(found: ProgramRecord, steps: list[RecordStep]) -> list[tuple[str, str]]:
    """From the acceptance to the clearance, and where this record stands on it."""
    if found.status == Status.CLOSED:
        return []
    settled = all(step.state != StepState.OPEN for step in steps)
    last = {Status.CLEARED: ("Cleared", "done"), Status.NOT_CLEARED: ("Not cleared", "stopped")}
    waits = ("Decision", "current" if settled else "todo")
    return [
        ("Offer accepted", "done"),
        ("Checklist", "done" if settled or found.status != Status.OPEN else "current"),
        last.get(Status(found.status), waits),
    ]
