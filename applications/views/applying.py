from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Role
from applications import actions
from applications.actions.applying import CLOSED, SENT_ALREADY, current_acknowledgment
from applications.actions.documents import add_to_library
from applications.actions.moving import lock_application, lock_posting
from applications.forms import ApplyForm, drafts
from applications.forms.applying import version_of
from applications.models import Application, DocumentVersion, GuidelinesText, Material
from applications.workflow import ApplicationStatus
from core import clock
from core.decorators import role_required
from core.http import page
from core.workflow import MoveRefused
from postings.models import Posting

DRAFT_STATUS = "draft-status"  # the place on the page that says what was saved as one typed


@role_required(Role.STUDENT)
@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Application.objects.of_student(request.user)
    seen = Posting.objects.visible_to(request.user) | Posting.objects.filter(pk__in=mine.order_by().values("posting"))
    posting = get_object_or_404(seen.select_related("organization"), pk=pk)
    application = mine.filter(posting=posting).first()
    if application and application.status != ApplicationStatus.DRAFT:
        return _sent_already(request, application)
    if request.method != "POST" and not posting.is_open_at(clock.now()):
        messages.warning(request, CLOSED)
        return redirect(application or posting)
    form = _apply_form(request, posting, application)
    if request.method != "POST":
        return _apply_page(request, form, application)
    form.is_valid()  # before anything is locked: files are inspected here, which takes its time
    kept = _keep_and_send(request, posting, form) or application
    if _is_typing(request):
        return _draft_status(request, form, kept)
    if form.errors or not kept:
        if not form.elsewhere:
            form.show_kept(_materials(kept))
        return _apply_page(request, form, kept, status=422)
    if kept.status == ApplicationStatus.DRAFT:
        messages.success(request, "Your draft is saved. It has not been sent yet.")
        return redirect("application_new", pk=posting.pk)
    messages.success(request, f"Your application is on its way to {posting.organization}.")
    return redirect(kept)


def _sent_already(request: HttpRequest, application: Application) -> HttpResponse:
    if _is_typing(request):
        return page(request, "applications/_draft_status.html", {"refusals": [SENT_ALREADY]}, status=422)
    return redirect(application)


def _is_typing(request: HttpRequest) -> bool:
    """The form saves itself while somebody types: the answer is a line, and no page."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx and htmx.target == DRAFT_STATUS)


def _draft_status(request: HttpRequest, form: ApplyForm, kept: Application | None) -> HttpResponse:
    if kept and kept.status != ApplicationStatus.DRAFT:
        return _sent_already(request, kept)
    if form.elsewhere:
        return page(request, "applications/_draft_status.html", {"refusals": [drafts.TYPED_ELSEWHERE]}, status=422)
    context = {
        "saved_at": clock.now() if kept else None,
        "refusals": form.non_field_errors(),
        "left_out": [form[name].label for name in form.errors if name in form.fields],
        "closed": "" if not kept or form.posting.is_open_at(clock.now()) else CLOSED,
    }
    return page(request, "applications/_draft_status.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _keep_and_send(request: HttpRequest, posting: Posting, form: ApplyForm) -> Application | None:
    """What is refused, a posting that closed meanwhile for one, stands on the form beside what was typed. Nothing comes
    between keeping and sending: what was typed earlier and arrives later finds the application sent."""
    application = None
    if form.finishing:
        lock_posting(posting.pk)  # before the application, as everywhere
    try:
        application = _keep(request, posting, form)
        if form.finishing and not form.errors:
            application = _send(request, application, form)
    except MoveRefused as refusal:
        form.add_error(None, refusal.message)
    return application


@transaction.atomic
def _send(request: HttpRequest, application: Application, form: ApplyForm) -> Application:
    now = clock.now()
    if form.cleaned_data.get("guidelines"):
        actions.acknowledge_guidelines(request.user, now=now)
    return actions.submit(application, by=request.user, now=now)


def _apply_form(request: HttpRequest, posting: Posting, application: Application | None) -> ApplyForm:
    posted, now = request.method == "POST", clock.now()
    acknowledged = current_acknowledgment(request.user, now=now)
    return ApplyForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        posting=posting,
        kept=_materials(application),
        library=list(DocumentVersion.objects.visible_to(request.user).newest()),
        guidelines=None if acknowledged else GuidelinesText.objects.current(now),
        finishing="save" not in request.POST,
    )


def _materials(application: Application | None) -> list[Material]:
    return list(application.materials.select_related("version__document")) if application else []


@transaction.atomic
def _keep(request: HttpRequest, posting: Posting, form: ApplyForm) -> Application:
    """Put what can be kept into the draft, so that no mistake elsewhere costs a file or a letter."""
    application = lock_application(actions.start_application(posting, by=request.user).pk)
    if application.status != ApplicationStatus.DRAFT:  # the button was pressed twice, and the other press was first
        return application
    before = _materials(application)
    form.version = version_of(before)
    form.kept = {(one.kind, one.question): one for one in before}
    stale = drafts.is_stale(form, application, before, by_itself=_is_typing(request))
    if stale and (found := drafts.differences(form, before)):
        _keep_apart(request, form)
        drafts.show_differences(form, found)
        return application
    _put_in(request, application, form)
    form.version = version_of(_materials(application))
    if not stale:
        actions.note_window(application, window=drafts.window_of(form), turn=drafts.turn_of(form), by=request.user)
    return application


def _put_in(request: HttpRequest, application: Application, form: ApplyForm) -> None:
    for kind, question, words in form.texts():
        actions.keep_text(application, kind=kind, question=question, text=words, by=request.user)
    for kind, version in form.chosen():
        if version:
            actions.keep_version(application, version=version, by=request.user)
        else:
            actions.leave_out(application, kind=kind, by=request.user)
    for kind, upload in form.uploads():
        try:
            actions.keep_file(application, kind=kind, upload=upload, by=request.user)
        except MoveRefused as refusal:  # the library is full: that costs no other file, and no letter
            form.add_error(kind, refusal.message)


def _keep_apart(request: HttpRequest, form: ApplyForm) -> None:
    """A file cannot stand on a form that comes back: it joins the student's documents, and is chosen there."""
    for kind, upload in form.uploads():
        try:
            form.choose(add_to_library(kind=kind, upload=upload, by=request.user, now=clock.now()))
        except MoveRefused as refusal:
            form.add_error(kind, refusal.message)


def _apply_page(
    request: HttpRequest, form: ApplyForm, application: Application | None, *, status: int = 200
) -> HttpResponse:
    acknowledgment = current_acknowledgment(request.user)
    guidelines = form.guidelines or (acknowledgment.text if acknowledgment else GuidelinesText.objects.current())
    context: dict[str, Any] = {
        "posting": form.posting,
        "form": form,
        "hidden": [
            ("guidelines_version", guidelines.version),
            (drafts.VERSION, form.version),
            (drafts.WINDOW, drafts.new_window()),
            (drafts.TURN, 0),
        ],
        "autosave": "" if form.elsewhere else DRAFT_STATUS,  # what it would replace is to be read first
        "application": application,
        "acknowledgment": acknowledgment,
        "guidelines": guidelines,
    }
    return page(request, "applications/application_form.html", context, status=status)


@require_POST
def application_restart(request: HttpRequest, pk: int) -> HttpResponse:
    application = get_object_or_404(Application.objects.of_student(request.user), pk=pk)
    actions.start_again(application, by=request.user)
    return redirect("application_new", pk=application.posting_id)
