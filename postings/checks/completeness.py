"""What must be filled in before a posting can be submitted."""

from collections.abc import Iterator

from postings import rules
from postings.checks import sources
from postings.checks.check import Check, Found, Place, Rows, Severity
from postings.models import LocationMode, PayKind, Posting
from postings.workflow import Reason


def missing(posting: Posting) -> dict[str, str]:
    """Field and sentence, in the form's order."""
    needs_weeks = rules.needs_weeks(posting)
    needed: list[tuple[str, object, str]] = [
        ("opportunity_type", posting.opportunity_type_id, "Choose the opportunity type."),
        ("stream", posting.stream_id, "Choose the stream of work."),
        ("title", posting.title, "Enter a title."),
        ("brief", posting.brief, "Describe the project."),
        ("deliverable", posting.deliverable, "Say what the student hands over at the end."),
        ("levels", posting.levels, "Choose who may apply: undergraduates, graduate students or both."),
        ("weeks_min", posting.weeks_min or not needs_weeks, "Enter the least number of weeks."),
        ("weeks_max", posting.weeks_max or not needs_weeks, "Enter the greatest number of weeks."),
        ("hours_week_min", posting.hours_week_min, "Enter the least number of hours a week."),
        ("hours_week_max", posting.hours_week_max, "Enter the greatest number of hours a week."),
        ("start_earliest", posting.start_earliest, "Enter the earliest start."),
        ("start_latest", posting.start_latest, "Enter the latest start."),
        *_place(posting),
        *_pay(posting),
        ("engagement_type", posting.engagement_type_id, "Choose how the student is engaged."),
        ("mentor_name", posting.mentor_name, "Name the person who mentors the student."),
    ]
    return {field: sentence for field, value, sentence in needed if not value}


def _place(posting: Posting) -> list[tuple[str, object, str]]:
    if posting.location_mode == LocationMode.REMOTE:
        return []
    return [("place", posting.place, "Enter the city where the student works.")]


def _pay(posting: Posting) -> list[tuple[str, object, str]]:
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


def _incomplete(posting: Posting, rows: Rows) -> Iterator[Found]:
    for field, sentence in missing(posting).items():
        yield Found(sentence, (Place(field),))


CHECKS = (
    Check(
        "incomplete",
        Severity.MEND,
        _incomplete,
        "Students, the career office, the offer letter and work authorization all rest on these facts.",
        "Fill it in: until then the posting cannot be submitted.",
        sources.STUDENT_PAGE,
        Reason.NOT_ENOUGH,
        of_absence=True,
    ),
)
