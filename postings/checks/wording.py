"""Words that break a guideline, sought sentence by sentence; sentences that say the opposite are spared."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from postings.checks.check import Found, Place, Rows
from postings.models import Posting

PROJECT = ("title", "brief", "deliverable", "learning_goals", "skills")
AROUND = ("mentor_name", "mentor_title", "feedback_plan", "supplies_note", "unpaid_basis", "questions")
ALL = (*PROJECT, *AROUND)
# Not after a letter that stands alone: U.S. is no end of a sentence, nor is the end of a line that was wrapped by hand.
SENTENCE = re.compile(r"(?<!\b[a-zA-Z])[.!?;][\s*_)]+|\n\s*(?=\n|[-*+#•·]|\d+[.)]\s)")
MOST_QUOTED = 120
MOST_PLACES = 3


def sentences(posting: Posting, fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = getattr(posting, field)
        for text in value if isinstance(value, list) else [value]:
            plain = (" ".join(sentence.split()) for sentence in SENTENCE.split(text))
            yield from ((field, sentence) for sentence in plain if sentence)


def pattern(*looks: str) -> re.Pattern[str]:
    """Any of them."""
    return re.compile("|".join(looks), re.IGNORECASE)


def places(
    posting: Posting, look: re.Pattern[str], but: re.Pattern[str] | None = None, fields: Iterable[str] = ALL
) -> tuple[Place, ...]:
    """The first sentences with what is looked for, and without what spares them."""
    found = (
        Place(field, quoted(sentence, match))
        for field, sentence in sentences(posting, fields)
        if (match := look.search(sentence)) and not (but and but.search(sentence))
    )
    return tuple(islice(found, MOST_PLACES))


def words(
    text: str, look: re.Pattern[str], *, but: re.Pattern[str] | None = None, fields: Iterable[str] = ALL
) -> Callable[[Posting, Rows], Iterator[Found]]:
    fields = tuple(fields)

    def find(posting: Posting, rows: Rows) -> Iterator[Found]:
        tripped = places(posting, look, but, fields)
        if tripped:
            yield Found(text, tripped)

    return find


def quoted(sentence: str, match: re.Match[str]) -> str:
    """The sentence, or of a long one what stands around the words."""
    if len(sentence) <= MOST_QUOTED:
        return sentence
    room = max(MOST_QUOTED - len(match[0]), 0) // 2
    first, last = max(match.start() - room, 0), match.end() + room
    return "".join(["…" * (first > 0), sentence[first:last].strip(), "…" * (last < len(sentence))])
