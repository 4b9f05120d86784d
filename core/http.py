"""Answers to a browser: a whole page, the named part of it that htmx asked for, or that nothing has changed."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control

SANDBOX: Final = "default-src 'none'; sandbox"


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


def attachment(stored: Any, *, name: str, content_type: str) -> FileResponse:
    """A file that somebody uploaded, open for reading: no browser runs it, and none keeps a copy."""
    response = FileResponse(stored, as_attachment=True, filename=name, content_type=content_type)
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def unchanged(request: HttpRequest, state: str) -> HttpResponse | None:
    """304 for a browser that still holds this page; `state` changes with anything the page is made of."""
    tag = _tag(request, state)
    if tag is None or request.headers.get("If-None-Match", "*") == "*":  # which is true of what is not there, too
        return None
    answer = get_conditional_response(request, etag=tag)
    return None if answer is None else _stamped(answer, tag)


def stamp(request: HttpRequest, response: HttpResponse, state: str) -> HttpResponse:
    """Let the browser ask whether the page has changed, before it shows its copy."""
    tag = _tag(request, state)
    return response if tag is None else _stamped(response, tag)


def _stamped(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Vary"] = "Cookie, HX-Request, HX-Target"
    patch_cache_control(response, no_cache=True)
    return response


def _tag(request: HttpRequest, state: str) -> str | None:
    """Only for somebody without cookies: what a person sees hangs on more than the state."""
    if request.COOKIES:
        return None
    parts = [release(), state, request.get_full_path(), request.headers.get("HX-Target", "")]
    return f'"{hashlib.sha256(" ".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


@cache
def release() -> str:
    """Another as soon as the code or a template is: a page that a new release would draw differently is not kept."""
    ours = [Path(config.path) for config in apps.get_app_configs()]
    folders = [settings.BASE_DIR / "templates", settings.BASE_DIR / "static"]
    folders += [folder for folder in ours if folder.parent == settings.BASE_DIR]
    files = sorted(path for folder in folders for path in folder.rglob("*.*") if path.suffix != ".pyc")
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
