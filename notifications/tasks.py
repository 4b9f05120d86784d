import time

from celery import shared_task

from notifications.delivery import End, drain
from notifications.doorbell import ring
from notifications.sweep import tend

# A worker that is told to stop finishes its task first, so a task must be short whatever waits in the outbox.
SLICE = 5.0


@shared_task  # type: ignore[untyped-decorator]
def deliver() -> None:
    ends = time.monotonic() + SLICE
    if drain(stop=lambda: time.monotonic() > ends).ended is End.STOPPED:
        ring()


@shared_task  # type: ignore[untyped-decorator]
def sweep() -> None:
    tend()
    deliver()
