"""One record: the student works on it here, international advisors in the admin, and may look at it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from authorization import actions
from authorization.forms import AttemptForm, FilingForm
from authorization.models import AuthorizationRecord
from authorization.options import later_starts, other_checks
from authorization.rules import World, standing
from authorization.views.showing import ADMIN_RECORD, Forms, own_moves, own_or_404, record_page
from authorization.workflow import Status
from core import clock
from core.http import page


@never_cache
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    return record_page(request, own_or_404(request, pk))


@never_cache
@require_POST
def advising(request: HttpRequest, pk: int) -> HttpResponse:
    """After a denial the form stands on the page of options, and there it is given back."""
    found = own_or_404(request, pk)
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return _options_page(request, found, form, status=422)
    actions.advise(found, route=form.cleaned_data["route"], by=request.user)
    messages.success(request, "Noted: you have met the international advisor.")
    return redirect(found)


@never_cache
@require_POST
def filing(request: HttpRequest, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    form = FilingForm(request.POST)
    if not form.is_valid():
        return record_page(request, found, Forms(filing=form), status=422)
    actions.file(found, filed_on=form.cleaned_data["filed_on"], by=request.user)
    messages.success(request, "Noted as filed. You hear from us when the international advisor records the decision.")
    return redirect(found)


@never_cache
@require_safe
def options(request: HttpRequest, pk: int) -> HttpResponse:
    """What now: for a record that waits, whatever has closed its way."""
    found = own_or_404(request, pk)
    if not standing(found, World.load()).is_waiting:
        return redirect(found)
    return _options_page(request, found, AttemptForm())


@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    if found.student.user_id == request.user.pk:
        return redirect(found)
    return redirect(reverse(ADMIN_RECORD, args=[found.pk]))


def _options_page(
    request: HttpRequest, found: AuthorizationRecord, form: AttemptForm, status: int = 200
) -> HttpResponse:
    world, today = World.load(), clock.today()
    own = found.student.user_id == request.user.pk
    context = {
        "record": found,
        "denied": found.status == Status.DENIED,
        "form": form if own and "advise" in own_moves(found) else None,
        "checks": other_checks(found, world=world, today=today),
        "starts": later_starts(found, world=world, today=today),
    }
    return page(request, "authorization/options.html", context, status=status)
