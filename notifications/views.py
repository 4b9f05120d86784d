from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.http import page
from notifications.forms import PreferencesForm
from notifications.preferences import read_token


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice of mails is saved.")
        return redirect("notification_preferences")
    status = 422 if form.is_bound else 200
    return page(request, "notifications/preferences.html", {"form": form}, status=status)


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signature in the address is the proof
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, since mail scanners open every link; POST switches off, for whoever holds the mail."""
    switch = read_token(token)
    if switch is None:
        raise Http404
    done = request.method == "POST"
    if done:
        switch.off()
    return render(request, "notifications/unsubscribe.html", {"switch": switch, "done": done})
