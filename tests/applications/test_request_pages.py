"""The pages on which students ask about an offer, and those on which hosts and staff answer."""

import pytest
import time_machine

from applications import actions
from applications.models import Offer, OfferRequest
from applications.workflow import OfferStatus
from tests.applications.asking import accepted, ask_for_talk, ask_for_time, ask_to_go_back, settled
from tests.applications.making import MINUTE, host_of, make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

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
