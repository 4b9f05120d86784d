"""Answers to a browser: a whole page, or the named part of it that htmx asked for."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render


def submitted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty POST is a form sent empty, with errors, and not a first look at it."""
    return request.POST if request.method == "POST" else None


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the template, or its partial of that name when htmx swaps the element with that id."""
    htmx = getattr(request, "htmx", None)
    if partial and htmx and htmx.target == partial and not htmx.history_restore_request:
        template = f"{template}#{partial}"
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request, HX-Target"
    return response
