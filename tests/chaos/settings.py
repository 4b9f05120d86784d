"""The project's settings for worker processes that are killed: a short lease, a quick beat, and letters to send."""

import os

from microintern.settings import *  # noqa: F403
from microintern.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.notifications.letters"]
OUTBOX_LEASE_SECONDS = 6
CELERY_BEAT_SCHEDULE = {
    "sweep": {**CELERY_BEAT_SCHEDULE["sweep"], "schedule": float(os.environ.get("CHAOS_SWEEP_SECONDS", "2"))}
}
# Its own corner of the broker, so that flushing it is nobody else's loss.
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": os.environ["CHAOS_PREFIX"]}
