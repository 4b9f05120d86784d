"""The page for a student who would like to start some day, and its dates for a calendar."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import StudentProfile
from authorization.forms import PlanForm
from authorization.models import Route
from authorization.plan import Plan, calendar_file, make_plan
from core import clock, ics
from core.http import page


@never_cache
@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    student, form = _student(request), _form(request)
    made = _made(form, student)
    context = {"form": form, "plan": made, "routes": Route.objects.exclude(link="")}
    return page(request, "authorization/plan.html", context, status=422 if form.is_bound and not made else 200)


@never_cache
@require_safe
def dates(request: HttpRequest) -> HttpResponse:
    """A file for the student's own calendar; where there is no date to keep, the page says why."""
    student = _student(request)
    made = _made(_form(request), student)
    if made is None or not made.has_dates:
        query = request.GET.urlencode()
        return redirect(reverse("authorization_plan") + (f"?{query}" if query else ""))
    response = HttpResponse(calendar_file(made, student, now=clock.now()), content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="plan-{made.start}.ics"'
    return response


def _student(request: HttpRequest) -> StudentProfile:
    user: Any = request.user
    if not user.is_student:
        raise PermissionDenied
    student: StudentProfile = user.student
    return student


def _form(request: HttpRequest) -> PlanForm:
    return PlanForm(request.GET if "start" in request.GET else None)


def _made(form: PlanForm, student: StudentProfile) -> Plan | None:
    return make_plan(student, **form.cleaned_data) if form.is_bound and form.is_valid() else None
