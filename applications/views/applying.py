from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Role
from applications import actions
from applications.actions.applying import CLOSED, current_acknowledgment
from applications.forms import ApplyForm
from applications.models import Application, GuidelinesText
from applications.workflow import ApplicationStatus
from core import clock
from core.decorators import role_required
from core.http import page
from core.workflow import MoveRefused
from postings.models import Posting


@role_required(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: HttpRequest, pk: int) -> HttpResponse:
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("organization"), pk=pk)
    application = Application.objects.of_student(request.user).filter(posting=posting).first()
    if application and application.status != ApplicationStatus.DRAFT:
        return redirect(application)
    if request.method != "POST" and not posting.is_open_at(clock.now()):
        messages.warning(request, CLOSED)
        return redirect(posting)
    form = _apply_form(request, posting, application)
    if request.method != "POST":
        return _apply_page(request, form, application)
    kept = _keep_and_send(request, posting, form) or application
    if form.errors or not kept:
        form.show_kept(list(kept.materials.all()) if kept else [])
        return _apply_page(request, form, kept, status=422)
    if not form.finishing:
        messages.success(request, "Your draft is saved. It has not been sent yet.")
        return redirect("application_new", pk=posting.pk)
    messages.success(request, f"Your application is on its way to {posting.organization}.")
    return redirect(kept)


def _keep_and_send(request: HttpRequest, posting: Posting, form: ApplyForm) -> Application | None:
    """What is refused, a posting that closed meanwhile for one, stands on the form beside what was typed."""
    application = None
    form.is_valid()
    try:
        application = _keep(request, posting, form)
        if form.finishing and not form.errors:
            with transaction.atomic():
                actions.acknowledge_guidelines(request.user)
                actions.submit(application, by=request.user)
    except MoveRefused as refusal:
        form.add_error(None, refusal.message)
    return application


def _apply_form(request: HttpRequest, posting: Posting, application: Application | None) -> ApplyForm:
    posted = request.method == "POST"
    return ApplyForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        posting=posting,
        kept=list(application.materials.all()) if application else [],
        acknowledged=current_acknowledgment(request.user) is not None,
        finishing="save" not in request.POST,
    )


@transaction.atomic
def _keep(request: HttpRequest, posting: Posting, form: ApplyForm) -> Application:
    """Put what can be kept into the draft, so that no mistake elsewhere costs a file or a letter."""
    application = actions.start_application(posting, by=request.user)
    if application.status != ApplicationStatus.DRAFT:  # the button was pressed twice, and the other press was first
        return application
    for kind, question, words in form.texts():
        actions.keep_text(application, kind=kind, question=question, text=words, by=request.user)
    for kind, upload in form.uploads():
        actions.keep_file(application, kind=kind, upload=upload, by=request.user)
    return application


def _apply_page(
    request: HttpRequest, form: ApplyForm, application: Application | None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "posting": form.posting,
        "form": form,
        "application": application,
        "guidelines": GuidelinesText.objects.current(),
    }
    return page(request, "applications/application_form.html", context, status=status)


@require_POST
def application_restart(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.of_student(request.user), pk=pk)
    actions.start_again(application, by=request.user)
    return redirect("application_new", pk=application.posting_id)
