import datetime as dt
import zlib
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from authorization.leadtime import Verdict
from authorization.rules import lead_time_checks
from campus.context_processors import give
from campus.models import ProgramSettings
from core import clock
from core.http import page, stamp, unchanged
from postings import rules, wording
from postings.finding import Board, board
from postings.finding.similar import similar
from postings.job_posting import data_block
from postings.models import CONTRACTOR, Posting, is_campus
from postings.templatetags.posting_tags import plain, tone
from postings.views.public import cards
from postings.waiting import clock_of

LARGEST = 2**32 - 1  # of the keys that the board's sets can hold
HOST, APPLICANT, READER = "host", "applicant", "reader"


@dataclass(frozen=True)
class Drawn:
    """A posting's page as everybody in the same role sees it, and the little that the rest of the page asks of it."""

    key: int
    title: str
    organization: str
    summary: str
    stream: int | None
    words: str
    starts: dt.date | None
    ends: dt.date | None
    contractor: bool
    head: SafeString
    header: dict[str, Any]
    packed: bytes  # or a page would take as much of the board's memory as five cards

    @property
    def body(self) -> SafeString:
        return mark_safe(zlib.decompress(self.packed).decode())  # noqa: S308  what a template has drawn


@login_not_required
@require_safe
def posting(request: HttpRequest, pk: int) -> HttpResponse:
    now = clock.now()
    shown = board(now)
    answer = unchanged(request, shown.state)
    if answer:
        return answer
    give(request, shown.rows.program)
    role = _role(request, pk)
    seen = shown.open if role == HOST else shown.seen(is_campus(request.user))
    if pk <= LARGEST and pk in seen:
        drawn = shown.fragment(("posting", role, pk), lambda: draw(_whole(pk), role, shown.rows.program))
        return stamp(request, _open_page(request, drawn, role, shown), shown.state)
    return _other_page(request, pk, role, shown)


def _role(request: HttpRequest, pk: int) -> str:
    if not request.user.is_authenticated:
        return APPLICANT
    if Posting.objects.filter(pk=pk).managed_by(request.user).exists():
        return HOST
    return APPLICANT if request.user.is_student else READER


def _whole(pk: int) -> Posting:
    found = Posting.objects.for_page().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def draw(found: Posting, role: str, program: ProgramSettings, *, is_open: bool = True) -> Drawn:
    public = is_open and not found.campus_only
    context = {"posting": found, "role": role, "is_open": is_open, "program": program}
    data = data_block(found, board=f"{program.program_name}, {program.university_name}") if public else ""
    return Drawn(
        key=found.pk,
        title=found.title,
        organization=found.organization.name,
        summary=plain(found.brief),
        stream=found.stream_id,
        words=_words(found),
        starts=found.start_latest,
        ends=rules.last_day(found, found.start_latest) if found.start_latest else None,
        contractor=found.engagement_type is not None and found.engagement_type.slug == CONTRACTOR,
        head=render_to_string("postings/_head.html", {**context, "data": data}) if public else SafeString(""),
        header=_header(found, role, is_open=is_open),
        packed=zlib.compress(render_to_string("postings/_posting.html", context).encode(), 1),
    )


def _header(found: Posting, role: str, *, is_open: bool) -> dict[str, Any]:
    """What the head of the page shows: its own people how it stands, the others what they ask first."""
    shown: dict[str, Any] = {"labels": wording.labels(found)}
    if role == HOST:
        edit = reverse("posting_edit", args=[found.pk])
        shown |= {"status": found.get_status_display(), "tone": tone(found.status)}
        return shown | {"action_url": edit, "action_label": "Edit", "action_kind": "secondary"}
    shown["lead"] = wording.in_short(found)
    if role == APPLICANT and is_open:
        shown |= {"action_url": reverse("application_new", args=[found.pk]), "action_label": "Apply"}
    return shown


def _open_page(request: HttpRequest, drawn: Drawn, role: str, shown: Board) -> HttpResponse:
    checks = _lead_time(request, drawn, shown.today)
    alike = _similar(request, drawn.key, drawn.stream, drawn.words, shown)
    context = {"drawn": drawn, "checks": checks, "may_report": role != HOST, "similar": alike}
    response = page(request, "postings/detail.html", context | {"plan_url": _plan_url(request, drawn)})
    if not drawn.head:
        response["X-Robots-Tag"] = "noindex"
    if checks:
        add_never_cache_headers(response)
    return response


def _other_page(request: HttpRequest, pk: int, role: str, shown: Board) -> HttpResponse:
    """What is over is gone, with what is like it; its own people, and staff, still find whatever is not open."""
    found = Posting.objects.visible_to(request.user, shown.now).for_page().filter(pk=pk).first()
    if found is None:
        return _for_campus(request, pk, shown.now)
    if role == HOST or Posting.objects.looked_after_by(request.user).filter(pk=pk).exists():
        drawn = draw(found, role, shown.rows.program, is_open=False)
        context = {"drawn": drawn, "may_report": role != HOST, "clock": clock_of(found, shown.now)}
        response = page(request, "postings/detail.html", context)
    else:
        context = {"posting": found, "similar": _similar(request, pk, found.stream_id, _words(found), shown)}
        response = page(request, "postings/closed.html", context, status=410)
    response["X-Robots-Tag"] = "noindex"
    return response


def _for_campus(request: HttpRequest, pk: int, now: dt.datetime) -> HttpResponse:
    """Whoever is not signed in may be of the campus; to all others a posting for the campus is not there."""
    hidden = Posting.objects.shown_on_campus(now).filter(pk=pk, campus_only=True)
    if request.user.is_authenticated or not hidden.exists():
        raise Http404
    response = redirect_to_login(request.get_full_path())
    response["X-Robots-Tag"] = "noindex"
    return response


def _lead_time(request: HttpRequest, drawn: Drawn, today: dt.date) -> list[Verdict]:
    """For a student who said that authorization is needed; measured at the latest start, where most time is left."""
    if not request.user.is_authenticated or not request.user.is_student or not drawn.starts or not drawn.ends:
        return []
    return lead_time_checks(
        request.user.student, starts=drawn.starts, ends=drawn.ends, today=today, contractor=drawn.contractor
    )


def _plan_url(request: HttpRequest, drawn: Drawn) -> str:
    """For every student alike, whatever they said."""
    if not request.user.is_authenticated or not request.user.is_student or not drawn.starts or not drawn.ends:
        return ""
    return f"{reverse('authorization_plan')}?start={drawn.starts:%Y-%m-%d}&end={drawn.ends:%Y-%m-%d}"


def _words(found: Posting) -> str:
    return f"{found.title} {found.skills}"


def _similar(request: HttpRequest, key: int, stream: int | None, words: str, shown: Board) -> list[SafeString]:
    """Looked for anew as soon as anything on the board has changed, the clock included."""
    campus = is_campus(request.user)
    keys = shown.fragment(
        ("similar", shown.state, campus, key),
        lambda: similar(key, stream=stream, words=words, board=shown, campus=campus),
    )
    return [card for _, card in cards(keys, shown)]
