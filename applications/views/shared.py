"""What student, host and staff look at together, each from their side."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.models import User
from applications import actions, rules
from applications.actions.moving import roles_of
from applications.comparing import Work, shared_weeks, terms_beside, work_of
from applications.forms import NoteForm
from applications.models import (
    Application,
    ApplicationNote,
    Material,
    Offer,
    OfferRequest,
    RequestKind,
    positions_left,
)
from applications.timeline import FOR_TIMELINE, OFFER_TONES, TONES, Steps, entries, with_steps
from applications.views import interviews
from applications.workflow import APPLICATION, OFFER, UNDECIDED, OfferStatus
from authorization.caps import over_the_cap, weeks_over
from authorization.leadtime import Verdict
from authorization.rules import World, clearance, declared_needs, lead_time_checks
from authorization.workflow import Needs
from campus.calendar import ONE_DAY, campus_calendar
from campus.models import Term
from core import clock
from core.http import attachment, page
from postings.models import CONTRACTOR, PayFloor


@require_safe
def application(request: HttpRequest, pk: int) -> HttpResponse:
    now = clock.now()
    visible = with_steps(Application.objects.visible_to(request.user).with_people(), now)
    visible = visible.select_related("acknowledgment__text")
    related = ("offers__authorization", "materials", "interviews__times", *FOR_TIMELINE)
    found = get_object_or_404(visible.prefetch_related(*related), pk=pk)
    roles = roles_of(request.user, found)
    offer = next(iter(found.offers.all()), None)
    if request.method == "GET":
        actions.open_words([found], by=request.user)
    context: dict[str, Any] = {
        "application": found,
        "tone": TONES.get(found.status, "ended"),
        "is_student": "student" in roles,
        "may": {move.name for move in APPLICATION.available(found.status, _acting(found, roles))},
        "next": Steps(now).next(found),
        "offer": offer,
        "files": files_of(found),
        "openings": found.accesses.told() if "student" in roles else None,
        "texts": [material for material in found.materials.all() if material.text],
        "interviews": interviews.rows(found, roles=_acting(found, roles), now=now),
        "at_the_table": bool(roles & {"student", "host"}),
        "timeline": entries(found, viewer=request.user),
        "clearance": gates([found], roles).get(found.pk, ""),
        "record": offer.authorization if offer and "student" in roles else None,
        "notes": notes_on(found, request.user, roles),
        "note_form": NoteForm() if "host" in roles else None,
    }
    return page(request, "applications/application.html", context)


def notes_on(found: Application, user: User, roles: set[str]) -> list[ApplicationNote]:
    """Private to the organization: the student and the career office are not even told whether there are any."""
    if "host" not in roles:
        return []
    return list(ApplicationNote.objects.visible_to(user).filter(application=found).select_related("author"))


def files_of(found: Application) -> list[dict[str, Any]]:
    return [
        {
            "name": material.name,
            "url": material.get_absolute_url(),
            "kind": material.get_kind_display(),
            "size": material.size,
        }
        for material in found.materials.all()
        if material.file
    ]


def gates(found: Iterable[Application], roles: set[str]) -> dict[int, str]:
    """The one sentence about beginning the work, by application: after acceptance, to the student and to who manages
    the posting. Other staff read it nowhere. Where a program decides too, the page of the placement says it. That hours
    in term hold it back reads as any waiting does: without a sentence a host would know. Reads prefetched offers."""
    if not roles & {"student", "host"}:
        return {}
    accepted = {application.pk: offer for application in found if (offer := _accepted(application))}
    over = over_the_cap([offer.authorization for offer in accepted.values()], since=clock.today())
    return {
        pk: clearance(None if offer.authorization_id in over and not offer.placement.has_begun else offer.authorization)
        for pk, offer in accepted.items()
    }


def _accepted(found: Application) -> Any:
    """The accepted offer, at home, of work that is not over."""
    accepted = next((offer for offer in found.offers.all() if offer.status == OfferStatus.ACCEPTED), None)
    record = accepted.authorization if accepted and not found.posting.is_global else None
    return accepted if record and not record.is_closed else None


@never_cache
@require_safe
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Offer.objects.visible_to(request.user).with_people(), pk=pk)
    roles = roles_of(request.user, found.application)
    now = clock.now()
    context = {
        "offer": found,
        "application": found.application,
        "posting": found.application.posting,
        "tone": OFFER_TONES.get(found.status, "ended"),
        "is_student": "student" in roles,
        "is_open": found.is_open_at(now),
        "passed": found.status == OfferStatus.OPEN and not found.is_open_at(now),
        "may": _offer_moves(found, roles),
        "days": _days(found),
        "today": rules.local_date(now, found.zone),
        "taken": found.status == OfferStatus.OPEN and positions_left(found.application.posting) < 1,
        "extensions": found.extensions.select_related("granted_by"),
        "checks": _lead_time(found, roles, clock.today(now)),
        "warnings": _warnings(found, roles),
        "terms": terms_beside(found),
        **_requests(request, found),
        **_other_work(found, roles),
        **_over_cap(found, roles),
    }
    return page(request, "applications/offer.html", context)


def _requests(request: HttpRequest, found: Offer) -> dict[str, Any]:
    """What was asked about the offer, as far as this person may read it: the open ones, and the last answers."""
    asked = OfferRequest.objects.visible_to(request.user).filter(offer=found).select_related("asked_by", "settled_by")
    latest = {one.kind: one for one in asked}  # in the order in which they were asked
    kinds = RequestKind
    return {
        "time": latest.get(kinds.MORE_TIME),
        "talk": latest.get(kinds.TALK),
        "going_back": latest.get(kinds.GOING_BACK),
    }


def _other_work(found: Offer, roles: set[str]) -> dict[str, Any]:
    """For the student alone: other offers, open or accepted, in the same weeks, and whether other applications run."""
    if "student" not in roles or found.status not in (*UNDECIDED, OfferStatus.ACCEPTED):
        return {}
    of_student = Offer.objects.filter(application__student=found.application.student_id)
    others = of_student.filter(status__in=[*UNDECIDED, OfferStatus.ACCEPTED], ends_on__gte=found.starts_on)
    others = others.filter(starts_on__lte=found.ends_on).exclude(pk=found.pk).select_related("application__posting")
    return {
        "shared": shared_weeks(work_of(found), [work_of(other) for other in others.order_by("starts_on", "pk")]),
        "others_run": found.status == OfferStatus.ACCEPTED
        and Application.objects.of_student(found.student).running().exists(),
    }


def _over_cap(found: Offer, roles: set[str]) -> dict[str, Any]:
    """For the student alone, while there is something to decide: the weeks in term in which this and what was accepted
    before come to more than a route of the student's allows."""
    if "student" not in roles or found.status not in UNDECIDED:
        return {}
    needs, kind = declared_needs(found.application.student)
    caps = [route.weekly_cap for route in World.load().figures(kind) if route.weekly_cap]
    if needs != Needs.YES or not caps:
        return {}
    accepted = Offer.objects.filter(application__student=found.application.student_id, status=OfferStatus.ACCEPTED)
    running = accepted.filter(authorization__closed_at=None).select_related("application__posting", "authorization")
    works = [work_of(found), *(_as_moved(one) for one in running)]
    terms = Term.objects.filter(in_session=True)
    return {"cap": min(caps), "weeks_over": weeks_over(works, terms, min(caps))}


def _as_moved(offer: Offer) -> Work:
    """The dates of the record, which move along with the work, and the hours that it authorizes; those of the offer
    stay as they were written."""
    work, record = work_of(offer), offer.authorization
    if record is None:
        return work
    hours = record.hours or work.most
    return replace(work, first_day=record.starts, last_day=record.ends, least=hours, most=hours)


def _acting(found: Application, roles: set[str]) -> set[str]:
    """While its organization is suspended a host moves nothing along."""
    return roles - {"host"} if found.posting.organization.is_suspended else roles


def _offer_moves(found: Offer, roles: set[str]) -> set[str]:
    waiting = {"extend", "reopen"} if found.application.posting.organization.is_suspended else set()
    return {move.name for move in OFFER.available(found.status, roles)} - waiting


def _warnings(found: Offer, roles: set[str]) -> list[str]:
    if "host" not in roles or found.status not in UNDECIDED:
        return []
    return rules.terms_to_look_at(found, PayFloor.objects.all())


def _lead_time(found: Offer, roles: set[str], today: dt.date) -> list[Verdict]:
    """For the student alone, and while there is something to decide: what the dates of this offer leave time for."""
    if "student" not in roles or found.status not in UNDECIDED:
        return []
    engagement = found.application.posting.engagement_type
    return lead_time_checks(
        found.application.student,
        starts=found.starts_on,
        ends=found.ends_on,
        today=today,
        contractor=engagement is not None and engagement.slug == CONTRACTOR,
    )


def _days(found: Offer) -> list[dict[str, Any]]:
    """The count as the day list draws it: each counted day, each run of days passed over, and the last day even when
    an extension named one that does not count."""
    calendar = rules.DayCalendar(campus_calendar(), found.zone)
    start = rules.local_date(found.written_at, found.zone)
    span = (found.last_day - start).days
    number = 0
    days = []
    for offset in range(1, span + 1):
        day = start + offset * ONE_DAY
        why = calendar.closed_by(day)
        number += not why
        days.append({"date": day, "number": None if why else number, "reason": capfirst(why)})
    return days


@require_GET
def material(request: HttpRequest, pk: Any) -> HttpResponseBase:
    """A file, as an attachment that no browser runs. Who opens another's is written down."""
    found = get_object_or_404(
        Material.objects.visible_to(request.user).exclude(file="").select_related("application__student"), pk=pk
    )
    response = file_or_404(found.file, name=found.name, content_type=found.content_type)
    actions.open_material(found, by=request.user)
    return response


def file_or_404(file: Any, *, name: str, content_type: str) -> FileResponse:
    try:
        stored = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return attachment(stored, name=name, content_type=content_type)
