"""What the tests of actions share."""

import datetime as dt

from notifications.models import OutboxMail
from postings.models import Posting
from tests.factories import NOW

HOUR = dt.timedelta(hours=1)


def edited(posting, **fields):
    """The posting as a form hands it over: changed in memory, not saved."""
    copy = Posting.objects.get(pk=posting.pk)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


def mails():
    return list(OutboxMail.objects.order_by("pk").values_list("kind", "recipient__name"))


def suspend(organization, by):
    organization.suspended_at, organization.suspended_by, organization.suspended_reason = NOW, by, "Reports"
    organization.save()
