"""People report a posting; moderators look at it and say what came of it."""

import datetime as dt

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.workflow import MoveRefused
from postings import emails
from postings.actions.moves import locked, record, roles_of
from postings.models import Posting, PostingReport
from postings.workflow import HOST, MODERATOR

MOST_WAITING = 20  # of one person, or somebody could fill the moderators' mailboxes


def why_no_report(posting: Posting, *, by: User) -> str:
    """Why this person cannot report this posting now; empty when nothing stands in the way."""
    if HOST in roles_of(posting, by):
        return "This posting is your organization's own. Edit or close it instead."
    waiting = PostingReport.objects.waiting().filter(reported_by=by)
    if waiting.filter(posting=posting).exists():
        return "You have reported this posting already. The career office is looking at it."
    if waiting.count() >= MOST_WAITING:
        return f"{MOST_WAITING} of your reports are waiting. The career office looks at those first."
    return ""


@transaction.atomic
def report(posting: Posting, *, by: User, reason: str, note: str = "", now: dt.datetime | None = None) -> PostingReport:
    """The event names the reason, and neither the words nor who wrote them: more people read a posting's history."""
    moment = now or clock.now()
    User.objects.select_for_update().get(pk=by.pk)  # or two at once pass the limit
    posting = locked(posting, moment)
    refusal = why_no_report(posting, by=by)
    if refusal:
        raise MoveRefused(refusal)
    made = PostingReport.objects.create(
        posting=posting, reported_by=by, reported_at=moment, reason=reason, note=note.strip()
    )
    record(posting, "report", by=None, now=moment, before=posting.status, note=made.get_reason_display())
    for moderator in User.objects.filter(
        staff_roles__role=Role.MODERATOR, staff_roles__revoked_at=None, is_active=True
    ).order_by("pk"):
        emails.reported.queue(to=moderator, subject_id=made.pk, now=moment)
    return made


@transaction.atomic
def handle_report(report: PostingReport, *, by: User, outcome: str, now: dt.datetime | None = None) -> PostingReport:
    moment = now or clock.now()
    posting = locked(report.posting, moment)
    report = PostingReport.objects.select_for_update().get(pk=report.pk)
    if MODERATOR not in roles_of(posting, by):
        raise MoveRefused("You cannot do that with this report.")
    if not report.is_open:
        raise MoveRefused(f"{report.handled_by} has handled this report already.")
    report.handled_by, report.handled_at, report.outcome = by, moment, outcome
    report.save(update_fields=["handled_by", "handled_at", "outcome"])
    record(posting, "handle_report", by=by, now=moment, before=posting.status, note=report.get_reason_display())
    return report
