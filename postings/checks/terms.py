"""Weeks, hours a week and hours in total, beside what is usual for the opportunity type."""

from collections.abc import Iterator
from decimal import Decimal

from postings import rules
from postings.checks import sources
from postings.checks.check import Check, Found, Place, Rows, Severity
from postings.checks.wording import PROJECT, pattern, places
from postings.models import OpportunityType, Posting
from postings.rules import Span, span
from postings.workflow import Reason


def _fits_total(posting: Posting) -> bool:
    """A project that fits by its total is as usual, whatever its weeks and hours a week."""
    kind, hours = posting.opportunity_type, rules.total_hours(posting)
    if kind is None or hours is None or (kind.total_hours_min is None and kind.total_hours_max is None):
        return False
    lasts_longer = kind.weeks_max is not None and (posting.weeks_max or 0) > kind.weeks_max
    return not lasts_longer and not _outside(hours.least, hours.most, kind.total_hours_min, kind.total_hours_max)


def _outside(least: object, most: object, low: int | None, high: int | None) -> bool:
    """Only complete figures are compared: anything else is an error of the form already."""
    if not isinstance(least, int | Decimal) or not isinstance(most, int | Decimal):
        return False
    return bool(least and most) and ((low is not None and least < low) or (high is not None and most > high))


def _weeks_unusual(posting: Posting, kind: OpportunityType) -> bool:
    return _outside(posting.weeks_min, posting.weeks_max, kind.weeks_min, kind.weeks_max)


def _hours_unusual(posting: Posting, kind: OpportunityType) -> bool:
    return _outside(posting.hours_week_min, posting.hours_week_max, kind.hours_week_min, kind.hours_week_max)


def _weeks(posting: Posting, rows: Rows) -> Iterator[Found]:
    kind = posting.opportunity_type
    if kind and not _fits_total(posting) and _weeks_unusual(posting, kind):
        usual, this = span(kind.weeks_min, kind.weeks_max), span(posting.weeks_min, posting.weeks_max)
        yield _unusual(kind, usual, this, "weeks", "weeks_max")


def _hours_week(posting: Posting, rows: Rows) -> Iterator[Found]:
    kind = posting.opportunity_type
    if kind and not _fits_total(posting) and _hours_unusual(posting, kind):
        usual = span(kind.hours_week_min, kind.hours_week_max)
        yield _unusual(
            kind, usual, span(posting.hours_week_min, posting.hours_week_max), "hours a week", "hours_week_max"
        )


def _unusual(kind: OpportunityType, usual: str, this: str, unit: str, field: str) -> Found:
    return Found(f"A {kind.name.lower()} usually takes {usual} {unit}; this one takes {this}.", (Place(field),))


def _measured_total(posting: Posting) -> Span | None:
    """The total is looked at where weeks or hours a week are unusual too, or the type knows no other measure."""
    kind = posting.opportunity_type
    if kind is None or _fits_total(posting):
        return None
    only = not (kind.weeks_min or kind.hours_week_min)
    measured = only or _weeks_unusual(posting, kind) or _hours_unusual(posting, kind)
    return rules.total_hours(posting) if measured else None


def _total_long(posting: Posting, rows: Rows) -> Iterator[Found]:
    kind, hours = posting.opportunity_type, _measured_total(posting)
    if kind and hours and kind.total_hours_max is not None and hours.least > kind.total_hours_max:
        yield Found(f"{_usual_total(kind)}; this one comes to at least {hours.least}.", (Place("total_hours"),))


def _total_short(posting: Posting, rows: Rows) -> Iterator[Found]:
    kind, hours = posting.opportunity_type, _measured_total(posting)
    if kind and hours and kind.total_hours_min is not None and hours.most < kind.total_hours_min:
        yield Found(f"{_usual_total(kind)}; this one comes to at most {hours.most}.", (Place("total_hours"),))


def _usual_total(kind: OpportunityType) -> str:
    return f"A {kind.name.lower()} usually comes to {span(kind.total_hours_min, kind.total_hours_max)} hours in total"


def _total_differs(posting: Posting, rows: Rows) -> Iterator[Found]:
    reckoned = rules.reckoned_hours(posting)
    if posting.total_hours and reckoned and not reckoned.least <= posting.total_hours <= reckoned.most:
        yield Found(
            f"You state {posting.total_hours} hours in total, but weeks times hours a week give "
            f"{span(reckoned.least, reckoned.most)}.",
            (Place("total_hours"),),
        )


_ENDLESS = pattern(
    r"\b(?:ongoing|open-ended|permanent) (?:[\w-]+ )?(?:role|position|basis|job|contract|engagement|commitment)\b",
    r"\b(?:role|position|project|job) is (?:ongoing|open-ended|permanent)\b",
    r"(?:^|[,:(] ?|\b(?:with|has|have|is) )no (?:fixed |set )?end date\b(?! (?:is|was|are|in)\b)|\bindefinitely\b",
    r"\bindefinite (?:term|period|duration|contract|role|position)\b|\buntil further notice\b|"
    r"\bmonth[ -]to[ -]month\b",
    r"\b(?:runs|continues|keeps going) (?:for )?as long as\b",
)
_ENDS = pattern(
    r"\b(?:not|no|never|isn[’']t|than|without) (?:[\w-]+ ){0,3}(?:ongoing|open-ended|permanent|indefinite(?:ly)?)\b",
    r"\b(?:lead|leads|leading|grow|grows|turn|turns|convert|converts|open|opens|path)(?: \w+){0,3} (?:to|into)\b",
)


def _ongoing(posting: Posting, rows: Rows) -> Iterator[Found]:
    """Of the project alone: feedback on an ongoing basis is welcome, and a job without an end may say so."""
    found = places(posting, _ENDLESS, _ENDS, PROJECT) if rules.needs_weeks(posting) else ()
    if found:
        yield Found("The text reads like an ongoing role.", found)


_WHY_TERMS = "Students fit a project between classes. What is usual can be planned for; what is not needs a word."

CHECKS = (
    Check(
        "weeks",
        Severity.WARN,
        _weeks,
        _WHY_TERMS,
        "Fit the project to the usual range, or tell the career office why it differs.",
        sources.USUAL_TERMS,
    ),
    Check(
        "hours_week",
        Severity.WARN,
        _hours_week,
        _WHY_TERMS,
        "Fit the project to the usual range, or tell the career office why it differs.",
        sources.USUAL_TERMS,
    ),
    Check(
        "total_long",
        Severity.WARN,
        _total_long,
        _WHY_TERMS,
        "Narrow the project to what fits, or keep it if the pay and the weeks match the work.",
        sources.USUAL_TERMS,
    ),
    Check(
        "total_short",
        Severity.WARN,
        _total_short,
        _WHY_TERMS,
        "Add what makes it a project with a result, or tell the career office why it is so short.",
        sources.USUAL_TERMS,
    ),
    Check(
        "total_differs",
        Severity.MEND,
        _total_differs,
        "What a fixed fee comes to by the hour, and whether the work fits beside classes, is reckoned from the hours.",
        "Change the total, the weeks or the hours a week, so that they agree.",
        sources.STUDENT_PAGE,
        Reason.NOT_ENOUGH,
    ),
    Check(
        "ongoing",
        Severity.MEND,
        _ongoing,
        "A micro-internship or an internship is a project with a result to show. A role without an end is a job.",
        "Describe one project with a result and an end, or post it as a full-time job.",
        sources.STUDENT_PAGE,
        Reason.ONGOING,
    ),
)
