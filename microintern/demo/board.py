"""240 postings of a hundred organizations, in every state, with dates relative to the day they are loaded."""

import datetime as dt
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Host, HostEvent, Membership, Organization, User
from core import clock
from microintern.demo.people import GRACE, LENA, OMAR, Door, Person
from postings.actions.moves import search_context_of
from postings.models import EngagementType, Label, OpportunityType, Posting, PostingEvent, Stream
from postings.workflow import HoldCause, Reason, Status

HERE = Path(__file__).parent
DAY = dt.timedelta(days=1)
# How many of each state, dealt over the shuffled postings; the rest are open.
DECK = {
    Status.SUBMITTED: 9,
    Status.CHANGES_REQUESTED: 4,
    Status.DRAFT: 6,
    Status.SCHEDULED: 8,
    Status.ON_HOLD: 3,
    Status.CLOSED: 16,
    Status.FILLED: 18,
    Status.EXPIRED: 16,
    Status.DECLINED: 3,
    Status.WITHDRAWN: 4,
}
SEASONS = (
    dict.fromkeys(range(1, 6), "spring") | dict.fromkeys(range(6, 9), "summer") | dict.fromkeys(range(9, 13), "fall")
)
# States that a posting reaches only after the story has been told on it.
ENDS = (Status.CLOSED, Status.FILLED, Status.EXPIRED)


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text())


class Board:
    def __init__(self, door: Door, moderator: User, now: dt.datetime) -> None:
        self.door = door
        self.moderator = moderator
        self.now = now
        self.random = random.Random(2026)  # noqa: S311  the same board on every machine
        self.types = {row.slug: row for row in OpportunityType.objects.all()}
        self.streams = {row.slug: row for row in Stream.objects.all()}
        self.labels = {row.slug: row for row in Label.objects.all()}
        self.engagement = EngagementType.objects.filter(allowed=True)[0]
        self.hosts: dict[str, Host] = {}
        # Postings that are to end, but not before the story has been told on them.
        self.endings: dict[Posting, str] = {}

    def load(self) -> list[Posting]:
        self._organizations()
        projects = [(slug, project) for slug in self.streams for project in self._projects(slug)]
        self.random.shuffle(projects)
        deck = [status for status, times in DECK.items() for _ in range(times)]
        deck += [Status.OPEN] * (len(projects) - len(deck))
        postings = [
            self._posting(stream, project, status, number)
            for number, ((stream, project), status) in enumerate(zip(projects, deck, strict=True))
        ]
        Posting.objects.bulk_create(postings)
        self.endings = {posting: status for posting, status in zip(postings, deck, strict=True) if status in ENDS}
        PostingEvent.objects.bulk_create(event for posting in postings for event in self._events(posting))
        self._stick_labels(postings, [project for _, project in projects])
        return postings

    @property
    def to_fill(self) -> list[Posting]:
        return [posting for posting, status in self.endings.items() if status == Status.FILLED]

    def end(self) -> None:
        for posting, status in self.endings.items():
            if status != Status.FILLED:
                posting.status = status
                posting.ended_at, posting.ended_by = self._end_of(posting, status)
                posting.save(update_fields=["status", "ended_at", "ended_by"])
                PostingEvent.objects.create(
                    posting=posting,
                    at=posting.ended_at,
                    by=posting.ended_by,
                    move="close" if status == Status.CLOSED else "expire",
                    from_status=Status.OPEN,
                    to_status=status,
                )

    def _end_of(self, posting: Posting, status: str) -> tuple[dt.datetime, User | None]:
        if status == Status.EXPIRED and posting.apply_by:
            return posting.apply_by, None
        return self.now - self.random.uniform(0.2, 0.9) * DAY, posting.host.user

    def add_member(self, host: Host, *, beside: str) -> None:
        organization = Organization.objects.get(name=beside)
        Membership.objects.create(
            user=host.user, organization=organization, since=self.now - 90 * DAY, added_by=organization.created_by
        )

    def _projects(self, stream: str) -> list[dict[str, Any]]:
        path = HERE / "projects" / f"{stream}.toml"
        return tomllib.loads(path.read_text())["project"]

    def _organizations(self) -> None:
        cast = {person.name: person for person in (OMAR, LENA, GRACE)}
        for row in read("organizations.toml")["organization"]:
            name = row["host_name"]
            slug = row["website"].removeprefix("https://").rstrip("/")
            person = cast.get(name) or Person(f"{name.split()[0].lower()}@{slug}", name, "host")
            host = self._host(person, row)
            organization = Organization.objects.create(
                name=row["name"],
                kind=row["kind"],
                website=row["website"],
                city=row["city"],
                country=row["country"],
                about=row["about"],
                created_by=host.user,
                created_at=self.now - 200 * DAY,
            )
            host.region = row["region"]  # type: ignore[attr-defined]  not stored: the postings' state
            host.organization = organization  # type: ignore[attr-defined]
            Membership.objects.create(user=host.user, organization=organization, since=organization.created_at)
            self.hosts[organization.name] = host

    def _host(self, person: Person, row: dict[str, Any]) -> Host:
        host = self.door.host(person, title=row["host_title"])
        if row["alumnus"]:
            host.claims_alumnus = True
            host.class_year = row["class_year"]
            host.alumnus_verified_at = self.now - 150 * DAY
            host.alumnus_verified_by = self.moderator
            host.alumnus_note = f"Registrar's list, class of {row['class_year']}"
            host.save()
            HostEvent.objects.create(
                host=host, at=host.alumnus_verified_at, by=self.moderator, verified=True, note=host.alumnus_note
            )
        return host

    def _posting(self, stream: str, project: dict[str, Any], status: str, number: int) -> Posting:
        host = self.hosts[project["organization"]]
        organization: Organization = host.organization  # type: ignore[attr-defined]
        unpaid = project["pay"]["kind"] == "unpaid"
        kind = self.types["internship" if number % 29 == 7 else "micro-internship"]
        weeks = (8, 12) if kind.slug == "internship" else tuple(project["weeks"])
        start = monday(clock.today(self.now) + self.random.randint(21, 150) * DAY)
        remote = project["location_mode"] == "remote"
        posting = Posting(
            status=Status.OPEN if status in ENDS else status,
            organization=organization,
            host=host,
            created_by=host.user,
            opportunity_type=kind,
            stream=self.streams[stream],
            engagement_type=self.engagement,
            title=project["title"],
            brief=project["brief"].strip(),
            deliverable=project["deliverable"],
            learning_goals=project["learning_goals"],
            skills=", ".join(project["skills"]),
            weeks_min=weeks[0],
            weeks_max=weeks[1],
            hours_week_min=project["hours_week"],
            hours_week_max=project["hours_week"],
            start_earliest=start,
            start_latest=start + self.random.choice((14, 21, 28, 42)) * DAY,
            location_mode=project["location_mode"],
            place="" if remote else organization.city,
            region="" if remote else host.region,  # type: ignore[attr-defined]
            country=organization.country,
            supplies=project["supplies"],
            campus_only=project.get("campus_only", False),
            pay_kind=project["pay"]["kind"],
            pay_amount=project["pay"].get("amount"),
            unpaid_basis="A volunteer project of a nonprofit, with training and for the student's own benefit."
            if unpaid
            else "",
            travel_costs_covered=unpaid,
            levels=["undergraduate", "graduate"] if project["level"] == "both" else [project["level"]],
            mentor_name=host.user.name,
            mentor_title=host.title,
            mentor_email=host.user.email,
            feedback_plan=project["feedback_plan"],
            extra_materials=project["extra_materials"],
            positions=project["positions"],
            credit_possible=self.random.random() < 0.3,
            answer_within=self.random.choice((None, None, 5, 10)),
        )
        for name, value in self._dates(status, host).items():
            setattr(posting, name, value)
        if unpaid and posting.approved_at:
            posting.unpaid_talk_at, posting.unpaid_talk_by = posting.approved_at, self.moderator
        posting.search_context = search_context_of(posting, labels=self._labels_of(posting, project))
        return posting

    def _labels_of(self, posting: Posting, project: dict[str, Any]) -> list[Label]:
        """Those of the project, and the season of every third."""
        slugs = list(project["labels"])
        if len(project["title"]) % 3 == 0 and posting.start_earliest:
            slugs.append(SEASONS[posting.start_earliest.month])
        return [self.labels[slug] for slug in slugs if slug in self.labels]

    def _dates(self, status: str, host: Host) -> dict[str, Any]:
        """The who and the when that the state needs."""
        age = self.random.uniform(1, 45) if status != Status.SUBMITTED else self.random.uniform(0.1, 4)
        created = self.now - age * DAY
        fields: dict[str, Any] = {"created_at": created, "updated_at": created}
        if status in (Status.DRAFT, Status.WITHDRAWN):
            ended = {"ended_at": created + 0.5 * DAY, "ended_by": host.user}
            return fields | (ended if status == Status.WITHDRAWN else {})
        submitted = created + 0.02 * DAY
        fields |= {"submitted_at": submitted, "submitted_by": host.user, "expectations_read_at": submitted}
        if status == Status.SUBMITTED:
            return fields
        decided = {"decided_at": created + 0.7 * DAY, "decided_by": self.moderator}
        if status in (Status.CHANGES_REQUESTED, Status.DECLINED):
            return fields | decided | self._judgment(status)
        approved = created + 0.8 * DAY
        fields |= decided | {
            "approved_at": approved,
            "approved_by": self.moderator,
            "published_at": approved,
            "apply_by": self._apply_by(status, approved),
        }
        return fields | self._standing(status, approved)

    def _judgment(self, status: str) -> dict[str, str]:
        reason = Reason.NOT_ENOUGH if status == Status.CHANGES_REQUESTED else Reason.ONGOING
        comments = [row["text"] for row in read("people.toml")["decline_comment"] if row["reason"] == reason]
        return {"decision_reason": reason, "decision_comment": self.random.choice(comments)}

    def _standing(self, status: str, approved: dt.datetime) -> dict[str, Any]:
        if status == Status.SCHEDULED:
            opens = end_of_day(clock.today(self.now) + self.random.randint(2, 20) * DAY)
            return {"opens_at": opens, "published_at": opens}
        if status == Status.ON_HOLD:
            note = "We are checking a report with the host."
            return {
                "held_at": approved + DAY,
                "held_by": self.moderator,
                "hold_cause": HoldCause.REVIEW,
                "hold_note": note,
            }
        return {}

    def _apply_by(self, status: str, approved: dt.datetime) -> dt.datetime | None:
        if status == Status.EXPIRED:
            return self._past_deadline(approved)
        if status in (Status.CLOSED, Status.FILLED) or self.random.random() < 0.45:
            return None
        return end_of_day(clock.today(self.now) + self.random.randint(3, 60) * DAY)

    def _past_deadline(self, approved: dt.datetime) -> dt.datetime:
        return end_of_day(clock.today(min(approved + 6 * DAY, self.now - DAY)))

    def _events(self, posting: Posting) -> Iterator[PostingEvent]:
        host = posting.host.user
        yield PostingEvent(posting=posting, at=posting.created_at, by=host, move="draft", to_status=Status.DRAFT)
        steps = [
            (posting.submitted_at, host, "submit", Status.DRAFT, Status.SUBMITTED),
            (posting.approved_at, self.moderator, "approve", Status.SUBMITTED, Status.OPEN),
        ]
        if not posting.approved_at and posting.decided_at:
            steps.append((posting.decided_at, self.moderator, "request_changes", Status.SUBMITTED, posting.status))
        for at, by, move, before, after in steps:
            if at:
                yield PostingEvent(posting=posting, at=at, by=by, move=move, from_status=before, to_status=after)

    def _stick_labels(self, postings: list[Posting], projects: list[dict[str, Any]]) -> None:
        through = Posting.labels.through
        through.objects.bulk_create(
            through(posting=posting, label=label)
            for posting, project in zip(postings, projects, strict=True)
            for label in self._labels_of(posting, project)
        )


def monday(day: dt.date) -> dt.date:
    """That day, or the Monday after it."""
    return day + (7 - day.weekday()) % 7 * DAY


def end_of_day(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + DAY, dt.time(), ZoneInfo(settings.TIME_ZONE))
