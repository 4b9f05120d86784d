from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Role
from core import clock
from core.decorators import role_required
from core.http import page, submitted
from core.middleware import way_back
from notifications.preferences import is_off
from postings import actions, finding
from postings.forms import AlertForm, SaveSearchForm
from postings.models import ALERTS, Posting, SavedPosting, SavedSearch

PAGE_SIZE = 20
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@role_required(Role.STUDENT)
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    kept = SavedPosting.objects.filter(student=request.user.student)
    results = Paginator(kept, PAGE_SIZE).get_page(request.GET.get("page"))
    board = finding.board()
    searches = request.user.student.saved_searches.all()
    context = {
        "page": results,
        "rows": _rows(request, results),
        "searches": [(search, actions.question(search, board) is not None) for search in searches],
        "alerts_are_off": is_off(request.user.pk, ALERTS),
    }
    return page(request, "postings/saved.html", context)


def _rows(request: HttpRequest, results: "Page[SavedPosting]") -> list[tuple[SavedPosting, Posting | None, bool]]:
    """Each with its posting, as far as the student may see it now, and whether that is open."""
    now = clock.now()
    visible = Posting.objects.visible_to(request.user, now).for_cards()
    shown = visible.in_bulk([row.posting_id for row in results])
    found = ((row, shown.get(row.posting_id)) for row in results)
    return [(row, posting, posting is not None and posting.is_open_at(now)) for row, posting in found]


@role_required(Role.STUDENT)
@require_get_or_post
def posting_saving(request: HttpRequest, pk: int) -> HttpResponse:
    """A sign-in in between comes back by GET, which writes nothing: the posting's page has the button."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        return redirect(posting)
    actions.save_posting(posting, by=request.user)
    return _saving_answer(request, posting, saved=True, text=f"“{posting}” stands under Saved.")


@role_required(Role.STUDENT)
@require_POST
def posting_unsaving(request: HttpRequest, pk: int) -> HttpResponse:
    """Also of what the student no longer sees."""
    mine = SavedPosting.objects.filter(student=request.user.student).values("posting")
    posting = get_object_or_404(Posting.objects.filter(pk__in=mine) | Posting.objects.visible_to(request.user), pk=pk)
    actions.unsave_posting(posting, by=request.user)
    return _saving_answer(request, posting, saved=False, text="Taken out of Saved.")


def _saving_answer(request: HttpRequest, posting: Posting, *, saved: bool, text: str) -> HttpResponse:
    if getattr(request, "htmx", None):
        context = {"posting_id": posting.pk, "title": posting.title, "saved": saved, "news": text}
        return render(request, "components/save_button.html", context)
    messages.success(request, text)
    return redirect(way_back(request))


@role_required(Role.STUDENT)
@require_get_or_post
def saved_searches(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("saved")
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        return page(request, "postings/saved_search_form.html", {"form": form}, status=422)
    address = form.cleaned_data.pop("query")
    search = actions.save_search(address, by=request.user, **form.cleaned_data)
    messages.success(request, f"This search stands under Saved. {_says(search)}")
    return redirect(search)


def _says(search: SavedSearch) -> str:
    # Not its name: messages travel in a cookie.
    return "It sends you no mails." if not search.alerts_since else "You get a mail when something new fits."


@require_safe
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """The list with what was saved. Mails lead here, so that no address in them says what somebody looks for."""
    search = _own(request, pk)
    return redirect(f"{reverse('posting_list')}?{search.query}")


@require_get_or_post
def saved_search_alert(request: HttpRequest, pk: int) -> HttpResponse:
    search = _own(request, pk)
    initial = {"frequency": search.frequency, "hour": search.hour, "weekday": search.weekday}
    form = AlertForm(submitted(request), initial=initial)
    if form.is_valid():
        search = actions.change_search(search, by=request.user, **form.cleaned_data)
        messages.success(request, f"Saved. {_says(search)}")
        return redirect("saved")
    status = 422 if form.is_bound else 200
    return page(request, "postings/saved_search_form.html", {"form": form, "search": search}, status=status)


@require_POST
def saved_search_removal(request: HttpRequest, pk: int) -> HttpResponse:
    actions.delete_search(_own(request, pk), by=request.user)
    messages.success(request, "The search is deleted, and its alert with it.")
    return redirect("saved")


def _own(request: HttpRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.visible_to(request.user), pk=pk)
