"""What student, host and staff look at together, each from their side."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.roles import Role
from applications.models import Offer
from core import clock
from core.decorators import role_required
from core.http import page
from placements import wording
from placements.actions.moving import roles_in
from placements.forms import HoursForm
from placements.models import DateProposal, Placement, in_hours
from placements.rules import clearance, footing, last_cleared_day, why_not_begin
from placements.views.dates import about_dates
from placements.workflow import OVER, PLACEMENT, TO_COME, UNDER_WAY, WAITING, Status
from programs.models import ProgramRecord

PER_PAGE = 25
GROUPS = [("under_way", "Under way", UNDER_WAY), ("to_come", "To come", TO_COME), ("over", "Over", OVER)]


@never_cache
@role_required(Role.STUDENT, Role.HOST)
@require_safe
def placement_list(request: HttpRequest) -> HttpResponse:
    """A person's own as a student, and those of the postings that they look after."""
    concerned = Placement.objects.of_student(request.user) | Placement.objects.managed_by(request.user)
    ordered = sorted(concerned.with_people(), key=lambda one: (_group(one), one.starts_on, one.pk))
    found = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    answer = set(DateProposal.objects.waiting().filter(placement__in=list(found)).values_list("placement", flat=True))
    rows = [_row(one, request.user, one.pk in answer) for one in found]
    groups = [(name, label, [row for row in rows if row["placement"].status in s]) for name, label, s in GROUPS]
    context = {"page": found, "groups": [group for group in groups if group[2]]}
    return page(request, "placements/placement_list.html", context)


def _group(placement: Placement) -> int:
    return next(number for number, (_, _, statuses) in enumerate(GROUPS) if placement.status in statuses)


def _row(placement: Placement, user: Any, proposed: bool) -> dict[str, Any]:
    roles = {"student"} if placement.student == user else {"host"}
    row = {"placement": placement, **_standing(placement, roles)}
    return row | {"next": wording.PROPOSED[row["is_student"]]} if proposed else row


def _standing(placement: Placement, roles: set[str]) -> dict[str, Any]:
    status_text, tone = wording.state(placement, roles)
    return {
        "is_student": "student" in roles,
        "status_text": status_text,
        "tone": tone,
        "next": wording.next_step(placement, roles, clock.today()),
        "clearance": sentence(placement, roles),
    }


def sentence(placement: Placement, roles: set[str]) -> str:
    """The one that both sides read, until the work is over. Other staff read it nowhere."""
    return clearance(placement) if roles & {"student", "host"} and not placement.is_over else ""


@never_cache
@require_safe
def placement(request: HttpRequest, pk: int) -> HttpResponse:
    return placement_page(request, visible_or_404(request, pk), HoursForm())


def visible_or_404(request: HttpRequest, pk: int) -> Placement:
    return get_object_or_404(Placement.objects.visible_to(request.user).with_people(), pk=pk)


def takes_hours(placement: Placement) -> bool:
    """Whether there is any day to write hours for."""
    return placement.status in UNDER_WAY and placement.record.cleared_at is not None


def _record_behind(placement: Placement) -> Any:
    """Where the student sees what is still needed: the record whose word is missing, or that of the authorization."""
    return placement.program_record if placement.status == Status.AWAITING_PROGRAM else placement.record


def _stops_after(placement: Placement) -> dt.date | None:
    """For the hosts of work under way: after which day it must stop, where that comes before the agreed last one."""
    if placement.status not in UNDER_WAY or footing(placement, clock.today())[0] != "stop_after":
        return None
    return last_cleared_day(placement)


def _ways(placement: Placement, user: Any, roles: set[str]) -> dict[str, Any]:
    """Where this person can go from here: a way back, and what else of it may be opened."""
    concerned = bool(roles & {"student", "host"})
    abroad = ProgramRecord.objects.visible_to(user).filter(pk=placement.program_record_id)
    return {
        "way_back": _way_back(user, concerned),
        "may_see_offer": concerned or Offer.objects.visible_to(user).filter(pk=placement.offer_id).exists(),
        "abroad": None if concerned else abroad.first(),
    }


def _way_back(user: Any, concerned: bool) -> tuple[str, str]:
    if concerned:
        return "Placements", reverse("placement_list")
    if user.has_perm("placements.view_placement"):
        return "Placements", reverse("admin:placements_placement_changelist")
    return "Projects abroad", reverse("admin:programs_programrecord_changelist")


def placement_page(request: HttpRequest, found: Placement, form: HoursForm, status: int = 200) -> HttpResponse:
    roles = roles_in(found, request.user)
    own = "student" in roles
    may = {move.name for move in PLACEMENT.available(found.status, roles)}
    entries = list(found.hours_entries.order_by("-day"))
    context = {
        "placement": found,
        "application": found.offer.application,
        "posting": found.posting,
        **_standing(found, roles),
        "is_waiting": found.status in WAITING,
        "may": may,
        "may_end": "end_early" in may and bool(roles & {"student", "host"}),
        "may_begin": "begin" in may and not why_not_begin(found, clock.today()),
        "record": _record_behind(found) if own else None,
        "falls_short": last_cleared_day(found) if own else None,
        "stops_after": _stops_after(found) if "host" in roles else None,
        **about_dates(found, roles),
        **_ways(found, request.user, roles),
        "hours": entries,
        "total": in_hours(sum(entry.quarters for entry in entries)),
        "form": form if own and takes_hours(found) else None,
        "timeline": wording.entries(found, roles),
    }
    return page(request, "placements/placement.html", context, status=status)
