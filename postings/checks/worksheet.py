"""What host and career office go through before a project is unpaid: two lists of seven, beside what the posting says.

No single line decides. A blank is something to talk about, and the career office notes the talk when it approves.
"""

from collections.abc import Callable
from dataclasses import dataclass

from postings import wording
from postings.checks import sources
from postings.checks.care import says_nothing
from postings.checks.check import Source
from postings.models import Posting


@dataclass(frozen=True)
class Line:
    question: str
    says: str  # of the posting, on this; blank where it says nothing


@dataclass(frozen=True)
class Worksheet:
    title: str
    about: str
    source: Source
    lines: tuple[Line, ...]


def _nothing(posting: Posting) -> str:
    return ""


def _goals(posting: Posting) -> str:
    return "" if says_nothing(posting.learning_goals) else posting.learning_goals


def _feedback(posting: Posting) -> str:
    return "" if says_nothing(posting.feedback_plan) else posting.feedback_plan


def _end(posting: Posting) -> str:
    return ", ".join(filter(None, [wording.start(posting), wording.weeks(posting), posting.deliverable]))


def _mentor(posting: Posting) -> str:
    """With what they do: a name alone says nothing of their background."""
    return wording.mentor(posting) if posting.mentor_title else ""


def _credit(posting: Posting) -> str:
    return wording.credit(posting) if posting.credit_possible else ""


_NACE: tuple[tuple[str, Callable[[Posting], str]], ...] = (
    (
        "Does the student apply what they study, beyond advancing your operations or an employee's routine?",
        _nothing,
    ),
    ("Can the skills be carried to other employers?", lambda posting: posting.skills),
    ("Does it have a beginning, an end, and a description with the qualifications wanted?", _end),
    ("Are there learning goals, tied to what the student studies?", _goals),
    ("Does somebody supervise who knows the field by education or profession?", _mentor),
    ("Does that person give feedback as a routine?", _feedback),
    ("Do you provide the equipment, resources and space that the learning goals need?", wording.supplies),
)
_FLSA: tuple[tuple[str, Callable[[Posting], str]], ...] = (
    ("Do both sides understand that no pay is to be expected, now or later?", lambda posting: posting.unpaid_basis),
    ("Is the training like that of a school, hands-on training included?", _goals),
    ("Is it tied to the student's studies, by coursework or academic credit?", _credit),
    ("Does it leave room for classes and follow the academic calendar?", wording.hours_week),
    ("Does it last no longer than the student learns from it?", wording.weeks),
    ("Does the work stand beside that of paid employees, and replace none of it?", _nothing),
    ("Do both sides understand that no paid job is promised at the end?", _nothing),
)


def worksheets(posting: Posting) -> list[Worksheet]:
    return [
        Worksheet(
            "What makes it an internship",
            "All seven are met in an internship as career offices understand it.",
            sources.NACE,
            _lines(_NACE, posting),
        ),
        Worksheet(
            "Who gains most from it",
            "The law asks who the primary beneficiary is, and weighs seven factors together; none decides alone. "
            "This is no legal advice.",
            sources.FLSA,
            _lines(_FLSA, posting),
        ),
    ]


def _lines(asked: tuple[tuple[str, Callable[[Posting], str]], ...], posting: Posting) -> tuple[Line, ...]:
    return tuple(Line(question, says(posting)) for question, says in asked)
