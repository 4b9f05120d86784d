from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts import second_factor

GetResponse = Callable[[HttpRequest], HttpResponse]
OF_SIGNING_IN = ("account_", "mfa_")


class StaffSessionMiddleware:
    """Nothing behind the sign-in for staff without a second factor, and nothing for staff who have idled.

    Whether they have is looked at when somebody asks who is there: a page that asks for nobody pays nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda user=request.user: awake(request, user))  # type: ignore[misc, assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        if request.user.is_authenticated:
            return second_factor.ask(request) if lacks_a_factor(request) else None
        return second_factor.tell(request) if hasattr(request, "idled") else None


def awake(request: HttpRequest, user: Any) -> Any:
    if not user.is_staff or not second_factor.is_idle(request):
        return user
    request.user = user
    second_factor.end(request)
    return request.user


def lacks_a_factor(request: HttpRequest) -> bool:
    match = request.resolver_match  # by its whole name: the admin's own pages have a namespace before it
    signs_in = match is not None and match.view_name.startswith(OF_SIGNING_IN)
    return request.user.is_staff and not signs_in and not second_factor.is_proved(request)
