"""Every check, in the order of the form, and what a posting fails of them. Pure: no query, no clock."""

from postings.checks import care, completeness, contract, demands, pay, terms
from postings.checks.check import Check, Failed, Rows, Severity
from postings.models import Posting

CHECKS: tuple[Check, ...] = (
    *completeness.CHECKS,
    *terms.CHECKS,
    *pay.CHECKS,
    *contract.CHECKS,
    *demands.CHECKS,
    *care.CHECKS,
)


def failed(posting: Posting, rows: Rows) -> list[Failed]:
    """Every check that the posting fails."""
    return [Failed(check, found.text, found.places) for check in CHECKS for found in check.find(posting, rows)]


def failed_so_far(posting: Posting, rows: Rows) -> list[Failed]:
    """Of an unfinished draft: what is written already, and not what is not."""
    return [failure for failure in failed(posting, rows) if not failure.check.of_absence]


def by_severity(failures: list[Failed]) -> list[tuple[Severity, list[Failed]]]:
    """The gravest first, none of them empty."""
    groups = ((severity, [one for one in failures if one.check.severity == severity]) for severity in Severity)
    return [(severity, group) for severity, group in groups if group]
