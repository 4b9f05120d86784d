"""Applications and offers in any state, reached through the actions."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from applications import actions
from applications.actions import Terms
from applications.models import MaterialKind
from core.uploads import PDF, Upload
from tests.core.documents import pdf
from tests.factories import NOW, make_posting, make_staff, make_student

TERMS = Terms(
    starts_on=dt.date(2026, 5, 4),
    ends_on=dt.date(2026, 5, 29),
    hours_week=12,
    pay_kind="hourly",
    pay_amount=Decimal(20),
    currency="USD",
)
UNPAID = replace(TERMS, pay_kind="unpaid", pay_amount=None)
RESUME = Upload(pdf(), "resume.pdf", PDF)
MINUTE = dt.timedelta(minutes=1)


def make_draft(posting=None, student=None, *, now=NOW):
    """A draft with a resume, a cover letter and the guidelines acknowledged: ready to be sent."""
    student = student or make_student()
    application = actions.start_application(posting or make_posting(now=now), by=student.user, now=now)
    actions.keep_file(application, kind=MaterialKind.RESUME, upload=RESUME, by=student.user, now=now)
    letter = "I count things for fun."
    actions.keep_text(application, kind=MaterialKind.COVER_LETTER, text=letter, by=student.user, now=now)
    actions.acknowledge_guidelines(student.user, now=now)
    return application


def make_application(posting=None, student=None, *, now=NOW):
    application = make_draft(posting, student, now=now)
    return actions.submit(application, by=application.student.user, now=now)


def make_offer(application=None, *, days=5, now=NOW, terms=TERMS):
    application = application or make_application(now=now)
    return actions.make_offer(application, by=host_of(application), terms=terms, days=days, now=now)


def make_unpaid_offer(student=None, **fields):
    """Of a posting that a moderator has let be unpaid."""
    unpaid = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "A museum.", "travel_costs_covered": True}
    posting = make_posting(**unpaid, unpaid_talk_at=NOW, unpaid_talk_by=make_staff(), **fields)
    return make_offer(make_application(posting, student), terms=UNPAID)


def host_of(application):
    return application.posting.host.user


def student_of(offer):
    return offer.application.student.user


def make_interview(application=None, *, times=(1, 2), now=NOW, **talk):
    """Proposed for so many days from now."""
    application = application or make_application(now=now)
    found = [now + dt.timedelta(days=day) for day in times]
    return actions.invite_to_interview(application, by=host_of(application), times=found, mode="video", now=now, **talk)


def pick(interview, number=1, *, now=NOW):
    student = interview.application.student.user
    return actions.pick_time(interview, by=student, time=interview.times.get(number=number), now=now)
