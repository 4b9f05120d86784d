"""Who applied to a posting, as its hosts look at all of them: as they arrive, and nobody before anybody else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import actions
from applications.actions.moving import refuse_if_suspended
from applications.filters import ApplicantFilter
from applications.forms import NonSelectionForm
from applications.marks import Mark, marks, with_marks
from applications.models import Application, ApplicationNote, Material, MaterialKind, positions_left
from applications.timeline import TONES
from applications.views.asking import ask, bound
from applications.views.shared import files_of, gates
from applications.waiting import Wait, wait, with_since
from applications.workflow import APPLICATION
from campus.calendar import campus_calendar
from core import clock
from core.http import page
from core.workflow import MoveRefused
from postings.models import Posting

PER_PAGE = 25
MOST_BESIDE = 4
LONGEST_KEY = 18


class Row(NamedTuple):
    application: Application
    tone: str
    gate: str
    marks: list[Mark]
    wait: Wait | None
    files: list[dict[str, Any]]
    notes: int


@require_safe
def posting_applications(request: HttpRequest, pk: int) -> HttpResponse:
    """In the order in which they applied. There is no other order, and nothing here is computed about the person."""
    posting = _looked_after(request, pk)
    manages = Posting.objects.managed_by(request.user).filter(pk=posting.pk).exists()
    arrived = _arrived(request, posting)
    filtered = ApplicantFilter(request.GET, queryset=arrived, request=request)
    found = Paginator(filtered.qs, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(_rows(found, {"host"} if manages else set()))
    chosen = filtered.form.cleaned_data
    context = {
        "posting": posting,
        "page": found,
        "rows": rows,
        "positions_left": positions_left(posting),
        "filters": filtered.form,
        "chosen": [value for name in ("unread", "status", "standing") for value in _several(chosen.get(name))],
        "any": bool(rows) or arrived.exists(),
        "promise": f"{posting.answer_within} business days" if posting.answer_within else "",
        "may_move": manages and not posting.organization.is_suspended,
        "most": MOST_BESIDE,
    }
    return page(request, "applications/posting_applications.html", context)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _rows(applications: Iterable[Application], roles: set[str]) -> Iterable[Row]:
    """What the organization writes about an applicant is counted for the organization alone."""
    applications, calendar, now = list(applications), campus_calendar(), clock.now()
    notes = _notes(applications) if "host" in roles else {}
    cleared = gates(applications, roles)
    for application in applications:
        yield Row(
            application,
            TONES.get(application.status, "ended"),
            cleared.get(application.pk, ""),
            marks(application, now),
            wait(application, calendar, now),
            files_of(application),
            notes.get(application.pk, 0),
        )


def _notes(applications: list[Application]) -> dict[int, int]:
    written = ApplicationNote.objects.filter(application__in=applications).order_by()
    return dict(written.values_list("application").annotate(Count("pk")))


@require_safe
def posting_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """A few side by side, each part of theirs beside the same part of the others."""
    posting = _looked_after(request, pk)
    chosen = list(_chosen(request, posting, request.GET)[: MOST_BESIDE + 1])
    roles = {"host"} if Posting.objects.managed_by(request.user).filter(pk=posting.pk).exists() else set()
    if request.method == "GET":
        actions.open_words(chosen[:MOST_BESIDE], by=request.user)
    rows = list(_rows(chosen[:MOST_BESIDE], roles))
    notes = ApplicationNote.objects.visible_to(request.user).filter(application__in=[row.application for row in rows])
    context = {
        "posting": posting,
        "rows": rows,
        "texts": _texts(posting, [row.application for row in rows]),
        "notes": _beside(rows, list(notes.select_related("author"))),
        "too_many": len(chosen) > MOST_BESIDE,
        "most": MOST_BESIDE,
    }
    return page(request, "applications/posting_comparison.html", context)


Part = tuple[str, list[tuple[Application, Material | None]]]


def _texts(posting: Posting, applications: list[Application]) -> list[Part]:
    """Every kind of text that one of them wrote: the letter first, then what the posting asks, in its order."""
    parts: list[tuple[str, str]] = [(MaterialKind.COVER_LETTER, "")]
    parts += [(kind, "") for kind in MaterialKind if kind not in (MaterialKind.COVER_LETTER, MaterialKind.ANSWER)]
    parts += [(MaterialKind.ANSWER, question) for question in posting.questions]
    given = {
        (one.pk, material.kind, material.question): material for one in applications for material in one.materials.all()
    }
    asked_before = {(kind, question) for _, kind, question in given if kind == MaterialKind.ANSWER} - set(parts)
    parts += sorted(asked_before)
    found = []
    for kind, question in parts:
        cells = [(one, given.get((one.pk, kind, question))) for one in applications]
        if any(material and material.text for _, material in cells):
            found.append((question or MaterialKind(kind).label, cells))
    return found


def _beside(rows: list[Row], notes: list[ApplicationNote]) -> list[tuple[Application, list[ApplicationNote]]]:
    if not notes:
        return []
    return [(row.application, [note for note in notes if note.application_id == row.application.pk]) for row in rows]


@require_POST
def posting_selection(request: HttpRequest, pk: int) -> HttpResponse:
    """What was ticked on the list, and the button beside it."""
    posting = _own(request, pk)
    chosen = list(_chosen(request, posting, request.POST))
    back = reverse("posting_applications", args=[posting.pk])
    if not chosen:
        messages.warning(request, "Choose one applicant or more first.")
        return redirect(back)
    wanted = request.POST.get("do")
    if wanted in ("compare", "not_select"):
        name = "posting_comparison" if wanted == "compare" else "posting_non_selection"
        keys = "&".join(f"a={application.pk}" for application in chosen)
        return redirect(f"{reverse(name, args=[posting.pk])}?{keys}")
    if wanted == "review":
        moved, refused = _move(chosen, lambda application: actions.review(application, by=request.user))
        _name_refused(request, refused)
        if moved:
            messages.success(request, f"The review of {_people(moved)} has begun. The students see it on their pages.")
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
def posting_non_selection(request: HttpRequest, pk: int) -> HttpResponse:
    """One kind text, in a mail of its own to each of them."""
    posting = _own(request, pk)
    chosen = list(_chosen(request, posting, request.POST if request.method == "POST" else request.GET))
    waiting = [one for one in chosen if one.status in APPLICATION.moves["not_select"].sources]
    if request.method != "POST" and waiting:
        refuse_if_suspended(waiting[0])
    if not waiting:
        messages.warning(request, "Nobody whom you chose is waiting for a decision. Choose others.")
        return redirect("posting_applications", pk=posting.pk)

    def tell(form: NonSelectionForm) -> HttpResponse:
        words = form.cleaned_data["words"]
        told, refused = _move(chosen, lambda one: actions.not_select(one, by=request.user, words=words))
        if not told:
            raise MoveRefused(f"Nobody was told. {' '.join(refused)}")
        _name_refused(request, refused)
        messages.success(request, f"{_people(told)} will be told kindly.")
        return redirect("posting_applications", pk=posting.pk)

    return ask(
        request,
        bound(NonSelectionForm, request, posting=posting),
        act=tell,
        title=f"Do not select {_people(waiting)}?",
        lead="Everybody named here gets a kind mail: ours, or what you make of it. This cannot be undone.",
        submit="Do not select",
        back=_Applicants(posting),
        danger=True,
        warning=_left_as_they_are([one for one in chosen if one not in waiting]),
        hidden=[("a", one.pk) for one in chosen],
    )


@dataclass(frozen=True)
class _Applicants:
    """Where a page that asks leads back to."""

    posting: Posting

    def get_absolute_url(self) -> str:
        return reverse("posting_applications", args=[self.posting.pk])


def _move(chosen: list[Application], move: Callable[[Application], object]) -> tuple[list[Application], list[str]]:
    """Each in a transaction of its own: who was moved, and a sentence for each who was not."""
    moved, refused = [], []
    for application in chosen:
        try:
            move(application)
        except MoveRefused as refusal:
            refused.append(f"{application.student}: {refusal.message}")
        else:
            moved.append(application)
    return moved, refused


def _name_refused(request: HttpRequest, refused: list[str]) -> None:
    if refused:
        messages.warning(request, f"Not moved. {' '.join(refused)}")


def _left_as_they_are(applications: list[Application]) -> str:
    if not applications:
        return ""
    named = ", ".join(f"{one.student} ({one.get_status_display().lower()})" for one in applications)
    return f"These stay as they are: {named}."


def _people(applications: list[Application]) -> str:
    names = [str(application.student) for application in applications]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _looked_after(request: HttpRequest, pk: int) -> Posting:
    postings = Posting.objects.all()
    if not request.user.has_perm("applications.view_application"):
        postings = postings.managed_by(request.user)
    return get_object_or_404(postings.select_related("organization").defer("search"), pk=pk)


def _own(request: HttpRequest, pk: int) -> Posting:
    """For what hosts alone do: to staff it is not there."""
    return get_object_or_404(
        Posting.objects.managed_by(request.user).select_related("organization").defer("search"), pk=pk
    )


def _arrived(request: HttpRequest, posting: Posting) -> Any:
    applications = Application.objects.handled_by(request.user).filter(posting=posting).with_people()
    applications = with_marks(with_since(applications), viewer=request.user, now=clock.now())
    return applications.prefetch_related("materials").order_by("submitted_at", "pk")


def _chosen(request: HttpRequest, posting: Posting, data: QueryDict) -> Any:
    keys = [int(key) for key in data.getlist("a") if key.isdecimal() and len(key) <= LONGEST_KEY]
    return _arrived(request, posting).filter(pk__in=keys[:PER_PAGE])
