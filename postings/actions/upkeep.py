import datetime as dt

from django.db.models import Subquery

from core import clock
from postings.finding.index import LONGEST_GAP
from postings.models import Change


def forget_changes(*, now: dt.datetime | None = None) -> int:
    """Take from the log what everybody has read long ago; gives how many entries that were.

    The newest stays: pages are known by it, and an empty log would look like the one before it.
    """
    old = (now or clock.now()) - dt.timedelta(seconds=2 * LONGEST_GAP)
    newest = Change.objects.order_by("-transaction").values("transaction")[:1]
    return Change.objects.filter(at__lt=old).exclude(transaction=Subquery(newest)).delete()[0]
