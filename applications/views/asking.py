"""A page that asks one thing before one change."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from core.http import page
from core.workflow import MoveRefused


def ask(
    request: HttpRequest,
    form: Any,
    *,
    act: Callable[[Any], HttpResponse],
    title: str,
    lead: str,
    submit: str,
    back: Any,
    danger: bool = False,
    **more: Any,
) -> HttpResponse:
    """Show the form; on a valid POST act and answer with what that returns. A refusal stands on the form, which keeps
    what was typed."""
    if request.method == "POST" and form.is_valid():
        try:
            return act(form)
        except MoveRefused as refusal:
            form.add_error(None, refusal.message)
    context = {
        "form": form,
        "title": title,
        "lead": lead,
        "submit": submit,
        "submit_kind": "danger" if danger else "",
        "back": back,
        **more,
    }
    return page(request, "applications/ask.html", context, status=422 if form.is_bound else 200)


def bound(form_class: type[forms.Form], request: HttpRequest, **kwargs: Any) -> forms.Form:
    """The form with what was posted, or empty."""
    return form_class(request.POST if request.method == "POST" else None, **kwargs)
