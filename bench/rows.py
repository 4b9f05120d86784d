"""Believable rows: organizations with their hosts, and their open postings."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from bench import words
from core import clock
from postings.actions.moves import search_context_of
from postings.models import HOME_COUNTRY, EngagementType, Label, LabelRule, OpportunityType, Stream

SEED = 2026
BLOCK = 1000  # postings that share one source of chance: what is loaded does not hang on how the loading is split
PER_ORGANIZATION = 20
DAY = dt.timedelta(days=1)
KINDS = ("company", "startup", "nonprofit", "public", "lab")
TYPES = ("micro-internship", "internship", "full-time-job")
BOTH = ["undergraduate", "graduate"]

Row = dict[str, Any]


class Board:
    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.today = clock.today(now)
        zone = timezone.get_default_timezone()
        self.ends = [clock.end_of_day(self.today + days * DAY, zone) for days in range(1, 120)]
        self.types = list(OpportunityType.objects.filter(slug__in=TYPES).order_by("order"))
        self.streams = list(Stream.objects.order_by("order"))
        self.labels = list(Label.objects.filter(rule=LabelRule.BY_HAND, public=True))
        self.engagement = EngagementType.objects.filter(allowed=True)[0]
        self.language = words.Language(SEED)
        self.organization_name = cache(self._organization_name)

    def organizations(self, start: int, stop: int) -> Iterator[tuple[Row, Row, Row, Row]]:
        """A person, who is a host, and their organization and membership; number 1 of the people is the moderator."""
        for number in range(start, stop):
            key, chance = number + 2, random.Random(f"{SEED} organization {number}")
            verified = chance.random() < 0.3
            user = {"id": key, "email": f"host{key}@bench.example", "password": "!"}
            user["name"] = f"{chance.choice(words.NAMES)} {self.language.name(chance)}"
            host = {"id": key, "user_id": key, "claims_alumnus": verified}
            if verified:
                host |= {"alumnus_verified_at": self.now, "alumnus_verified_by_id": 1}
            kind = chance.choices(KINDS, (40, 25, 20, 8, 7))[0]
            organization = {"id": key, "name": self.organization_name(key), "kind": kind, "created_by_id": key}
            yield user, host, organization, {"user_id": key, "organization_id": key}

    def _organization_name(self, key: int) -> str:
        chance = random.Random(f"{SEED} name {key}")
        return f"{self.language.name(chance)} {chance.choice(words.ENDINGS)}"

    def postings(self, start: int, stop: int) -> Iterator[tuple[Row, list[int]]]:
        """Each with the ids of the labels given to it by hand."""
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            chance = random.Random(f"{SEED} postings {block}")
            for number in range(block * BLOCK, (block + 1) * BLOCK):
                made = self._posting(number, chance)
                if start <= number < stop:
                    yield made

    def _posting(self, number: int, chance: random.Random) -> tuple[Row, list[int]]:
        owner = int((number // PER_ORGANIZATION + 1) * chance.random() ** 1.5) + 2  # a few of them post much
        published = self.now - chance.random() * 365 * DAY
        kind = chance.choices(self.types, (75, 17, 8))[0]
        stream = chance.choices(self.streams, range(len(self.streams) + 4, 4, -1))[0]
        labels = chance.sample(self.labels, chance.choice((0, 0, 1, 1, 1, 2)))
        place = _place(chance)
        row = {
            "id": number + 1,
            **dict.fromkeys(("organization_id", "host_id", "created_by_id", "submitted_by_id"), owner),
            **dict.fromkeys(("updated_at", "approved_at", "published_at"), published),
            **dict.fromkeys(("created_at", "submitted_at", "expectations_read_at"), published - DAY),
            "approved_by_id": 1,
            "status": "open",
            "apply_by": chance.choice(self.ends) if chance.random() < 0.5 else None,
            "opportunity_type_id": kind.pk,
            "stream_id": stream.pk,
            "engagement_type_id": self.engagement.pk,
            "campus_only": chance.random() < 0.02,
            **place,
            **_pay(chance, published),
            **self._terms(chance),
            **self._words(number, chance),
            "search_context": self._context(owner, stream, kind, place, labels),
        }
        return row, [label.pk for label in labels]

    def _context(self, owner: int, stream: Stream, kind: OpportunityType, place: Row, labels: Sequence[Label]) -> str:
        organization = SimpleNamespace(name=self.organization_name(owner))
        rows = {"organization": organization, "stream": stream, "opportunity_type": kind}
        posting: Any = SimpleNamespace(**{"region": "", **place}, **rows, is_global=place["country"] != HOME_COUNTRY)
        return search_context_of(posting, labels=labels)

    def _terms(self, chance: random.Random) -> Row:
        weeks, hours = chance.choice((1, 2, 2, 3, 4, 8)), chance.choice((5, 10, 10, 15, 20, 35))
        start = self.today + chance.randint(10, 200) * DAY
        return {
            "weeks_min": weeks,
            "weeks_max": weeks + chance.choice((0, 1, 2)),
            "hours_week_min": hours,
            "hours_week_max": hours + chance.choice((0, 5)),
            "total_hours": weeks * hours if chance.random() < 0.3 else None,
            "start_earliest": start,
            "start_latest": start + chance.choice((14, 28, 42)) * DAY,
            "levels": chance.choice((BOTH, BOTH, BOTH, BOTH[:1], BOTH[1:])),
            "extra_materials": chance.choice(([], [], [], ["transcript"], ["writing_sample", "short_answers"])),
            "supplies": chance.choice(([], ["laptop"], ["software"], ["laptop", "connectivity"])),
            "positions": chance.choice((1, 1, 1, 2, 5)),
        }

    def _words(self, number: int, chance: random.Random) -> Row:
        language = self.language
        title = f"{chance.choice(language.titles)} for {chance.choice(words.AUDIENCES)}"
        skills = chance.sample(words.SKILLS, chance.randint(3, 6))
        brief = chance.choices(language.sentences, k=chance.randint(5, 14))
        for word in words.COMMON:
            if chance.random() * words.ONE_IN >= 1:
                continue
            where = chance.random()
            if where < 0.05:
                title = f"{word.title()} and {title[0].lower()}{title[1:]}"
            elif where < 0.15:
                skills.append(word)
            brief[chance.randrange(len(brief))] += f" Each {word} counts." * chance.choice((1, 1, 2, 3))
        brief += [f"It is about {word}." for word in words.rare_of(number)]
        middle = len(brief) // 2
        return {
            "title": title,
            "skills": ", ".join(skills),
            "brief": f"{' '.join(brief[:middle])}\n\n{' '.join(brief[middle:])}",
            "deliverable": chance.choice(language.sentences),
            "learning_goals": " ".join(chance.choices(language.sentences, k=2)),
            "mentor_name": f"{chance.choice(words.NAMES)} {chance.choice(words.NAMES)}",
            "feedback_plan": "A call every Friday.",
        }


def _place(chance: random.Random) -> Row:
    mode = chance.choices(("remote", "hybrid", "on_site"), (65, 20, 15))[0]
    if chance.random() < 0.12:
        city, country, currency = chance.choice(words.ABROAD)
        return {"location_mode": mode, "place": city, "country": country, "currency": currency}
    city, region = chance.choice(words.CITIES)
    return {"location_mode": mode, "place": city, "region": region, "country": "US", "currency": "USD"}


def _pay(chance: random.Random, published: dt.datetime) -> Row:
    kind = chance.choices(("hourly", "fixed_fee", "unpaid"), (70, 25, 5))[0]
    if kind != "unpaid":
        return {"pay_kind": kind, "pay_amount": chance.randint(15, 40) * (1 if kind == "hourly" else 30)}
    talk = {"unpaid_talk_at": published, "unpaid_talk_by_id": 1, "unpaid_basis": "A volunteer project."}
    return {"pay_kind": kind, "travel_costs_covered": True, **talk}
