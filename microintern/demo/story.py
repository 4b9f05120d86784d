"""Students apply, hosts answer: made through the same actions as in life, at moments in the past."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.models import Level, StudentProfile, User
from applications import actions
from applications.models import Application, MaterialKind, Offer
from applications.workflow import OfferStatus
from authorization.actions import declare
from authorization.workflow import Needs, RouteKind
from core import clock
from core.uploads import PDF, Upload
from microintern.demo.board import Board, read
from microintern.demo.paper import pdf
from microintern.demo.people import SANA, THEO, Door, Person
from placements.actions import accept_offer
from postings.actions import report
from postings.models import Posting, ReportReason
from postings.workflow import Status

DAY = dt.timedelta(days=1)
EURASIA = ("DE", "FR", "GB", "IE", "IN", "JP", "SG")
TALK = dt.timedelta(minutes=30)


class Story:
    def __init__(self, door: Door, board: Board, now: dt.datetime) -> None:
        self.door = door
        self.board = board
        self.now = now
        self.random = random.Random(7)  # noqa: S311  the same story on every machine
        self.talks = itertools.count()
        self.letters = [row["text"] for row in read("people.toml")["cover_letter"]]

    def tell(self, postings: list[Posting]) -> None:
        sana = self._student(SANA, Level.UNDERGRADUATE, "Computer Science", Needs.YES, RouteKind.CPT)
        theo = self._student(THEO, Level.UNDERGRADUATE, "Economics", Needs.NO, RouteKind.NONE)
        others = [self._other(row) for row in read("people.toml")["student"]]
        taking = [posting for posting in postings if posting.status == Status.OPEN and is_typical(posting)]
        abroad = [posting for posting in taking if posting.country in EURASIA][:3]
        home = [posting for posting in taking if posting not in abroad]
        old = iter(sorted(home, key=lambda posting: posting.published_at))
        self._sanas(sana, old)
        self._theos(theo, old)
        self._send_abroad([theo, *others[:2]], abroad)
        for student in others:
            for ending in self.random.sample(ENDINGS, 4):
                self.apply(student, next(old), ending)
        self._report(postings, by=theo.user)

    def _send_abroad(self, students: list[StudentProfile], postings: list[Posting]) -> None:
        for student, posting in zip(students, postings, strict=True):
            self.apply(student, posting, "accepted")

    def fill(self, postings: list[Posting], students: list[StudentProfile]) -> None:
        """Take every position of these postings, so that they close as filled by themselves."""
        for posting in postings:
            for student in self.random.sample(students, posting.positions):
                self.apply(student, posting, "accepted")

    def _sanas(self, student: StudentProfile, postings: Iterator[Posting]) -> None:
        for ending in ("accepted", "offered", "interview", "submitted", "not_selected"):
            self.apply(student, next(postings), ending)

    def _theos(self, student: StudentProfile, postings: Iterator[Posting]) -> None:
        for ending in ("offered", "in_review", "declined", "withdrawn"):
            self.apply(student, next(postings), ending)
        offer = Offer.objects.get(application__student=student, status=OfferStatus.OPEN)
        words = "I have an interview elsewhere on that day, and would like to tell you a yes that I mean."
        wished, asked = offer.last_day + 4 * DAY, self.now - dt.timedelta(minutes=40)
        actions.ask_for_time(offer, by=student.user, words=words, wished_day=wished, now=asked)
        actions.ask_for_talk(offer, by=student.user, words="I hesitate between two projects.", now=asked)

    def _report(self, postings: list[Posting], *, by: User) -> None:
        posting = next(posting for posting in postings if posting.title == REPORTED)
        note = "In the first call I was told that it is selling at the door, on commission, and not research."
        report(posting, by=by, reason=ReportReason.MISLEADING, note=note, now=self.now - DAY / 4)

    def _student(self, person: Person, level: str, program: str, needs: str, route: str) -> StudentProfile:
        student = self.door.student(person, level=level, program=program)
        declare(student, needs=needs, route=route, by=student.user, now=self.now - 120 * DAY)
        actions.acknowledge_guidelines(student.user, now=self.now - 120 * DAY)
        return student

    def _other(self, row: dict[str, Any]) -> StudentProfile:
        first, last = row["first"], row["last"]
        person = Person(f"{first.lower()}.{last.lower()}@student.example.edu", f"{first} {last}", "student")
        needs = self.random.choice((Needs.NO, Needs.NO, Needs.YES, Needs.UNSAID))
        route = {Needs.NO: RouteKind.NONE, Needs.YES: RouteKind.OPT}.get(needs, RouteKind.UNSURE)
        return self._student(person, row["level"], row["program"], needs, route)

    def apply(
        self, student: StudentProfile, posting: Posting, ending: str, *, until: dt.datetime | None = None
    ) -> None:
        """`until`: when the last of it happened, if not just now."""
        host = posting.host.user
        moments = self._moments(posting, until or self.now - dt.timedelta(hours=1 + ENDINGS.index(ending) % 3))
        application = self._sent(student, posting, next(moments))
        if ending == "submitted":
            return
        if ending == "withdrawn":
            actions.withdraw(application, by=student.user, reason="My plans changed.", now=next(moments))
            return
        actions.review(application, by=host, now=next(moments))
        if ending == "not_selected":
            actions.not_select(application, by=host, now=next(moments))
        if ending in ("in_review", "not_selected"):
            return
        self._interview(application, host, next(moments), to_come=ending == "interview")
        if ending == "interview":
            return
        offer = self._offer(application, host, next(moments))
        if ending == "accepted":
            self._accept(offer, next(moments))
        if ending == "declined":
            actions.decline_offer(offer, by=student.user, reason="I took another project.", now=next(moments))

    def _accept(self, offer: Offer, at: dt.datetime) -> None:
        if offer.needs_talk:
            note = "We talked about why it is unpaid, and about what there is to learn."
            actions.record_talk(offer, by=self.board.moderator, note=note, now=offer.written_at)
        accept_offer(offer, by=offer.student, now=at)

    def _moments(self, posting: Posting, until: dt.datetime) -> Iterator[dt.datetime]:
        """Later and later, from soon after the posting opened."""
        start = max(posting.published_at, until - 12 * DAY)
        step = (until - start) / 7
        return (start + step * number for number in range(1, 8))

    def _sent(self, student: StudentProfile, posting: Posting, at: dt.datetime) -> Application:
        application = actions.start_application(posting, by=student.user, now=at)
        for kind in (MaterialKind.RESUME, *posting.extra_materials):
            upload = self._paper(student, MaterialKind(kind))
            actions.keep_file(application, kind=kind, upload=upload, by=student.user, now=at)
        letter = self.random.choice(self.letters)
        actions.keep_text(application, kind=MaterialKind.COVER_LETTER, text=letter, by=student.user, now=at)
        return actions.submit(application, by=student.user, now=at)

    def _paper(self, student: StudentProfile, kind: MaterialKind) -> Upload:
        name = student.user.name
        lines = [name, f"{student.program}, {student.get_level_display()}", student.user.email, "", kind.label]
        lines += ["", "Coursework, projects and references on request."]
        content = pdf(lines, title=f"{kind.label} of {name}")
        return Upload(content, f"{kind.label} {name}.pdf", PDF)

    def _interview(self, application: Application, host: User, at: dt.datetime, *, to_come: bool) -> None:
        """Each at an hour of its own, from eight in the morning on one of two days, since nobody sits in two at once.
        Of those to come every other has its time."""
        number = next(self.talks)
        day = clock.today(self.now) + 2 * DAY if to_come else clock.today(at) + DAY
        first = clock.o_clock(8, day + number % 48 // 24 * DAY, timezone.get_default_timezone()) + number % 24 * TALK
        interview = actions.invite_to_interview(
            application,
            by=host,
            times=[first, first + DAY, first + DAY + 2 * TALK],
            mode="video",
            minutes=30,
            note="We will walk through the brief together; bring your questions.",
            now=at,
        )
        if not to_come or number % 2:
            actions.pick_time(interview, by=application.student.user, time=interview.times.get(number=1), now=at)

    def _offer(self, application: Application, host: User, at: dt.datetime) -> Offer:
        posting = application.posting
        terms = actions.Terms(
            starts_on=posting.start_earliest,
            ends_on=posting.start_earliest + dt.timedelta(weeks=posting.weeks_max) - 3 * DAY,
            hours_week=posting.hours_week_max,
            pay_kind=posting.pay_kind,
            pay_amount=posting.pay_amount,
            currency=posting.currency,
            note="We enjoyed talking with you and would be glad to have you on this project.",
        )
        kind = posting.opportunity_type
        return actions.make_offer(application, by=host, terms=terms, days=kind.offer_days_recommended, now=at)


def is_typical(posting: Posting) -> bool:
    return posting.opportunity_type.slug == "micro-internship" and not posting.is_unpaid


REPORTED = "Door-to-door research for a stairlift refurbisher"
ENDINGS = ["submitted", "in_review", "interview", "offered", "accepted", "declined", "not_selected", "withdrawn"]
