import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from core import clock, ics
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
    response = HttpResponse(ics.calendar([entry(posting, posting.apply_by)]), content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="apply-by-{posting.pk}.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


def entry(posting: Posting, closes: dt.datetime) -> ics.Entry:
    """The half hour before it: the midnight that ends the last day would stand on the day after."""
    page = settings.BASE_URL + posting.get_absolute_url()
    return ics.Entry(
        key=f"posting-{posting.pk}-deadline",
        title=f"{wording.deadline(posting)}: {posting.title}",
        starts=(closes - SHOWN).astimezone(dt.UTC),
        ends=closes.astimezone(dt.UTC),
        modified=posting.updated_at,
        sequence=posting.version,
        url=page,
        text=f"{posting.organization}\n{page}",
    )
