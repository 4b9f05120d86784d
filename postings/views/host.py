from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Role
from authorization.rules import World
from core import clock
from core.decorators import role_required
from core.http import page, submitted
from core.workflow import MoveRefused
from postings import actions, checks
from postings.backplan import backplan
from postings.forms import PostingForm, SubmissionForm
from postings.models import MICRO, OpportunityType, Posting
from postings.waiting import clock_of
from postings.workflow import LIVE, WRITABLE, RevisionStatus, workflow


@role_required(Role.HOST)
def posting_new(request: HttpRequest) -> HttpResponse:
    if not request.user.memberships.filter(organization__suspended_at=None).exists():
        messages.info(request, "Postings belong to an organization. Set yours up first; it takes a minute.")
        return redirect("organization_new")
    form = PostingForm(submitted(request), user=request.user, complete=_wants_preview(request))
    if request.method == "POST" and form.is_valid():
        try:
            posting = actions.draft(form.save(commit=False), by=request.user, cohosts=form.cohosts)
        except MoveRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            return _saved(request, posting)
    return _form_page(request, form, None)


def posting_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What was typed while the posting ended stays on the page, with the reason why it is not saved."""
    posting = _own(request, pk)
    if request.method != "POST" and posting.status not in (*WRITABLE, *LIVE):
        messages.info(request, f"This posting is {posting.get_status_display().lower()}, so it is no longer edited.")
        return redirect("host_postings")
    revision = posting.revisions.filter(status=RevisionStatus.WAITING).first()
    instance = actions.with_changes(posting, revision) if revision else posting
    form = PostingForm(submitted(request), instance=instance, user=request.user, complete=_wants_preview(request))
    if request.method == "POST" and form.is_valid():
        cohosts = form.cohosts if "cohosts" in form.fields else None
        try:
            saved = actions.write(form.save(commit=False), by=request.user, cohosts=cohosts)
        except MoveRefused as refusal:
            form.add_error(None, refusal.message)
        else:
            return _saved(request, saved)
    return _form_page(request, form, posting, revision=revision)


def _wants_preview(request: HttpRequest) -> bool:
    """A draft is saved only when that button was pressed; Enter in a field checks everything."""
    return request.POST.get("then") != "draft"


def _saved(request: HttpRequest, posting: Posting) -> HttpResponse:
    if posting.status in LIVE:
        waiting = posting.revisions.filter(status=RevisionStatus.WAITING).exists()
        text = (
            "Saved. What changes pay, terms, place, engagement, brief or questions waits for the career office; "
            "the rest is up."
        )
        messages.success(request, text if waiting else "Saved, and students see it now.")
        return redirect(posting)
    if request.POST.get("then") == "draft":
        messages.success(request, "Draft saved. Only your organization sees it.")
        return redirect("posting_edit", posting.pk)
    return redirect("posting_preview", posting.pk)


def _form_page(
    request: HttpRequest, form: PostingForm, posting: Posting | None, *, revision: object = None
) -> HttpResponse:
    context = {
        "form": form,
        "posting": posting,
        "revision": revision,
        "is_live": posting is not None and posting.status in LIVE,
        "failed": [] if posting is None else checks.failed_so_far(form.instance, checks.Rows.load()),
        "plan": None if posting is None else backplan(form.instance, world=World.load(), today=clock.today()),
    }
    return page(request, "postings/form.html", context, status=422 if form.is_bound else 200)


@require_safe
def posting_preview(request: HttpRequest, pk: int) -> HttpResponse:
    return _preview_page(request, _own(request, pk), SubmissionForm())


def _preview_page(request: HttpRequest, posting: Posting, form: SubmissionForm, *, status: int = 200) -> HttpResponse:
    missing, rows = checks.missing(posting), checks.Rows.load()
    context = {
        "posting": posting,
        "form": form,
        "failed": checks.failed_so_far(posting, rows) if missing else checks.failed(posting, rows),
        "missing": missing,
        "plan": backplan(posting, world=World.load(), today=clock.today()),
        "may_submit": workflow.allows("submit", posting.status, actions.roles_of(posting, request.user)),
        "is_open": posting.is_open_at(clock.now()),
        "clock": clock_of(posting),
        "micro": OpportunityType.objects.filter(slug=MICRO).first(),
    }
    return page(request, "postings/preview.html", context, status=status)


@require_POST
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    posting = _own(request, pk)
    form = SubmissionForm(request.POST)
    if not form.is_valid():
        return _preview_page(request, posting, form, status=422)
    actions.submit(posting, by=request.user, **form.cleaned_data)
    messages.success(request, "Submitted. The career office reads it, and you get a mail when it is decided.")
    return redirect("host_postings")


@require_POST
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    posting = actions.withdraw(_own(request, pk), by=request.user)
    messages.success(request, f"“{posting}” is withdrawn.")
    return redirect("host_postings")


@require_POST
def closure(request: HttpRequest, pk: int) -> HttpResponse:
    posting = actions.close(_own(request, pk), by=request.user)
    messages.success(request, f"“{posting}” is closed and takes no more applications.")
    return redirect("host_postings")


def _own(request: HttpRequest, pk: int) -> Posting:
    """A thing: for whoever is not its host it is not there, whatever else they are."""
    posting = get_object_or_404(Posting.objects.managed_by(request.user).for_page(), pk=pk)
    if not request.user.has_role(Role.HOST):
        raise PermissionDenied
    return posting
