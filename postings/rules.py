"""What follows from a posting's own facts: hours, pay, what is missing. Pure: no query, no clock."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from postings.models import LocationMode, PayKind, Posting

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
