"""Switching mails off: on the page, and from the mail itself without signing in."""

import email
import email.policy

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from notifications.delivery import drain
from notifications.models import SwitchedOff
from notifications.preferences import Each, Group, is_off, switch, unsubscribe_url

from .conftest import NOW


@pytest.fixture
def weekly():
    return Group("weekly", "New postings", "Once a week, what fits you.")


@pytest.fixture
def mail_program():
    """Posts as RFC 8058 says: no cookies, no token, from nowhere."""
    return Client(enforce_csrf_checks=True)


def address(person, group="weekly", subject_id=7):
    return unsubscribe_url(person.pk, group, subject_id).removeprefix("http://127.0.0.1:8000")


def test_a_mail_of_a_group_says_how_to_stop_it_in_one_click(declare, weekly, sana, post_office, clock, mail_program):
    declare(group="weekly").queue(to=sana, subject_id=7, now=NOW)
    drain(clock=clock)
    raw = post_office.mails[0].content
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip() == f"<{unsubscribe_url(sana.pk, 'weekly', 7)}>"
    unfolded = raw.decode().replace("\r\n ", " ")
    assert f"List-Unsubscribe: <{unsubscribe_url(sana.pk, 'weekly', 7)}>" in unfolded.replace(":  <", ": <")
    answer = mail_program.post(address(sana), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, is_off(sana.pk, "weekly")) == (200, True)
    assert "no more mails" in message.get_body(("plain",)).get_content()


def test_opening_the_link_asks_and_writes_nothing(client, weekly, sana):
    answer = client.get(address(sana))
    assert answer.status_code == 200
    assert "Switch off these mails?" in answer.content.decode()
    assert SwitchedOff.objects.count() == 0


def test_switching_off_twice_is_switching_off(weekly, sana, mail_program):
    for _ in range(2):
        assert mail_program.post(address(sana)).status_code == 200
    assert SwitchedOff.objects.count() == 1


@pytest.mark.parametrize("spoil", [lambda url: url[:-2] + "x/", lambda url: url.replace("weekly", "other")])
def test_a_link_that_was_tampered_with_is_not_found(weekly, sana, mail_program, spoil):
    Group("other", "Other", "Others.")
    spoiled = spoil(address(sana))
    assert spoiled != address(sana)
    assert mail_program.get(spoiled).status_code == mail_program.post(spoiled).status_code == 404
    assert SwitchedOff.objects.count() == 0


def test_a_link_for_a_group_that_is_gone_is_not_found(sana, mail_program):
    assert mail_program.post(address(sana, "gone")).status_code == 404


def test_a_link_of_somebody_who_left_is_not_found(weekly, sana, mail_program):
    link = address(sana)
    get_user_model().objects.all().delete()
    assert mail_program.get(link).status_code == mail_program.post(link).status_code == 404


def test_the_page_needs_a_sign_in(client, weekly):
    assert client.get(reverse("notification_preferences")).status_code == 302


def test_the_page_shows_and_saves_the_choice(client, weekly, sana, theo):
    Group("tips", "Tips", "Now and then.")
    switch(sana.pk, "tips", on=False, now=NOW)
    client.force_login(sana)
    page = reverse("notification_preferences")
    form = client.get(page).context["form"]
    assert {name: form[name].initial for name in form.fields} == {"weekly": True, "tips": False}
    answer = client.post(page, {"tips": "on"})
    assert (answer.status_code, answer.url) == (302, page)
    assert list(SwitchedOff.objects.values_list("user__email", "group")) == [(sana.email, "weekly")]


def test_the_page_shows_only_groups_for_what_the_person_is(client, weekly, sana):
    Group("hosts", "For hosts", "Hosts only.", audience="host")
    client.force_login(sana)
    assert list(client.get(reverse("notification_preferences")).context["form"].fields) == ["weekly"]


def test_with_nothing_to_switch_off_the_page_says_so(client, sana):
    client.force_login(sana)
    assert "Nothing to switch off" in client.get(reverse("notification_preferences")).content.decode()


# A group whose mails are each about a thing of the person's own


@pytest.fixture
def stopped():
    """What was stopped, of a group whose things are numbered."""
    calls = []
    each = Each(lambda user, thing: f"thing {thing}", "This one alone.", lambda *keys: calls.append(keys))
    Group("things", "Things", "All of them.", each=each)
    return calls


def test_one_click_stops_the_thing_that_the_mail_was_about(declare, stopped, sana, post_office, clock, mail_program):
    declare(group="things").queue(to=sana, subject_id=8, now=NOW)
    drain(clock=clock)
    link = address(sana, "things", 8)
    assert link in post_office.mails[0].content.decode().replace("=\r\n", "").replace("\r\n ", "")
    asked = mail_program.get(link).content.decode()
    assert ("“thing 8”: This one alone." in asked, stopped) == (True, [])
    answer = mail_program.post(link, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, stopped) == (200, [(sana.pk, 8)])
    assert "of the kind “thing 8”" in answer.content.decode()
    assert not is_off(sana.pk, "things")


def test_a_link_for_one_thing_cannot_be_bent_to_another(stopped, sana, mail_program):
    link = address(sana, "things", 8)
    assert mail_program.post(link.replace(":8:", ":9:")).status_code == 404
    assert stopped == []
    assert mail_program.post(link).status_code == 200


def test_a_group_of_things_can_be_switched_off_whole(declare, stopped, sana, post_office, clock):
    switch(sana.pk, "things", on=False, now=NOW)
    declare(group="things").queue(to=sana, subject_id=8, now=NOW)
    drain(clock=clock)
    assert post_office.mails == []
