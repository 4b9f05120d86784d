"""What the tests of actions share."""

import datetime as dt
import threading

from django.db import connection

from core.workflow import MoveRefused
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


def text(words):
    """The runs of words of a comparison, joined again."""
    return "".join(run.text for run in words)


def at_once(*calls):
    """What calls come to that start together in threads of their own, a refusal by its words."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call):
        try:
            barrier.wait()
            outcomes.append(call())
        except MoveRefused as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
