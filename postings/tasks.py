import datetime as dt
import time

from celery import shared_task
from django.core.cache import cache

from core import clock
from postings import actions

NAMES_FOLLOWED = "postings:names-followed"
SLICE = 20.0
LONGEST_TRANSACTION = dt.timedelta(minutes=10)


@shared_task
def tick() -> None:
    """Every minute, by CELERY_BEAT_SCHEDULE: what opens or expires, names that changed, and the log."""
    actions.tick()
    begun = clock.now()
    actions.refresh_search_contexts(since=cache.get(NAMES_FOLLOWED))
    cache.set(NAMES_FOLLOWED, begun - LONGEST_TRANSACTION, None)
    actions.forget_changes()


@shared_task
def announce() -> None:
    """Every minute: the alerts of saved searches, at once or at the student's hour.

    A worker that does this sends no deadline mails meanwhile, so it stops in time; the next tick goes on.
    """
    ends = time.monotonic() + SLICE
    actions.announce(stop=lambda: time.monotonic() > ends)
