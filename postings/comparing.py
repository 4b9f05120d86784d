"""What differs between two versions of a posting, field by field, with the words that changed."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from postings.models import Posting


@dataclass(frozen=True)
class Words:
    """A run of words, and whether the other version lacks it."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Difference:
    name: str
    before: list[Words]
    after: list[Words]


def differences(before: Posting, after: Posting, names: Iterable[str]) -> list[Difference]:
    """Of these fields those that read differently, in the order given."""
    pairs = ((name, in_words(before, name), in_words(after, name)) for name in names)
    return [Difference(_label(name), *marked(one, other)) for name, one, other in pairs if one != other]


def _label(name: str) -> str:
    return str(Posting._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def in_words(posting: Posting, name: str) -> str:
    shown = getattr(posting, f"get_{name}_display", None)
    value = shown() if shown else getattr(posting, name)
    if isinstance(value, list):
        return "\n".join(_choice(name, one) for one in value) or "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "M j, Y, g:i a")
    return "–" if value in (None, "") else str(value)


def _choice(name: str, value: str) -> str:
    field: Any = Posting._meta.get_field(name)
    return str(dict(field.base_field.flatchoices).get(value, value))


def marked(before: str, after: str) -> tuple[list[Words], list[Words]]:
    """Both texts in runs of words, which join to the text again; another space between words is no change."""
    one, other = _split(before), _split(after)
    left: list[Words] = []
    right: list[Words] = []
    for kind, i, j, k, m in SequenceMatcher(None, _bare(one), _bare(other)).get_opcodes():
        left += _runs("".join(one[i:j]), changed=kind != "equal")
        right += _runs("".join(other[k:m]), changed=kind != "equal")
    return left, right


def _runs(text: str, *, changed: bool) -> list[Words]:
    """The space after what changed is not marked."""
    end = len(text.rstrip()) if changed else len(text)
    return [Words(part, mark) for part, mark in ((text[:end], changed), (text[end:], False)) if part]


def _split(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)


def _bare(words: list[str]) -> list[str]:
    return [word.strip() for word in words]
