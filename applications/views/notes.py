"""What the people of an organization write about an applicant to each other."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from applications import actions
from applications.forms import NoteForm
from applications.models import Application, ApplicationNote
from applications.views.asking import ask, bound
from postings.models import Posting


@require_http_methods(["GET", "HEAD", "POST"])
def application_notes(request: HttpRequest, pk: int) -> HttpResponse:
    managed = Application.objects.handled_by(request.user).filter(
        posting__in=Posting.objects.managed_by(request.user).order_by()
    )
    application = get_object_or_404(managed.with_people(), pk=pk)

    def add(form: NoteForm) -> HttpResponse:
        actions.add_note(application, by=request.user, **form.cleaned_data)
        messages.success(request, "The note is kept. Only your organization reads it.")
        return redirect(f"{application.get_absolute_url()}#notes-title")

    return ask(
        request,
        bound(NoteForm, request),
        act=add,
        title=f"A note on {application.student}",
        lead="Write only what you would also say to the student: careful words are fair words.",
        submit="Keep the note",
        back=application,
    )


@require_POST
def note_removal(request: HttpRequest, pk: int) -> HttpResponse:
    note = get_object_or_404(
        ApplicationNote.objects.visible_to(request.user).select_related("application__student"), pk=pk
    )
    actions.remove_note(note, by=request.user)
    messages.success(request, "The note is removed.")
    return redirect(f"{note.application.get_absolute_url()}#notes-title")
