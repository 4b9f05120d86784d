import datetime as dt

from django.db import transaction

from accounts.models import User
from applications.actions.moving import lock_application, refuse_if_suspended, roles_of
from applications.models import LONGEST_NOTE, Application, ApplicationNote
from applications.workflow import ApplicationStatus
from core import clock
from core.workflow import MoveRefused


@transaction.atomic
def add_note(application: Application, *, by: User, text: str, now: dt.datetime | None = None) -> ApplicationNote:
    """A word to the others of the organization. It moves nothing, so it is no event."""
    application = lock_application(application.pk)
    if "host" not in roles_of(by, application) or application.status == ApplicationStatus.DRAFT:
        raise MoveRefused("Notes are for the people who manage the posting.")
    refuse_if_suspended(application)
    if not 0 < len(text.strip()) <= LONGEST_NOTE:
        raise MoveRefused(f"Write a note of at most {LONGEST_NOTE:,} characters.")
    return ApplicationNote.objects.create(application=application, author=by, at=now or clock.now(), text=text.strip())


@transaction.atomic
def remove_note(note: ApplicationNote, *, by: User) -> None:
    if note.author_id != by.pk or "host" not in roles_of(by, note.application):
        raise MoveRefused("A note is removed by whoever wrote it.")
    note.delete()
