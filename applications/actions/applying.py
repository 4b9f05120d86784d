import datetime as dt

from django.db import IntegrityError, transaction

from accounts.models import User
from applications import emails
from applications.actions.documents import add_to_library, delete_unused, forget_file, lock_library
from applications.actions.interviewing import call_off_interviews
from applications.actions.moving import lock_application, lock_posting, move_application, tell_hosts
from applications.models import (
    Acknowledgment,
    Application,
    ApplicationEvent,
    Document,
    DocumentVersion,
    GuidelinesText,
    Material,
    MaterialKind,
)
from applications.workflow import ApplicationStatus
from campus.models import ProgramSettings
from core import clock
from core.uploads import Upload
from core.workflow import MoveRefused
from postings.models import MaterialKind as Asked
from postings.models import Posting

CLOSED = "This posting is not taking applications now."
SENT_ALREADY = "This application has been sent, and what was sent stays as it was."
OF_SENDING = ["submitted_at", "acknowledgment", "promised_days"]
ALWAYS = {(MaterialKind.RESUME.value, ""), (MaterialKind.COVER_LETTER.value, "")}  # kind and question


def acknowledge_guidelines(user: User, *, now: dt.datetime | None = None) -> Acknowledgment:
    """Record that the person read the guidelines as they stand. It holds for as many days as the program says: while
    it does, another press adds nothing."""
    moment = now or clock.now()
    found = current_acknowledgment(user, now=moment)
    if found:
        return found
    text, days = GuidelinesText.objects.current(moment), ProgramSettings.load().guidelines_days
    term = {"at": moment, "valid_until": moment + dt.timedelta(days=days)}
    try:
        with transaction.atomic():
            return Acknowledgment.objects.create(user=user, text=text, **term)
    except IntegrityError:  # two at once: the other was first
        return Acknowledgment.objects.valid_at(moment).get(user=user)


def current_acknowledgment(user: User, *, now: dt.datetime | None = None) -> Acknowledgment | None:
    return Acknowledgment.objects.valid_at(now or clock.now()).filter(user=user).first()


@transaction.atomic
def start_application(posting: Posting, *, by: User, now: dt.datetime | None = None) -> Application:
    """The student's application to this posting: a new draft, or whatever there is already."""
    moment = now or clock.now()
    if not by.is_student:
        raise MoveRefused("Only students apply to postings.")
    application = Application.objects.filter(posting=posting, student=by.student).first()
    if application:
        return application
    if not posting.is_open_at(moment):
        raise MoveRefused(CLOSED)
    application, created = Application.objects.get_or_create(
        posting=posting,
        student=by.student,
        defaults={"status_at": moment, "status_by": by, "created_at": moment},
    )
    if created:
        ApplicationEvent.objects.create(
            application=application, at=moment, by=by, move="start", to_status=application.status
        )
    return application


@transaction.atomic
def keep_file(
    application: Application,
    *,
    kind: str,
    upload: Upload,
    by: User,
    now: dt.datetime | None = None,
) -> Material:
    """Put an accepted upload into the draft, in the place of what stood there. It joins the student's library."""
    _draft_of(application, by)
    version = add_to_library(kind=kind, upload=upload, by=by, now=now or clock.now())
    return keep_version(application, version=version, by=by, now=now)


@transaction.atomic
def keep_version(
    application: Application, *, version: DocumentVersion, by: User, now: dt.datetime | None = None
) -> Material:
    """Put a document of the library into the draft: this version of it, whatever becomes of the document."""
    draft, kind = _draft_of(application, by), version.document.kind
    there = draft.materials.filter(kind=kind, version=version).first()
    if there:
        return there
    lock_library(by)
    if not Document.objects.filter(pk=version.document_id, student=draft.student, removed_at=None).exists():
        raise MoveRefused("This document is not on your list any more.")
    _remove_material(draft, kind, "", by)
    return Material.objects.create(
        application=draft,
        kind=kind,
        version=version,
        file=version.file.name,
        name=version.file_name,
        content_type=version.content_type,
        size=version.size,
        added_at=now or clock.now(),
    )


@transaction.atomic
def keep_text(
    application: Application,
    *,
    kind: str,
    text: str,
    by: User,
    question: str = "",
    now: dt.datetime | None = None,
) -> Material | None:
    """Put typed words into the draft, in the place of what stood there; no words leave the place empty."""
    draft = _draft_of(application, by)
    there = draft.materials.filter(kind=kind, question=question, text=text).exclude(text="").first()
    if there:
        return there
    _remove_material(draft, kind, question, by)
    if not text.strip():
        return None
    return Material.objects.create(
        application=draft, kind=kind, question=question, text=text, added_at=now or clock.now()
    )


@transaction.atomic
def leave_out(application: Application, *, kind: str, by: User) -> None:
    """Take a file out of the draft. The library keeps it."""
    _remove_material(_draft_of(application, by), kind, "", by)


@transaction.atomic
def note_window(application: Application, *, window: str, turn: int, by: User) -> None:
    """Which page of the form saved the draft last, and how far it had counted: what it saves next is its own, and
    overwrites no other's; what it sent before comes too late."""
    draft = _draft_of(application, by)
    counted = draft.saved_turn if window == draft.saved_from else 0
    draft.saved_from, draft.saved_turn = window, max(turn, counted)
    draft.save(update_fields=["saved_from", "saved_turn"])


def _draft_of(application: Application, by: User) -> Application:
    locked = lock_application(application.pk)
    if locked.student.user_id != by.pk or locked.status != ApplicationStatus.DRAFT:
        raise MoveRefused(SENT_ALREADY)
    return locked


def _remove_material(application: Application, kind: str, question: str, by: User) -> None:
    found = application.materials.filter(kind=kind, question=question).select_related("version__document")
    for material in found:
        material.delete()
        if material.version:
            delete_unused(material.version.document, by=by)
        elif material.file:
            forget_file(material.file)


@transaction.atomic
def submit(application: Application, *, by: User, now: dt.datetime | None = None) -> Application:
    """Send the draft. Sending what has been sent changes nothing: the button may be pressed twice. What ends the
    posting comes before, and is read here, or after, and tells this student too."""
    moment = now or clock.now()
    lock_posting(application.posting_id)
    application = lock_application(application.pk)
    if application.student.user_id == by.pk and application.status == ApplicationStatus.SUBMITTED:
        return application
    if not application.posting.is_open_at(moment):
        raise MoveRefused(CLOSED)
    _refuse_incomplete(application)
    acknowledgment = current_acknowledgment(by, now=moment)
    if acknowledgment is None:
        raise MoveRefused("Read and acknowledge the recruiting guidelines before you apply.")
    application.submitted_at, application.acknowledgment = moment, acknowledgment
    application.promised_days = application.posting.answer_within
    move_application(application, "submit", by=by, now=moment, fields=OF_SENDING)
    _leave_out_unasked(application, by)
    version = moment.isoformat()
    emails.application_submitted.queue(to=by, subject_id=application.pk, version=version, now=moment)
    tell_hosts(emails.application_received, application.posting, subject_id=application.pk, version=version, now=moment)
    return application


def _refuse_incomplete(application: Application) -> None:
    kept = set(application.materials.values_list("kind", "question"))
    if not kept >= ALWAYS:
        raise MoveRefused("An application needs a resume and a cover letter.")
    missing = [words for part, words in _asked_besides(application.posting).items() if part not in kept]
    if missing:
        raise MoveRefused(f"The host asks for more: {', '.join(missing)}.")


def _leave_out_unasked(application: Application, by: User) -> None:
    """What the posting asked for once, and the draft still holds: the host gets what is asked for now."""
    asked = ALWAYS | _asked_besides(application.posting).keys()
    for kind, question in application.materials.values_list("kind", "question"):
        if (kind, question) not in asked:
            _remove_material(application, kind, question, by)


def _asked_besides(posting: Posting) -> dict[tuple[str, str], str]:
    """Kind and question, with the words for what is missing."""
    kinds = [kind for kind in posting.extra_materials if kind != Asked.SHORT_ANSWERS]
    asked = {(str(kind), ""): MaterialKind(kind).label.lower() for kind in kinds}
    answers = {(MaterialKind.ANSWER.value, one): f"an answer to “{one}”" for one in posting.questions}
    return asked | answers


@transaction.atomic
def withdraw(application: Application, *, by: User, reason: str = "", now: dt.datetime | None = None) -> Application:
    moment = now or clock.now()
    application = lock_application(application.pk)
    move_application(application, "withdraw", by=by, now=moment, note=reason)
    call_off_interviews(application, by=by, reason="The application was withdrawn.", now=moment)
    tell_hosts(
        emails.application_withdrawn,
        application.posting,
        subject_id=application.pk,
        version=moment.isoformat(),
        now=moment,
    )
    return application


@transaction.atomic
def start_again(application: Application, *, by: User, now: dt.datetime | None = None) -> Application:
    """A withdrawn application becomes a draft again, with its materials, while the posting is open."""
    moment = now or clock.now()
    application = lock_application(application.pk)
    if not application.posting.is_open_at(moment):
        raise MoveRefused(CLOSED)
    application.submitted_at = application.acknowledgment = application.promised_days = None
    move_application(application, "start_again", by=by, now=moment, fields=OF_SENDING)
    return application
