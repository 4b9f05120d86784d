"""A student takes back what was asked about an offer, as long as nobody has answered."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from applications import actions
from applications.models import Application, OfferRequest
from applications.timeline import entries
from applications.workflow import OfferStatus
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.smtp import MailServer, ServerDownError
from tests.applications.asking import accepted, ask_for_talk, ask_for_time, ask_to_go_back, settled, take_back
from tests.applications.making import MINUTE, host_of, make_offer, student_of
from tests.factories import NOW, make_host, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

ASKING = {
    "more_time": lambda: ask_for_time(make_offer()),
    "talk": lambda: ask_for_talk(make_offer()),
    "going_back": lambda: ask_to_go_back(accepted()),
}
ANSWERS = {
    "more_time": lambda one: actions.refuse_request(one, by=make_staff("adviser"), reason="No", now=NOW),
    "talk": lambda one: actions.record_talk(one.offer, by=make_staff("adviser"), note="Said.", now=NOW),
    "going_back": lambda one: actions.refuse_request(one, by=make_staff("adviser"), reason="No", now=NOW),
}
each_kind = pytest.mark.parametrize("kind", ASKING)


@each_kind
def test_it_is_settled_by_the_student_and_can_be_asked_again(kind):
    request = ASKING[kind]()
    status = request.offer.status
    take_back(request, now=NOW + MINUTE)
    assert settled(request) == ("taken_back", request.student, NOW + MINUTE)
    event = request.offer.events.last()
    assert (event.move, event.by, event.at, event.note) == (f"take_back_{kind}", request.student, NOW + MINUTE, "")
    request.offer.refresh_from_db()
    assert (request.offer.status, request.offer.talk) == (status, None)
    again = {"more_time": ask_for_time, "talk": ask_for_talk, "going_back": ask_to_go_back}[kind](request.offer)
    assert (again.is_open, again.pk == request.pk) == (True, False)


@each_kind
def test_sent_twice_it_is_one(kind):
    request = ASKING[kind]()
    take_back(request)
    take_back(request, now=NOW + MINUTE)
    assert settled(request)[2] == NOW
    assert request.offer.events.filter(move=f"take_back_{kind}").count() == 1


@each_kind
def test_nobody_else_takes_it_back(kind):
    request = ASKING[kind]()
    others = (host_of(request.offer.application), make_staff("adviser"), make_staff("moderator"), make_student().user)
    for by in others:
        with pytest.raises(MoveRefused, match="You cannot do that"):
            take_back(request, by=by)
    assert OfferRequest.objects.get().is_open


@each_kind
def test_what_was_answered_is_not_taken_back_and_what_was_taken_back_is_not_answered(kind):
    answered, gone = ASKING[kind](), ASKING[kind]()
    ANSWERS[kind](answered)
    outcome = settled(answered)
    with pytest.raises(MoveRefused, match="nothing left to take back"):
        take_back(answered)
    assert settled(answered) == outcome
    take_back(gone)
    if kind != "talk":  # a talk that was held after all is a record of its own
        with pytest.raises(MoveRefused, match="answered a moment ago"):
            ANSWERS[kind](gone)
    assert settled(gone)[0] == "taken_back"


def test_a_talk_is_taken_back_after_the_deadline_too():
    request = ASKING["talk"]()
    actions.expire_offer(request.offer, now=request.offer.deadline)
    take_back(request, now=request.offer.deadline)
    assert settled(request)[0] == "taken_back"


def test_the_database_lets_nobody_take_back_what_another_asked():
    request, staff = ASKING["more_time"](), make_staff()
    change = {"settled_at": NOW, "outcome": "taken_back"}
    with pytest.raises(IntegrityError, match="request_taken_back_by_who_asked"), transaction.atomic():
        OfferRequest.objects.filter(pk=request.pk).update(**change, settled_by=staff)
    with pytest.raises(IntegrityError, match="request_settled_by_someone"), transaction.atomic():
        OfferRequest.objects.filter(pk=request.pk).update(**change)
    OfferRequest.objects.filter(pk=request.pk).update(**change, settled_by=request.student)


# Who hears of it


def letters():
    drain()
    found = sorted((one.to[0], one.subject) for one in mail.outbox)
    mail.outbox.clear()
    return found


def test_a_host_who_had_been_told_hears_that_it_is_taken_back():
    offer = make_offer()
    drain()
    request = ask_for_time(offer)
    mail.outbox.clear()
    host, name = host_of(offer.application).email, student_of(offer).display_name
    assert letters() == [(host, f"{name} asks for more time to decide")]
    take_back(request)
    assert letters() == [(host, f"{name} no longer asks for more time")]


def test_a_host_who_had_not_been_told_hears_of_neither():
    offer = make_offer()
    colleague = make_host(organization=offer.application.posting.organization)
    letters()
    first = ask_for_time(offer)
    take_back(first)
    assert letters() == []
    second = ask_for_time(offer)
    assert len(letters()) == 1
    offer.application.posting.cohosts.add(colleague)  # who comes later was not asked
    take_back(second)
    assert [to for to, _ in letters()] == [host_of(offer.application).email]


def test_asked_again_before_the_mail_left_it_is_not_said_to_be_taken_back():
    offer = make_offer()
    request = ask_for_time(offer)
    letters()
    take_back(request)
    ask_for_time(offer)
    assert [subject for _, subject in letters()] == [f"{student_of(offer).display_name} asks for more time to decide"]


@pytest.mark.parametrize("kind", ["talk", "going_back"])
def test_of_what_is_between_student_and_staff_the_host_hears_nothing(kind):
    adviser = make_staff("adviser")
    request = ASKING[kind]()
    assert adviser.email in {to for to, _ in letters()}
    take_back(request)
    assert letters() == []
    words = {
        "talk": "Request for a talk with the career office taken back",
        "going_back": "Request to go back on the acceptance taken back",
    }
    application = Application.objects.get(pk=request.offer.application_id)
    readers = (request.student, adviser, host_of(application))
    seen = [words[kind] in {one.text for one in entries(application, viewer=user)} for user in readers]
    assert seen == [True, True, False]


def test_staff_who_had_not_been_told_of_it_are_told_nothing():
    make_staff("adviser")
    request = ASKING["talk"]()
    OutboxMail.objects.exclude(kind="request.talk_asked").delete()
    take_back(request)
    assert letters() == []


# The pages


@each_kind
def test_the_student_takes_it_back_on_the_page_of_the_offer(client, kind):
    request = ASKING[kind]()
    address, page = f"/requests/{request.pk}/withdrawal/", request.offer.get_absolute_url()
    client.force_login(request.student)
    assert address in client.get(page).content.decode()
    assert (client.get(address).status_code, OfferRequest.objects.get().is_open) == (405, True)
    answer = client.post(address, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    text = answer.content.decode()
    asks = {"more_time": "more-time", "talk": "talk", "going_back": "going-back"}[kind]
    assert ("Your request is taken back" in text, address in text) == (True, False)
    assert f"/offers/{request.offer_id}/{asks}/" in text
    assert client.post(address).status_code == 302


@each_kind
def test_what_was_answered_meanwhile_is_a_calm_message(client, kind):
    request = ASKING[kind]()
    client.force_login(request.student)
    ANSWERS[kind](request)
    outcome = settled(request)
    answer = client.post(f"/requests/{request.pk}/withdrawal/", follow=True)
    assert (answer.status_code, "nothing left to take back" in answer.content.decode()) == (200, True)
    assert settled(request) == outcome


@each_kind
def test_strangers_and_the_other_side_find_nothing(client, kind):
    request = ASKING[kind]()
    address = f"/requests/{request.pk}/withdrawal/"
    for user in (make_student().user, host_of(request.offer.application), make_host().user, make_staff("adviser")):
        client.force_login(user)
        page = client.get(request.offer.get_absolute_url()).content.decode()
        assert (client.post(address).status_code, address in page) == (404, False)
    assert OfferRequest.objects.get().is_open


@each_kind
def test_the_list_of_staff_shows_it_as_taken_back(client, kind):
    request = ASKING[kind]()
    name = request.student.display_name
    take_back(request)
    client.force_login(make_staff("adviser"))
    lists = ["/admin/applications/offerrequest/", "/admin/applications/offerrequest/?state=settled"]
    found = [client.get(url).content.decode() for url in lists]
    assert [(name in text, "Taken back by the student" in text) for text in found] == [(False, False), (True, True)]
    text = client.get(f"/admin/applications/offerrequest/{request.pk}/change/").content.decode()
    assert ("Taken back by the student" in text, "/action/" in text) == (True, False)


def test_an_acceptance_stands_when_the_student_no_longer_wants_to_go_back():
    request = ASKING["going_back"]()
    take_back(request)
    assert type(request.offer).objects.get(pk=request.offer_id).status == OfferStatus.ACCEPTED


def told_hosts():
    return [message.subject for message in mail.outbox if "no longer asks" in message.subject]


def test_a_host_hears_of_it_who_is_just_being_told_that_it_was_asked(monkeypatch):
    request, send, taken = ask_for_time(make_offer()), MailServer.send, []

    def meanwhile(server, letter, following):
        if "asks for more time" in letter.subject and not taken:
            taken.append(take_back(request))
            drain()  # another worker
        return send(server, letter, following)

    monkeypatch.setattr(MailServer, "send", meanwhile)
    drain()
    assert (len(taken), len(told_hosts())) == (1, 1)


def test_a_host_who_was_told_of_an_earlier_asking_hears_that_none_is_left(monkeypatch):
    offer = make_offer()
    first = ask_for_time(offer)
    drain()

    def down(server, letter):
        raise ServerDownError("down")

    with monkeypatch.context() as patch:
        patch.setattr(MailServer, "announce", down)
        take_back(first)
        second = ask_for_time(offer)
        drain()
        take_back(second)
    drain()
    assert len(told_hosts()) == 1
