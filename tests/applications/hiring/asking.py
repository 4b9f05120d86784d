"""Students ask about their offers: for more time, for a talk, to go back on an acceptance."""

import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from applications import actions
from applications.models import Offer, OfferRequest, RequestKind, RequestOutcome
from applications.workflow import OfferStatus
from tests.applications.hiring.board import OFFICE, PEOPLE, anybody, mostly, some
from tests.applications.hiring.interviewing import Interviewing

K, O, R = RequestKind, OfferStatus, RequestOutcome  # noqa: E741  as in the tables
# Of which offers each may wait for its answer: a talk is owed even where the offer is taken back, or ran out.
FITS = {
    K.MORE_TIME: {O.OPEN, O.ON_HOLD},
    K.TALK: {O.OPEN, O.ON_HOLD, O.RESCINDED, O.EXPIRED},
    K.GOING_BACK: {O.ACCEPTED},
}


class Asking(Interviewing):
    @precondition(lambda self: Offer.objects.exists())
    @rule(
        pick=some,
        kind=st.sampled_from(RequestKind),
        whose_turn=mostly,
        who=anybody,
        days=st.sampled_from((0, 1, 9, 400)),
    )
    def ask(self, pick, kind, whose_turn, who, days):
        name = self.with_offers(pick)
        who, offer = (name if whose_turn else who), self.offer_of(name)
        legal = who == name and not offer.requests.filter(kind=kind, settled_at=None).exists()
        decidable = offer.status == O.OPEN and self.now < offer.deadline
        said = {"by": self.people[who], "words": "It is about my exams.", "now": self.now}
        if kind == K.MORE_TIME:
            day = offer.last_day + dt.timedelta(days=days)
            today = self.now.astimezone(ZoneInfo(offer.zone)).date()
            possible = offer.last_day < day <= today + dt.timedelta(days=366)
            ask = partial(actions.ask_for_time, offer, wished_day=day, **said)
            self.attempt_exactly(f"ask_{kind}", ask, legal=legal and decidable and possible and not self.suspended())
        elif kind == K.TALK:
            ask = partial(actions.ask_for_talk, offer, **said)
            self.attempt_exactly(f"ask_{kind}", ask, legal=legal and (decidable or offer.status == O.ON_HOLD))
        else:
            self.ask_to_go_back(offer, said, legal=legal and offer.status == O.ACCEPTED)

    def ask_to_go_back(self, offer, said, *, legal):
        return self.attempt_exactly("ask_going_back", partial(actions.ask_to_go_back, offer, **said), legal=legal)

    def request(self, pick):
        requests = list(OfferRequest.objects.select_related("offer__application__student__user").order_by("-pk"))
        return requests[pick % len(requests)]

    @precondition(lambda self: OfferRequest.objects.exists())
    @rule(pick=some, whose_turn=mostly, who=anybody)
    def think_better_of_it(self, pick, whose_turn, who):
        request = self.request(pick)
        who = request.student.name if whose_turn else who
        take_back = partial(actions.take_back_request, request, by=self.people[who], now=self.now)
        legal = self.is_of(who, request.offer.application) and request.is_open
        self.attempt_exactly("take_back_request", take_back, legal=legal)

    @precondition(lambda self: OfferRequest.objects.exists())
    @rule(pick=some, verb=st.sampled_from(("refuse", "refuse", "drop")), who=st.sampled_from(("dev", "omar", *PEOPLE)))
    def answer(self, pick, verb, who):
        request = self.request(pick)
        said = {"by": self.people[who], "reason": "Not this time.", "now": self.now}
        if verb == "drop":
            legal = who in OFFICE and request.kind == K.TALK and request.is_open
            self.attempt_exactly("drop_talk", partial(actions.drop_talk, request, **said), legal=legal)
        else:
            whose = {K.MORE_TIME: ("omar", *OFFICE), K.GOING_BACK: OFFICE}.get(request.kind, ())
            refuse = partial(actions.refuse_request, request, **said)
            self.attempt_exactly(f"refuse_{request.kind}", refuse, legal=who in whose and request.is_open)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=some, who=st.sampled_from(("dev", *PEOPLE)))
    def talk(self, pick, who):
        offer = self.offer_of(self.with_offers(pick))
        talk = partial(actions.record_talk, offer, by=self.people[who], note="We talked.", now=self.now)
        self.attempt_exactly("record_talk", talk, legal=who in OFFICE)

    @invariant()
    def what_waits_for_an_answer_fits_its_offer(self):
        if not hasattr(self, "posting"):
            return
        for request in OfferRequest.objects.filter(settled_at=None).select_related("offer"):
            assert request.offer.status in FITS[request.kind]

    @invariant()
    def the_last_answer_is_what_happened_to_the_offer(self):
        """A wish is granted by what grants it, and by nothing else."""
        if not hasattr(self, "posting"):
            return
        for request in OfferRequest.objects.filter(outcome=R.GRANTED).select_related("offer"):
            moves = ("extend", "reopen") if request.kind == K.MORE_TIME else ("withdraw_acceptance",)
            assert request.offer.events.filter(move__in=moves, at=request.settled_at, by=request.settled_by).exists()
