"""Placements in any state, reached through the actions."""

import datetime as dt
from decimal import Decimal

from accounts.roles import Role
from applications.actions import Terms
from authorization import actions as authorizing
from authorization.models import AuthorizationRecord
from placements import actions
from placements.models import Placement
from placements.workflow import Status
from programs import actions as programs
from tests.applications.making import TERMS, make_application, make_offer
from tests.factories import NOW, make_posting, make_staff, make_student

START, END = TERMS.starts_on, TERMS.ends_on  # Monday, May 4, to Friday, May 29, 2026
DAY = dt.timedelta(days=1)
FIRST_DAY = dt.datetime(2026, 5, 4, 13, tzinfo=dt.UTC)  # nine in the morning on the board's clock
BEFORE = FIRST_DAY - 3 * DAY


def make_placement(
    status=Status.AWAITING_AUTHORIZATION, *, student=None, host=None, needs="yes", terms: Terms = TERMS, country="US"
):
    """Of a student who has said that authorization is needed, unless `needs` is another answer."""
    student = student or make_student()
    if needs:
        authorizing.declare(student, needs=needs, route="cpt" if needs == "yes" else "", by=student.user, now=NOW)
    posting = make_posting(country=country, **({"host": host} if host else {}))
    offer = make_offer(make_application(posting, student), terms=terms)
    placement = actions.accept_offer(offer, by=student.user, now=NOW)
    return _reach(placement, status)


def _reach(placement, status):
    student, host = placement.student, host_of(placement)
    after = FIRST_DAY + DAY
    steps = {
        Status.AWAITING_AUTHORIZATION: [],
        Status.READY: ["clear"],
        Status.ACTIVE: ["clear", "begin"],
        Status.DELIVERABLE_SUBMITTED: ["clear", "begin", "hand_in"],
        Status.COMPLETED: ["clear", "begin", "hand_in", "complete"],
        Status.ENDED_EARLY: ["clear", "begin", "end"],
        Status.CANCELED: ["cancel"],
    }[status]
    verbs = {
        "clear": lambda: clear(placement),
        "begin": lambda: actions.begin(placement, by=student, now=FIRST_DAY),
        "hand_in": lambda: actions.submit_deliverable(placement, by=student, deliverable="A report", now=after),
        "complete": lambda: actions.complete(placement, by=host, now=after),
        "end": lambda: actions.end_early(placement, by=host, reason="The budget is gone.", now=after),
        "cancel": lambda: actions.cancel(placement, by=make_staff(), reason="Ill", now=NOW),
    }
    for step in steps:
        verbs[step]()
    return fresh(placement)


def fresh(placement):
    return Placement.objects.with_people().get(pk=placement.pk)


def host_of(placement):
    return placement.posting.host.user


def record_of(placement):
    return AuthorizationRecord.objects.get(offer__placement=placement)


def file(placement, *, now=NOW):
    """Filed, by an advisor, who is given back."""
    ines = make_staff(Role.INTERNATIONAL_ADVISER)
    authorizing.advise(record_of(placement), by=ines, now=now)
    authorizing.file(record_of(placement), filed_on=NOW.date(), by=ines, now=now)
    return ines


def clear(placement, first=START, last=END, *, now=NOW):
    """Approved for these days; the advisor is given back."""
    ines = file(placement, now=now)
    authorizing.approve(record_of(placement), valid_from=first, valid_until=last, by=ines, now=now)
    return ines


def log(placement, day=START, hours="2.5", *, by=None, now=None, **more):
    now = now or FIRST_DAY + DAY
    by = by or placement.student
    return actions.log_hours(placement, by=by, day=day, hours=Decimal(hours), now=now, **more)


def decide(placement, first=START, last=END, *, by=None):
    """The career office, where no program administers the country, settles the checklist and clears the project."""
    by, record = by or make_staff(), placement.program_record
    for step in record.steps.filter(state="open"):
        programs.mark_step(step, state="not_needed", by=by, now=NOW)
    return programs.clear(record, cleared_from=first, cleared_until=last, by=by, now=NOW)
