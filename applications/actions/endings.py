import datetime as dt

from applications import emails
from applications.models import Application, positions_left
from applications.workflow import BEFORE_OFFER
from postings.models import Posting


def tell_who_waits(posting: Posting, *, now: dt.datetime) -> None:
    """Everybody who is still before an offer hears once that the posting has closed, and once that the last position
    was taken: the rows of the mails are unique by application. Called in the transaction of the ending."""
    mail = emails.posting_filled if positions_left(posting) < 1 else emails.posting_closed
    waiting = Application.objects.filter(posting=posting, status__in=BEFORE_OFFER)
    for application in waiting.select_related("student__user").order_by("pk"):
        mail.queue(to=application.student.user, subject_id=application.pk, now=now)
