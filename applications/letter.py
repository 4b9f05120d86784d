"""The offer letter: its words, what is missing in them, and the PDF.

The terms are those of the written offer. The words around them are the posting's, unless the host has put others into
the letter. Nothing is kept: each reader gets a letter made of what the data are.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from django_countries import countries
from markdown_it import MarkdownIt

from applications import rules
from applications.models import Offer, OfferLetter
from applications.workflow import OfferStatus
from postings import wording
from postings.models import LocationMode, Posting

SOURCE = Path(__file__).with_suffix(".typ")
# What the host may put otherwise, in the order of the form, and how a sentence calls it.
WORDS = {
    "student_name": "the student's name",
    "title": "the title",
    "organization_name": "the organization's name",
    "duties": "the duties",
    "address": "the address",
    "supervisor_name": "the supervisor's name",
    "supervisor_title": "the supervisor's role",
    "supervisor_email": "the supervisor's email address",
    "supervisor_phone": "the supervisor's phone number",
}
NAMES = ("student_name", "title", "organization_name")
ITEM = "- "
REMOTE = "Remote: the work is done online, at no address of the organization."
TRAVEL = "{} bears the costs."
# Joiners that some scripts are spelled with; all else that is invisible is left out.
JOINERS = "\u200c\u200d"
# Devanagari and Lao, which the fonts have as single letters and do not join as they are written.
UNJOINED = re.compile("[\u0900-\u097f\u0e80-\u0eff]")
UNPRINTED = re.compile(r'the text `"(.*?)"` could not be displayed')
# A word that would run off the page, and where it may go on in the next line.
ENDLESS = re.compile(r"\S{50}(?=\S)")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


@dataclass(frozen=True)
class Missing:
    """What stands in the way of the letter, and the field that mends it."""

    field: str
    text: str


def stands(offer: Offer, now: dt.datetime) -> bool:
    """A letter says what is offered or agreed: once that is over, or on hold, there is none."""
    suspended = offer.application.posting.organization.is_suspended
    return not suspended and (offer.status == OfferStatus.ACCEPTED or offer.is_open_at(now))


def posting_words(offer: Offer) -> dict[str, str]:
    """What the letter says as long as the host puts nothing else."""
    posting = offer.application.posting
    return {
        "student_name": offer.student.display_name,
        "title": posting.title,
        "organization_name": posting.organization.name,
        "duties": _duties(posting),
        "address": _address(posting),
        "supervisor_name": posting.mentor_name,
        "supervisor_title": posting.mentor_title,
        "supervisor_email": posting.mentor_email,
        "supervisor_phone": "",
    }


def words(offer: Offer) -> dict[str, str]:
    row: OfferLetter | None = getattr(offer, "letter", None)
    own = {name: getattr(row, name) for name in WORDS} if row else {}
    return {
        name: own[name] if own.get(name) and may_differ(name, default) else default
        for name, default in posting_words(offer).items()
    }


def may_differ(name: str, default: str) -> bool:
    """A name is put otherwise only where it cannot be printed as it is."""
    return name not in NAMES or bool(unprintable(default))


def missing(offer: Offer) -> list[Missing]:
    """What has to be there before the letter can be made, in the order of the form."""
    found = words(offer)
    gaps = [Missing(name, text) for name, text in _gaps(offer.application.posting, found)]
    return gaps + [
        Missing(name, unprinted(WORDS[name], letters)) for name in found if (letters := unprintable(found[name]))
    ]


def _gaps(posting: Posting, found: dict[str, str]) -> Iterable[tuple[str, str]]:
    if not found["duties"]:
        yield "duties", "The duties: what the student does, and hands over."
    if posting.location_mode != LocationMode.REMOTE and not found["address"]:
        yield "address", "The street address where the work is done. Only remote work needs none."
    if not found["supervisor_name"]:
        yield "supervisor_name", "The name of the supervisor."
    if not (found["supervisor_email"] or found["supervisor_phone"]):
        yield "supervisor_email", "How to reach the supervisor: an email address or a phone number."


def unprinted(what: str, letters: str) -> str:
    some = letters if len(letters) <= 12 else f"{letters[:12]}…"
    return f"The letter cannot be printed with “{some}” in {what}. Spell it in Latin letters."


def _address(posting: Posting) -> str:
    """The street address with its city; a city alone is none."""
    if not posting.street_address:
        return ""
    country = countries.name(posting.country) or posting.country
    return ", ".join(filter(None, [posting.street_address, posting.place, posting.region, country]))


def _duties(posting: Posting) -> str:
    deliverable = f"To be handed over: {posting.deliverable}" if posting.deliverable else ""
    return "\n".join(filter(None, [*_plain_lines(posting.brief), deliverable]))


def _plain_lines(markdown: str) -> Iterable[str]:
    """Paragraphs and list items, without the marks of Markdown."""
    depth = 0
    for token in MarkdownIt("commonmark", {"html": False}).parse(markdown):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type in ("inline", "fence", "code_block"):
            parts = token.children or [token]
            text = "".join(" " if part.type in ("softbreak", "hardbreak") else part.content for part in parts)
            yield f"{ITEM if depth else ''}{' '.join(text.split())}"


def clean(text: str) -> str:
    """Without what cannot be seen, and nothing that turns the direction of what follows."""
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character in f"\n{JOINERS}" or not _is_invisible(character)
    )
    return "\n".join(filter(None, (" ".join(line.split()) for line in kept.splitlines())))


def _is_invisible(character: str) -> bool:
    is_selector = "\ufe00" <= character <= "\ufe0f"
    return is_selector or (unicodedata.category(character)[0] == "C" and character != "\t")


def in_words(text: str) -> str:
    """Signs that no font of ours has become their names, 🚀 is [rocket]; letters stay."""
    signs = {sign: f"[{unicodedata.name(sign, 'sign').lower()}]" for sign in _unknown(clean(text)) if not _spells(sign)}
    named = clean(text).translate({ord(sign): name for sign, name in signs.items()}).replace("]\u200d", "]")
    return ENDLESS.sub("\\g<0>\u200b", named)


def unprintable(text: str) -> str:
    """The letters in it that no font of ours has."""
    return "".join(sign for sign in _unknown(clean(text)) if _spells(sign))


def _spells(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


@lru_cache(maxsize=512)
def _unknown(text: str) -> str:
    """What would come out as an empty box: PDF/UA refuses it, and names each. And what would come out badly."""
    return "".join(dict.fromkeys([*UNJOINED.findall(text), *_refused(text)])) if not text.isascii() else ""


def _refused(text: str) -> Iterable[str]:
    import typst

    source = b'#set document(title: "-")\n#set text(lang: "en")\n#sys.inputs.text'
    try:
        _compile(source, {"text": text}, strict=True)
    except typst.TypstError as error:
        clusters = [ESCAPED.sub(_unescape, found) for found in UNPRINTED.findall(f"{error.message} {error.diagnostic}")]
        return [sign for sign in "".join(clusters) if not sign.isascii() and sign not in JOINERS]
    return []


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def make(offer: Offer) -> bytes:
    """The letter as a PDF for everybody, screen readers too (PDF/UA-1). Should that be refused, tagged all the same."""
    import typst

    inputs = {"letter": json.dumps(_content(offer))}
    try:
        return _compile(SOURCE.read_bytes(), inputs, strict=True)
    except typst.TypstError:
        return _compile(SOURCE.read_bytes(), inputs, strict=False)


def _compile(source: bytes, inputs: dict[str, str], *, strict: bool) -> bytes:
    """Tagged either way; strict refuses what PDF/UA-1 forbids. Only with the fonts that it brings along: the same
    letter on every machine."""
    import typst  # 80 MB, for the processes that make letters

    return typst.compile(
        source,
        format="pdf",
        pdf_standards="ua-1" if strict else [],
        sys_inputs=inputs,
        ignore_system_fonts=True,
        timestamp=0,
    )


def _content(offer: Offer) -> dict[str, Any]:
    found = {name: in_words(text) for name, text in words(offer).items()}
    written = rules.local_date(offer.written_at, offer.zone)
    return {
        "document_title": f"Offer letter: {found['title']}, {found['organization_name']}",
        "organization": found["organization_name"],
        "date": _day(written),
        "year": written.year,
        "month": written.month,
        "day": written.day,
        "student": found["student_name"],
        "opening": _opening(offer, found),
        "terms": _rows(_terms(offer, found)),
        "duties": _blocks(found["duties"]),
        "supervisor": _rows(
            {
                "Name": found["supervisor_name"],
                "Role": found["supervisor_title"],
                "Email": found["supervisor_email"],
                "Phone": found["supervisor_phone"],
            }
        ),
    }


def _opening(offer: Offer, found: dict[str, str]) -> str:
    kind = offer.application.posting.opportunity_type
    return (
        f"{found['organization_name']} offers {found['student_name']} the {str(kind).lower() if kind else 'project'} "
        f"“{found['title']}” on the terms below."
    )


def _terms(offer: Offer, found: dict[str, str]) -> dict[str, str]:
    posting = offer.application.posting
    place = {
        LocationMode.REMOTE: {"Place of work": REMOTE, "Address of the organization": found["address"]},
        LocationMode.HYBRID: {"Place of work": f"Partly remote, partly at {found['address']}"},
        LocationMode.ON_SITE: {"Place of work": found["address"]},
    }
    return {
        "Title": found["title"],
        "Organization": found["organization_name"],
        "First day": _day(offer.starts_on, weekday=True),
        "Last day": _day(offer.ends_on, weekday=True),
        "Hours": f"{offer.hours_week} hour{'s' if offer.hours_week != 1 else ''} a week",
        "Pay": wording.pay(offer),  # type: ignore[arg-type]  # an offer names its pay as a posting does
        "Local travel": TRAVEL.format(found["organization_name"]) if posting.travel_costs_covered else "",
        **place[LocationMode(posting.location_mode)],
    }


def _rows(facts: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in facts.items() if value]


def _blocks(duties: str) -> list[dict[str, Any]]:
    """Lines that begin with a dash are the items of a list."""
    blocks: list[dict[str, Any]] = []
    for is_item, lines in groupby(duties.splitlines(), key=lambda line: line.startswith(ITEM)):
        if is_item:
            blocks.append({"kind": "list", "lines": [line.removeprefix(ITEM) for line in lines]})
        else:
            blocks += [{"kind": "paragraph", "lines": [line]} for line in lines]
    return blocks


def _day(day: dt.date, *, weekday: bool = False) -> str:
    return f"{f'{day:%A}, ' if weekday else ''}{day:%B} {day.day}, {day.year}"
