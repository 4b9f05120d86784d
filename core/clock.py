"""The clock, in one place, so that everything that depends on time can be given another."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today(at: dt.datetime | None = None) -> dt.date:
    """The date on the board's clock (settings.TIME_ZONE) at the given moment, or now."""
    return timezone.localdate(at or now(), timezone.get_default_timezone())


def nine_o_clock(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The instant, in UTC, at which clocks in the zone show 09:00 on that day, or first show a time after it."""
    return o_clock(9, day, zone)


def o_clock(hour: int, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The same of any full hour. Where clocks go back over it, it comes twice, and the first counts."""
    return _instant(dt.datetime.combine(day, dt.time(hour)), zone, fold=0)


def end_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first instant, in UTC, that no longer belongs to the day: the following local midnight.

    Where clocks go back over midnight it comes twice, and the later one counts. Where they skip it, the next day
    begins with the first moment they show.
    """
    return _instant(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()), zone, fold=1)


def _instant(wall: dt.datetime, zone: dt.tzinfo, *, fold: int) -> dt.datetime:
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC)
    shown = instant.astimezone(zone).replace(tzinfo=None)
    return instant if shown == wall else _first_after_gap(wall, zone)


def _first_after_gap(wall: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The instant at which clocks jump over this wall time, found by halving between the readings of both offsets."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (1, 0))
    while after - before > dt.timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
