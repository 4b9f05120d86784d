"""What hosts are told about their postings. The subject of each mail is the event, which keeps reason and comment."""

from typing import Any

from notifications.mail import Context, Mail
from postings.models import PostingEvent
from postings.workflow import Status


def _told_while(*statuses: str) -> Context:
    """Wanted as long as the posting stands where the event put it; always when no status is named."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        event = (
            PostingEvent.objects.filter(pk=subject_id)
            .select_related("posting__organization", "posting__opportunity_type")
            .first()
        )
        if event is None or (statuses and event.posting.status not in statuses):
            return None
        return {"event": event, "posting": event.posting}

    return context


def _mail(name: str, *statuses: str) -> Mail:
    return Mail(
        f"posting.{name}",
        template=f"postings/mail/{name}",
        context=_told_while(*statuses),
        audience="host",
        must_arrive=True,
    )


def _still_cohost(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    event = PostingEvent.objects.filter(pk=subject_id).select_related("posting__organization", "by").first()
    if event is None or not event.posting.cohosts.filter(user=recipient).exists():
        return None
    return {"event": event, "posting": event.posting}


cohost_named = Mail(
    "posting.cohost_named",
    template="postings/mail/cohost_named",
    context=_still_cohost,
    audience="host",
    must_arrive=True,
)
changes_requested = _mail("changes_requested", Status.CHANGES_REQUESTED)
approved = _mail("approved", Status.OPEN, Status.SCHEDULED)
declined = _mail("declined", Status.DECLINED)
held = _mail("held", Status.ON_HOLD)
resumed = _mail("resumed", Status.OPEN, Status.SCHEDULED)
revision_approved = _mail("revision_approved")
revision_declined = _mail("revision_declined")
