"""Tells Celery that mail is waiting. It may fail: the sweep delivers what a lost ring would have."""

import logging
import time
from functools import lru_cache

from celery import current_app
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers

logger = logging.getLogger(__name__)

TASK = "notifications.tasks.deliver"
SILENCE_AFTER_FAILURE = 10.0  # seconds in which a broker that did not answer keeps no further request waiting
_silent_until = 0.0


def ring() -> None:
    """Takes half a second at the very worst, and raises nothing."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        with producers[_connection()].acquire(block=True, timeout=0.5) as producer:
            current_app.send_task(TASK, producer=producer, retry=False, ignore_result=True, expires=60)
    except (KombuError, OSError) as error:
        _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
        logger.warning("doorbell: the broker did not answer (%s); the sweep will deliver", type(error).__name__)


@lru_cache(maxsize=1)
def _connection() -> Connection:
    # The worker's own options would wait five seconds and try again without end.
    options = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}
    connection: Connection = current_app.connection_for_write(transport_options=options)
    return connection
