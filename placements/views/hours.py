from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.workflow import MoveRefused
from placements import actions
from placements.forms import HoursForm
from placements.models import HoursEntry, Placement
from placements.views.pages import placement_page, takes_hours


@require_POST
def placement_hours(request: HttpRequest, pk: int) -> HttpResponse:
    placement = get_object_or_404(Placement.objects.of_student(request.user).with_people(), pk=pk)
    form = HoursForm(request.POST)
    if form.is_valid():
        try:
            actions.log_hours(placement, by=request.user, **form.cleaned_data)
        except MoveRefused as refusal:
            if not takes_hours(placement):
                raise  # there is no form to say it on
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "Your hours are written down.")
            return redirect(f"{placement.get_absolute_url()}#hours-title")
    return placement_page(request, placement, form, status=422)


@require_POST
def hours_removal(request: HttpRequest, pk: int) -> HttpResponse:
    own = HoursEntry.objects.filter(placement__in=Placement.objects.of_student(request.user).order_by())
    entry = get_object_or_404(own.select_related("placement"), pk=pk)
    actions.remove_hours(entry, by=request.user)
    messages.success(request, "Removed. That they stood there stays in the timeline.")
    return redirect(f"{entry.placement.get_absolute_url()}#hours-title")
