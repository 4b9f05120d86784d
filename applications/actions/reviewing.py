import datetime as dt

from django.db import transaction

from accounts.models import User
from applications import emails
from applications.actions.interviewing import call_off_interviews
from applications.actions.moving import lock_application, move_application, refuse_if_suspended
from applications.models import Application
from core import clock


@transaction.atomic
def review(application: Application, *, by: User, now: dt.datetime | None = None) -> Application:
    application = lock_application(application.pk)
    refuse_if_suspended(application)
    move_application(application, "review", by=by, now=now or clock.now())
    return application


@transaction.atomic
def not_select(application: Application, *, by: User, words: str = "", now: dt.datetime | None = None) -> Application:
    """`words` stand in the mail instead of ours, and stay on the event."""
    moment = now or clock.now()
    application = lock_application(application.pk)
    refuse_if_suspended(application)
    move_application(application, "not_select", by=by, now=moment, note=words)
    call_off_interviews(application, by=by, reason="The project goes to somebody else.", now=moment)
    emails.not_selected.queue(
        to=application.student.user, subject_id=application.pk, version=moment.isoformat(), now=moment
    )
    return application
