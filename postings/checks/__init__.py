"""The guidelines as checks: declared once, shown to the host while writing and to staff beside the posting."""

from postings.checks.care import without_contacts
from postings.checks.check import Check, Failed, Rows, Severity
from postings.checks.completeness import missing
from postings.checks.pay import floor_for
from postings.checks.registry import CHECKS, by_severity, failed, failed_so_far
from postings.checks.worksheet import worksheets

__all__ = [
    "CHECKS",
    "Check",
    "Failed",
    "Rows",
    "Severity",
    "by_severity",
    "failed",
    "failed_so_far",
    "floor_for",
    "missing",
    "without_contacts",
    "worksheets",
]
