from celery import shared_task

from postings import actions


@shared_task
def tick() -> None:
    """Every minute, by CELERY_BEAT_SCHEDULE: what opens or expires, and names that changed."""
    actions.tick()
    actions.refresh_search_contexts()
