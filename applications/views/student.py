from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from applications import actions
from applications.forms import ReasonForm
from applications.models import Application, Offer
from applications.timeline import TONES, next_step
from applications.views.asking import ask
from core.decorators import role_required
from core.http import page

PER_PAGE = 25


@role_required(Role.STUDENT)
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    mine = Application.objects.of_student(request.user).with_people().prefetch_related("offers")
    found = Paginator(mine.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(application, TONES.get(application.status, "ended"), next_step(application)) for application in found]
    return page(request, "applications/application_list.html", {"page": found, "rows": rows})


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
