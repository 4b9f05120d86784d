"""What hosts are told about their postings, moderators about reports, and students about what fits their searches.

The subject of a mail to a host is the event, which keeps reason and comment; that of a report is the report.
"""

from typing import Any

from django.http import QueryDict

from notifications.mail import Context, Mail
from notifications.models import OutboxMail
from notifications.preferences import Each, Group
from postings import finding
from postings.models import (
    ALERTS,
    Alert,
    Announcement,
    Frequency,
    Posting,
    PostingEvent,
    PostingReport,
    SavedSearch,
)
from postings.workflow import Status

MOST_IN_A_MAIL = 20


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


def _report_waits(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    report = PostingReport.objects.waiting().filter(pk=subject_id).select_related("posting__organization").first()
    if report is None or not recipient.has_perm("postings.change_postingreport"):
        return None
    return {"report": report, "posting": report.posting}


reported = Mail(
    "posting.reported",
    template="postings/mail/reported",
    context=_report_waits,
    audience="moderator",
    must_arrive=True,
)
changes_requested = _mail("changes_requested", Status.CHANGES_REQUESTED)
approved = _mail("approved", Status.OPEN, Status.SCHEDULED)
declined = _mail("declined", Status.DECLINED)
held = _mail("held", Status.ON_HOLD)
resumed = _mail("resumed", Status.OPEN, Status.SCHEDULED)
revision_approved = _mail("revision_approved")
revision_declined = _mail("revision_declined")


class AlertMail(Mail):
    """The subject is the saved search, the version the alert. What was announced and then not told, because it was held
    or closed before the mail left, is announced again if it comes back."""

    def sent(self, row: OutboxMail, told: frozenset[int]) -> None:
        untold, _ = Announcement.objects.filter(alert=int(row.version)).exclude(posting__in=told).delete()
        if untold:
            SavedSearch.objects.filter(student__user=row.recipient_id).look_again()

    def dropped(self, row: OutboxMail) -> None:
        Alert.objects.filter(pk=int(row.version)).delete()
        SavedSearch.objects.filter(student__user=row.recipient_id).look_again()


def _new_postings(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    alerts = Alert.objects.filter(pk=int(version), saved_search=subject_id).select_related("saved_search")
    alert = alerts.exclude(saved_search__frequency=Frequency.NONE).first()
    if alert is None or alert.saved_search is None:
        return None
    still_open = Posting.objects.open_at().filter(announcements__alert=alert)
    told = list(still_open.values_list("pk", flat=True))
    if not told:
        return None
    postings = list(still_open.for_cards().order_by("-published_at", "-pk")[:MOST_IN_A_MAIL])
    return {
        "search": alert.saved_search,
        "words": _words(alert.saved_search),
        "postings": postings,
        "count": len(told),
        "more": len(told) - len(postings),
        "told": told,
        "unsubscribe_words": "Stop the alert of this search",
    }


def _words(search: SavedSearch) -> str:
    """What a mail may say of the question: the board's own words, without authorization and without what was typed,
    which may be about immigration as well."""
    board = finding.board()
    query = finding.Query.read(QueryDict(search.query), board).without("authorization").without("q")
    return ", ".join(chip.text for chip in query.chips(board))


def _label(user_id: int, search_id: int) -> str:
    search = SavedSearch.objects.filter(pk=search_id, student__user=user_id).first()
    words = _words(search) if search else ""
    return f"New postings: {words}" if words else "New postings that fit a search you saved"


def _stop(user_id: int, search_id: int) -> None:
    SavedSearch.objects.filter(pk=search_id, student__user=user_id).stop()


Group(
    ALERTS,
    "Alerts of your saved searches",
    "New postings that fit what you saved, as often as you chose for each search.",
    audience="student",
    each=Each(_label, "This search stays saved, and your other alerts keep coming.", _stop),
)
search_alert = AlertMail(
    "search.alert", template="postings/mail/alert", context=_new_postings, audience="student", group=ALERTS
)
