"""What an alert's mail says, to whom, and what of it is private."""

import datetime as dt
import logging

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.roles import Role
from authorization.actions import verify_route
from authorization.models import Route
from notifications.models import OutboxMail
from notifications.workflow import State
from postings import actions
from postings.models import Alert, Posting
from tests.conftest import copy_out
from tests.factories import NOW, make_host, make_posting, make_staff
from tests.notifications.test_declared import IMMIGRATION
from tests.postings.alerting import (
    ANALYTICS,
    DAILY,
    HOUR,
    MINUTE,
    NEVER,
    ONCE,
    announced,
    deliver,
    fresh,
    save,
    tick,
    told_in,
)

pytestmark = pytest.mark.django_db

# The mail


def letter_of(student, now):
    deliver(now)
    (letter,) = [letter for letter in mail.outbox if letter.to == [student.user.email]]
    return letter


def test_the_mail_names_the_postings_and_leads_to_the_search(sana, settings):
    search = save(sana, f"{ANALYTICS}&location=remote&q=parking")
    posting = make_posting(now=NOW + MINUTE, title="Churn & <analysis>")
    tick(NOW + MINUTE)
    letter = letter_of(sana, NOW + MINUTE)
    html = letter.alternatives[0][0]
    assert letter.subject == "1 new posting: Churn & <analysis>"
    assert "fits a search that you saved (Data & analytics, Remote)." in letter.body
    assert f"{settings.BASE_URL}{posting.get_absolute_url()}\n" in letter.body
    assert f"{settings.BASE_URL}/saved/searches/{search.pk}/\n" in letter.body
    assert "$20 an hour · 2–4 weeks, 10–15 hours a week · Remote · Rolling" in letter.body
    assert "Churn &amp; &lt;analysis&gt;" in html
    assert "postings/?" not in letter.body + html


def test_a_long_list_is_cut_at_twenty_and_counted(sana):
    save(sana)
    host = make_host()
    postings = [make_posting(host=host, now=NOW + number * MINUTE) for number in range(1, 24)]
    tick(NOW + HOUR)
    letter = letter_of(sana, NOW + HOUR)
    assert [int(key) for key in told_in(letter.body)] == [posting.pk for posting in reversed(postings[3:])]
    assert (letter.subject.startswith("23 new postings: "), "And 3 more." in letter.body) == (True, True)
    assert announced(sana) == [posting.pk for posting in postings]


def test_one_click_in_the_mail_stops_this_alert_and_no_other(sana):
    first, second = save(sana), save(sana, "pay=paid")
    make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    letter = letter_of(sana, NOW + MINUTE)
    link = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Stop the alert of this search: {link}" in letter.body
    path = link.removeprefix("http://127.0.0.1:8000")
    program = Client(enforce_csrf_checks=True)
    assert "New postings: Data &amp; analytics" in program.get(path).content.decode()
    first.refresh_from_db()
    assert first.frequency == ONCE
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.frequency, first.seen, second.frequency) == (NEVER, "", ONCE)


def test_one_click_for_a_search_that_is_gone_is_still_an_answer(sana, theo):
    search = save(sana)
    make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    path = (
        letter_of(sana, NOW + MINUTE)
        .extra_headers["List-Unsubscribe"]
        .strip("<>")
        .removeprefix("http://127.0.0.1:8000")
    )
    actions.delete_search(search, by=sana.user)
    other = save(theo)
    answer = Client().post(path)
    assert (answer.status_code, "a search you saved" in answer.content.decode()) == (200, True)
    other.refresh_from_db()
    assert other.frequency == ONCE


def test_a_digest_that_was_perhaps_sent_is_not_sent_again(sana):
    save(sana)
    make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    row = OutboxMail.objects.get()
    assert (row.kind, row.must_arrive, row.expires) == ("search.alert", False, None)


# Between the announcement and the mail


def waiting():
    return list(OutboxMail.objects.filter(kind="search.alert").values_list("state", flat=True))


def test_what_was_held_before_the_mail_left_is_not_in_it_and_told_when_it_comes_back(sana, moderator):
    save(sana)
    held, other = make_posting(now=NOW + MINUTE), make_posting(now=NOW + MINUTE)
    assert tick(NOW + MINUTE) == 1
    actions.hold(held, by=moderator, note="A report.", now=NOW + 2 * MINUTE)
    assert deliver(NOW + 3 * MINUTE) == [(sana.user.email, other.pk)]
    assert (tick(NOW + 3 * MINUTE), announced(sana)) == (0, [other.pk])
    actions.resume(fresh(held), by=moderator, now=NOW + HOUR)
    assert tick(NOW + HOUR) == 1
    assert deliver(NOW + HOUR) == [(sana.user.email, held.pk)]


def test_with_nothing_left_to_tell_no_mail_leaves(sana, moderator):
    save(sana)
    posting = make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    actions.hold(posting, by=moderator, note="A report.", now=NOW + 2 * MINUTE)
    assert (deliver(NOW + 3 * MINUTE), waiting(), Alert.objects.count()) == ([], [State.SUPERSEDED], 0)
    actions.resume(fresh(posting), by=moderator, now=NOW + HOUR)
    assert (tick(NOW + HOUR), deliver(NOW + HOUR)) == (1, [(sana.user.email, posting.pk)])


@pytest.mark.parametrize("how", ["delete", "stop"])
@pytest.mark.parametrize("frequency", [ONCE, DAILY])
def test_what_a_search_announced_and_did_not_tell_is_told_by_another(sana, how, frequency):
    """Though the board is the same as when the other was answered."""
    search, other = save(sana), save(sana, "pay=paid", frequency=frequency)
    posting = make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    if how == "delete":
        actions.delete_search(search, by=sana.user)
    else:
        actions.change_search(search, by=sana.user, frequency=NEVER, now=NOW + 2 * MINUTE)
    assert (deliver(NOW + 3 * MINUTE), announced(sana)) == ([], [])
    later = other.due_at or NOW + 4 * MINUTE
    assert tick(later) == 1
    assert deliver(later) == [(sana.user.email, posting.pk)]


# Nothing of immigration, nothing that was typed


SECRET = "q=quaxolotl+visa&authorization=cpt&stream=data-analytics"


def test_no_mail_page_table_or_log_tells_what_was_asked(sana, client, caplog):
    ines = make_staff(Role.INTERNATIONAL_ADVISER)
    for route in Route.objects.all():
        verify_route(route, by=ines, on=NOW.date())
    make_posting(
        now=NOW, start_earliest=dt.date(2026, 9, 1), start_latest=dt.date(2026, 9, 30), skills="quaxolotl visa"
    )
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    client.force_login(sana.user)
    with time_machine.travel(NOW, tick=False):
        assert client.post("/saved/searches/", {"query": SECRET, "frequency": "at_once"}).status_code == 302
        assert "Time for CPT" in client.get("/saved/").content.decode()
    later = make_posting(now=NOW + MINUTE, start_earliest=dt.date(2026, 9, 1), start_latest=dt.date(2026, 9, 30))
    Posting.objects.filter(pk=later.pk).update(skills="Quaxolotl visa")
    connection.force_debug_cursor = True
    try:
        assert tick(NOW + MINUTE) == 1
        letter = letter_of(sana, NOW + MINUTE)
    finally:
        connection.force_debug_cursor = False
    link = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    page = Client().get(link).content.decode().partition("<main")[2].partition("</main>")[0]
    tables = {name: copy_out(name) for name in connection.introspection.django_table_names(only_existing=True)}
    own = {name: text for name, text in tables.items() if "saved" in name or "alert" in name or "outbox" in name}
    texts = [str(letter.message()), letter.subject, letter.body, letter.alternatives[0][0], page, *own.values()]
    assert len(own) == 4
    assert [text for text in texts if "quaxolotl" in text or IMMIGRATION.search(text)] == []
    assert "(Data & analytics)" in letter.body
    assert "SKIP LOCKED" in caplog.text
    assert [found for found in IMMIGRATION.findall(caplog.text) if found.lower() != "visa"] == []
    assert "authorization=" not in caplog.text
