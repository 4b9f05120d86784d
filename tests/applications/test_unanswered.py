"""Whoever owes a student an answer about an offer is nudged once, one business day before its last day."""

import datetime as dt

import pytest
import time_machine
from django.core import mail

from accounts.models import Membership
from applications import actions, reminders
from applications.models import Offer, office
from campus.actions import change_closures
from campus.models import Closure
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from tests.applications.asking import accepted, ask_for_talk, ask_for_time, ask_to_go_back, take_back
from tests.applications.making import MINUTE, host_of, make_offer, student_of
from tests.factories import NOW, make_host, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

DAY = dt.timedelta(days=1)
NINE = dt.datetime(2026, 3, 6, 14, tzinfo=dt.UTC)  # Friday; the offers of five days are open until Monday, March 9
KINDS = ("request.unanswered", "request.unanswered_host")


def told(*moments):
    """Whom the two nudges reach when everything runs at these moments."""
    found = []
    for at in moments:
        with time_machine.travel(at, tick=False):
            plan_all()
            drain()
        found += [(one.to[0], one.subject) for one in mail.outbox if "still waits for" in one.subject]
        mail.outbox.clear()
    return sorted(found)


def to_office(people, offer):
    subject = f"{student_of(offer).display_name} still waits for an answer, and an offer is about to end"
    return [(person.email, subject) for person in people]


def to_host(people, offer):
    subject = f"{student_of(offer).display_name} still waits for your answer about more time"
    return [(person.email, subject) for person in people]


SWEEPS = (NINE - MINUTE, NINE, NINE + MINUTE, NINE + DAY, NINE + 3 * DAY - MINUTE)


def test_of_a_talk_the_career_advisers_hear_once():
    advisers = [make_staff("adviser"), make_staff("adviser")]
    make_staff("moderator")
    offer = make_offer()
    ask_for_talk(offer)
    assert told(NINE - MINUTE) == []
    assert told(NINE, *SWEEPS) == sorted(to_office(advisers, offer))


def test_of_more_time_the_hosts_hear_too():
    adviser, offer = make_staff("adviser"), make_offer()
    cohost = make_host(organization=offer.application.posting.organization)
    offer.application.posting.cohosts.add(cohost)
    ask_for_time(offer)
    hosts = [host_of(offer.application), cohost.user]
    assert told(*SWEEPS) == sorted([*to_office([adviser], offer), *to_host(hosts, offer)])


def test_where_there_is_no_adviser_moderators_hear():
    moderator, offer = make_staff("moderator"), make_offer()
    ask_for_talk(offer)
    assert moderator in office()
    assert told(*SWEEPS) == sorted(to_office(office(), offer))


def test_it_is_said_after_an_outage_too_and_not_once_the_deadline_has_passed():
    adviser, first = make_staff("adviser"), make_offer()
    told(NOW)
    ask_for_talk(first)
    assert told(NINE + 2 * DAY) == to_office([adviser], first)
    second = make_offer(now=NOW + MINUTE)
    ask_for_talk(second, now=NOW + MINUTE)
    assert told(second.deadline) == []


ANSWERS = {
    "talked": lambda offer, talk, time: actions.record_talk(offer, by=make_staff(), note="Said.", now=NOW),
    "no talk": lambda offer, talk, time: actions.drop_talk(talk, by=make_staff("adviser"), reason="Ill", now=NOW),
    "taken back": lambda offer, talk, time: take_back(talk),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("planned", [False, True], ids=["before", "while the mail waits"])
def test_what_was_answered_is_not_asked_after(answer, planned):
    make_staff("adviser")
    offer = make_offer()
    talk, time = ask_for_talk(offer), ask_for_time(offer)
    if planned:
        plan_all(NINE)
        assert OutboxMail.objects.filter(kind="request.unanswered", subject_id=talk.pk).count() == 1
    ANSWERS[answer](offer, talk, time)
    take_back(time)
    assert told(*SWEEPS) == []


def test_an_offer_that_was_decided_or_put_on_hold_asks_after_nothing():
    make_staff("adviser")
    declined, on_hold, going = make_offer(), make_offer(), accepted()
    for offer in (declined, on_hold):
        ask_for_talk(offer)
    ask_to_go_back(going)
    actions.decline_offer(declined, by=student_of(declined), now=NOW)
    actions.suspend_organization(on_hold.application.posting.organization, by=make_staff(), reason="A report", now=NOW)
    assert told(*SWEEPS) == []


def test_what_is_asked_after_that_moment_is_told_by_its_own_mail():
    make_staff("adviser")
    offer = make_offer()
    with time_machine.travel(NINE, tick=False):
        plan_all()
    ask_for_talk(offer, now=NINE + MINUTE)
    assert told(NINE + 2 * MINUTE, NINE + DAY) == []


def test_a_deadline_that_moves_is_asked_after_at_its_new_day():
    adviser, offer = make_staff("adviser"), make_offer()
    ask_for_talk(offer)
    plan_all(NINE)
    snow = Closure(name="Snow", first_day=dt.date(2026, 3, 9), last_day=dt.date(2026, 3, 9))
    change_closures(added=[snow], by=make_staff(), now=NOW)
    offer = Offer.objects.get(pk=offer.pk)
    assert offer.last_day == dt.date(2026, 3, 10)
    assert told(*SWEEPS) == to_office([adviser], offer)


def test_who_is_no_adviser_or_no_host_anymore_is_told_nothing():
    adviser, stays, offer = make_staff("adviser"), make_staff("adviser"), make_offer()
    ask_for_time(offer)
    plan_all(NINE)
    adviser.staff_roles.update(revoked_at=NOW)
    Membership.objects.filter(user=host_of(offer.application)).delete()
    assert told(*SWEEPS) == to_office([stays], offer)
    assert sorted(OutboxMail.objects.filter(kind__in=KINDS).values_list("kind", "state")) == [
        ("request.unanswered", "sent"),
        ("request.unanswered", "superseded"),
        ("request.unanswered_host", "superseded"),
    ]


def test_a_plan_for_one_person_and_until_when_it_holds():
    adviser, other, offer = make_staff("adviser"), make_staff("adviser"), make_offer()
    request = ask_for_time(offer)
    (one,) = reminders.plan_unanswered(NINE - MINUTE, NINE, recipient_id=adviser.pk)
    assert (one.recipient_id, one.subject_id, one.version, one.due, one.expires) == (
        adviser.pk,
        request.pk,
        "2026-03-09",
        NINE,
        offer.deadline,
    )
    assert list(reminders.plan_unanswered_hosts(NINE - MINUTE, NINE, recipient_id=other.pk)) == []
    assert list(reminders.plan_unanswered(NINE, NINE + DAY)) == []


def test_the_mail_says_what_was_asked_and_never_in_which_words():
    make_staff("adviser")
    offer = make_offer()
    ask_for_talk(offer, words="quaxolotl")
    ask_for_time(offer, words="quaxolotl")
    with time_machine.travel(NINE, tick=False):
        plan_all()
        drain()
    texts = [" ".join(one.body.split()) for one in mail.outbox if "still waits for" in one.subject]
    until = "The offer is open until Monday, March 9, 2026, 23:59 New York time (EDT)."
    said = ("No talk is on record yet.", "You can give more time as well.", "You can give that day, another one")
    assert [until in text for text in texts] == [True] * 3
    assert sorted(next(words for words in said if words in text) for text in texts) == sorted(said)
    assert "quaxolotl" not in "".join(texts)
