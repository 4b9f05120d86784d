"""The mailbox page of a development machine. Included in the URLs with DEBUG alone, and open to all there."""

import base64
import hashlib
import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.mailbox import Kept, kept_mail, kept_mails

STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)


@login_not_required
@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    recipient = request.GET.get("to", "").strip()[:200]
    return render(
        request, "notifications/mailbox.html", {"mails": kept_mails(recipient=recipient), "recipient": recipient}
    )


@login_not_required
@never_cache
@require_safe
def mailbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "notifications/mailbox_mail.html", {"mail": _mail_or_404(name)})


@login_not_required
@never_cache
@require_safe
def mailbox_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part as it is, in a box: no script, nothing loaded, no form, and only its own style sheets."""
    html = _mail_or_404(name).html
    if not html:
        raise Http404
    response = HttpResponse(html)
    response["Content-Security-Policy"] = f"sandbox; default-src 'none'; style-src {_hashes(html)}"
    return response


def _mail_or_404(name: str) -> Kept:
    mail = kept_mail(name)
    if mail is None:
        raise Http404
    return mail


def _hashes(html: str) -> str:
    digests = (hashlib.sha256(style.encode()).digest() for style in STYLE.findall(html))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"
