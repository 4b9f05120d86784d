"""Staff sign in twice, with a password and with a code, and are signed out when they idle.

Allauth asks whoever has a second factor for it at every sign-in, and notes in the session what was proved; this says
what follows for staff, superusers too. Students and hosts may have a second factor and need none.
"""

from urllib.parse import urlsplit

from allauth.account import app_settings as account
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.models import User
from core import clock
from core.http import page
from core.middleware import way_back

SEEN = "staff_seen"  # when the session was last used, in seconds since 1970
GOING = "staff_going"  # where somebody was going who had to set up a second factor first
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
MINUTE = 60
UNSAID = ("_", "csrfmiddlewaretoken", "password")  # what a form sends and nobody has typed, or nobody should read


def is_proved(request: HttpRequest) -> bool:
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def count_as_proved(request: HttpRequest, user: User) -> None:
    record_authentication(request, user, method="mfa", type=Authenticator.Type.TOTP)


def has_just_signed_in(request: HttpRequest) -> bool:
    """With the code where there is one, else with the password, within the minutes that allauth calls just now."""
    method = "mfa" if is_mfa_enabled(request.user, FACTORS) else "password"
    since = clock.now().timestamp() - account.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, request.user)
    return any(record["method"] == method and record["at"] > since for record in records)


def ask(request: HttpRequest) -> HttpResponse:
    """To the code for those who have a second factor, to setting one up for those who have none; and back."""
    going = request.get_full_path() if request.method in ("GET", "HEAD") else local_path(request, way_back(request))
    if is_mfa_enabled(request.user, FACTORS):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': going})}")
    request.session[GOING] = going
    return redirect("mfa_activate_totp")


def going_on(request: HttpRequest) -> str:
    return request.session.get(GOING) or reverse("dashboard")


def is_idle(request: HttpRequest) -> bool:
    """Whether the session has rested for too long; if not, it begins to rest anew."""
    now = int(clock.now().timestamp())
    seen = request.session.get(SEEN)
    if seen is not None and now - seen > settings.STAFF_IDLE_MINUTES * MINUTE:
        return True
    if seen is None or now - seen >= MINUTE:  # a row is written once a minute, and not for every page
        request.session[SEEN] = now
    return False


def end(request: HttpRequest) -> None:
    logout(request)
    request.idled = True  # type: ignore[attr-defined]


def tell(request: HttpRequest) -> HttpResponse | None:
    """What somebody meets who comes back: the way to sign in, and to the page; what was sent is shown, not saved."""
    lead = f"{settings.STAFF_IDLE_MINUTES} minutes had passed without a request, so you were signed out."
    if request.method != "POST":
        messages.warning(request, f"{lead} Sign in to go on where you were.")
        return None
    context = {
        "lead": lead,
        "sent": [
            (name.replace("_", " ").replace("-", " "), "\n".join(filter(None, values)))
            for name, values in request.POST.lists()
            if any(values) and not name.startswith(UNSAID)
        ],
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': local_path(request, way_back(request))})}",
    }
    response = page(request, "accounts/signed_out.html", context, status=403)
    add_never_cache_headers(response)
    return response


def local_path(request: HttpRequest, address: str) -> str:
    parts = urlsplit(address)
    path = parts._replace(scheme="", netloc="").geturl()
    return path if url_has_allowed_host_and_scheme(path, {request.get_host()}) else "/"
