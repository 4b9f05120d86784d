"""The board, its people and its clock, and what an attempt is."""

import datetime as dt
from collections import Counter
from contextlib import suppress
from functools import partial

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from accounts.roles import Role
from applications import actions
from applications.models import (
    Application,
    ApplicationEvent,
    CaseLook,
    Interview,
    InterviewEvent,
    InterviewTime,
    Offer,
    OfferEvent,
    OfferExtension,
    OfferRequest,
)
from applications.workflow import APPLICATION, OFFER, OfferStatus
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from postings import actions as postings
from postings.models import Posting
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

STUDENTS = ("sana", "theo", "noor")
OFFICE = ("mo", "dev")
PEOPLE = (*STUDENTS, "omar", "lena", *OFFICE, "ines")
WATCHED = (
    *(Application, ApplicationEvent, Interview, InterviewEvent, InterviewTime),
    *(Offer, OfferEvent, OfferExtension, OfferRequest, CaseLook, OutboxMail),
)
anybody, student = st.sampled_from(PEOPLE), st.sampled_from(STUDENTS)
mostly = st.sampled_from((True, True, True, False))
some = st.integers(0, 11)  # which of however many there are


class Board(RuleBasedStateMachine):
    """One posting with a position or two, three who want it, and everybody who may or may not have a say."""

    done: Counter[str] = Counter()  # what was done, over all stories

    def open(self, seats):
        self.savepoint = transaction.atomic()
        self.savepoint._from_testcase = True  # or a worker's claim would refuse to run inside
        self.savepoint.__enter__()
        self.now = NOW
        host = make_host("Omar")
        self.people = {name: make_student(name).user for name in STUDENTS}
        self.people |= {"omar": host.user, "lena": make_host("Lena").user}
        staff = {"mo": Role.MODERATOR, "dev": Role.ADVISER, "ines": Role.INTERNATIONAL_ADVISER}
        self.people |= {name: make_staff(role, name) for name, role in staff.items()}
        self.posting = make_posting(host=host, positions=seats)
        self.seats = seats

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # Who is what, told apart from the code that is tested.

    def roles(self, name, application):
        staff = {"mo": {"moderator"}, "dev": {"adviser"}, "ines": {"international"}, "omar": {"host"}}
        return {"student"} if self.is_of(name, application) else staff.get(name, set())

    def is_of(self, name, application):
        return application.student.user_id == self.people[name].pk

    def application_of(self, name):
        return Application.objects.filter(student__user=self.people[name]).select_related("student__user").first()

    def suspended(self):
        self.posting.organization.refresh_from_db()
        return self.posting.organization.is_suspended

    def taken(self):
        return Offer.objects.filter(application__posting=self.posting, status=OfferStatus.ACCEPTED).count()

    # What is allowed happens, what is not changes nothing.

    def picture(self):
        rows = [list(model.objects.order_by("pk").values()) for model in WATCHED]
        return rows, list(Posting.objects.values_list("pk", "status", "version"))

    def attempt(self, verb, call, *, legal):
        """Whether it was allowed, and done."""
        before = self.picture()
        with suppress(MoveRefused):
            call()
            if legal:  # else it may only be what was done before: the button may be pressed twice
                self.done[verb] += 1
                return True
        assert self.picture() == before, "what is refused or forbidden changes nothing"
        return False

    def attempt_exactly(self, verb, call, *, legal):
        """Where all of the rules are told here: what they allow is not refused."""
        done = self.attempt(verb, call, legal=legal)
        assert done == legal
        return done

    def move(self, thing, who, verb, call):
        """An attempt that the table, of applications or of offers, must allow."""
        application = getattr(thing, "application", thing)
        step = (OFFER if isinstance(thing, Offer) else APPLICATION).moves[verb]
        legal = thing.status in step.sources and bool(self.roles(who, application) & set(step.who))
        return self.attempt(verb, partial(call, thing), legal=legal)

    # What happens by itself.

    @rule(hours=st.sampled_from((1, 7, 24, 24, 72, 200)))
    def wait(self, hours):
        self.now += dt.timedelta(hours=hours)

    @rule()
    def clock(self):
        actions.expire_offers(now=self.now)
        postings.tick(now=self.now)
        plan_all(self.now)
        assert not Offer.objects.filter(status=OfferStatus.OPEN, deadline__lte=self.now).exists()
