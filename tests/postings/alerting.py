"""Saved searches that write, for the tests of them."""

import datetime as dt
import re

import time_machine
from django.core import mail

from notifications.delivery import drain
from postings import actions
from postings.models import Announcement, Frequency, Posting
from tests.factories import NOW

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


ANALYTICS = "stream=data-analytics"  # what make_posting makes


ONCE, DAILY, WEEKLY, NEVER = Frequency.AT_ONCE, Frequency.DAILY, Frequency.WEEKLY, Frequency.NONE


def save(student, address=ANALYTICS, frequency=ONCE, now=NOW, **options):
    return actions.save_search(address, by=student.user, frequency=frequency, now=now, **options)


def fresh(posting):
    return Posting.objects.defer("search").get(pk=posting.pk)


def tick(now):
    return actions.announce(now)


def deliver(now):
    """What waits leaves; who was told of which posting. Hosts hear of other things."""
    mail.outbox.clear()
    with time_machine.travel(now, tick=False):
        drain()
    mail.outbox[:] = [letter for letter in mail.outbox if "List-Unsubscribe" in letter.extra_headers]
    return [(letter.to[0], int(key)) for letter in mail.outbox for key in told_in(letter.body)]


def told_in(text):
    return re.findall(r"/postings/(\d+)/\n", text)


def announced(student):
    return sorted(Announcement.objects.filter(student=student).values_list("posting", flat=True))
