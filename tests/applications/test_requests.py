import datetime as dt

import pytest
import time_machine
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
from tests.applications.making import MINUTE, host_of, make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_staff, make_student

pytestmark = pytest.mark.django_db

WISHED = dt.date(2026, 3, 20)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def ask_for_time(offer, **changes):
    data = {"by": student_of(offer), "words": "My exams end then.", "wished_day": WISHED, "now": NOW} | changes
    return actions.ask_for_time(offer, **data)


def ask_for_talk(offer, **changes):
    return actions.ask_for_talk(offer, **({"by": student_of(offer), "words": "Is it fair?", "now": NOW} | changes))


def accepted(offer=None):
    offer = offer or make_offer()
    return actions.accept_offer(offer, by=student_of(offer), now=NOW)


def ask_to_go_back(offer, **changes):
    return actions.ask_to_go_back(offer, **({"by": student_of(offer), "words": "I am ill.", "now": NOW} | changes))


def told(kind):
    return [row.recipient for row in OutboxMail.objects.filter(kind=kind).order_by("pk")]


def settled(request):
    request.refresh_from_db()
    return request.outcome, request.settled_by, request.settled_at


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


# The pages


def test_a_student_asks_for_more_time_and_the_host_finds_the_day_filled_in(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    url = f"/offers/{offer.pk}/more-time/"
    assert url in client.get(offer.get_absolute_url()).content.decode()
    assert client.get(url).status_code == 200
    wrong = client.post(url, {"wished_day": "2026-03-09", "words": "Exams"})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"wished_day"})
    assert wrong.context["form"]["words"].value() == "Exams"
    assert not OfferRequest.objects.exists()
    assert (
        client.post(url, {"wished_day": "2026-03-20", "words": "Exams"}).headers["Location"] == f"/offers/{offer.pk}/"
    )
    page = client.get(offer.get_absolute_url()).content.decode()
    assert ("You asked for more time" in page, url in page) == (True, False)
    assert client.get(url).status_code == 302
    assert client.post(url, {"wished_day": "2026-03-20", "words": "Exams"}).status_code == 422
    client.force_login(host_of(offer.application))
    page = client.get(offer.get_absolute_url()).content.decode()
    assert ("More time is asked for" in page, f"/offers/{offer.pk}/more-time/refusal/" in page) == (True, True)
    assert 'value="2026-03-20"' in client.get(f"/offers/{offer.pk}/extension/").content.decode()


def test_a_host_says_no_and_the_student_reads_it(client):
    offer = make_offer()
    client.force_login(host_of(offer.application))
    url = f"/offers/{offer.pk}/more-time/refusal/"
    assert client.get(url).status_code == 302
    ask_for_time(offer)
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "We begin before that."}).status_code == 302
    again = client.post(url, {"reason": "Twice"})
    assert (again.status_code, again.context["form"]["reason"].value()) == (422, "Twice")
    assert again.context["form"].errors == {"__all__": ["This was answered a moment ago."]}
    assert client.get(url).status_code == 302
    client.force_login(student_of(offer))
    assert "We begin before that." in client.get(offer.get_absolute_url()).content.decode()


def test_a_student_asks_for_a_talk_that_the_host_reads_nothing_of(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    url = f"/offers/{offer.pk}/talk/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"words": ""}).status_code == 422
    assert client.post(url, {"words": "quaxolotl"}).status_code == 302
    assert "quaxolotl" in client.get(offer.get_absolute_url()).content.decode()
    client.force_login(host_of(offer.application))
    for page in (offer.get_absolute_url(), offer.application.get_absolute_url()):
        text = client.get(page).content.decode()
        assert ("quaxolotl" in text, "talk with the career office" in text.lower()) == (False, False)


def test_a_student_asks_to_go_back_and_the_host_reads_nothing_of_it(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    url = f"/offers/{offer.pk}/going-back/"
    assert client.get(url).status_code == 302
    accepted(offer)
    assert url in client.get(offer.get_absolute_url()).content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url, {"words": "quaxolotl"}).status_code == 302
    assert "quaxolotl" in client.get(offer.get_absolute_url()).content.decode()
    client.force_login(host_of(offer.application))
    text = client.get(offer.get_absolute_url()).content.decode()
    assert ("quaxolotl" in text, "go back" in text) == (False, False)


def test_once_the_deadline_has_passed_the_page_asks_nothing_and_takes_nothing(client):
    offer = make_offer()
    data = {"wished_day": "2026-03-20", "words": "Exams"}
    for moment, status in ((offer.deadline, "open"), (offer.deadline + MINUTE, "expired")):
        with time_machine.travel(moment, tick=False):
            if status == "expired":
                actions.expire_offers()
            client.force_login(student_of(offer))
            page = client.get(offer.get_absolute_url()).content.decode()
            for noun in ("more-time", "talk", "acceptance"):
                url = f"/offers/{offer.pk}/{noun}/"
                assert url not in page
                assert client.post(url, data).status_code == (302 if noun == "acceptance" else 422)
        assert Offer.objects.get().status == status
    assert not OfferRequest.objects.exists()


def test_strangers_and_the_other_side_find_nothing(client):
    offer = make_offer()
    ask_for_time(offer)
    mine = [f"/offers/{offer.pk}/{noun}/" for noun in ("more-time", "talk", "going-back", "other-applications")]
    theirs = [f"/offers/{offer.pk}/more-time/refusal/"]
    strangers = (make_student().user, make_host().user, make_staff("international_adviser"))
    closed = [(user, [*mine, *theirs]) for user in strangers]
    closed += [(host_of(offer.application), mine), (make_staff("adviser"), mine), (student_of(offer), theirs)]
    for user, urls in closed:
        client.force_login(user)
        assert {client.get(url).status_code for url in urls} == {404}
        assert {client.post(url, {"words": "x", "reason": "x"}).status_code for url in urls} == {404}
    assert [one.is_open for one in OfferRequest.objects.all()] == [True]


# The career office


def admin_action(request, name):
    return f"/admin/applications/offerrequest/{request.pk}/action/{name}/"


def test_staff_see_what_waits_and_put_the_talk_on_record(client):
    offer, adviser = make_offer(), make_staff("adviser")
    talk = ask_for_talk(offer)
    client.force_login(adviser)
    listed = client.get("/admin/applications/offerrequest/").content.decode()
    assert student_of(offer).display_name in listed
    assert client.post(admin_action(talk, "talk"), {"note": ""}).status_code == 422
    assert client.post(admin_action(talk, "talk"), {"note": "Said."}).status_code == 302
    assert settled(talk) == ("held", adviser, NOW)
    name = student_of(offer).display_name
    client.get("/")  # what was said about the change has been read
    lists = {state: f"/admin/applications/offerrequest/?state={state}" for state in ("", "settled", "all")}
    assert [name in client.get(url).content.decode() for url in lists.values()] == [False, True, True]


def test_staff_settle_a_going_back_and_more_time(client):
    first, second, open_offer = accepted(), accepted(), make_offer()
    back, stands, time = ask_to_go_back(first), ask_to_go_back(second), ask_for_time(open_offer)
    client.force_login(make_staff("moderator"))
    assert client.post(admin_action(back, "acceptance-withdrawal"), {"reason": "Illness"}).status_code == 302
    assert client.post(admin_action(stands, "refusal"), {"reason": "It is your word."}).status_code == 302
    said = {"last_day": "2026-03-20", "reason": "Exams"}
    assert client.post(admin_action(time, "extension"), said).status_code == 302
    assert [settled(one)[0] for one in (back, stands, time)] == ["granted", "refused", "granted"]
    assert Offer.objects.get(pk=first.pk).status == OfferStatus.ACCEPTANCE_WITHDRAWN


def test_staff_record_a_talk_that_nobody_asked_for_on_the_board(client):
    offer = make_offer(make_application())
    client.force_login(make_staff("adviser"))
    url = f"/admin/applications/offer/{offer.pk}/action/talk/"
    assert client.post(url, {"note": "She came by."}).status_code == 302
    assert Offer.objects.get().talk.note == "She came by."
