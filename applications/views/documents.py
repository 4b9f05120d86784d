"""A student's library of documents: nobody else has a way in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.roles import Role
from applications import actions
from applications.forms import DocumentForm, NameForm, NoQuestion, VersionForm
from applications.models import Document, DocumentVersion, Material
from applications.views.asking import ask, bound
from applications.views.shared import file_or_404
from core.decorators import role_required
from core.http import page

PER_PAGE = 25
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@role_required(Role.STUDENT)
@require_safe
def document_list(request: HttpRequest) -> HttpResponse:
    used = Material.objects.select_related("application__posting__organization").order_by("-added_at", "pk")
    versions = DocumentVersion.objects.prefetch_related(Prefetch("materials", queryset=used))
    mine = Document.objects.visible_to(request.user).prefetch_related(Prefetch("versions", queryset=versions))
    found = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    return page(request, "applications/document_list.html", {"page": found, "rows": [_row(one) for one in found]})


def _row(document: Document) -> dict[str, Any]:
    newest, *earlier = document.versions.all()
    uses = [(version, material.application) for version in (newest, *earlier) for material in version.materials.all()]
    return {"document": document, "newest": newest, "earlier": earlier, "uses": uses}


@role_required(Role.STUDENT)
@require_get_or_post
def document_new(request: HttpRequest) -> HttpResponse:
    def add(form: DocumentForm) -> HttpResponse:
        given = form.cleaned_data
        version = actions.add_document(kind=given["kind"], upload=given["file"], name=given["name"], by=request.user)
        messages.success(request, f"“{version.document}” is among your documents.")
        return redirect(version.document)

    return ask(
        request,
        _with_files(DocumentForm, request),
        act=add,
        title="Add a document",
        lead="Choose it in your applications instead of uploading it each time.",
        submit="Add the document",
        back=Document(),
    )


@require_get_or_post
def document_versions(request: HttpRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)

    def add(form: VersionForm) -> HttpResponse:
        version = actions.add_version(document, upload=form.cleaned_data["file"], by=request.user)
        messages.success(request, f"The newest of “{document}” is version {version.number}.")
        return redirect(document)

    return ask(
        request,
        _with_files(VersionForm, request),
        act=add,
        title=f"New version of “{document}”",
        lead="Earlier versions stay for the applications that used them.",
        submit="Upload the version",
        back=document,
    )


@require_get_or_post
def document_name(request: HttpRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)

    def rename(form: forms.Form) -> HttpResponse:
        actions.rename_document(document, name=form.cleaned_data["name"], by=request.user)
        messages.success(request, "The name is changed.")
        return redirect(document)

    return ask(
        request,
        bound(NameForm, request, initial={"name": document.name}),
        act=rename,
        title=f"Rename “{document}”",
        lead="What was sent keeps the name under which it was sent.",
        submit="Save the name",
        back=document,
    )


@require_get_or_post
def document_removal(request: HttpRequest, pk: int) -> HttpResponse:
    document = _document(request, pk)

    def remove(form: forms.Form) -> HttpResponse:
        actions.remove_document(document, by=request.user)
        messages.success(request, f"“{document}” is off your list.")
        return redirect("document_list")

    return ask(
        request,
        bound(NoQuestion, request),
        act=remove,
        title=f"Remove “{document}”",
        lead="It goes off this list. What an application used stays in that application; all else is deleted.",
        submit="Remove the document",
        back=document,
        danger=True,
    )


@require_GET
def document_version(request: HttpRequest, pk: object) -> HttpResponseBase:
    version = get_object_or_404(DocumentVersion.objects.visible_to(request.user), pk=pk)
    return file_or_404(version.file, name=version.file_name, content_type=version.content_type)


def _document(request: HttpRequest, pk: int) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.user), pk=pk)


def _with_files(form_class: type[forms.Form], request: HttpRequest) -> forms.Form:
    return form_class(request.POST, request.FILES) if request.method == "POST" else form_class()
