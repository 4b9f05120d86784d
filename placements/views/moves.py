"""The buttons of a placement, and the pages that ask one thing before one change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from applications.forms import ReasonForm
from applications.models import Application, Offer
from applications.views.asking import ask, bound
from placements import actions
from placements.forms import DeliverableForm
from placements.models import Placement


@require_POST
def offer_acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.of_student(request.user), pk=pk)
    offer = actions.accept_offer(offer, by=request.user).offer
    messages.success(request, f"Congratulations! You accepted the offer of {offer.application.posting.organization}.")
    others_run = Application.objects.of_student(request.user).running().exists()
    return redirect("offer_others", pk=offer.pk) if others_run else redirect(offer.application)


@require_POST
def placement_beginning(request: HttpRequest, pk: int) -> HttpResponse:
    placement = actions.begin(_concerned_or_404(request, pk), by=request.user)
    messages.success(request, "The work has begun. The other side has been told.")
    return redirect(placement)


@require_http_methods(["GET", "HEAD", "POST"])
def placement_deliverable(request: HttpRequest, pk: int) -> HttpResponse:
    placement = get_object_or_404(Placement.objects.of_student(request.user).with_people(), pk=pk)

    def hand_in(form: DeliverableForm) -> HttpResponse:
        actions.submit_deliverable(placement, by=request.user, **form.cleaned_data)
        messages.success(request, "Handed in. Your host has been told, and confirms the completion.")
        return redirect(placement)

    return ask(
        request,
        bound(DeliverableForm, request),
        act=hand_in,
        title="Hand in the deliverable",
        lead=f"What the project asks for: {placement.posting.deliverable}",
        submit="Hand it in",
        back=placement,
    )


@require_POST
def placement_completion(request: HttpRequest, pk: int) -> HttpResponse:
    placement = actions.complete(_concerned_or_404(request, pk), by=request.user)
    messages.success(request, f"The project is completed. {placement.student} has been told.")
    return redirect(placement)


@require_http_methods(["GET", "HEAD", "POST"])
def placement_ending(request: HttpRequest, pk: int) -> HttpResponse:
    placement = _concerned_or_404(request, pk)

    def end(form: ReasonForm) -> HttpResponse:
        actions.end_early(placement, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, "The placement has ended. The other side has been told.")
        return redirect(placement)

    return ask(
        request,
        bound(ReasonForm, request, hint="Student and host both read it, and the career office."),
        act=end,
        title="End the placement early",
        lead="The work stops, and no more hours can be written down. Talk to each other first.",
        submit="End it early",
        back=placement,
        danger=True,
    )


def _concerned_or_404(request: HttpRequest, pk: int) -> Placement:
    """Whoever may act on it: the student, and the hosts. Staff act in the admin."""
    concerned = Placement.objects.of_student(request.user) | Placement.objects.managed_by(request.user)
    return get_object_or_404(concerned.with_people(), pk=pk)
