import datetime as dt
import secrets

from accounts.models import User
from applications.models import CalendarFeed
from applications.models.calendar import digest
from core import clock
from core.workflow import MoveRefused


def make_calendar_feed(*, by: User, now: dt.datetime | None = None) -> CalendarFeed:
    """A new secret address. One that there was before leads nowhere from now on."""
    if not (by.is_student or by.is_host):
        raise MoveRefused("Calendars are for students and hosts.")
    secret = secrets.token_urlsafe(32)
    fields = {"digest": digest(secret), "secret": secret, "made_at": now or clock.now()}
    feed, _ = CalendarFeed.objects.update_or_create(user=by, defaults=fields)
    return feed


def revoke_calendar_feed(*, by: User) -> None:
    CalendarFeed.objects.filter(user=by).delete()
