import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.actions import set_staff_roles
from applications import actions
from applications.models import Offer, OfferRequest
from applications.timeline import entries
from applications.workflow import OfferStatus
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.mail import MAILS
from notifications.models import OutboxMail
from tests.applications.asking import WISHED, accepted, ask_for_talk, ask_for_time, ask_to_go_back, settled
from tests.applications.making import MINUTE, host_of, make_offer, student_of
from tests.factories import NOW, make_host, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def told(kind):
    return [row.recipient for row in OutboxMail.objects.filter(kind=kind).order_by("pk")]


def test_the_host_is_asked_for_more_time_and_the_deadline_stays():
    offer = make_offer()
    request = ask_for_time(offer)
    assert (request.wished_day, request.words, request.is_open) == (WISHED, "My exams end then.", True)
    assert told("request.time_asked") == [host_of(offer.application)]
    assert Offer.objects.get().last_day == dt.date(2026, 3, 9)
    assert offer.events.last().note == "Until March 20, 2026. My exams end then."


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"wished_day": dt.date(2026, 3, 9)}, "Name a day after March 9, 2026, the last day as it is now."),
        ({"wished_day": dt.date(2027, 3, 4)}, "Name a day within a year from today."),
        ({"words": " "}, "Say it in a few words."),
    ],
)
def test_what_cannot_be_wished_for(changes, refusal):
    offer = make_offer()
    with pytest.raises(MoveRefused) as refused:
        ask_for_time(offer, **changes)
    assert refused.value.message == refusal
    assert ask_for_time(offer).is_open


@pytest.mark.parametrize("ask", [ask_for_time, ask_for_talk])
def test_one_request_at_a_time_and_by_the_student_alone(ask):
    offer = make_offer()
    for other in (make_student().user, host_of(offer.application), make_staff("adviser")):
        with pytest.raises(MoveRefused, match="You cannot do that"):
            ask(offer, by=other)
    ask(offer)
    with pytest.raises(MoveRefused, match="You asked already"):
        ask(offer)


@pytest.mark.parametrize("ask", [ask_for_time, ask_for_talk])
def test_nothing_is_asked_once_the_deadline_has_passed_or_the_offer_is_decided(ask):
    offer = make_offer()
    with pytest.raises(MoveRefused, match="deadline for this offer has passed"):
        ask(offer, now=offer.deadline)
    with pytest.raises(MoveRefused, match="no longer possible"):
        ask(accepted(), now=NOW)
    assert ask(offer, now=offer.deadline - dt.timedelta(microseconds=1)).is_open


def test_on_hold_no_time_is_asked_for_but_a_talk_is():
    offer = make_offer()
    actions.suspend_organization(offer.application.posting.organization, by=make_staff(), reason="A report", now=NOW)
    with pytest.raises(MoveRefused, match="on hold"):
        ask_for_time(offer)
    assert ask_for_talk(offer).is_open


def test_an_extension_answers_whatever_day_it_names():
    offer = make_offer()
    request, host = ask_for_time(offer), host_of(offer.application)
    actions.extend_offer(offer, by=host, last_day=dt.date(2026, 3, 12), now=NOW + MINUTE)
    assert settled(request) == ("granted", host, NOW + MINUTE)
    assert ask_for_time(offer).is_open


def test_so_does_one_for_all_offers_and_closures_answer_nobody():
    offer = make_offer()
    request, staff = ask_for_time(offer), make_staff()
    actions.extend_all_open_offers(by=staff, days=1, reason="Outage", now=NOW)
    assert settled(request)[:2] == ("granted", staff)


def test_a_no_is_said_with_a_reason_that_the_student_reads():
    offer = make_offer()
    request, host = ask_for_time(offer), host_of(offer.application)
    for by, reason in ((make_host().user, "No"), (student_of(offer), "No"), (host, " ")):
        with pytest.raises(MoveRefused):
            actions.refuse_request(request, by=by, reason=reason, now=NOW)
    actions.refuse_request(request, by=host, reason="We begin before that.", now=NOW)
    assert settled(request) == ("refused", host, NOW)
    assert told("request.time_refused") == [student_of(offer)]
    with pytest.raises(MoveRefused, match="answered a moment ago"):
        actions.refuse_request(request, by=host, reason="Twice", now=NOW)


@pytest.mark.parametrize(
    ("end", "time", "talk"),
    [
        (lambda offer: actions.accept_offer(offer, by=student_of(offer), now=NOW), "void", "void"),
        (lambda offer: actions.decline_offer(offer, by=student_of(offer), now=NOW), "void", "void"),
        (lambda offer: actions.rescind_offer(offer, by=host_of(offer.application), reason="B", now=NOW), "void", ""),
        (lambda offer: actions.expire_offer(offer, now=offer.deadline), "void", ""),
    ],
    ids=["accepted", "declined", "rescinded", "expired"],
)
def test_what_ends_an_offer_ends_what_was_asked_except_for_a_talk_that_is_still_owed(end, time, talk):
    offer = make_offer()
    requests = ask_for_time(offer), ask_for_talk(offer)
    end(offer)
    assert [settled(request)[0] for request in requests] == [time, talk]


def test_career_advisers_are_asked_for_a_talk_and_moderators_where_there_are_none():
    adviser, moderator, gone = make_staff("adviser"), make_staff("moderator"), make_staff("adviser")
    gone.is_active = False
    gone.save()
    ask_for_talk(make_offer())
    assert told("request.talk_asked") == [adviser]
    set_staff_roles(adviser, roles=[], by=None)
    ask_to_go_back(accepted())
    assert moderator in told("request.going_back_asked")
    assert {user.staff_role_names for user in told("request.going_back_asked")} == {frozenset({"moderator"})}


def test_a_talk_is_recorded_by_staff_alone_and_once():
    offer, adviser = make_offer(), make_staff("adviser")
    request = ask_for_talk(offer)
    others = (student_of(offer), host_of(offer.application), make_staff("international_adviser"))
    for by, note in (*((other, "Said.") for other in others), (adviser, " ")):
        with pytest.raises(MoveRefused):
            actions.record_talk(offer, by=by, note=note, now=NOW)
    actions.record_talk(offer, by=adviser, note="Said.", now=NOW)
    assert settled(request) == ("held", adviser, NOW)
    assert Offer.objects.get().talk == request
    second = actions.record_talk(offer, by=adviser, note="Said more.", now=NOW)
    assert (second.asked_by, Offer.objects.get().talk) == (adviser, request)
    assert told("request.talk_recorded") == [student_of(offer)] * 2


def test_a_talk_that_does_not_take_place_can_be_asked_for_again():
    offer, adviser = make_offer(), make_staff("adviser")
    request = ask_for_talk(offer)
    with pytest.raises(MoveRefused, match="Only the career office"):
        actions.drop_talk(request, by=host_of(offer.application), reason="No", now=NOW)
    actions.drop_talk(request, by=adviser, reason="Nobody came.", now=NOW)
    assert (settled(request), Offer.objects.get().talk) == (("void", adviser, NOW), None)
    with pytest.raises(MoveRefused, match="answered a moment ago"):
        actions.drop_talk(request, by=adviser, reason="Twice", now=NOW)
    with pytest.raises(MoveRefused, match="answered a moment ago"):
        actions.drop_talk(ask_for_time(offer), by=adviser, reason="Not a talk", now=NOW)
    assert ask_for_talk(offer).is_open


def test_nobody_records_a_talk_with_themselves():
    offer = make_offer()
    student = set_staff_roles(student_of(offer), roles=["adviser"], by=None)
    with pytest.raises(MoveRefused, match="Only the career office"):
        actions.record_talk(offer, by=student, note="I agree.", now=NOW)


def test_a_talk_can_be_recorded_after_the_deadline_and_counts_when_the_offer_is_reopened():
    offer, adviser = make_offer(), make_staff("adviser")
    request = ask_for_talk(offer)
    actions.expire_offer(offer, now=offer.deadline)
    actions.record_talk(offer, by=adviser, note="Said.", now=offer.deadline)
    actions.extend_offer(offer, by=adviser, last_day=dt.date(2026, 3, 20), reason="A talk", now=offer.deadline)
    assert Offer.objects.get().talk == request


def test_going_back_is_asked_for_and_settled_by_staff():
    offer, adviser = accepted(), make_staff("adviser")
    with pytest.raises(MoveRefused, match="Only an offer that you accepted"):
        ask_to_go_back(make_offer())
    request = ask_to_go_back(offer)
    assert Offer.objects.get(pk=offer.pk).status == OfferStatus.ACCEPTED
    with pytest.raises(MoveRefused):
        actions.refuse_request(request, by=host_of(offer.application), reason="No", now=NOW)
    actions.refuse_request(request, by=adviser, reason="Two weeks are left.", now=NOW)
    assert told("request.going_back_refused") == [student_of(offer)]
    again = ask_to_go_back(offer)
    actions.withdraw_acceptance(offer, by=adviser, reason="Illness", now=NOW)
    assert [settled(one)[0] for one in (request, again)] == ["refused", "granted"]


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"outcome": "granted"}, "request_settled_by_someone"),
        ({"settled_at": NOW, "outcome": "granted"}, "request_settled_by_someone"),
        ({"outcome": "void"}, "request_settled_by_someone"),
        ({"kind": "talk"}, "request_for_time_names_a_day"),
        ({"wished_day": None}, "request_for_time_names_a_day"),
        ({"words": ""}, "request_has_words"),
    ],
)
def test_the_database_refuses_what_the_code_forgot(change, constraint):
    request = ask_for_time(make_offer())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OfferRequest.objects.filter(pk=request.pk).update(**change)


@pytest.mark.parametrize(
    ("outcome", "note", "constraint"),
    [("refused", "", "request_settled_with_a_note"), ("held", "Said.", "request_outcome_fits_its_kind")],
)
def test_the_database_knows_what_can_come_of_it(outcome, note, constraint):
    request, staff = ask_for_time(make_offer()), make_staff()
    change = {"settled_at": NOW, "settled_by": staff, "outcome": outcome, "note": note}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OfferRequest.objects.filter(pk=request.pk).update(**change)


def test_the_database_keeps_one_open_request_of_a_kind():
    request = ask_for_time(make_offer())
    request.pk, request._state.adding = None, True
    with pytest.raises(IntegrityError, match="request_open_once_a_kind"), transaction.atomic():
        request.save()


def test_what_is_between_student_and_staff_is_hidden_from_the_host():
    offer, adviser = make_offer(), make_staff("adviser")
    ask_for_time(offer)
    ask_for_talk(offer)
    actions.record_talk(offer, by=adviser, note="He worries about the pay.", now=NOW)
    accepted(offer)
    ask_to_go_back(offer)
    private = {
        "Talk with the career office asked for",
        "Talk with the career office on record",
        "Going back on the acceptance asked for",
    }
    read = {}
    for who, user in {"host": host_of(offer.application), "student": student_of(offer), "staff": adviser}.items():
        found = entries(offer.application.__class__.objects.get(), viewer=user)
        read[who] = {entry.text for entry in found} & private, {entry.note for entry in found} & NOTES
    assert read == {
        "host": (set(), set()),
        "student": (private, {"Is it fair?", "I am ill."}),
        "staff": (private, NOTES),
    }


NOTES = {"Is it fair?", "I am ill.", "He worries about the pay."}


def test_who_may_read_which_request():
    offer = make_offer()
    time, talk = ask_for_time(offer), ask_for_talk(offer)

    def read(user):
        return list(OfferRequest.objects.visible_to(user))

    assert read(student_of(offer)) == read(make_staff("adviser")) == read(make_staff("moderator")) == [time, talk]
    assert read(host_of(offer.application)) == [time]
    for stranger in (make_student().user, make_host().user, make_staff("international_adviser")):
        assert read(stranger) == []


def test_the_mails_keep_what_was_written_on_the_board():
    offer = make_offer()
    make_staff("adviser")
    ask_for_time(offer, words="quaxolotl")
    ask_for_talk(offer, words="quaxolotl")
    drain()
    subjects = {message.subject for message in mail.outbox}
    student = student_of(offer).display_name
    assert {f"{student} asks for more time to decide", f"A talk about an offer: {student}"} <= subjects
    texts = "".join(message.body + str(message.alternatives[0][0]) for message in mail.outbox)
    assert ("quaxolotl" in texts, "Friday, March 20, 2026" in texts) == (False, True)


def test_a_mail_about_what_was_answered_meanwhile_is_dropped():
    offer, adviser = make_offer(), make_staff("adviser")
    talk, mail_ = ask_for_talk(offer), MAILS["request.talk_asked"]
    assert mail_.render(talk.pk, adviser, "") is not None
    assert mail_.render(talk.pk, make_student().user, "") is None
    actions.record_talk(offer, by=adviser, note="Said.", now=NOW)
    assert mail_.render(talk.pk, adviser, "") is None
