"""Ticks on the steps of a record, and answers to an advisor's questions."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from authorization import actions
from authorization.forms import AnswerForm, TickForm
from authorization.models import RouteStep
from authorization.views.showing import Forms, own_or_404, record_page
from authorization.workflow import RouteKind


@never_cache
@require_POST
def step(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Tick a step, or take the tick back; the steps of another route are not there."""
    found = own_or_404(request, pk)
    one = get_object_or_404(RouteStep, pk=step, kind=found.route or RouteKind.UNSURE)
    if "undone" in request.POST:
        actions.untick(found, step=one, by=request.user)
        messages.success(request, "The tick is taken back.")
        return redirect(found)
    words = {}
    if one.asks_number:
        form = TickForm(request.POST, prefix=f"step-{one.pk}")
        if not form.is_valid():
            return record_page(request, found, Forms(ticks={one.pk: form}), status=422)
        words = form.cleaned_data
    actions.tick(found, step=one, by=request.user, **words)
    messages.success(request, "Ticked. Only the student and the international advisors can read it.")
    return redirect(found)


@never_cache
@require_POST
def question(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    found = own_or_404(request, pk)
    asked = get_object_or_404(found.questions, pk=question)
    form = AnswerForm(request.POST, prefix=f"question-{asked.pk}")
    if not form.is_valid():
        return record_page(request, found, Forms(answers={asked.pk: form}), status=422)
    actions.answer(asked, words=form.cleaned_data["words"], by=request.user)
    messages.success(request, "Your answer is with the international advisors.")
    return redirect(found)
