"""The clock, in one place, so that everything that depends on time can be given another."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today(at: dt.datetime | None = None) -> dt.date:
    """The date on the board's clock (settings.TIME_ZONE) at the given moment, or now."""
    return timezone.localdate(at or now(), timezone.get_default_timezone())
