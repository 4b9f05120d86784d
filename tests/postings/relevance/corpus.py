"""The corpus and what is wanted of it, read from the two text files beside this one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postings.actions.moves import search_context_of
from postings.models import EngagementType, OpportunityType, Posting, Stream
from tests.factories import NOW, make_host, make_organization, make_staff

HERE = Path(__file__).parent
TYPES = {"micro": "micro-internship", "internship": "internship", "job": "full-time-job"}
MODES = ("remote", "hybrid", "on_site")


@dataclass(frozen=True)
class Written:
    """A posting of the corpus, as it stands in the file."""

    key: str
    type: str
    stream: str
    organization: str
    mode: str
    place: str
    country: str
    title: str
    skills: str
    brief: str


@dataclass(frozen=True)
class Judged:
    """What somebody typed, the postings they want, and those of which nobody can say."""

    kind: str
    text: str
    wanted: frozenset[str]
    unsure: frozenset[str]


def blocks(name: str) -> Iterator[list[str]]:
    for block in (HERE / name).read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("# ")]
        if lines:
            yield lines


def read_postings() -> list[Written]:
    return [_written(*lines) for lines in blocks("postings.txt")]


def _written(head: str, title: str, skills: str, brief: str) -> Written:
    key, kind, stream, organization, where = head.split(" / ")
    mode, _, place = where.partition(" ")
    city, _, country = place.rpartition(" ")
    abroad = len(country) == 2 and country.isupper()
    return Written(
        key=key,
        type=kind,
        stream=stream,
        organization=organization,
        mode=mode,
        place=city if abroad else place,
        country=country if abroad else "US",
        title=title,
        skills=skills,
        brief=brief,
    )


def read_queries(postings: list[Written]) -> list[Judged]:
    lists: dict[str, str] = {}
    judged, kind = [], ""
    for line in (line for lines in blocks("queries.txt") for line in lines):
        if line.startswith("@"):
            name, _, named = line.partition(" = ")
            lists[name] = named
        elif line.startswith("["):
            kind = line.strip("[]")
        else:
            text, _, named = line.partition(" => ")
            names = " ".join(lists[name] if name.startswith("@") else name for name in named.split()).split()
            judged.append(Judged(kind, text, *_keys(names, postings)))
    return judged


def _keys(names: list[str], postings: list[Written]) -> tuple[frozenset[str], frozenset[str]]:
    known = {posting.key for posting in postings}
    wanted: set[str] = set()
    for name in names:
        fact, _, value = name.partition("=")
        wanted |= {posting.key for posting in postings if getattr(posting, fact) == value} if value else {name}
    unsure = {name.removeprefix("?") for name in wanted if name.startswith("?")}
    wanted = {name for name in wanted if not name.startswith("?")}
    assert wanted
    assert wanted | unsure <= known, (wanted | unsure) - known
    return frozenset(wanted), frozenset(unsure)


def post(postings: list[Written]) -> dict[int, str]:
    """Put all of it on the board; gives the key of each by its id."""
    staff = make_staff()
    hosts = {name: make_host(organization=make_organization(name)) for name in {row.organization for row in postings}}
    types = {kind: OpportunityType.objects.get(slug=slug) for kind, slug in TYPES.items()}
    streams = {row.slug: row for row in Stream.objects.all()}
    engagement = EngagementType.objects.filter(allowed=True)[0]
    rows = []
    for number, written in enumerate(postings):
        host = hosts[written.organization]
        posting = Posting(
            status="open",
            organization=host.user.memberships.get().organization,
            host=host,
            opportunity_type=types[written.type],
            stream=streams[written.stream],
            engagement_type=engagement,
            title=written.title,
            skills=written.skills,
            brief=written.brief,
            deliverable="What the brief says, and a short talk.",
            learning_goals="How such work is planned and handed over.",
            location_mode=written.mode,
            place=written.place or "Boston",
            country=written.country,
            weeks_min=2,
            weeks_max=4,
            hours_week_min=10,
            hours_week_max=15,
            start_earliest=NOW.date() + dt.timedelta(days=60),
            start_latest=NOW.date() + dt.timedelta(days=90),
            pay_kind="hourly",
            pay_amount=20,
            levels=["undergraduate", "graduate"],
            mentor_name="Ana Mentor",
            created_by=host.user,
            submitted_by=host.user,
            approved_by=staff,
            submitted_at=NOW,
            approved_at=NOW,
            # In no order that the file has: what is newest must not be what is alike.
            published_at=NOW - dt.timedelta(hours=number * 7919 % 4001),
        )
        posting.search_context = search_context_of(posting, labels=())
        rows.append(posting)
    created = Posting.objects.bulk_create(rows)
    return {posting.pk: written.key for posting, written in zip(created, postings, strict=True)}
