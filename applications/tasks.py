from celery import shared_task

from applications import actions


@shared_task
def expire_offers() -> None:
    """Every minute. Acceptance does not wait for it: it looks at the deadline itself, to the instant."""
    actions.expire_offers()
