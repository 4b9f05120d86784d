"""A person's own calendar: the page with its secret address, and what calendar programs read there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import conditional_page, require_http_methods, require_POST, require_safe

from accounts.roles import Role
from applications import actions
from applications.ics import of_person
from applications.models import CalendarFeed
from applications.models.calendar import digest
from campus.models import ProgramSettings
from core import clock, ics
from core.decorators import role_required
from core.http import page


@role_required(Role.STUDENT, Role.HOST)
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """POST makes the address, or a new one in its place."""
    if request.method == "POST":
        actions.make_calendar_feed(by=request.user)
        messages.success(request, "Here is the address of your calendar. Whoever has it reads the calendar.")
        return redirect("calendar")
    feed = CalendarFeed.objects.filter(user=request.user).first()
    context = {"feed": feed, "webcal": f"webcal:{feed.url.partition(':')[2]}" if feed else ""}
    response = page(request, "applications/calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@role_required(Role.STUDENT, Role.HOST)
@require_POST
def calendar_revocation(request: HttpRequest) -> HttpResponse:
    actions.revoke_calendar_feed(by=request.user)
    messages.success(request, "The address leads nowhere now. Calendars that read it will stop showing these dates.")
    return redirect("calendar")


@login_not_required
@require_safe
@conditional_page
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Public to whoever has the secret. Nothing of the session is looked at, and none is begun."""
    feed = CalendarFeed.objects.filter(digest=digest(secret), user__is_active=True).select_related("user").first()
    if feed is None:
        raise Http404
    program = ProgramSettings.load()
    name = f"{program.program_name}, {program.university_name}"
    content = ics.calendar(of_person(feed.user, now=clock.now()), name=name)
    response = HttpResponse(content, content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response
