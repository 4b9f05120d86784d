"""Anybody does anything at any time: what the tables forbid does not happen, what is refused changes nothing, and the
posting, its applications, offers and mails agree with one another after every step.

`bin/test --long tests/applications/test_state_machine.py` is 300 runs of 40 steps.
"""

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import Phase
from hypothesis import settings as current
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.roles import Role
from applications import actions, rules
from applications.models import Application, ApplicationEvent, Offer, OfferEvent, OfferExtension, OfferRequest
from applications.workflow import APPLICATION, OFFER, ApplicationStatus, OfferStatus
from campus.calendar import campus_calendar
from campus.models import Closure
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from postings import actions as postings
from postings.models import Posting
from postings.workflow import Status
from tests.applications.making import TERMS, make_draft
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

A, O = ApplicationStatus, OfferStatus  # noqa: E741  as in the tables
STUDENTS = ("sana", "theo", "noor")
PEOPLE = (*STUDENTS, "omar", "lena", "mo", "dev", "ines")
WATCHED = (Application, ApplicationEvent, Offer, OfferEvent, OfferExtension, OfferRequest, OutboxMail)
# What an application and its newest offer may be at the same time; None is no offer.
TOGETHER = {
    A.OFFERED: {O.OPEN, O.ON_HOLD},
    A.ACCEPTED: {O.ACCEPTED},
    A.DECLINED: {O.DECLINED},
    A.OFFER_EXPIRED: {O.EXPIRED},
    A.OFFER_RESCINDED: {O.RESCINDED},
    A.ACCEPTANCE_WITHDRAWN: {O.ACCEPTANCE_WITHDRAWN},
}
CONSIDER = ("review", "offer", "offer", "offer", "not_select")
TAKE_BACK = {"rescind": actions.rescind_offer, "withdraw_acceptance": actions.withdraw_acceptance}
STAGES = ("new", "sent", "offered", "accepted")
stage = st.sampled_from((*STAGES, "sent", "offered"))
anybody, student = st.sampled_from(PEOPLE), st.sampled_from(STUDENTS)
mostly = st.sampled_from((True, True, True, False))


class Hiring(RuleBasedStateMachine):
    """One posting with a position or two, three who want it, and everybody who may or may not have a say."""

    @initialize(seats=st.integers(1, 2), stages=st.tuples(stage, stage, stage))
    def begin(self, seats, stages):
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
        self.seats, self.days, self.last_days = seats, 5, {}
        for name, reached in zip(STUDENTS, stages, strict=True):
            self.bring(name, STAGES.index(reached))

    def bring(self, name, reached):
        """How far it has come with this student when the story begins: else few stories come as far as an offer."""
        if reached >= STAGES.index("sent"):
            self.apply(name, True, name)
        if reached >= STAGES.index("offered"):
            self.offer(name, "omar")
        if reached >= STAGES.index("accepted") and self.offer_of(name):  # none where the last position is gone
            self.accept(name, name)

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # Who is what, told apart from the code that is tested.

    def roles(self, name, application):
        staff = {"mo": {"moderator"}, "dev": {"adviser"}, "ines": {"international"}, "omar": {"host"}}
        return {"student"} if application.student.user.name == name else staff.get(name, set())

    def application_of(self, name):
        return Application.objects.filter(student__user=self.people[name]).select_related("student__user").first()

    def offer_of(self, name):
        return Offer.objects.filter(application__student__user=self.people[name]).first()

    def picture(self):
        rows = [list(model.objects.order_by("pk").values()) for model in WATCHED]
        return rows, list(Posting.objects.values_list("pk", "status", "version"))

    def attempt(self, call, *, legal):
        before = self.picture()
        with suppress(MoveRefused):
            call()
            if legal:  # else it may only be what was done before: the button may be pressed twice
                return
        assert self.picture() == before, "what is refused or forbidden changes nothing"

    def move(self, name, who, verb, call):
        """An attempt that the table of applications, and where there is an offer that of offers, must allow."""
        application, offer = self.application_of(name), self.offer_of(name)
        if application is None:
            return
        roles = self.roles(who, application)
        table, thing = (OFFER, offer) if verb in OFFER.moves and offer else (APPLICATION, application)
        step = table.moves[verb]
        self.attempt(partial(call, thing), legal=thing.status in step.sources and bool(roles & set(step.who)))

    # What people do: mostly those whose turn it is, else anybody.

    def with_offers(self, pick):
        names = [name for name in STUDENTS if self.offer_of(name)]
        return names[pick % len(names)]

    @rule(name=student, whose_turn=mostly, who=anybody)
    def apply(self, name, whose_turn, who):
        who = name if whose_turn else who
        application = self.application_of(name)
        if application is None and self.posting.is_open_at(self.now):
            make_draft(self.posting, self.people[name].student, now=self.now)
        for verb, act in (("start_again", actions.start_again), ("submit", actions.submit)):
            self.move(name, who, verb, partial(act, by=self.people[who], now=self.now))

    @rule(
        name=student, whose_turn=mostly, who=anybody, verb=st.sampled_from(("review", "offer", "offer", "not_select"))
    )
    def consider(self, name, whose_turn, who, verb):
        who = "omar" if whose_turn else who
        by, now = self.people[who], self.now
        if verb == "offer":
            self.offer(name, who)
        else:
            act = {"review": actions.review, "not_select": actions.not_select}[verb]
            self.move(name, who, verb, partial(act, by=by, now=now))

    def offer(self, name, who):
        start = (self.now + dt.timedelta(days=60)).date()
        terms = replace(TERMS, starts_on=start, ends_on=start + dt.timedelta(days=20))
        application = self.application_of(name)
        if application is None:
            return
        legal = who == "omar" and application.status in APPLICATION.moves["offer"].sources
        legal = legal and self.days >= application.least_days and not self.suspended()
        make = partial(actions.make_offer, application, by=self.people[who], terms=terms, days=self.days, now=self.now)
        self.attempt(make, legal=legal)

    @rule(days=st.sampled_from((1, 4, 5, 5, 6, 9)))
    def think_of_another_number_of_days(self, days):
        self.days = days

    @rule(name=student, who=anybody, days=st.integers(1, 9))
    def waive(self, name, who, days):
        application = self.application_of(name)
        if application:
            by = self.people[who]
            waive = partial(actions.waive_least_days, application, by=by, days=days, reason="A grant.", now=self.now)
            self.attempt(waive, legal=who in ("mo", "dev"))

    @rule(name=student, whose_turn=mostly, who=anybody)
    def withdraw(self, name, whose_turn, who):
        who = name if whose_turn else who
        act = partial(actions.withdraw, by=self.people[who], reason="Another project.", now=self.now)
        self.move(name, who, "withdraw", act)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=st.integers(0, 2), whose_turn=mostly, who=anybody, verb=st.sampled_from(("accept", "accept", "decline")))
    def decide(self, pick, whose_turn, who, verb):
        name = self.with_offers(pick)
        who = name if whose_turn else who
        if verb == "decline":
            self.move(name, who, "decline", partial(actions.decline_offer, by=self.people[who], now=self.now))
        else:
            self.accept(name, who)

    def accept(self, name, who):
        offer = self.offer_of(name)
        open_to_all = offer.status == O.OPEN and self.now < offer.deadline and not self.suspended()
        legal = open_to_all and who == name and self.taken() < self.seats
        self.attempt(partial(actions.accept_offer, offer, by=self.people[who], now=self.now), legal=legal)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=st.integers(0, 2), who=st.sampled_from(("omar", "dev", *PEOPLE)), days=st.integers(-3, 20))
    def extend(self, pick, who, days):
        offer = self.offer_of(self.with_offers(pick))
        late = offer.status == O.EXPIRED or (offer.status == O.OPEN and self.now >= offer.deadline)
        may = self.roles(who, offer.application) & set(OFFER.moves["reopen" if late else "extend"].who)
        legal = days > 0 and bool(may) and offer.status in (O.OPEN, O.EXPIRED) and not self.suspended()
        day = offer.last_day + dt.timedelta(days=days)
        self.attempt(partial(actions.extend_offer, offer, by=self.people[who], last_day=day, now=self.now), legal=legal)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=st.integers(0, 2), who=st.sampled_from(("omar", "dev", *PEOPLE)), verb=st.sampled_from(tuple(TAKE_BACK)))
    def take_back(self, pick, who, verb):
        act = partial(TAKE_BACK[verb], by=self.people[who], reason="Budget.", now=self.now)
        self.move(self.with_offers(pick), who, verb, act)

    @rule(who=st.sampled_from(("mo", *PEOPLE)), verb=st.sampled_from(("close", "suspend", "reinstate", "reinstate")))
    def trouble(self, who, verb):
        organization, by, suspended = self.posting.organization, self.people[who], self.suspended()
        if verb == "close":
            close = partial(postings.close, self.posting, by=by, now=self.now)
            self.attempt(close, legal=who in ("omar", "mo", "dev"))
        elif verb == "suspend":
            suspend = partial(actions.suspend_organization, organization, by=by, reason="A report.", now=self.now)
            self.attempt(suspend, legal=who == "mo" and not suspended)
        else:
            reinstate = partial(actions.reinstate_organization, organization, by=by, now=self.now)
            self.attempt(reinstate, legal=who == "mo" and suspended)

    # What happens by itself.

    @rule(hours=st.sampled_from((1, 7, 24, 24, 72, 200)))
    def wait(self, hours):
        self.now += dt.timedelta(hours=hours)

    @rule()
    def clock(self):
        actions.expire_offers(now=self.now)
        postings.tick(now=self.now)
        plan_all(self.now)
        assert not Offer.objects.filter(status=O.OPEN, deadline__lte=self.now).exists()

    @rule()
    def deliver(self):
        drain(clock=lambda: self.now)
        assert not OutboxMail.objects.filter(state="pending", due__lte=self.now, next_try__lte=self.now).exists()

    @rule(ahead=st.integers(-5, 20))
    def close_the_university(self, ahead):
        day = self.now.date() + dt.timedelta(days=ahead)
        Closure.objects.get_or_create(name="Snow", first_day=day, last_day=day)
        actions.recount_open_offers(by=self.people["dev"], now=self.now)

    # What is true after every step.

    def taken(self):
        return Offer.objects.filter(application__posting=self.posting, status=O.ACCEPTED).count()

    def suspended(self):
        self.posting.organization.refresh_from_db()
        return self.posting.organization.is_suspended

    @invariant()
    def agree(self):
        if not hasattr(self, "posting"):
            return
        for application in Application.objects.prefetch_related("offers"):
            offers = list(application.offers.all())
            expected = TOGETHER.get(application.status)
            assert expected is None or offers[0].status in expected
            undecided = {offer.status for offer in offers} & {O.OPEN, O.ON_HOLD, O.ACCEPTED}
            assert bool(undecided) == (application.status in (A.OFFERED, A.ACCEPTED))
        self.posting.refresh_from_db(fields=["status"])
        assert self.taken() <= self.seats
        assert self.taken() < self.seats or self.posting.status in (Status.FILLED, Status.CLOSED, Status.EXPIRED)

    @invariant()
    def deadlines_move_later_only_and_keep_what_was_promised(self):
        if not hasattr(self, "posting"):
            return
        suspended, calendar = self.suspended(), campus_calendar()
        for offer in Offer.objects.all():
            assert offer.last_day >= self.last_days.get(offer.pk, offer.last_day)
            self.last_days[offer.pk] = offer.last_day
            assert (offer.status == O.ON_HOLD) <= suspended
            assert (offer.status == O.OPEN and self.now < offer.deadline) <= (not suspended)
            if offer.is_open_at(self.now):
                assert rules.days_until(offer.written_at, offer.last_day, calendar, offer.zone) >= offer.policy_days

    @invariant()
    def history_ends_where_things_stand(self):
        if not hasattr(self, "posting"):
            return
        for application in Application.objects.prefetch_related("events"):
            assert max(application.events.all(), key=lambda event: event.pk).to_status == application.status
        for offer in Offer.objects.exclude(status=O.OPEN).prefetch_related("events"):
            assert max(offer.events.all(), key=lambda event: event.pk).to_status == offer.status

    @invariant()
    def nobody_is_reminded_of_what_is_decided(self):
        if not hasattr(self, "posting"):
            return
        waiting = OutboxMail.objects.filter(kind="offer.reminder", state="pending")
        decided = Offer.objects.exclude(status__in=[O.OPEN, O.EXPIRED])
        assert not waiting.filter(subject_id__in=decided.values("pk")).exists()
        assert not OutboxMail.objects.filter(state="sent", sent_at__gte=F("expires")).exists()


@pytest.mark.django_db
def test_whatever_anybody_does(settings, tmp_path, at_length):
    settings.MEDIA_ROOT = tmp_path
    # To look for a shorter story that fails alike may take minutes; the one that failed is printed.
    steps = current(max_examples=at_length(8, 300), stateful_step_count=40, phases=[Phase.generate])
    run_state_machine_as_test(Hiring, settings=steps)
