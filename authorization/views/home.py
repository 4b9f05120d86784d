"""A student's own page. International advisors are led to their queue."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Role
from authorization import actions
from authorization.forms import DeclarationForm
from authorization.models import AuthorizationQuestion, AuthorizationRecord, Route
from authorization.rules import declared_needs
from authorization.views.tones import tone
from core.http import page

ADMIN_QUEUE = "admin:authorization_authorizationrecord_changelist"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The office's information first, then what the student says, then each record."""
    user: Any = request.user
    if user.has_role(Role.INTERNATIONAL_ADVISER) and not user.is_student:
        return redirect(ADMIN_QUEUE)
    if not user.is_student:
        raise PermissionDenied
    student = user.student
    needs, route = declared_needs(student)
    form = DeclarationForm(request.POST if request.method == "POST" else None, initial={"needs": needs, "route": route})
    if form.is_bound and form.is_valid():
        actions.declare(student, by=request.user, **form.cleaned_data)
        messages.success(request, "Saved. Only you and the international advisors can read it.")
        return redirect("authorization_home")
    context = {"form": form, "records": _rows(student), "routes": Route.objects.all()}
    return page(request, "authorization/home.html", context, status=422 if form.is_bound else 200)


@require_safe
def items(request: HttpRequest) -> HttpResponse:
    return redirect("authorization_home")


def _rows(student: Any) -> list[tuple[AuthorizationRecord, str]]:
    unanswered = AuthorizationQuestion.objects.filter(record=OuterRef("pk"), answered_at=None)
    records = AuthorizationRecord.objects.filter(student=student).annotate(is_asked=Exists(unanswered))
    return [(one, tone(one)) for one in records.order_by("-starts", "-pk")]
