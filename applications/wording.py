"""A deadline and the time of an interview, as people read them, and words for a hard moment."""

import datetime as dt
import re
import unicodedata
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


def short_moment(at: dt.datetime) -> str:
    """The same for a list, where the page beside it has the zone."""
    return date_format(at.astimezone(ZoneInfo(settings.TIME_ZONE)), "D, M j, g:i a")


def kind_words(title: str, organization: str) -> str:
    """What a student reads who was not selected, unless the host writes something else."""
    return (
        f"Thank you for the time and thought you put into your application to “{title}”. {organization} has decided "
        "to go ahead with somebody else this time.\n\n"
        "That is hard to read, and it says little about you: these projects have few places and many good people ask "
        "for them. New projects are posted all year round, and a career advisor is glad to look at your next "
        "application with you."
    )


# They turn around the words that follow, so that a reader sees another text than the one that was written.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def plain_text(text: str) -> str:
    """Letters and line ends alone: no control characters, at most one empty line in a row."""
    lines = text.translate(_TURNING).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(sign for sign in line if unicodedata.category(sign) != "Cc").rstrip() for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
