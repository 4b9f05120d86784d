"""What a check is: a guideline, declared once, that a posting meets or fails."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from postings.models import PayFloor, Posting
from postings.workflow import Reason


class Severity(StrEnum):
    """None declines a posting, and none but what is missing keeps one from being submitted."""

    MEND = "mend"  # a moderator asks for a change, unless the check is wrong about this posting
    STAFF = "staff"  # the career office talks or looks before it approves
    WARN = "warn"  # it may stay as it is

    @property
    def heading(self) -> str:
        return {"mend": "Must be mended", "staff": "The career office looks at this", "warn": "Worth a look"}[self]

    @property
    def tone(self) -> str:
        return {"mend": "danger", "staff": "warning", "warn": "info"}[self]


@dataclass(frozen=True)
class Source:
    """The document that asks for it, and an address where a host can read on."""

    document: str
    url: str


@dataclass(frozen=True)
class Rows:
    """What staff edit and a check compares with; types and engagements come with the posting."""

    floors: Iterable[PayFloor] = ()

    @classmethod
    def load(cls) -> "Rows":
        return cls(list(PayFloor.objects.all()))


@dataclass(frozen=True)
class Place:
    """A field of the form, and the words in it that tripped the check."""

    field: str
    words: str = ""


@dataclass(frozen=True)
class Found:
    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Check:
    name: str
    severity: Severity
    find: Callable[[Posting, Rows], Iterable[Found]]
    why: str
    mend: str
    source: Source
    reason: Reason | None = None  # under which a moderator would ask for a change, or decline
    of_absence: bool = False  # says that something is not written yet: no news while a draft is unfinished


@dataclass(frozen=True)
class Failed:
    """A check that a posting fails, as people read it."""

    check: Check
    text: str
    places: tuple[Place, ...] = ()

    @property
    def name(self) -> str:
        return self.check.name
