"""A deadline as people read it."""

import datetime as dt
from zoneinfo import ZoneInfo

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
