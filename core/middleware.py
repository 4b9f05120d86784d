import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import loader
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from core.workflow import MoveRefused

GetResponse = Callable[[HttpRequest], HttpResponse]
KEY = re.compile("[0-9]{1,18}")  # of a row: what a bigint can hold


class DatabaseDownMiddleware:
    """A database that cannot be reached is a 503 with a plain page.

    Sessions are read by other middleware, whose exceptions Django turns into a response before this one could
    catch them: so it looks at the response, and asks the database only when that is a 500.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 500 and not database_answers():
            return unavailable()
        return response


def database_answers() -> bool:
    try:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def unavailable() -> HttpResponse:
    response = HttpResponse(loader.get_template("503.html").render(), status=503)
    response["Retry-After"] = "30"
    return response


class OddInputMiddleware:
    """What Django's admin takes on trust, and falls over: a 400 to whoever made it up, and not a 500.

    PostgreSQL takes no NUL in a text, and the filters hand on what the address says; an empty `_to_field` is looked
    up as the name of a field; a row that is ticked in a list is looked up by whatever key was sent.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        while "%00" in request.META.get("QUERY_STRING", ""):  # taking one out may join another
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.resolver_match and request.resolver_match.app_name == "admin":
            fields = (request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR))
            ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
            if "" in fields or not all(KEY.fullmatch(key) for key in ticked):
                raise BadRequest("This names nothing.")


class PersonalPagesMiddleware:
    """No proxy keeps a page made for one browser, and a browser asks before it shows its own copy again.

    Not no-store: with it a form left by mistake comes back empty. Views whose pages must leave no copy say so.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        personal = settings.SESSION_COOKIE_NAME in request.COOKIES or response.cookies
        if personal and "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_cache=True)
        return response


class RefusalMiddleware:
    """A refused move becomes a calm message on the page the person came from, in this one place."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, MoveRefused):
            return None
        messages.warning(request, exception.message)
        return HttpResponseRedirect(way_back(request))


def way_back(request: HttpRequest) -> str:
    """The page the person came from; not the one that has just refused to be looked at, or they go in circles."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    circle = request.method in ("GET", "HEAD") and urlsplit(back).path == request.path
    return back if safe and not circle else "/"
