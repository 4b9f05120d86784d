import datetime as dt
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from core import clock
from postings import wording
from postings.models import Posting

SHOWN = dt.timedelta(minutes=30)


@login_not_required
@require_safe
def posting_deadline(request: HttpRequest, pk: int) -> HttpResponse:
    """The application deadline for somebody's calendar; 404 where there is none, 410 once it has passed."""
    now = clock.now()
    posting = get_object_or_404(Posting.objects.visible_to(request.user, now).select_related("organization"), pk=pk)
    if posting.apply_by is None:
        raise Http404
    if not posting.is_open_at(now):
        return HttpResponse("This posting takes no more applications.\n", content_type="text/plain", status=410)
    response = HttpResponse(calendar(posting, posting.apply_by).to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="apply-by-{posting.pk}.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


def calendar(posting: Posting, closes: dt.datetime) -> Calendar:
    """The half hour before it: the midnight that ends the last day would stand on the day after."""
    page = settings.BASE_URL + posting.get_absolute_url()
    event = Event()
    event.add("uid", f"posting-{posting.pk}-deadline@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", posting.updated_at.astimezone(dt.UTC))
    event.add("sequence", posting.version)
    event.add("dtstart", (closes - SHOWN).astimezone(dt.UTC))
    event.add("dtend", closes.astimezone(dt.UTC))
    event.add("summary", f"{wording.deadline(posting)}: {posting.title}")
    event.add("description", f"{posting.organization}\n{page}")
    event.add("url", page)
    event.add("transp", "TRANSPARENT")
    found = Calendar()
    found.add("prodid", "-//Microintern//Deadlines//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(event)
    return found
