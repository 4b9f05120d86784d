"""Every move from every state by every role: through the actions, against the table."""

import datetime as dt
from itertools import product

import pytest
from django.db import transaction

from accounts.roles import Role
from applications import actions
from applications.models import Application, Offer
from applications.workflow import APPLICATION, OFFER, ApplicationStatus, OfferStatus
from core.workflow import MoveRefused
from tests.applications.making import TERMS, host_of, make_application, make_draft, make_interview, make_offer, pick
from tests.factories import NOW, make_host, make_staff, make_student

A = ApplicationStatus
LATER = NOW + dt.timedelta(hours=1)
TOO_LATE = NOW + dt.timedelta(days=30)

REACH = {
    A.DRAFT: make_draft,
    A.SUBMITTED: make_application,
    A.IN_REVIEW: lambda: act("review", make_application(), "host"),
    A.INTERVIEW: lambda: pick(make_interview()).application,
    A.OFFERED: lambda: make_offer().application,
    A.ACCEPTED: lambda: act("accept", make_offer().application, "student"),
    A.DECLINED: lambda: act("decline", make_offer().application, "student"),
    A.OFFER_EXPIRED: lambda: act("expire", make_offer().application, "system"),
    A.OFFER_RESCINDED: lambda: act("rescind", make_offer().application, "host"),
    A.NOT_SELECTED: lambda: act("not_select", make_application(), "host"),
    A.WITHDRAWN: lambda: act("withdraw", make_application(), "student"),
    A.ACCEPTANCE_WITHDRAWN: lambda: act(
        "withdraw_acceptance", act("accept", make_offer().application, "student"), "moderator"
    ),
}
ROLES = (
    "student",
    "host",
    "adviser",
    "moderator",
    "international_adviser",
    "program_manager",
    "stranger",
    "other_host",
)


def person(role, application):
    if role == "student":
        return application.student.user
    if role == "host":
        return host_of(application)
    if role == "other_host":
        return make_host().user
    return make_student().user if role == "stranger" else make_staff(Role(role))


MOVES = {
    "submit": lambda a, by: actions.submit(a, by=by, now=LATER),
    "review": lambda a, by: actions.review(a, by=by, now=LATER),
    "interview": lambda a, by: actions.invite_to_interview(a, by=by, times=[TOO_LATE], mode="video", now=LATER),
    "offer": lambda a, by: actions.make_offer(a, by=by, terms=TERMS, days=5, now=LATER),
    "not_select": lambda a, by: actions.not_select(a, by=by, now=LATER),
    "withdraw": lambda a, by: actions.withdraw(a, by=by, now=LATER),
    "start_again": lambda a, by: actions.start_again(a, by=by, now=LATER),
    "accept": lambda a, by: actions.accept_offer(a.offers.get(), by=by, now=LATER),
    "decline": lambda a, by: actions.decline_offer(a.offers.get(), by=by, now=LATER),
    "expire": lambda a, by: actions.expire_offer(a.offers.get(), now=TOO_LATE),
    "reopen": lambda a, by: actions.extend_offer(a.offers.get(), by=by, last_day=dt.date(2026, 6, 1), now=TOO_LATE),
    "rescind": lambda a, by: actions.rescind_offer(a.offers.get(), by=by, reason="Budget", now=LATER),
    "withdraw_acceptance": lambda a, by: actions.withdraw_acceptance(a.offers.get(), by=by, reason="Ill", now=LATER),
}


def act(move, application, role):
    MOVES[move](application, None if role == "system" else person(role, application))
    return Application.objects.get(pk=application.pk)


def test_every_state_and_every_move_is_covered():
    assert set(REACH) == set(A)
    assert set(MOVES) == set(APPLICATION.moves)
    targets = {move.target for move in APPLICATION}
    assert targets == set(A)
    assert {move.target for move in OFFER} == set(OfferStatus)


OF_OFFER = ("accept", "decline", "reopen", "rescind", "withdraw_acceptance")
WITHOUT_OFFER = (A.DRAFT, A.SUBMITTED, A.IN_REVIEW, A.INTERVIEW, A.NOT_SELECTED, A.WITHDRAWN)


class TakenBack(Exception):  # noqa: N818
    """Ends a try, so that the next one starts from the same state."""


def attempt(move, application, by):
    """The application after the move, or None where it is refused; the database stays as it was."""
    after = None
    try:
        with transaction.atomic():
            MOVES[move](application, by)
            after = Application.objects.get(pk=application.pk)
            event = after.events.last()
            assert (event.move, event.to_status, event.by) == (move, after.status, by)
            raise TakenBack
    except MoveRefused:
        return None
    except TakenBack:
        return after


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(A))
def test_each_role_makes_the_moves_of_the_table_and_no_other(status):
    application = REACH[status]()
    people = {role: person(role, application) for role in ROLES}
    for move, role in product(MOVES, ROLES):
        if move == "expire" or (move in OF_OFFER and status in WITHOUT_OFFER):
            continue
        if (move, status, role) == ("submit", A.SUBMITTED, "student"):
            assert actions.submit(application, by=people[role], now=LATER).status == A.SUBMITTED  # pressed twice
            continue
        if move == "reopen" and status == A.OFFERED and role in ("adviser", "moderator"):
            continue  # its deadline passed, so the clock moves it first: see test_deadlines
        after = attempt(move, application, people[role])
        assert (after is not None) == APPLICATION.allows(move, status, {role}), (move, role)
        assert after is None or after.status == APPLICATION.moves[move].target


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status for status in A if status not in WITHOUT_OFFER])
def test_only_an_open_offer_expires(status):
    application = REACH[status]()
    after = act("expire", application, "system")
    assert after.status == (A.OFFER_EXPIRED if status in (A.OFFERED, A.OFFER_EXPIRED) else status)


@pytest.mark.django_db
def test_the_offer_moves_with_its_application():
    pairs = {
        A.OFFERED: OfferStatus.OPEN,
        A.ACCEPTED: OfferStatus.ACCEPTED,
        A.DECLINED: OfferStatus.DECLINED,
        A.OFFER_EXPIRED: OfferStatus.EXPIRED,
        A.OFFER_RESCINDED: OfferStatus.RESCINDED,
        A.ACCEPTANCE_WITHDRAWN: OfferStatus.ACCEPTANCE_WITHDRAWN,
    }
    assert {status: Offer.objects.get(application=REACH[status]()).status for status in pairs} == pairs


@pytest.mark.django_db
def test_somebody_who_may_no_longer_sign_in_makes_no_move():
    application = make_application()
    host = host_of(application)
    host.is_active = False
    host.save()
    with pytest.raises(MoveRefused):
        actions.review(application, by=host, now=LATER)
