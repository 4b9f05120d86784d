"""A deadline, and the time of an interview, as people read them."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format

from core import clock


def place_name(zone: str, moment: dt.datetime) -> str:
    """The zone as people say it, New York time (EDT); one without letters of its own gets its offset."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    here = moment.astimezone(ZoneInfo(zone))
    letters = here.strftime("%Z")
    if not letters.isalpha():
        letters = f"UTC{here:%z}"
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return f"{city} time ({letters})"


def shown(last_day: dt.date, zone: str) -> str:
    """The deadline as people read it: the last day, 23:59, and whose clock."""
    ends = clock.end_of_day(last_day, ZoneInfo(zone)) - dt.timedelta(seconds=1)
    return f"{last_day:%A, %B} {last_day.day}, {last_day.year}, 23:59 {place_name(zone, ends)}"


def moment(at: dt.datetime) -> str:
    """A time on the board's clock, and whose clock that is."""
    here = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{date_format(here, 'l, F j, Y, g:i a')} {place_name(settings.TIME_ZONE, at)}"
