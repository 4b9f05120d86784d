"""How a posting's facts read, in one place: on cards, on its page, in the admin and in what other apps say of it."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django_countries import countries

from postings import rules
from postings.models import (
    HOME_CURRENCY,
    MICRO,
    Frequency,
    LocationMode,
    MaterialKind,
    PayKind,
    Posting,
    SavedSearch,
    Supply,
    Weekday,
)

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def money(amount: Decimal, currency: str) -> str:
    """$1,250 or $17.50; other currencies than the board's are named in full."""
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    symbol = SYMBOLS.get(currency, "")
    return f"{symbol}{figure}" if currency == HOME_CURRENCY else f"{symbol}{figure} {currency}"


def pay(posting: Posting) -> str:
    if posting.pay_kind == PayKind.UNPAID:
        return "Unpaid"
    if posting.pay_amount is None:
        return ""
    unit = "an hour" if posting.pay_kind == PayKind.HOURLY else "fixed fee"
    return f"{money(posting.pay_amount, posting.currency)} {unit}"


def pay_in_short(posting: Posting) -> str:
    """For a card's narrow margin."""
    return pay(posting).replace(" an hour", "/hour").replace(" fixed fee", " fixed")


def effective_pay(posting: Posting) -> str:
    """What a fixed fee comes to by the hour; nothing for an hourly rate, which says it already."""
    span = rules.effective_pay(posting)
    if span is None or posting.pay_kind != PayKind.FIXED_FEE:
        return ""
    least, most = money(span.least, posting.currency), money(span.most, posting.currency)
    return f"{least} an hour" if span.exact else f"{least} to {most} an hour"


def _span(least: object, most: object, unit: str) -> str:
    if not (least and most):
        return ""
    return f"{least} {unit}" if least == most else f"{least}–{most} {unit}"


def weeks(posting: Posting) -> str:
    text = _span(posting.weeks_min, posting.weeks_max, "weeks")
    return "1 week" if text == "1 weeks" else text


def hours_week(posting: Posting) -> str:
    return _span(posting.hours_week_min, posting.hours_week_max, "hours a week")


def total_hours(posting: Posting) -> str:
    span = rules.total_hours(posting)
    if span is None:
        return ""
    return f"{span.least:,} hours" if span.exact else f"{span.least:,}–{span.most:,} hours"


def terms(posting: Posting) -> str:
    return ", ".join(filter(None, [weeks(posting), hours_week(posting)]))


def country(posting: Posting) -> str:
    return str(countries.name(posting.country)) or posting.country


def place(posting: Posting) -> str:
    return ", ".join(filter(None, [posting.place, posting.region, country(posting) if posting.is_global else ""]))


def location(posting: Posting) -> str:
    mode = LocationMode(posting.location_mode).label
    where = place(posting)
    if posting.location_mode == LocationMode.REMOTE:
        return f"{mode} (host in {where})" if where else str(mode)
    return f"{mode}, {where}" if where else str(mode)


def start(posting: Posting) -> str:
    first, last = posting.start_earliest, posting.start_latest
    if not first or not last:
        return ""
    if first == last:
        return _date(first)
    return f"{date_format(first, 'M j') if first.year == last.year else _date(first)} to {_date(last)}"


def last_day_to_apply(posting: Posting) -> dt.date | None:
    """The deadline is the midnight that ends this day."""
    if posting.apply_by is None:
        return None
    return timezone.localdate(posting.apply_by - dt.timedelta(microseconds=1), timezone.get_default_timezone())


def deadline(posting: Posting) -> str:
    day = last_day_to_apply(posting)
    return f"Apply by {_date(day)}" if day else "Rolling"


def deadline_in_short(posting: Posting) -> str:
    day = last_day_to_apply(posting)
    return f"Apply by {date_format(day, 'M j')}" if day else "Rolling"


def levels(posting: Posting) -> str:
    names = {"undergraduate": "undergraduates", "graduate": "graduate students"}
    text = " and ".join(names[level] for level in names if level in posting.levels)
    return text[:1].upper() + text[1:]


def supplies(posting: Posting) -> str:
    names = [Supply(value).label.lower() for value in posting.supplies if value != Supply.OTHER]
    text = ", ".join([*map(str, names), *filter(None, [posting.supplies_note])])
    return text[:1].upper() + text[1:]


def supplies_or_none(posting: Posting) -> str:
    return supplies(posting) or "Nothing: you use your own"


def credit(posting: Posting) -> str:
    return "The host shares hours and an assessment" if posting.credit_possible else ""


def audience(posting: Posting) -> str:
    return "Signed-in students of the university" if posting.campus_only else ""


def kind_of_organization(posting: Posting) -> str:
    return posting.organization.get_kind_display()


def alumni_short(posting: Posting) -> str:
    return "Yes" if getattr(posting, "alumni_host", False) else "No"


def labels(posting: Posting, *, staff: bool = False) -> list[tuple[str, str]]:
    """The type, what follows from host and place, and what staff gave; as pairs of text and kind."""
    shown: list[tuple[str, str]] = []
    if posting.opportunity_type:
        kind = "micro" if posting.opportunity_type.slug == MICRO else ""
        shown.append((posting.opportunity_type.name, kind))
    if getattr(posting, "alumni_host", False):
        shown.append(("Alumni host", "alumni"))
    if posting.is_global:
        shown.append(("Global", "global"))
    if posting.campus_only:
        shown.append(("Campus only", "campus"))
    given = [label for label in posting.labels.all() if label.public or staff]
    return shown + [(label.name, "" if label.public else "staff") for label in given]


def staff_labels(posting: Posting) -> list[tuple[str, str]]:
    return labels(posting, staff=True)


def in_short(posting: Posting) -> str:
    """The line under the title: what a student asks first."""
    return " · ".join(filter(None, [pay(posting), terms(posting), location(posting), deadline(posting)]))


def decision_window(posting: Posting) -> str:
    kind = posting.opportunity_type
    if kind is None:
        return ""
    least, most = kind.offer_days_least, kind.offer_days_recommended
    days = f"{least}" if least == most else f"{least}–{most}"
    return f"{days} business days to decide on an offer"


def mentor(posting: Posting) -> str:
    return ", ".join(filter(None, [posting.mentor_name, posting.mentor_title]))


def alumni(posting: Posting) -> str:
    """Said of every posting, one way or the other."""
    if getattr(posting, "alumni_host", False):
        return "Yes, an alumnus or alumna of the university, verified by the career office"
    return "No"


def host(posting: Posting) -> str:
    names = [posting.host, *posting.cohosts.all()]
    return " and ".join(", ".join(filter(None, [host.user.display_name, host.title])) for host in names)


def materials(posting: Posting) -> str:
    """Short answers are sent where questions stand: new ones wait for a moderator, though the box is ticked."""
    kinds = [MaterialKind(kind) for kind in posting.extra_materials if kind != MaterialKind.SHORT_ANSWERS]
    kinds += [MaterialKind.SHORT_ANSWERS] if posting.questions else []
    extra = [str(kind.label).lower() for kind in kinds]
    wanted = ["resume", "cover letter", *extra]
    text = ", ".join(wanted[:-1]) + " and " + wanted[-1]
    return text[:1].upper() + text[1:]


def answer(posting: Posting) -> str:
    if not posting.answer_within:
        return "Applications are read as they arrive"
    return f"Applications are read as they arrive and answered within {posting.answer_within} business days"


def pay_band(posting: Posting) -> str:
    kind = posting.opportunity_type
    if kind is None or kind.pay_low is None or kind.pay_high is None:
        return ""
    low, high = money(kind.pay_low, HOME_CURRENCY), money(kind.pay_high, HOME_CURRENCY)
    return f"{low}–{high} an hour"


def usual_pay(posting: Posting) -> str:
    """Where this posting's own does not stand beside it: unpaid, in another currency, of unknown hours."""
    return "" if rules.pay_scale(posting) else pay_band(posting)


def pay_beside_the_band(posting: Posting) -> str:
    """What an hour comes to beside what is typical; only where the two compare."""
    span, kind = rules.effective_pay(posting), posting.opportunity_type
    if span is None or kind is None or rules.pay_scale(posting) is None:
        return ""
    least, most = (_side(amount, kind.pay_low, kind.pay_high) for amount in (span.least, span.most))
    typical = f"what {kind.plural.lower()} typically pay: {pay_band(posting)}"
    if least == most:
        return f"{least.capitalize()} {typical}"
    return f"From {least} to {most} {typical}"


def _side(amount: Decimal, low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and amount < low:
        return "below"
    return "above" if high is not None and amount > high else "within"


def _date(day: dt.date) -> str:
    return date_format(day, "M j, Y")


def hour(number: int) -> str:
    return time_format(dt.time(number), "P")


def alert(search: SavedSearch) -> str:
    match search.frequency:
        case Frequency.AT_ONCE:
            return "At once"
        case Frequency.DAILY:
            return f"Daily at {hour(search.hour)}"
        case Frequency.WEEKLY:
            return f"{Weekday(search.weekday).label}s at {hour(search.hour)}"
        case _:
            return "No alert"
