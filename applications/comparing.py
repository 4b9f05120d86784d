"""An offer beside its posting, and one stretch of work beside another. It informs: several projects in sequence, or
at once, are the student's own choice. Pure: no query, no clock."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.formats import date_format

from applications.models import Application, Offer
from campus.calendar import ONE_DAY
from postings import wording
from postings.models import PayKind
from postings.rules import last_day

WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Term:
    """`change` says in words how the offer differs; nothing where it keeps to the posting."""

    name: str
    posted: str
    offered: str
    change: str = ""


def terms_beside(offer: Offer) -> list[Term]:
    """The terms of the offer with what the posting says of each, as it reads now."""
    posting = offer.application.posting
    starts = date_format(offer.starts_on, "l, F j, Y")
    ends = date_format(offer.ends_on, "l, F j, Y")
    length = f"{ends} ({_length((offer.ends_on - offer.starts_on).days + 1)})"
    return [
        Term("First day", wording.start(posting), starts, _start_changed(offer)),
        Term("Last day", wording.weeks(posting), length, _length_changed(offer)),
        Term("Hours a week", wording.hours_week(posting), f"{offer.hours_week} hours a week", _hours_changed(offer)),
        Term("Pay", wording.pay(posting), wording.pay(offer), _pay_changed(offer)),  # type: ignore[arg-type]  # the same names
    ]


def _length(days: int) -> str:
    weeks, rest = divmod(days, 7)
    parts = [(weeks, "week"), (rest, "day")]
    return " and ".join(f"{number} {unit}{'s' if number != 1 else ''}" for number, unit in parts if number)


def _start_changed(offer: Offer) -> str:
    posting = offer.application.posting
    if posting.start_earliest and offer.starts_on < posting.start_earliest:
        return "earlier than posted"
    if posting.start_latest and offer.starts_on > posting.start_latest:
        return "later than posted"
    return ""


def _length_changed(offer: Offer) -> str:
    """Whole weeks: from Monday to Friday of the second week is two weeks of work."""
    posting = offer.application.posting
    weeks = -(-((offer.ends_on - offer.starts_on).days + 1) // 7)
    return _beyond(weeks, posting.weeks_min, posting.weeks_max, less="shorter than posted", more="longer than posted")


def _hours_changed(offer: Offer) -> str:
    posting = offer.application.posting
    least, most = posting.hours_week_min, posting.hours_week_max
    return _beyond(offer.hours_week, least, most, less="fewer than posted", more="more than posted")


def _beyond(value: int, least: int | None, most: int | None, *, less: str, more: str) -> str:
    if least and value < least:
        return less
    return more if most and value > most else ""


def _pay_changed(offer: Offer) -> str:
    posting = offer.application.posting
    if offer.pay_kind != posting.pay_kind:
        return "paid in another way than posted" if offer.pay_kind != PayKind.UNPAID else "unpaid, unlike the posting"
    if offer.currency != posting.currency:
        return "in another currency than posted"
    if offer.pay_amount is None or posting.pay_amount is None or offer.pay_amount == posting.pay_amount:
        return ""
    return "less than posted" if offer.pay_amount < posting.pay_amount else "more than posted"


@dataclass(frozen=True)
class Work:
    """A stretch of work: agreed or offered, or as a posting describes it, where the dates are still open."""

    title: str
    first_day: dt.date
    last_day: dt.date
    least: int
    most: int
    agreed: bool = True


@dataclass(frozen=True)
class Shared:
    """A run of weeks in which the same stretches of work come together."""

    first_week: dt.date
    last_week: dt.date
    others: tuple[Work, ...]
    least: int
    most: int
    certain: bool

    @property
    def weeks(self) -> int:
        return (self.last_week - self.first_week) // WEEK + 1

    @property
    def when(self) -> str:
        first, last = date_format(self.first_week, "F j, Y"), date_format(self.last_week, "F j, Y")
        return (
            f"the week of {first}" if self.weeks == 1 else f"{self.weeks} weeks, from that of {first} to that of {last}"
        )

    @property
    def hours(self) -> str:
        span = f"{self.most}" if self.least == self.most else f"{self.least}–{self.most}"
        return f"{span} hours a week"


def work_of(offer: Offer) -> Work:
    hours = offer.hours_week
    return Work(str(offer.application.posting), offer.starts_on, offer.ends_on, hours, hours)


def work_applied_for(application: Application) -> Work | None:
    """All that the posting leaves open: from its earliest start to the end of its longest project begun last."""
    posting = application.posting
    if not (posting.start_earliest and posting.start_latest):
        return None
    most = posting.hours_week_max or 0
    return Work(
        str(posting),
        posting.start_earliest,
        last_day(posting, posting.start_latest),
        posting.hours_week_min or most,
        most,
        agreed=False,
    )


def shared_weeks(mine: Work, others: Iterable[Work]) -> list[Shared]:
    """The weeks, Monday to Sunday, in which other work falls on the same days, and the hours that come together."""
    common = [(*_common(mine, other), other) for other in others]
    common = [(first, last, other) for first, last, other in common if first <= last]
    if not common:
        return []
    start, end = min(first for first, *_ in common), max(last for _, last, _ in common)
    mondays = [start + number * WEEK for number in range((end - start) // WEEK + 1)]
    found = []
    for there, run in groupby(mondays, lambda monday: tuple(w for first, last, w in common if first <= monday <= last)):
        weeks = list(run)
        if there:
            together = [mine, *there]
            least, most = sum(work.least for work in together), sum(work.most for work in together)
            certain = all(work.agreed for work in together)
            found.append(Shared(weeks[0], weeks[-1], there, least, most, certain))
    return found


def _common(mine: Work, other: Work) -> tuple[dt.date, dt.date]:
    """The first and the last Monday of weeks with a day that both have; the last before the first if none."""
    first, last = max(mine.first_day, other.first_day), min(mine.last_day, other.last_day)
    if first > last:
        return first, first - ONE_DAY
    return _monday(first), _monday(last)


def _monday(day: dt.date) -> dt.date:
    return day - day.weekday() * ONE_DAY
