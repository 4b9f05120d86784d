"""Work of the cast: done, handed in, under way, about to begin, and waiting; and records in every state."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import StudentProfile, User
from applications import actions as applying
from applications.models import Case, Offer
from applications.workflow import OfferStatus
from authorization import actions as authorizing
from authorization.models import AuthorizationRecord, RouteStep
from authorization.rules import declared_needs
from authorization.workflow import Needs, Status
from core import clock
from core.uploads import PDF, Upload
from microintern.demo.board import monday
from microintern.demo.paper import pdf
from microintern.demo.people import LENA, OMAR, SANA, THEO, Person
from microintern.demo.story import DAY, Story, is_typical
from placements import actions
from placements.models import Placement
from postings.models import Posting, PostingEvent

WEEK = 7 * DAY
# Moments of a posting that lie before its first day of work, and move back with it.
MOMENTS = (
    "created_at",
    "updated_at",
    "submitted_at",
    "expectations_read_at",
    "decided_at",
    "approved_at",
    "published_at",
)
DELIVERABLE = "The notebook and a two-page summary are in the shared folder: https://files.example.org/harbor/summary"
DONE = ("Read the data dictionary", "Cleaned the January file", "First charts", "Call with the mentor", "Second draft")
DENIED = ("advise", "file", "deny")
# How far the records of other students are, by what was done on them.
PATHS = (
    ("advise", "file", "approve", "move"),
    ("advise", "file"),
    ("advise",),
    ("advise", "file", "cut"),
    DENIED,
    ("waive",),
    ("advise", "file", "approve"),
)


def of(postings: list[Posting], *people: Person) -> list[Posting]:
    """What they have up, ordinary micro-internships first."""
    emails = {person.email for person in people}
    return sorted((one for one in postings if one.host.user.email in emails), key=lambda one: not is_typical(one))


class Work:
    def __init__(self, story: Story, adviser: User, moderator: User) -> None:
        self.story = story
        self.adviser = adviser
        self.moderator = moderator
        self.now = story.now
        self.monday = monday(clock.today(story.now)) - WEEK  # the last one before today

    def tell(self, postings: list[Posting]) -> None:
        sana, theo = (StudentProfile.objects.get(user__email=person.email) for person in (SANA, THEO))
        omars, lenas = of(postings, OMAR), of(postings, LENA)
        self._go(sana.authorization_records.get(), DENIED)
        self._completed(sana, lenas[0], self.monday - 10 * WEEK)
        self._handed_in(theo, lenas[1], self.monday - 4 * WEEK)
        self._under_way(sana, omars[0], self.monday - WEEK)
        self._in_danger(sana, omars[1])
        self._accepted(theo, omars[2])
        for student, ending in zip(self.others(), ("submitted", "in_review", "interview", "submitted"), strict=False):
            self.story.apply(student, omars[3], ending)

    def others(self) -> list[StudentProfile]:
        return list(StudentProfile.objects.exclude(user__email__in=[SANA.email, THEO.email]).select_related("user"))

    def _completed(self, student: StudentProfile, posting: Posting, starts: dt.date) -> None:
        placement = self._begun(student, posting, starts)
        self._log(placement, until=placement.ends_on)
        actions.submit_deliverable(placement, by=student.user, deliverable=DELIVERABLE, now=_at(placement.ends_on, 17))
        actions.complete(placement, by=posting.host.user, now=_at(placement.ends_on + 3 * DAY, 10))

    def _handed_in(self, student: StudentProfile, posting: Posting, starts: dt.date) -> None:
        placement = self._begun(student, posting, starts)
        self._log(placement, until=placement.ends_on)
        actions.submit_deliverable(placement, by=student.user, deliverable=DELIVERABLE, now=self.now - 1.2 * DAY)

    def _under_way(self, student: StudentProfile, posting: Posting, starts: dt.date) -> None:
        placement = self._begun(student, posting, starts)
        self._log(placement, until=clock.today(self.now) - DAY)
        content = pdf([student.user.name, "Endorsed for this employer and these dates."], title="I-20")
        step = RouteStep.objects.get(kind=placement.record.route, document="I-20")
        upload = Upload(content, "I-20.pdf", PDF)
        filed = _at(starts - 9 * DAY, 11)
        document = authorizing.keep_document(placement.record, step=step, upload=upload, by=student.user, now=filed)
        authorizing.open_document(document, by=self.adviser, now=filed + DAY / 4)

    def _in_danger(self, student: StudentProfile, posting: Posting) -> None:
        """The letter is ready, a question waits, and the latest safe filing is near."""
        posting.start_earliest = self.monday + 4 * WEEK
        posting.save(update_fields=["start_earliest"])
        record = self._accepted(student, posting).record
        letter = RouteStep.objects.get(kind=record.route, document="Offer letter")
        authorizing.tick(record, step=letter, by=student.user, now=self.now - DAY / 3)
        note = "Which course would this be part of?"
        authorizing.ask(record, note=note, by=self.adviser, now=self.now - DAY / 4)

    def _accepted(self, student: StudentProfile, posting: Posting, until: dt.datetime | None = None) -> Placement:
        self.story.apply(student, posting, "accepted", until=until)
        return Placement.objects.with_people().get(offer__application__posting=posting)

    def _begun(self, student: StudentProfile, posting: Posting, starts: dt.date) -> Placement:
        _age(posting, starts)
        accepted = _at(starts - 20 * DAY, 12)
        placement = self._accepted(student, posting, until=accepted)
        if placement.record.status == Status.NOT_STARTED:
            self._move(placement.record, "advise", accepted + DAY)
            self._move(placement.record, "file", accepted + 2 * DAY)
            self._move(placement.record, "approve", accepted + 12 * DAY)
        return actions.begin(placement, by=student.user, now=_at(starts, 9))

    def _log(self, placement: Placement, *, until: dt.date) -> None:
        """Three days a week, some of them with a word on what was done."""
        days = [placement.starts_on + number * DAY for number in range((until - placement.starts_on).days + 1)]
        for number, day in enumerate(day for day in days if day.weekday() in (0, 2, 4)):
            hours, note = Decimal(3 + number % 3) + Decimal("0.5"), DONE[number % len(DONE)]
            actions.log_hours(placement, by=placement.student, day=day, hours=hours, note=note, now=_at(day, 18))

    def fall_through(self) -> None:
        """A host and two students go back on their word; the office has looked into the first of it."""
        others = Offer.objects.exclude(application__student__user__email__in=[SANA.email, THEO.email]).order_by("pk")
        taken_back = others.filter(status=OfferStatus.OPEN)[0]
        host, why = taken_back.application.posting.host.user, "Our client stopped the project last night."
        applying.rescind_offer(taken_back, by=host, reason=why, now=self.now - DAY / 3)
        note = "Talked with the host: the fee for the first week is paid all the same."
        applying.look_at(Case.objects.get(), by=self.moderator, note=note, now=self.now - DAY / 4)
        for offer in others.filter(status=OfferStatus.ACCEPTED, placement__program_record=None)[:2]:
            words = "I have to go home for family reasons in that month."
            applying.ask_to_go_back(offer, by=offer.student, words=words, now=self.now - DAY / 6)
        applying.withdraw_acceptance(offer, by=self.moderator, reason="Family reasons.", now=self.now - DAY / 12)

    def move_records(self) -> None:
        """Those of other students who need authorization, each further along than the next."""
        records = AuthorizationRecord.objects.filter(closed_at=None).exclude(student__user__email=SANA.email)
        waiting = [
            record
            for record in records.select_related("student__user").order_by("-starts", "pk")
            if declared_needs(record.student)[0] == Needs.YES
        ]
        for record, path in zip(waiting, PATHS, strict=False):
            self._go(record, path)

    def _go(self, record: AuthorizationRecord, path: tuple[str, ...]) -> None:
        for number, move in enumerate(path):
            self._move(record, move, self.now - (len(path) - number) * DAY / 24)

    def _move(self, record: AuthorizationRecord, move: str, at: dt.datetime) -> None:
        by, span = self.adviser, {"valid_from": record.starts, "valid_until": record.ends}
        does: dict[str, Any] = {
            "advise": lambda: authorizing.advise(record, by=by, now=at),
            "file": lambda: authorizing.file(record, filed_on=clock.today(at), by=record.student.user, now=at),
            "approve": lambda: authorizing.approve(record, **span, by=by, now=at),
            "cut": lambda: authorizing.approve(
                record, **(span | {"valid_until": record.ends - 4 * DAY}), by=by, note="The dates of the card.", now=at
            ),
            "deny": lambda: authorizing.deny(record, by=by, note="The duties did not fit the program.", now=at),
            "waive": lambda: authorizing.waive(record, by=by, note="A permanent resident by now.", now=at),
            "move": lambda: self._move_dates(record, at),
        }
        does[move]()

    def _move_dates(self, record: AuthorizationRecord, at: dt.datetime) -> None:
        placement = Placement.objects.get(offer=Offer.objects.get(authorization=record))
        actions.move_dates(
            placement,
            by=self.moderator,
            starts_on=record.starts - WEEK,
            ends_on=record.ends - WEEK,
            reason="Both asked for a week earlier.",
            now=at,
        )


def _age(posting: Posting, starts: dt.date) -> None:
    """As though it had been posted for a first day that has passed."""
    back = posting.start_earliest - starts  # type: ignore[operator]  the demo's postings all have one
    for name in MOMENTS:
        setattr(posting, name, getattr(posting, name) - back)
    posting.start_earliest, posting.start_latest = starts, starts + 2 * WEEK
    posting.positions, posting.apply_by = 1, None
    moved = ["start_earliest", "start_latest", "positions", "apply_by"]
    posting.save(update_fields=[*MOMENTS, *moved])
    PostingEvent.objects.filter(posting=posting).update(at=F("at") - back)


def _at(day: dt.date, hour: int) -> dt.datetime:
    return clock.o_clock(hour, day, timezone.get_default_timezone())
