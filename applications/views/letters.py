from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from applications import actions, letter
from applications.actions.moving import roles_of
from applications.forms import LetterForm
from applications.models import Offer
from core import clock
from core.http import SANDBOX, page, submitted
from core.workflow import MoveRefused


@require_http_methods(["GET", "HEAD", "POST"])
def offer_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """What the letter still lacks, and for the host the form that adds it."""
    offer = _visible(request, pk)
    roles = roles_of(request.user, offer.application)
    writes = "host" in roles and letter.stands(offer, clock.now())
    if request.method == "POST" and "host" not in roles:
        raise Http404
    form = LetterForm(submitted(request), offer=offer) if writes or request.method == "POST" else None
    if form and form.is_bound and form.is_valid():
        try:
            actions.complete_letter(offer, by=request.user, facts=form.facts)
        except MoveRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "The letter says so from now on.")
            return redirect("offer_letter", pk=offer.pk)
    context = {
        "offer": offer,
        "application": offer.application,
        "posting": offer.application.posting,
        "is_student": "student" in roles,
        "stands": letter.stands(offer, clock.now()),
        "missing": letter.missing(offer),
        "form": form,
    }
    return page(request, "applications/letter.html", context, status=422 if form and form.is_bound else 200)


@require_safe
def offer_letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Made anew for each reader, and kept by nobody: the data may change."""
    offer = _visible(request, pk)
    if not letter.stands(offer, clock.now()) or letter.missing(offer):
        return redirect("offer_letter", pk=offer.pk)
    response = HttpResponse(letter.make(offer), content_type="application/pdf")
    if request.method == "GET":
        actions.open_letter(offer, by=request.user)
    response["Content-Disposition"] = f'attachment; filename="offer-letter-{offer.pk}.pdf"'
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _visible(request: HttpRequest, pk: int) -> Offer:
    offers = Offer.objects.visible_to(request.user).with_people()
    return get_object_or_404(offers.select_related("letter", "application__posting__opportunity_type"), pk=pk)
