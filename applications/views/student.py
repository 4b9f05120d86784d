from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from applications import actions
from applications.actions.applying import CLOSED, current_acknowledgment
from applications.forms import ApplyForm, ReasonForm
from applications.models import Application, GuidelinesText, Offer
from applications.timeline import TONES, next_step
from applications.views.asking import ask
from applications.workflow import ApplicationStatus
from core import clock
from core.decorators import role_required
from core.http import page
from core.workflow import MoveRefused
from postings.models import Posting

PER_PAGE = 25


@role_required(Role.STUDENT)
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    mine = Application.objects.of_student(request.user).with_people().prefetch_related("offers")
    found = Paginator(mine.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(application, TONES.get(application.status, "ended"), next_step(application)) for application in found]
    return page(request, "applications/application_list.html", {"page": found, "rows": rows})


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


@require_http_methods(["GET", "HEAD", "POST"])
def application_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.of_student(request.user).with_people(), pk=pk)

    def withdraw(form: ReasonForm) -> HttpResponse:
        actions.withdraw(application, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "Your application is withdrawn.")
        return redirect(application)

    data = request.POST if request.method == "POST" else None
    return ask(
        request,
        ReasonForm(data, required=False, hint="The host reads it."),
        act=withdraw,
        title="Withdraw your application",
        lead=f"{application.posting.organization} will no longer consider it. You can apply again while it is open.",
        submit="Withdraw the application",
        back=application,
        danger=True,
    )


@require_POST
def application_restart(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.of_student(request.user), pk=pk)
    actions.start_again(application, by=request.user)
    return redirect("application_new", pk=application.posting_id)


@require_POST
def offer_acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.of_student(request.user), pk=pk)
    offer = actions.accept_offer(offer, by=request.user)
    messages.success(request, f"Congratulations! You accepted the offer of {offer.application.posting.organization}.")
    return redirect(offer.application)


@require_http_methods(["GET", "HEAD", "POST"])
def offer_declination(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.of_student(request.user).with_people(), pk=pk)

    def decline(form: ReasonForm) -> HttpResponse:
        actions.decline_offer(offer, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "You declined the offer. The host has been told.")
        return redirect(offer.application)

    data = request.POST if request.method == "POST" else None
    return ask(
        request,
        ReasonForm(data, required=False, hint="The host reads it. A word of thanks is welcome too."),
        act=decline,
        title="Decline the offer",
        lead=f"{offer.application.posting.organization} can offer the project to somebody else.",
        submit="Decline the offer",
        back=offer,
        danger=True,
    )
