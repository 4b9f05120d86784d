"""The page of a record: what stands on it, for the student and for an international advisor who looks at it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.roles import Role
from authorization.caps import Caps, in_words
from authorization.forms import AnswerForm, AttemptForm, FilingForm, TickForm
from authorization.models import (
    AuthorizationDocument,
    AuthorizationEvent,
    AuthorizationQuestion,
    AuthorizationRecord,
    RouteStep,
)
from authorization.rules import Coverage, Standing, World, record_checks, standing
from authorization.steps import StepNow, attempts, steps_of, told
from authorization.views.tones import tone
from authorization.workflow import UNFILED, WORKFLOW, RouteKind, Status
from core import clock
from core.http import page

ADMIN_RECORD = "admin:authorization_authorizationrecord_change"


def own_or_404(request: HttpRequest, pk: int) -> AuthorizationRecord:
    visible = AuthorizationRecord.objects.visible_to(request.user).select_related("student__user")
    return get_object_or_404(visible, pk=pk)


@dataclass(frozen=True)
class Forms:
    """Those of the page that were sent and given back; by the key of their step or question where there are many."""

    filing: FilingForm | None = None
    ticks: dict[int, TickForm] | None = None
    answers: dict[int, AnswerForm] | None = None


@dataclass(frozen=True)
class Row:
    """A step as the page draws it, with its forms and what was uploaded to it."""

    now: StepNow
    form: TickForm | None
    url: str
    document: AuthorizationDocument | None
    document_url: str


def record_page(
    request: HttpRequest, found: AuthorizationRecord, forms: Forms | None = None, status: int = 200
) -> HttpResponse:
    forms = forms or Forms()
    world, today = World.load(), clock.today()
    one, own = standing(found, world), found.student.user_id == request.user.pk
    approved = found.status == Status.APPROVED
    events = list(found.events.select_related("by"))
    documents = list(found.documents.listed())
    questions = list(found.questions.select_related("asked_by"))
    moves = own_moves(found) & {"advise", "file"} if own else set()  # the others follow the declaration
    context = {
        "record": found,
        "form": sent_form(forms),
        "filing_form": forms.filing or FilingForm(initial={"filed_on": today}),
        "attempt_form": AttemptForm() if found.route in ("", RouteKind.UNSURE) and "advise" in moves else None,
        "student": None if own else found.student,
        "own": own,
        "is_over": found.is_closed or found.status == Status.DENIED,
        "filed_on": dt.date.fromisoformat(found.filed_on) if found.filed_on else None,
        "approved_from": found.cleared_from if approved else None,
        "approved_until": found.cleared_until if approved else None,
        "extent": found.get_extent_display() if approved else "",
        **_hours_in_term(found, today),
        "undeclared": one.is_undeclared,
        "tone": tone(found),
        "checks": record_checks(found, world=world, today=today) if _to_file(found) else [],
        "unmet": one.is_impossible(today),
        "uncovered": _uncovered(one),
        "has_options": _has_options(one, today),
        "moves": moves,
        **_way(found, events, documents, forms.ticks or {}),
        "openings": told(found.openings.select_related("by")),
        "attempts": attempts(events),
        "unanswered": _unanswered(questions, forms.answers or {}) if not found.is_closed else [],
        "answered": [question for question in questions if question.answered_at],
        "events": events,
        "admin_url": "" if own else reverse(ADMIN_RECORD, args=[found.pk]),
    }
    return page(request, "authorization/record.html", context, status=status)


def _hours_in_term(found: AuthorizationRecord, today: dt.date) -> dict[str, Any]:
    """Weeks over the cap: that stand in the way now, that were cleared nevertheless, or that will need to be."""
    caps = Caps.of(found.student_id)
    held, counted = caps.over(found, since=today), caps.over_if_approved(found)
    kind = "held" if held else "cleared" if found.over_cap else "ahead"
    weeks = held or counted
    return {"cap": caps.cap_in(weeks, found), "over": kind if weeks else "", "weeks_over": in_words(weeks)}


def sent_form(forms: Forms) -> Any:
    """The one that was given back: the summary of errors stands above the heading."""
    many = [*(forms.ticks or {}).values(), *(forms.answers or {}).values()]
    return forms.filing or next(iter(many), None)


def own_moves(found: AuthorizationRecord) -> set[str]:
    if found.is_closed:
        return set()
    return {move.name for move in WORKFLOW.available(found.status, {Role.STUDENT.value})}


def _to_file(found: AuthorizationRecord) -> bool:
    return not found.is_closed and found.status in {*UNFILED, Status.DENIED}


def _has_options(one: Standing, today: dt.date) -> bool:
    return one.is_waiting and (one.record.status == Status.DENIED or one.is_uncovered or one.is_impossible(today))


def _uncovered(one: Standing) -> str:
    return {Coverage.NOT_THE_START: "start", Coverage.NOT_THE_END: "end"}.get(one.coverage, "")


def _way(
    found: AuthorizationRecord,
    events: Sequence[AuthorizationEvent],
    documents: Sequence[AuthorizationDocument],
    sent: dict[int, TickForm],
) -> dict[str, Any]:
    if found.status == Status.NOT_NEEDED:
        listed = [(document, "") for document in documents]
        return {"steps": [("No authorization needed", "done")], "way": [], "documents": listed}
    way = steps_of(found, list(RouteStep.objects.all()), events)
    uploaded = {one.step: one for one in documents}
    rows = [_row(found, one, uploaded.get(str(one.step.pk)), sent) for one in way]
    replaced_at = {row.document: row.document_url for row in rows if row.document}
    listed = [(document, replaced_at.get(document, "")) for document in documents]
    return {"steps": [(one.step.name, one.state) for one in way], "way": rows, "documents": listed}


def _row(
    found: AuthorizationRecord, one: StepNow, document: AuthorizationDocument | None, sent: dict[int, TickForm]
) -> Row:
    key = one.step.pk
    form = sent.get(key) or TickForm(prefix=f"step-{key}") if one.step.asks_number else None
    where = [reverse(name, args=[found.pk, key]) for name in ("authorization_step", "authorization_step_document")]
    return Row(one, form, where[0], document, where[1])


def _unanswered(
    questions: Iterable[AuthorizationQuestion], sent: dict[int, AnswerForm]
) -> list[tuple[AuthorizationQuestion, AnswerForm]]:
    return [
        (question, sent.get(question.pk) or AnswerForm(prefix=f"question-{question.pk}"))
        for question in questions
        if not question.answered_at
    ]
