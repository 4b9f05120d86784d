"""Documents of a record: the student uploads, replaces and removes, the international advisors open."""

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from authorization import actions
from authorization.forms import DocumentForm
from authorization.models import AuthorizationDocument, AuthorizationRecord, RouteStep
from authorization.views.showing import own_or_404
from authorization.workflow import RouteKind
from core.http import attachment, page

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_get_or_post
def step_document(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    found = _of_student(request, own_or_404(request, pk))
    steps = RouteStep.objects.exclude(document="").filter(kind=found.route or RouteKind.UNSURE)
    one = get_object_or_404(steps, pk=step)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*sent, label=one.document)
    if form.is_bound and form.is_valid():
        actions.keep_document(found, step=one, upload=form.cleaned_data["file"], by=request.user)
        messages.success(request, "Uploaded. Only you and the international advisors can open it.")
        return redirect(_back(found))
    lead = "Only you and the international advisors can open it. You may go on without it."
    return _ask(request, found, form, title=f"Upload: {one.document}", lead=lead, submit="Upload")


@never_cache
@require_GET
def document(request: HttpRequest, pk: Any) -> HttpResponseBase:
    found = _document(request, AuthorizationDocument.objects.all(), pk)
    response = attachment(io.BytesIO(found.file), name=found.file_name, content_type=found.content_type)
    actions.open_document(found, by=request.user)
    return response


@never_cache
@require_get_or_post
def removal(request: HttpRequest, pk: Any) -> HttpResponse:
    found = _document(request, AuthorizationDocument.objects.listed(), pk)
    record = _of_student(request, found.record)
    if request.method == "POST":
        actions.remove_document(found, by=request.user)
        messages.success(request, "Removed. Nobody can open it anymore.")
        return redirect(_back(record))
    lead = "The file is deleted, and nobody can open it anymore. Who opened it before stays in the list."
    title = f"Remove: {found.title}, {found.file_name}"
    return _ask(request, record, forms.Form(), title=title, lead=lead, submit="Remove the document", danger=True)


def _document(request: HttpRequest, documents: Any, pk: Any) -> AuthorizationDocument:
    visible = documents.visible_to(request.user).select_related("record__student__user")
    found: AuthorizationDocument = get_object_or_404(visible, pk=pk)
    return found


def _of_student(request: HttpRequest, found: AuthorizationRecord) -> AuthorizationRecord:
    """Advisors see it and change nothing here."""
    if found.student.user_id != request.user.pk:
        raise Http404
    return found


def _back(found: AuthorizationRecord) -> str:
    return f"{found.get_absolute_url()}#documents"


def _ask(
    request: HttpRequest,
    found: AuthorizationRecord,
    form: forms.Form,
    *,
    title: str,
    lead: str,
    submit: str,
    danger: bool = False,
) -> HttpResponse:
    context = {
        "record": found,
        "back": _back(found),
        "form": form,
        "title": title,
        "lead": lead,
        "submit": submit,
        "submit_kind": "danger" if danger else "",
    }
    return page(request, "authorization/document.html", context, status=422 if form.is_bound else 200)
