"""Who goes back on what, that staff look at it, and what mails say of it all."""

from functools import partial

from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from applications import actions
from applications.models import Case, CaseLook, Interview, Offer, OfferRequest
from applications.workflow import ApplicationStatus, InterviewStatus, OfferStatus
from notifications.delivery import drain
from notifications.models import OutboxMail
from tests.applications.hiring.asking import Asking
from tests.applications.hiring.board import OFFICE, PEOPLE, STUDENTS, some
from tests.applications.hiring.offering import sides_of_it

A, I, O = ApplicationStatus, InterviewStatus, OfferStatus  # noqa: E741  as in the tables
STAGES = ("new", "sent", "invited", "picked", "offered", "accepted")
stage = st.sampled_from((*STAGES, "sent", "offered", "offered"))
# What still has to be so when a mail leaves; what is not named here says what was, and stays true.
OFFER_MAILS = {
    **dict.fromkeys(("made", "reminder", "extended", "deadline_moved", "place_taken", "place_free"), O.OPEN),
    **dict.fromkeys(("accepted", "accepted_host"), O.ACCEPTED),
    **dict.fromkeys(("expired", "expired_host"), O.EXPIRED),
    **dict.fromkeys(("rescinded", "rescinded_host", "rescinded_office"), O.RESCINDED),
    **dict.fromkeys(("acceptance_withdrawn", "acceptance_withdrawn_host"), O.ACCEPTANCE_WITHDRAWN),
    "on_hold": O.ON_HOLD,
    "declined_host": O.DECLINED,
}
INTERVIEW_MAILS = {
    "proposed": {I.PROPOSED},
    "times_refused": {I.TIMES_REFUSED},
    "canceled": {I.CANCELED},
    "lifted": {I.PROPOSED, I.TIMES_REFUSED, I.CANCELED},
    **{what: {I.PICKED} for what in ("picked", "place_changed", "reminder")},
}
REQUEST_MAILS = {
    **dict.fromkeys(("time_asked", "talk_asked", "going_back_asked", "unanswered", "unanswered_host"), ""),
    **dict.fromkeys(("time_refused", "going_back_refused"), "refused"),
    "talk_recorded": "held",
    "time_taken_back": "taken_back",
}
TAKE_BACK = st.sampled_from(("rescind", "withdraw_acceptance"))


class Hiring(Asking):
    @initialize(seats=st.integers(1, 2), stages=st.tuples(stage, stage, stage))
    def begin(self, seats, stages):
        self.open(seats)
        self.happened, self.looked, self.sent = [], {}, set()
        for name, reached in zip(STUDENTS, stages, strict=True):
            self.bring(name, STAGES.index(reached))

    def bring(self, name, reached):
        """How far it has come with this student when the story begins: else few stories come as far as an offer."""
        if reached >= STAGES.index("sent"):
            self.apply(name, True, name)
        if reached >= STAGES.index("invited"):
            self.invite_to(name, "omar", (24 + STUDENTS.index(name), 48))
        if reached >= STAGES.index("picked"):
            self.pick(Interview.objects.with_people().last(), name, own=True, number=0)
        if reached >= STAGES.index("offered"):
            self.offer(name, "omar")
        if reached >= STAGES.index("accepted") and self.offer_of(name):  # none where the last position is gone
            self.accept(name, name)

    @precondition(lambda self: Offer.objects.exists())
    @rule(pick=some, who=sides_of_it, verb=TAKE_BACK, side=st.sampled_from(("student", "host", "office")))
    def take_back(self, pick, who, verb, side):
        offer, said = self.offer_of(self.with_offers(pick)), {"by": self.people[who], "reason": "Budget."}
        asked = offer.requests.waiting().filter(kind="going_back").exists()
        if verb == "rescind":
            if self.move(offer, who, verb, partial(actions.rescind_offer, now=self.now, **said)):
                self.happened.append((verb, offer.pk, ""))
        elif self.move(offer, who, verb, partial(actions.withdraw_acceptance, now=self.now, gone_back=side, **said)):
            if side == "student" and asked:  # granted by this, the last that was asked
                last = self.happened[::-1].index(("ask_going_back", offer.pk, ""))
                del self.happened[len(self.happened) - 1 - last]
            self.happened.append((verb, offer.pk, side))

    def ask_to_go_back(self, offer, said, *, legal):
        if super().ask_to_go_back(offer, said, legal=legal):
            self.happened.append(("ask_going_back", offer.pk, ""))

    @precondition(lambda self: self.happened)
    @rule(pick=some, who=st.sampled_from((*OFFICE, *OFFICE, *PEOPLE)))
    def look(self, pick, who):
        cases = list(Case.objects.order_by("pk"))
        case = cases[pick % len(cases)]
        look = partial(actions.look_at, case, by=self.people[who], note="Called.", now=self.now)
        if self.attempt_exactly("look", look, legal=who in OFFICE and case.pk not in self.looked):
            self.looked[case.pk] = self.people[who].pk

    @invariant()
    def cases_are_what_happened(self):
        if not hasattr(self, "posting"):
            return
        cases = Case.objects.order_by("pk").values_list("move", "offer", "offer__gone_back")
        told = [(move, offer, side if move == "withdraw_acceptance" else "") for move, offer, side in cases]
        assert told == self.happened
        assert dict(CaseLook.objects.values_list("event", "by")) == self.looked
        waiting = set(Case.objects.waiting().values_list("pk", flat=True))
        assert waiting == set(Case.objects.values_list("pk", flat=True)) - self.looked.keys()

    # Mails

    @rule()
    def deliver(self):
        drain(clock=lambda: self.now)
        assert not OutboxMail.objects.filter(state="pending", due__lte=self.now, next_try__lte=self.now).exists()
        for mail in OutboxMail.objects.filter(state="sent").exclude(pk__in=self.sent):
            self.sent.add(mail.pk)
            self.says_what_is_so(mail)

    def says_what_is_so(self, mail):
        about, _, what = mail.kind.partition(".")
        if about == "offer":
            offer = Offer.objects.get(pk=mail.subject_id)
            assert offer.status == OFFER_MAILS[what], mail.kind
            assert (offer.status == O.OPEN) <= (self.now < offer.deadline)
            assert (what == "place_taken") <= (self.taken() == self.seats)
            assert (what in ("place_free", "reminder")) <= (self.taken() < self.seats)
            assert (what in ("reminder", "extended", "expired")) <= (mail.version == offer.last_day.isoformat())
        elif about == "interview":
            interview = Interview.objects.get(pk=mail.subject_id)
            assert interview.status in INTERVIEW_MAILS[what], mail.kind
            assert mail.version == (interview.pick if what in ("lifted", "reminder") else str(interview.sequence))
            assert interview.status != I.PICKED or self.now < interview.starts_at
        elif about == "request":
            request = OfferRequest.objects.select_related("offer").get(pk=mail.subject_id)
            assert request.outcome == REQUEST_MAILS[what], mail.kind
            assert what not in ("unanswered", "unanswered_host") or request.offer.is_open_at(self.now)

    @invariant()
    def nobody_is_reminded_of_what_is_decided(self):
        if not hasattr(self, "posting"):
            return
        waiting = OutboxMail.objects.filter(kind="offer.reminder", state="pending")
        decided = Offer.objects.exclude(status__in=[O.OPEN, O.EXPIRED])
        assert not waiting.filter(subject_id__in=decided.values("pk")).exists()
        assert not OutboxMail.objects.filter(state="sent", sent_at__gte=F("expires")).exists()
