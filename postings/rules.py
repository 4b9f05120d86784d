"""What follows from a posting's own facts: hours, pay, what is missing. Pure: no query, no clock."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core import clock
from postings.models import HOME_CURRENCY, Frequency, LocationMode, OpportunityType, PayFloor, PayKind, Posting

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


def missing(posting: Posting) -> dict[str, str]:
    """What must be filled in before a posting can be submitted: field and sentence, in the form's order."""
    needed: list[tuple[str, object, str]] = [
        ("opportunity_type", posting.opportunity_type_id, "Choose the opportunity type."),
        ("stream", posting.stream_id, "Choose the stream of work."),
        ("title", posting.title, "Enter a title."),
        ("brief", posting.brief, "Describe the project."),
        ("deliverable", posting.deliverable, "Say what the student hands over at the end."),
        ("levels", posting.levels, "Choose who may apply: undergraduates, graduate students or both."),
        ("weeks_min", posting.weeks_min or not needs_weeks(posting), "Enter the least number of weeks."),
        ("weeks_max", posting.weeks_max or not needs_weeks(posting), "Enter the greatest number of weeks."),
        ("hours_week_min", posting.hours_week_min, "Enter the least number of hours a week."),
        ("hours_week_max", posting.hours_week_max, "Enter the greatest number of hours a week."),
        ("start_earliest", posting.start_earliest, "Enter the earliest start."),
        ("start_latest", posting.start_latest, "Enter the latest start."),
        *_missing_place(posting),
        *_missing_pay(posting),
        ("engagement_type", posting.engagement_type_id, "Choose how the student is engaged."),
        ("mentor_name", posting.mentor_name, "Name the person who mentors the student."),
    ]
    return {field: sentence for field, value, sentence in needed if not value}


def _missing_place(posting: Posting) -> list[tuple[str, object, str]]:
    if posting.location_mode == LocationMode.REMOTE:
        return []
    return [("place", posting.place, "Enter the city where the student works.")]


def _missing_pay(posting: Posting) -> list[tuple[str, object, str]]:
    kind: tuple[str, object, str] = ("pay_kind", posting.pay_kind, "Choose how the project is paid.")
    if posting.pay_kind == PayKind.UNPAID:
        return [
            kind,
            ("unpaid_basis", posting.unpaid_basis, "Say why the project is unpaid. We will talk with you about it."),
            (
                "travel_costs_covered",
                posting.travel_costs_covered,
                "Confirm that you cover local travel costs; an unpaid project needs it in the contract.",
            ),
        ]
    return [kind, ("pay_amount", posting.pay_amount or not posting.pay_kind, "Enter the amount.")]


# The guidelines as checks: they warn the host and the moderator, and refuse nothing.


@dataclass(frozen=True)
class Caution:
    code: str
    text: str
    mend: str


def guideline_checks(posting: Posting, floors: Iterable[PayFloor]) -> list[Caution]:
    """What the guidelines make of the posting, in the order of the form."""
    checks = (
        _terms(posting),
        _total(posting),
        _pay(posting, floors),
        _engagement(posting),
        _care(posting),
        _words(posting),
        _address(posting),
    )
    return [caution for found in checks for caution in found]


def _terms(posting: Posting) -> Iterator[Caution]:
    """Weeks and hours a week, or hours in total within the same weeks: a project that fits either is as usual."""
    kind, hours = posting.opportunity_type, total_hours(posting)
    if kind is None or _fits_total(posting, kind, hours):
        return
    unusual = [*_unusual_span(posting, kind)]
    yield from unusual
    if hours and (unusual or not (kind.weeks_min or kind.hours_week_min)):
        yield from _unusual_total(kind, hours)


def _fits_total(posting: Posting, kind: OpportunityType, hours: Span | None) -> bool:
    low, high = kind.total_hours_min, kind.total_hours_max
    if hours is None or (low is None and high is None):
        return False
    lasts_longer = kind.weeks_max is not None and (posting.weeks_max or 0) > kind.weeks_max
    return not lasts_longer and not _outside(hours.least, hours.most, low, high)


def _unusual_span(posting: Posting, kind: OpportunityType) -> Iterator[Caution]:
    """Only complete, ordered figures are compared: anything else is an error of the form already."""
    for code, least, most, low, high, unit in (
        ("weeks", posting.weeks_min, posting.weeks_max, kind.weeks_min, kind.weeks_max, "weeks"),
        (
            "hours_week",
            posting.hours_week_min,
            posting.hours_week_max,
            kind.hours_week_min,
            kind.hours_week_max,
            "hours a week",
        ),
    ):
        if least and most and _outside(least, most, low, high):
            yield Caution(
                code,
                f"A {kind.name.lower()} usually takes {span(low, high)} {unit}; this one takes {span(least, most)}.",
                "Fit the project to the usual range, or tell the career office why it differs.",
            )


def _unusual_total(kind: OpportunityType, hours: Span) -> Iterator[Caution]:
    low, high = kind.total_hours_min, kind.total_hours_max
    usual = f"A {kind.name.lower()} usually comes to {span(low, high)} hours in total"
    if high is not None and hours.least > high:
        yield Caution(
            "total_long",
            f"{usual}; this one comes to at least {hours.least}.",
            "Narrow the project to what fits, or keep it if the pay and the weeks match the work.",
        )
    if low is not None and hours.most < low:
        yield Caution(
            "total_short",
            f"{usual}; this one comes to at most {hours.most}.",
            "Add what makes it a project with a result, or tell the career office why it is so short.",
        )


def _total(posting: Posting) -> Iterator[Caution]:
    reckoned = reckoned_hours(posting)
    if posting.total_hours and reckoned and not reckoned.least <= posting.total_hours <= reckoned.most:
        yield Caution(
            "total_differs",
            f"You state {posting.total_hours} hours in total, but weeks times hours a week give "
            f"{span(reckoned.least, reckoned.most)}.",
            "Change the total, the weeks or the hours a week, so that they agree.",
        )


def _pay(posting: Posting, floors: Iterable[PayFloor]) -> Iterator[Caution]:
    if posting.pay_kind == PayKind.UNPAID:
        yield Caution(
            "unpaid",
            "This project is unpaid. It is listed only after a conversation with the career office.",
            "Pay at least the floor if you can; otherwise expect our call, and cover local travel costs.",
        )
        return
    pay, kind = effective_pay(posting), posting.opportunity_type
    if pay is None:
        return
    floor = floor_for(posting, floors)
    if floor is None:
        yield Caution(
            "no_floor",
            "No pay floor is known for this currency or place.",
            "Nothing to change: the career office compares the pay with what is usual there.",
        )
    elif pay.least < floor.hourly:
        yield Caution(
            "under_floor",
            f"An hour comes to {pay.least} {posting.currency} at the least, under the floor of {floor.hourly} "
            f"({floor.place}).",
            "Raise the amount or reduce the hours.",
        )
    if kind and kind.pay_high and posting.currency == HOME_CURRENCY and pay.least > 3 * kind.pay_high:
        yield Caution(
            "pay_odd",
            f"An hour comes to {pay.least} {posting.currency}, far above the typical "
            f"{kind.pay_low}–{kind.pay_high}. Students may take it for a fraud.",
            "Check the amount, and whether it is by the hour or a fixed fee.",
        )


def floor_for(posting: Posting, floors: Iterable[PayFloor]) -> PayFloor | None:
    """The highest floor that holds at the posting's place, in its currency."""
    holding = [
        floor
        for floor in floors
        if floor.currency == posting.currency
        and _plain(floor.country) in ("", _plain(posting.country))
        and _plain(floor.region) in ("", _plain(posting.region), _plain(posting.place))
    ]
    return max(holding, key=lambda floor: floor.hourly, default=None)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _engagement(posting: Posting) -> Iterator[Caution]:
    engagement = posting.engagement_type
    if engagement and not engagement.allowed:
        yield Caution(
            "engagement",
            f"{engagement.name} is not an engagement the career office lists by default. {engagement.explanation}",
            "Choose another engagement, or talk to the career office before you submit.",
        )


def _care(posting: Posting) -> Iterator[Caution]:
    if not posting.learning_goals:
        yield Caution("no_goals", "No learning goals are stated.", "Say what a student learns by doing this.")
    if not posting.feedback_plan:
        yield Caution(
            "no_feedback",
            "Nothing says when and how the student gets feedback.",
            "Name a rhythm and a method, for example a call every Friday and comments in the shared document.",
        )
    if not posting.mentor_email:
        yield Caution(
            "no_mentor_email",
            "The mentor has no email address.",
            "Add it: it is not public, and stands in the offer letter.",
        )


_HOME = r"u\.?\s?s\.?|american|united states"
_STATUS = "|".join(
    [
        rf"\b(?:{_HOME})\s+(?:citizen(?:s|ship)?|nationals)\b|\bcitizens? only\b|\bonly\s+(?:[\w.]+\s+)?citizens?\b",
        r"\b(?:are you|you are|be)\s+(?:an?\s+)?(?:\w+\s+)?citizens?\b",
        r"\b(?:your|which|what|proof of|country of)\s+(?:citizenship|nationality)\b|\bcitizenship status\b",
        r"\bpermanent residen(?:ts?|cy)\b|\bgreen[\s-]?cards?\b|\b(?:immigration|residency|visa) status\b",
        r"\bvisa (?:type|category|holders?)\b|\b(?:your|which|what) visa\b",
        r"\b(?:need|hold|have|require)\s+an?\s+(?:\w+\s+)?visa\b",
        rf"\b(?:f-?1|j-?1|h-?1b)\s+(?:visas?|students?|status)\b|\bborn in (?:the )?(?:{_HOME})(?!\w)",
    ]
)
_COST = "|".join(
    [
        r"\b(?:training|application|registration|equipment) (?:fee|deposit)\b|\bpay for (?:your|the) training\b",
        r"\bat (?:your|the student[’']s) own (?:cost|expense)\b",
        r"\b(?:you|the student|students) (?:must|have to|has to|need to|needs to|will) (?:buy|purchase|pay)\b",
    ]
)
_MAJORS = "|".join(
    [
        r"\b(?:only|exclusively|solely)\b[^.\n]{0,60}\bmajors\b|\bmajors (?:only|required|preferred)\b",
        r"\b(?:must|have to|has to|need to|needs to|should)\s+(?:be\s+)?(?:\w+\s+)?major(?:ing)?\s+in\b",
        r"\bmust be an?\s+(?:[\w&/-]+\s+){1,4}major\b",
        r"\b(?:restricted|limited|open only) to\b[^.\n]{0,60}\bmajor(?:s|ing)\b",
        r"\bmajoring in\b[^.\n]{0,60}\b(?:only|required)\b",
    ]
)
_ADDRESS, _NUMBER = r"[\w.+-]+@[\w-]+\.\w+", r"(?<!\d)(?:\+?\d[\s().-]{0,2}){9,13}\d"
_PATTERNS = (
    (
        "contact",
        rf"{_ADDRESS}|https?://|www\.|{_NUMBER}",
        "The text holds contact details or a link. Students apply here, so that both sides are protected.",
        "Take email addresses, phone numbers and links out.",
    ),
    (
        "citizens",
        _STATUS,
        "The text asks for a citizenship, a residency or an immigration status.",
        "Ask only, and all candidates, whether they are authorized to work and need sponsorship now or later.",
    ),
    (
        "gpa",
        r"\bgpa\b|\bg\.p\.a\b|\bgrade (?:point|average)\b",
        "The text names a grade point average.",
        "Describe the skill you need instead: good candidates have other marks of it.",
    ),
    (
        "majors",
        _MAJORS,
        "The text shuts out students by their major.",
        "Name the courses or skills that the work needs: students of other majors may have them.",
    ),
    (
        "fee",
        _COST,
        "The text seems to ask the student to pay something.",
        "A student never pays to apply or to work: take the cost out.",
    ),
    (
        "ongoing",
        r"\bongoing (?:role|position|basis)\b|\bno end date\b|\bindefinite(?:ly)?\b",
        "The text reads like an ongoing role.",
        "Describe one project with a result and an end.",
    ),
)


def without_contacts(text: str) -> str:
    """Hosts are asked to leave them out; where text leaves the board, nothing depends on that."""
    return re.sub(rf"(?:https?://|www\.)\S*|{_ADDRESS}[\w.-]*|{_NUMBER}", "…", text, flags=re.IGNORECASE)


def words_to_look_at(posting: Posting) -> list[Caution]:
    """Of the checks those on what is written, which can be said of an unfinished draft."""
    return [*_words(posting)]


def _words(posting: Posting) -> Iterator[Caution]:
    project = [posting.title, posting.brief, posting.deliverable, posting.learning_goals, posting.skills]
    around = [posting.mentor_name, posting.mentor_title, posting.feedback_plan, posting.supplies_note]
    for code, pattern, sentence, mend in _PATTERNS:
        # Feedback on an ongoing basis is welcome; only the project itself must end.
        texts = project if code == "ongoing" else [*project, *around, *posting.questions]
        if re.search(pattern, "\n".join(texts), re.IGNORECASE):
            yield Caution(code, sentence, mend)


def _address(posting: Posting) -> Iterator[Caution]:
    if posting.location_mode != LocationMode.REMOTE and not posting.street_address:
        yield Caution(
            "no_address",
            "On-site work has no street address.",
            "Add the business address: it is not public, and stands in the offer letter. No home addresses.",
        )


def _outside(least: int | Decimal, most: int | Decimal, low: int | None, high: int | None) -> bool:
    return (low is not None and least < low) or (high is not None and most > high)


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
