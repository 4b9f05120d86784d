"""Applications, offers and their deadlines."""

import datetime as dt
from dataclasses import replace
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from applications import actions, rules
from applications.models import Application, Offer
from applications.workflow import APPLICATION, OFFER, ApplicationStatus, OfferStatus
from campus.calendar import campus_calendar
from campus.models import Closure
from postings import actions as postings
from postings.workflow import Status
from tests.applications.hiring.board import OFFICE, PEOPLE, STUDENTS, Board, anybody, mostly, some, student
from tests.applications.making import TERMS, make_draft

A, O = ApplicationStatus, OfferStatus  # noqa: E741  as in the tables
# What an application and its newest offer may be at the same time.
TOGETHER = {
    A.OFFERED: {O.OPEN, O.ON_HOLD},
    A.ACCEPTED: {O.ACCEPTED},
    A.DECLINED: {O.DECLINED},
    A.OFFER_EXPIRED: {O.EXPIRED},
    A.OFFER_RESCINDED: {O.RESCINDED},
    A.ACCEPTANCE_WITHDRAWN: {O.ACCEPTANCE_WITHDRAWN},
}
sides_of_it = st.sampled_from(("omar", "dev", *PEOPLE))


class Offering(Board):
    def open(self, seats):
        super().open(seats)
        self.days, self.last_days = 5, {}

    def offer_of(self, name):
        offers = Offer.objects.filter(application__student__user=self.people[name])
        return offers.select_related("application__student__user").first()

    def with_offers(self, pick):
        names = [name for name in STUDENTS if self.offer_of(name)]
        return names[pick % len(names)]

    # What people do: mostly those whose turn it is, else anybody.

    @rule(name=student, whose_turn=mostly, who=anybody)
    def apply(self, name, whose_turn, who):
        who = name if whose_turn else who
        if self.application_of(name) is None and self.posting.is_open_at(self.now):
            make_draft(self.posting, self.people[name].student, now=self.now)
        for verb, act in (("start_again", actions.start_again), ("submit", actions.submit)):
            if application := self.application_of(name):
                self.move(application, who, verb, partial(act, by=self.people[who], now=self.now))

    @rule(
        name=student, whose_turn=mostly, who=anybody, verb=st.sampled_from(("review", "offer", "offer", "not_select"))
    )
    def consider(self, name, whose_turn, who, verb):
        who = "omar" if whose_turn else who
        application = self.application_of(name)
        if verb == "offer":
            self.offer(name, who)
        elif application:
            act = {"review": actions.review, "not_select": actions.not_select}[verb]
            self.move(application, who, verb, partial(act, by=self.people[who], now=self.now))

    def offer(self, name, who):
        start = (self.now + dt.timedelta(days=60)).date()
        terms = replace(TERMS, starts_on=start, ends_on=start + dt.timedelta(days=20))
        application = self.application_of(name)
        if application is None:
            return
        legal = who == "omar" and application.status in APPLICATION.moves["offer"].sources
        legal = legal and self.days >= application.least_days and not self.suspended()
        make = partial(actions.make_offer, application, by=self.people[who], terms=terms, days=self.days, now=self.now)
        self.attempt("offer", make, legal=legal)

    @rule(days=st.sampled_from((1, 4, 5, 5, 6, 9)))
    def think_of_another_number_of_days(self, days):
        self.days = days

    @rule(name=student, who=anybody, days=st.integers(1, 9))
    def waive(self, name, who, days):
        application = self.application_of(name)
        if application:
            by = self.people[who]
            waive = partial(actions.waive_least_days, application, by=by, days=days, reason="A grant.", now=self.now)
            self.attempt("waive", waive, legal=who in OFFICE)

    @rule(name=student, whose_turn=mostly, who=anybody)
    def withdraw(self, name, whose_turn, who):
        who = name if whose_turn else who
        if application := self.application_of(name):
            act = partial(actions.withdraw, by=self.people[who], reason="Another project.", now=self.now)
            self.move(application, who, "withdraw", act)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=some, whose_turn=mostly, who=anybody, verb=st.sampled_from(("accept", "accept", "decline")))
    def decide(self, pick, whose_turn, who, verb):
        name = self.with_offers(pick)
        who = name if whose_turn else who
        if verb == "decline":
            act = partial(actions.decline_offer, by=self.people[who], now=self.now)
            self.move(self.offer_of(name), who, "decline", act)
        else:
            self.accept(name, who)

    def accept(self, name, who):
        offer = self.offer_of(name)
        open_to_all = offer.status == O.OPEN and self.now < offer.deadline and not self.suspended()
        legal = open_to_all and who == name and self.taken() < self.seats
        self.attempt("accept", partial(actions.accept_offer, offer, by=self.people[who], now=self.now), legal=legal)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=some, who=sides_of_it, days=st.integers(-3, 20))
    def extend(self, pick, who, days):
        offer = self.offer_of(self.with_offers(pick))
        late = offer.status == O.EXPIRED or (offer.status == O.OPEN and self.now >= offer.deadline)
        verb = "reopen" if late else "extend"
        may = self.roles(who, offer.application) & set(OFFER.moves[verb].who)
        legal = days > 0 and bool(may) and offer.status in (O.OPEN, O.EXPIRED) and not self.suspended()
        day = offer.last_day + dt.timedelta(days=days)
        extend = partial(actions.extend_offer, offer, by=self.people[who], last_day=day, now=self.now)
        self.attempt(verb, extend, legal=legal)

    @rule(who=st.sampled_from(("mo", *PEOPLE)), verb=st.sampled_from(("close", "suspend", "reinstate", "reinstate")))
    def trouble(self, who, verb):
        organization, by, suspended = self.posting.organization, self.people[who], self.suspended()
        if verb == "close":
            close = partial(postings.close, self.posting, by=by, now=self.now)
            self.attempt(verb, close, legal=who in ("omar", *OFFICE))
        elif verb == "suspend":
            suspend = partial(actions.suspend_organization, organization, by=by, reason="A report.", now=self.now)
            self.attempt(verb, suspend, legal=who == "mo" and not suspended)
        else:
            reinstate = partial(actions.reinstate_organization, organization, by=by, now=self.now)
            self.attempt(verb, reinstate, legal=who == "mo" and suspended)

    @rule(ahead=st.integers(-5, 20))
    def close_the_university(self, ahead):
        day = self.now.date() + dt.timedelta(days=ahead)
        Closure.objects.get_or_create(name="Snow", first_day=day, last_day=day)
        actions.recount_open_offers(by=self.people["dev"], now=self.now)

    # What is true after every step.

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
