"""Times are proposed, picked, refused, called off, and pass."""

import datetime as dt
from functools import partial
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from applications import actions
from applications.models import Interview, InterviewTime
from applications.workflow import APPLICATION, ApplicationStatus, InterviewStatus
from tests.applications.hiring.board import anybody, mostly, some, student
from tests.applications.hiring.offering import Offering

A, I = ApplicationStatus, InterviewStatus  # noqa: E741  as in the tables
ARRANGED = (I.PROPOSED, I.TIMES_REFUSED)
WHILE_TALKING = (A.INTERVIEW, A.OFFERED, A.ACCEPTED)
VERBS = ("propose", "pick", "pick", "pick", "refuse_times", "cancel", "change_place")
TURN = {"propose": "omar", "change_place": "omar"}  # else the student's
# Few, so that two students want the same hour; one of them has passed, and none may stand there twice.
hours = st.lists(st.sampled_from((-1, 2, 3, 24, 24, 48)), min_size=1, max_size=3)


class Interviewing(Offering):
    def times(self, hours):
        return [self.now + dt.timedelta(hours=number) for number in hours]

    def is_arranged(self, application, *, besides=None):
        return application.interviews.filter(status__in=ARRANGED).exclude(pk=besides).exists()

    def may_move(self, interview):
        """It is still being talked about, its time has not come, and no other one is in the way."""
        application = interview.application
        over = interview.status == I.PICKED and interview.starts_at <= self.now
        another = self.is_arranged(application, besides=interview.pk)
        return application.status == A.INTERVIEW and not self.suspended() and not over and not another

    @rule(name=student, whose_turn=mostly, who=anybody, hours=hours)
    def invite(self, name, whose_turn, who, hours):
        self.invite_to(name, "omar" if whose_turn else who, hours)

    def invite_to(self, name, who, hours):
        application = self.application_of(name)
        if application is None:
            return
        legal = who == "omar" and application.status in APPLICATION.moves["interview"].sources
        legal = legal and not self.suspended() and not self.is_arranged(application) and possible(hours)
        asked = {"times": self.times(hours), "mode": "video", "now": self.now}
        invite = partial(actions.invite_to_interview, application, by=self.people[who], **asked)
        self.attempt_exactly("interview", invite, legal=legal)

    @precondition(lambda self: Interview.objects.exists())
    @rule(pick=some, verb=st.sampled_from(VERBS), whose_turn=mostly, who=anybody, own=mostly, number=some, hours=hours)
    def arrange(self, pick, verb, whose_turn, who, own, number, hours):
        interviews = list(Interview.objects.with_people().order_by("-pk"))
        interview = interviews[pick % len(interviews)]
        who = TURN.get(verb, interview.student.name) if whose_turn else who
        {
            "propose": partial(self.propose, hours=hours),
            "pick": partial(self.pick, own=own, number=number),
            "refuse_times": self.refuse_times,
            "cancel": self.cancel,
            "change_place": self.change_place,
        }[verb](interview, who)

    def propose(self, interview, who, *, hours):
        legal = who == "omar" and interview.status != I.CANCELED and self.may_move(interview) and possible(hours)
        asked = {"times": self.times(hours), "mode": "phone", "now": self.now}
        propose = partial(actions.propose_times, interview, by=self.people[who], **asked)
        self.attempt_exactly("propose", propose, legal=legal)

    def pick(self, interview, who, *, own, number):
        """One of its times, or one that another interview has."""
        times = list(interview.times.all() if own else InterviewTime.objects.order_by("pk"))
        time = times[number % len(times)]
        ends = time.starts_at + dt.timedelta(minutes=interview.minutes)
        busy = Interview.objects.filter(status=I.PICKED, starts_at__lt=ends, ends_at__gt=time.starts_at).exists()
        legal = interview.status == I.PROPOSED and interview.application.status == A.INTERVIEW and not self.suspended()
        legal = legal and self.is_of(who, interview.application) and time.interview_id == interview.pk
        legal = legal and time.starts_at > self.now and not busy
        pick = partial(actions.pick_time, interview, by=self.people[who], time=time, now=self.now)
        self.attempt_exactly("pick", pick, legal=legal)

    def refuse_times(self, interview, who):
        legal = self.is_of(who, interview.application) and interview.status in (I.PROPOSED, I.PICKED)
        refuse = partial(actions.refuse_times, interview, by=self.people[who], reason="Only Fridays.", now=self.now)
        self.attempt_exactly("refuse_times", refuse, legal=legal and self.may_move(interview))

    def cancel(self, interview, who):
        over = interview.status == I.PICKED and interview.starts_at <= self.now
        legal = bool(self.roles(who, interview.application) & {"student", "host"})
        legal = legal and interview.status != I.CANCELED and not over
        cancel = partial(actions.cancel_interview, interview, by=self.people[who], reason="Ill.", now=self.now)
        self.attempt_exactly("cancel", cancel, legal=legal)

    def change_place(self, interview, who):
        legal = who == "omar" and interview.status == I.PICKED and interview.starts_at > self.now
        where = {"mode": "video", "note": f"Room {self.now:%H}", "now": self.now}
        change = partial(actions.change_place, interview, by=self.people[who], **where)
        self.attempt_exactly("change_place", change, legal=legal and not self.suspended())

    @invariant()
    def interviews_stand_while_their_application_talks(self):
        if not hasattr(self, "posting"):
            return
        for interview in Interview.objects.select_related("application").prefetch_related("events"):
            events = list(interview.events.all())
            assert max(events, key=lambda event: event.pk).to_status == interview.status
            assert interview.sequence == len(events) - 1
            if interview.status in ARRANGED:
                assert interview.application.status == A.INTERVIEW
            if interview.status == I.PICKED and interview.starts_at > self.now:
                assert interview.application.status in WHILE_TALKING

    @invariant()
    def nobody_is_in_two_talks_at_once(self):
        if not hasattr(self, "posting"):
            return
        picked = sorted(Interview.objects.filter(status=I.PICKED).values_list("starts_at", "ends_at"))
        assert all(ends <= starts for (_, ends), (starts, _) in pairwise(picked))


def possible(hours):
    return min(hours) > 0 and len(set(hours)) == len(hours)
