"""Whatever closures come and go and however often more time is given, nobody loses a day that was promised: held
against the dates that a clock on the wall shows."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from applications import rules
from tests.applications.test_rules import STEP, calendar_of, closures, moments, zones

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def dates_on_the_wall(written, zone, days):
    """Every date that clocks there show from the moment of writing, an hour at a time."""
    tz = ZoneInfo(zone)
    return sorted({(written + hours * HOUR).astimezone(tz).date() for hours in range(days * 24)})


class ByHand:
    """The offer as somebody would keep it with a wall calendar and a pencil."""

    def __init__(self, written, zone, n):
        self.day_0, *self.dates = dates_on_the_wall(written, zone, 150)
        self.n, self.last_day = n, self.day_0

    def counted(self, closed):
        return [day for day in self.dates if day.weekday() < 5 and not any(a <= day <= b for a, b in closed)]

    def recount(self, closed):
        self.last_day = max(self.last_day, self.counted(closed)[self.n - 1])

    def extend(self, later, closed):
        self.last_day = self.dates[self.dates.index(self.last_day) + later]
        self.n = len([day for day in self.counted(closed) if day <= self.last_day])


steps = st.lists(st.one_of(closures, st.integers(1, 9)), max_size=5)
APIA = ("Pacific/Apia", dt.datetime(2011, 12, 28, 12, tzinfo=dt.UTC), 2)


@settings(max_examples=150, deadline=None)
@given(zones, moments, st.integers(1, 25), closures, steps)
@example(*APIA, [], [1, [(1, 1)], [(1, 1), (3, 4)], []])
@example("Pacific/Kwajalein", dt.datetime(1993, 8, 20, 13, tzinfo=dt.UTC), 1, [], [[(3, 3)], 2, [(3, 5)]])
@example("America/Sao_Paulo", dt.datetime(2018, 10, 31, 12, tzinfo=dt.UTC), 2, [(1, 2)], [3, [], [(1, 8)]])
def test_nothing_that_happens_to_closures_takes_a_promised_day_away(zone, written, n, first, happens):
    calendar, hand = calendar_of(first, written, zone), ByHand(written, zone, n)
    days, last_day = n, rules.deadline(written, n, calendar, zone).last_day
    hand.recount(ranges(calendar))
    assert last_day == hand.last_day
    for step in happens:
        before = rules.on(last_day, zone)
        if isinstance(step, int):
            hand.extend(step, ranges(calendar))
            last_day = hand.last_day
            days = rules.days_until(written, last_day, calendar, zone)
        else:
            calendar = calendar_of(step, written, zone)
            hand.recount(ranges(calendar))
            last_day = rules.Recount(calendar).last_day(written, days, zone, last_day)
        assert (last_day, days) == (hand.last_day, hand.n)
        assert rules.on(last_day, zone).instant >= before.instant
        assert len([day for day in hand.counted(ranges(calendar)) if day <= last_day]) >= days >= n
        assert_ends_with(last_day, rules.on(last_day, zone).instant, zone)


def ranges(calendar):
    return [(closed.first_day, closed.last_day) for closed in calendar.closures]


def assert_ends_with(day, instant, zone):
    """The clock shows that day up to the instant, and from then on never again."""
    tz = ZoneInfo(zone)
    assert (instant - dt.timedelta(microseconds=1)).astimezone(tz).date() == day
    assert all((instant + quarters * STEP).astimezone(tz).date() > day for quarters in range(100))


@settings(max_examples=100, deadline=None)
@given(st.data(), zones, moments, closures)
def test_what_is_counted_together_is_what_is_counted_one_by_one(data, zone, written, closed):
    calendar = calendar_of(closed, written, zone)
    recount = rules.Recount(calendar)
    offers = st.tuples(st.integers(0, 72), st.integers(1, 8), st.integers(-3, 20))
    for hours, days, later in data.draw(st.lists(offers, max_size=12)):
        moment = written + hours * HOUR
        was = rules.local_date(moment, zone) + later * DAY
        alone = rules.deadline(moment, days, calendar, zone).last_day
        assert recount.last_day(moment, days, zone, was) == max(was, alone)
