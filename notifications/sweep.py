"""What has to happen every minute besides delivering."""

import datetime as dt

from core import clock
from notifications.account_mail import erase_expired
from notifications.reminders import plan_all


def tend(now: dt.datetime | None = None) -> int:
    """Plan the reminders that fell due, and erase what was not sent in time."""
    now = now or clock.now()
    erase_expired(now)
    return plan_all(now)
