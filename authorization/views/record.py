"""One record: the student works on it here, international advisors in the admin, and may look at it."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Role
from authorization import actions
from authorization.forms import FilingForm
from authorization.models import AuthorizationRecord
from authorization.rules import World, record_checks, standing
from authorization.views.tones import tone
from authorization.workflow import UNFILED, WORKFLOW, Status
from core import clock
from core.http import page

ADMIN_RECORD = "admin:authorization_authorizationrecord_change"


@never_cache
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    return _record_page(request, _own_or_404(request, pk), FilingForm(initial={"filed_on": clock.today()}))


@require_POST
def advising(request: HttpRequest, pk: int) -> HttpResponse:
    found = actions.advise(_own_or_404(request, pk), by=request.user)
    messages.success(request, "Noted: you have met the international advisor.")
    return redirect(found)


@never_cache
@require_POST
def filing(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own_or_404(request, pk)
    form = FilingForm(request.POST)
    if not form.is_valid():
        return _record_page(request, found, form, status=422)
    actions.file(found, filed_on=form.cleaned_data["filed_on"], by=request.user)
    messages.success(request, "Noted as filed. You hear from us when the international advisor records the decision.")
    return redirect(found)


@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own_or_404(request, pk)
    if found.student.user_id == request.user.pk:
        return redirect(found)
    return redirect(reverse(ADMIN_RECORD, args=[found.pk]))


def _own_or_404(request: HttpRequest, pk: int) -> AuthorizationRecord:
    visible = AuthorizationRecord.objects.visible_to(request.user).select_related("student__user")
    return get_object_or_404(visible, pk=pk)


def _record_page(request: HttpRequest, found: AuthorizationRecord, form: FilingForm, status: int = 200) -> HttpResponse:
    world, today = World.load(), clock.today()
    own = found.student.user_id == request.user.pk
    approved = found.status == Status.APPROVED
    to_file = not found.is_closed and found.status in {*UNFILED, Status.DENIED}
    context = {
        "record": found,
        "form": form,
        "student": None if own else found.student,
        "filed_on": dt.date.fromisoformat(found.filed_on) if found.filed_on else None,
        "approved_from": found.cleared_from if approved else None,
        "approved_until": found.cleared_until if approved else None,
        "tone": tone(found),
        "checks": record_checks(found, world=world, today=today) if to_file else [],
        "unmet": standing(found, world).is_impossible(today),
        "moves": _own_moves(found) if own else set(),
        "steps": _steps(found),
        "events": found.events.select_related("by"),
        "admin_url": "" if own else reverse(ADMIN_RECORD, args=[found.pk]),
    }
    return page(request, "authorization/record.html", context, status=status)


def _own_moves(found: AuthorizationRecord) -> set[str]:
    if found.is_closed:
        return set()
    return {move.name for move in WORKFLOW.available(found.status, {Role.STUDENT.value})}


def _steps(found: AuthorizationRecord) -> list[tuple[str, str]]:
    """The road from acceptance to clearance, and where this record stands on it."""
    if found.status == Status.NOT_NEEDED:
        return [("No authorization needed", "done")]
    passed = {Status.NOT_STARTED: 0, Status.ADVISED: 1, Status.FILED: 2, Status.DENIED: 2, Status.APPROVED: 3}
    at = passed[Status(found.status)]
    steps = [
        (text, "done" if n < at else "current" if n == at else "todo")
        for n, text in enumerate(["Meet the international advisor", "File", "Decision"])
    ]
    if found.status == Status.DENIED:
        steps[2] = ("Denied", "stopped")
    return steps
