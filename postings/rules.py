"""What follows from a posting's own facts: hours and pay. Pure: no query, no clock."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core import clock
from postings.models import HOME_CURRENCY, Frequency, PayKind, Posting

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Span:
    least: Decimal
    most: Decimal

    @property
    def exact(self) -> bool:
        return self.least == self.most


def total_hours(posting: Posting) -> Span | None:
    """The hours in total: as the host states them, else weeks times hours a week."""
    if posting.total_hours:
        return Span(Decimal(posting.total_hours), Decimal(posting.total_hours))
    return reckoned_hours(posting)


def reckoned_hours(posting: Posting) -> Span | None:
    if not (posting.weeks_min and posting.weeks_max and posting.hours_week_min and posting.hours_week_max):
        return None
    return Span(
        Decimal(posting.weeks_min * posting.hours_week_min), Decimal(posting.weeks_max * posting.hours_week_max)
    )


def last_day(posting: Posting, start: dt.date) -> dt.date:
    """The last day of the longest project that the posting describes, begun on that day."""
    return start + dt.timedelta(weeks=posting.weeks_max or 1, days=-1)


def effective_pay(posting: Posting) -> Span | None:
    """What an hour comes to. A fixed fee is spread over the hours, so more hours mean less an hour."""
    if posting.pay_kind == PayKind.UNPAID:
        return Span(Decimal(0), Decimal(0))
    if posting.pay_amount is None:
        return None
    if posting.pay_kind == PayKind.HOURLY:
        return Span(posting.pay_amount, posting.pay_amount)
    hours = total_hours(posting)
    if posting.pay_kind != PayKind.FIXED_FEE or hours is None:
        return None
    return Span(_cents(posting.pay_amount / hours.most), _cents(posting.pay_amount / hours.least))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class PayScale:
    """The typical band and the posting's pay by the hour, in hundredths of a line that begins at nothing."""

    low: int
    high: int
    least: int
    most: int


def pay_scale(posting: Posting) -> PayScale | None:
    """Only where the two compare: paid, in the board's currency, with a band and hours to reckon with."""
    pay, kind = effective_pay(posting), posting.opportunity_type
    if pay is None or not pay.most or posting.currency != HOME_CURRENCY or kind is None:
        return None
    if kind.pay_low is None or kind.pay_high is None:
        return None
    whole = max(kind.pay_high, pay.most) * Decimal("1.2")
    low, high, least, most = (
        int(100 * amount / whole) for amount in (kind.pay_low, kind.pay_high, pay.least, pay.most)
    )
    return PayScale(low, high, least, most)


def needs_weeks(posting: Posting) -> bool:
    """A type without a range of weeks (a full-time job) has no planned end."""
    return posting.opportunity_type is None or posting.opportunity_type.weeks_min is not None


def span(low: object, high: object) -> str:
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return str(low) if low == high else f"{low}–{high}"


def next_alert(frequency: str, *, hour: int, weekday: int, after: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
    """When a daily or weekly alert is due next, as clocks on the wall show it, also across a change of theirs."""
    if frequency not in (Frequency.DAILY, Frequency.WEEKLY):
        return None
    first = after.astimezone(zone).date()
    days = (first + dt.timedelta(days=number) for number in range(9))
    wanted = (day for day in days if frequency == Frequency.DAILY or day.weekday() == weekday)
    return next(moment for moment in (clock.o_clock(hour, day, zone) for day in wanted) if moment > after)
