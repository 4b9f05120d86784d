"""Alerts never double and never miss: what comes to match is told once to each person, whatever happens on the way."""

import datetime as dt
import logging
import re
import threading
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.roles import Role
from authorization.actions import verify_route
from authorization.models import Route
from campus.models import Term
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.preferences import switch
from notifications.workflow import State
from postings import actions, emails, rules, tasks
from postings.actions import saving
from postings.models import ALERTS, Alert, Announcement, Frequency, Posting, SavedSearch, Stream
from postings.workflow import Status
from tests.conftest import copy_out
from tests.factories import NOW, make_host, make_posting, make_staff, make_student
from tests.notifications.test_declared import IMMIGRATION

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
ANALYTICS = "stream=data-analytics"  # what make_posting makes
ONCE, DAILY, WEEKLY, NEVER = Frequency.AT_ONCE, Frequency.DAILY, Frequency.WEEKLY, Frequency.NONE


@pytest.fixture
def sana():
    return make_student("Sana Iyer")


@pytest.fixture
def theo():
    return make_student("Theo Marsh")


@pytest.fixture
def moderator():
    return make_staff(Role.MODERATOR)


@pytest.fixture
def abroad():
    """Another stream than the one that is searched for."""
    return {"stream": Stream.objects.get(slug="human-resources")}


def save(student, address=ANALYTICS, frequency=ONCE, now=NOW, **options):
    return actions.save_search(address, by=student.user, frequency=frequency, now=now, **options)


def fresh(posting):
    return Posting.objects.defer("search").get(pk=posting.pk)


def tick(now):
    return actions.announce(now)


def deliver(now):
    """What waits leaves; who was told of which posting. Hosts hear of other things."""
    mail.outbox.clear()
    with time_machine.travel(now, tick=False):
        drain()
    mail.outbox[:] = [letter for letter in mail.outbox if "List-Unsubscribe" in letter.extra_headers]
    return [(letter.to[0], int(key)) for letter in mail.outbox for key in told_in(letter.body)]


def told_in(text):
    return re.findall(r"/postings/(\d+)/\n", text)


def announced(student):
    return sorted(Announcement.objects.filter(student=student).values_list("posting", flat=True))


# What is new


def test_what_is_published_later_is_told_and_what_was_there_is_not(sana):
    make_posting()
    save(sana)
    new = make_posting(now=NOW + MINUTE)
    assert (tick(NOW + MINUTE), announced(sana)) == (1, [new.pk])
    assert deliver(NOW + MINUTE) == [(sana.user.email, new.pk)]


def test_what_was_told_is_not_told_again(sana):
    save(sana)
    make_posting(now=NOW + MINUTE)
    assert [tick(NOW + number * MINUTE) for number in range(1, 4)] == [1, 0, 0]
    assert len(deliver(NOW + 3 * MINUTE)) == 1


def test_what_does_not_match_is_not_told(sana, abroad):
    save(sana)
    make_posting(now=NOW + MINUTE, **abroad)
    make_posting(Status.SUBMITTED, now=NOW + MINUTE)
    assert (tick(NOW + HOUR), Announcement.objects.count()) == (0, 0)


def test_a_search_without_an_alert_tells_nothing(sana):
    search = save(sana, frequency=NEVER)
    make_posting(now=NOW + MINUTE)
    assert tick(NOW + HOUR) == 0
    search = actions.change_search(search, by=sana.user, frequency=ONCE, now=NOW + HOUR)
    assert tick(NOW + 2 * HOUR) == 0  # what is there when the alert begins has been seen
    later = make_posting(now=NOW + 3 * HOUR)
    assert (tick(NOW + 3 * HOUR), announced(sana)) == (1, [later.pk])
    search = actions.change_search(search, by=sana.user, frequency=NEVER, now=NOW + 3 * HOUR)
    assert (search.alerts_since, search.due_at, search.seen) == (None, None, "")


def test_the_campus_only_is_for_students_too(sana):
    save(sana)
    make_posting(now=NOW + MINUTE, campus_only=True)
    assert tick(NOW + MINUTE) == 1


# What becomes visible later is found by the next run


def test_a_scheduled_posting_is_told_when_it_opens(sana):
    posting = make_posting(Status.SCHEDULED, opens_at=NOW + 2 * HOUR)
    save(sana)
    assert [tick(NOW + 2 * HOUR - dt.timedelta(seconds=1)), tick(NOW + 2 * HOUR)] == [0, 1]
    assert announced(sana) == [posting.pk]


def test_a_hold_that_is_lifted_is_found_though_the_posting_is_older_than_the_search(sana, moderator):
    posting = make_posting()
    actions.hold(posting, by=moderator, note="A report.", now=NOW)
    save(sana, now=NOW + HOUR)
    assert tick(NOW + HOUR) == 0
    actions.resume(fresh(posting), by=moderator, now=NOW + 2 * HOUR)
    assert (tick(NOW + 2 * HOUR), announced(sana)) == (1, [posting.pk])


def test_a_hold_of_what_was_seen_makes_nothing_new(sana, moderator):
    posting = make_posting()
    save(sana, now=NOW + MINUTE)
    actions.hold(posting, by=moderator, note="A report.", now=NOW + HOUR)
    assert tick(NOW + HOUR) == 0
    actions.resume(fresh(posting), by=moderator, now=NOW + 2 * HOUR)
    assert tick(NOW + 2 * HOUR) == 0


def test_an_edit_that_makes_it_match_is_found(sana, abroad):
    posting = make_posting(**abroad)
    save(sana, now=NOW + MINUTE)
    edited = fresh(posting)
    edited.stream = Stream.objects.get(slug="data-analytics")
    actions.write(edited, by=posting.host.user, now=NOW + HOUR)
    assert (tick(NOW + HOUR), announced(sana)) == (1, [posting.pk])


def test_a_search_for_words_follows_an_edit_as_well(sana):
    posting = make_posting()
    save(sana, "q=zebrunelle", now=NOW + MINUTE)
    edited = fresh(posting)
    edited.skills = "Zebrunelle, writing"
    actions.write(edited, by=posting.host.user, now=NOW + HOUR)
    assert (tick(NOW + HOUR), announced(sana)) == (1, [posting.pk])


def test_a_label_that_staff_give_is_found(sana, moderator):
    posting = make_posting()
    save(sana, "label=social-impact", now=NOW + MINUTE)
    label = Posting.labels.rel.model.objects.get(slug="social-impact")
    actions.set_labels(posting, labels=[label], by=moderator, now=NOW + HOUR)
    assert (tick(NOW + HOUR), announced(sana)) == (1, [posting.pk])


def test_a_filter_that_goes_by_the_calendar_is_found_when_its_day_comes(sana):
    posting = make_posting(apply_by=NOW + 10 * DAY)
    save(sana, "closing=3", now=NOW + MINUTE)
    found = [day for day in range(1, 11) if tick(NOW + day * DAY)]
    assert (len(found), announced(sana)) == (1, [posting.pk])


def test_a_filter_that_is_no_longer_offered_does_not_widen_the_search(sana):
    """The month is over, and the term deleted: without them the search would find everything."""
    term = Term.objects.create(name="Spring", first_day=dt.date(2026, 5, 1), last_day=dt.date(2026, 5, 30))
    make_posting(now=NOW)
    for address in (f"term={term.pk}", "start=2026-05"):
        save(sana, address)
    assert {search.name for search in SavedSearch.objects.all()} == {"Spring", "Start in May 2026"}
    term.delete()
    late = NOW + 150 * DAY
    make_posting(now=late)
    assert tick(late) == 0
    save(sana, ANALYTICS, now=late - DAY)
    make_posting(now=late)
    assert tick(late) == 1


def test_of_two_countries_the_one_that_is_offered_is_searched(sana):
    japan = make_posting(country="JP")
    france = make_posting(country="FR")
    save(sana, "country=FR&country=JP")
    for posting in (japan, france):
        actions.close(posting, by=posting.host.user, now=NOW)
    new = make_posting(country="FR", now=NOW + HOUR)
    assert (tick(NOW + HOUR), announced(sana)) == (1, [new.pk])


# When


def new_york(*moment):
    return dt.datetime(*moment, tzinfo=ZoneInfo("America/New_York")).astimezone(dt.UTC)


def due(search):
    search.refresh_from_db()
    return search.due_at


def test_daily_and_weekly_wait_for_the_hour_on_the_boards_clock(sana, theo):
    daily = save(sana, frequency=DAILY, hour=18)
    weekly = save(theo, frequency=WEEKLY, hour=7, weekday=4)
    assert (daily.due_at, weekly.due_at) == (new_york(2026, 3, 2, 18), new_york(2026, 3, 6, 7))
    make_posting(now=NOW + MINUTE)
    assert [tick(new_york(2026, 3, 2, 17, 59)), tick(new_york(2026, 3, 2, 18))] == [0, 1]
    assert [tick(new_york(2026, 3, 6, 6, 59)), tick(new_york(2026, 3, 6, 7))] == [0, 1]
    assert (due(daily), due(weekly)) == (new_york(2026, 3, 6, 18), new_york(2026, 3, 13, 7))
    assert len(announced(sana)) == len(announced(theo)) == 1


def test_without_anything_new_no_mail_is_sent_and_the_next_day_is_waited_for(sana):
    search = save(sana, frequency=DAILY)
    assert (tick(NOW + DAY), due(search)) == (0, new_york(2026, 3, 4, 9))
    assert (OutboxMail.objects.count(), Alert.objects.count()) == (0, 0)


def test_after_downtime_one_mail_makes_good_for_all_of_it(sana):
    search = save(sana, frequency=DAILY)
    for day in range(5):
        make_posting(now=NOW + day * DAY + MINUTE)
    back = NOW + 5 * DAY
    assert (tick(back), len(deliver(back)), len(mail.outbox)) == (1, 5, 1)
    assert due(search) == new_york(2026, 3, 8, 9)


@pytest.mark.parametrize(
    ("hour", "after", "expected"),
    [
        (9, (2026, 3, 7, 9), new_york(2026, 3, 8, 9)),  # the clocks go forward on the 8th: 23 hours later
        (9, (2026, 10, 31, 9), new_york(2026, 11, 1, 9)),  # and back on the 1st: 25 hours later
        (2, (2026, 3, 7, 2), new_york(2026, 3, 8, 3)),  # there is no two o'clock
        (1, (2026, 10, 31, 1), new_york(2026, 11, 1, 1)),  # there are two; the first
        (0, (2026, 3, 8, 0), new_york(2026, 3, 9, 0)),
        (23, (2026, 3, 8, 22, 59), new_york(2026, 3, 8, 23)),
    ],
)
def test_the_hour_is_that_of_clocks_on_the_wall(hour, after, expected):
    zone = ZoneInfo("America/New_York")
    assert rules.next_alert(DAILY, hour=hour, weekday=0, after=new_york(*after), zone=zone) == expected


def test_an_hour_that_comes_twice_is_one(sana):
    search = save(sana, frequency=DAILY, hour=1, now=new_york(2026, 10, 31, 12))
    first = new_york(2026, 11, 1, 1)
    make_posting(now=first - MINUTE)
    assert [tick(first), make_posting(now=first + MINUTE) and tick(first + HOUR)] == [1, 0]
    assert due(search) == new_york(2026, 11, 2, 1)


@given(
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    frequency=st.sampled_from([DAILY, WEEKLY]),
    after=st.integers(0, 365 * 24 * 60).map(lambda minutes: NOW + minutes * MINUTE),
    zone=st.sampled_from(["America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]),
)
def test_every_day_or_week_has_its_hour_once(hour, weekday, frequency, after, zone):
    options = {"hour": hour, "weekday": weekday, "zone": ZoneInfo(zone)}
    moments = [rules.next_alert(frequency, after=after, **options)]
    for _ in range(9):
        moments.append(rules.next_alert(frequency, after=moments[-1], **options))
    shown = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    step = 1 if frequency == DAILY else 7
    days = [one.date() for one in shown]
    assert [(later - earlier).days for earlier, later in pairwise(days)] == [step] * 9
    assert after < moments[0] <= after + (step + 1) * DAY
    for one in shown:
        wall = one.replace(hour=hour, minute=0, tzinfo=None)
        before = (one.astimezone(dt.UTC) - MINUTE).astimezone(one.tzinfo).replace(tzinfo=None)
        assert (one.replace(tzinfo=None) == wall and one.fold == 0) or before < wall < one.replace(tzinfo=None)
    assert frequency == DAILY or {one.weekday() for one in shown} == {weekday}


def test_changing_the_hour_changes_the_next_time_and_keeps_what_is_owed(sana):
    search = save(sana, frequency=DAILY)
    posting = make_posting(now=NOW + MINUTE)
    search = actions.change_search(search, by=sana.user, frequency=DAILY, hour=20, now=NOW + HOUR)
    assert search.due_at == new_york(2026, 3, 2, 20)
    search = actions.change_search(search, by=sana.user, frequency=ONCE, now=NOW + HOUR)
    assert (search.due_at, tick(NOW + HOUR), announced(sana)) == (None, 1, [posting.pk])


def test_the_task_is_on_the_schedule(settings, sana, monkeypatch):
    beat = settings.CELERY_BEAT_SCHEDULE["alerts"]
    assert (beat["task"], beat["schedule"]) == (tasks.announce.name, 60.0)
    with time_machine.travel(NOW + MINUTE, tick=False):
        save(sana)
        make_posting(now=NOW + MINUTE)
        tasks.announce()
    assert len(announced(sana)) == 1


# To whom


def test_two_searches_of_one_student_tell_of_a_posting_once_and_another_student_hears_as_well(sana, theo):
    save(sana, ANALYTICS)
    save(sana, "pay=paid")
    save(sana, "", frequency=WEEKLY)
    save(theo)
    posting = make_posting(now=NOW + MINUTE)
    assert tick(NOW + 7 * DAY) == 2
    told = deliver(NOW + 7 * DAY)
    assert sorted(told) == sorted([(sana.user.email, posting.pk), (theo.user.email, posting.pk)])


def test_what_was_told_by_a_search_that_is_deleted_stays_told(sana):
    once, weekly = save(sana), save(sana, "pay=paid", frequency=WEEKLY)
    posting = make_posting(now=NOW + MINUTE)
    tick(NOW + MINUTE)
    assert len(deliver(NOW + MINUTE)) == 1
    actions.delete_search(once, by=sana.user)
    assert (tick(weekly.due_at), announced(sana)) == (0, [posting.pk])


def test_whoever_is_inactive_gets_none_and_on_return_what_is_still_open(sana, moderator):
    save(sana)
    sana.user.is_active = False
    sana.user.save()
    gone, still = make_posting(now=NOW + MINUTE), make_posting(now=NOW + MINUTE)
    assert (tick(NOW + MINUTE), Announcement.objects.count()) == (0, 0)
    actions.close(gone, by=gone.host.user, now=NOW + HOUR)
    sana.user.is_active = True
    sana.user.save()
    assert (tick(NOW + HOUR), announced(sana)) == (1, [still.pk])


def test_with_all_alerts_switched_off_nothing_is_announced_and_later_all_is_made_good(sana):
    save(sana)
    switch(sana.user.pk, ALERTS, on=False, now=NOW)
    posting = make_posting(now=NOW + MINUTE)
    assert (tick(NOW + MINUTE), Announcement.objects.count()) == (0, 0)
    switch(sana.user.pk, ALERTS, on=True)
    assert (tick(NOW + HOUR), announced(sana)) == (1, [posting.pk])


def test_a_search_that_cannot_be_read_does_not_hold_up_the_others(sana, theo, caplog, monkeypatch):
    broken, _ = save(sana), save(theo)
    make_posting(now=NOW + MINUTE)
    real = saving.matches

    def fail(search, board):
        return 1 / 0 if search.pk == broken.pk else real(search, board)

    monkeypatch.setattr(saving, "matches", fail)
    with caplog.at_level(logging.ERROR):
        assert (tick(NOW + MINUTE), announced(theo), announced(sana)) == (1, announced(theo), [])
    assert caplog.messages == [f"alerts: saved search {broken.pk} failed; the next tick tries it again"]
    monkeypatch.undo()
    assert (tick(NOW + 2 * MINUTE), len(announced(sana))) == (1, 1)


@pytest.fixture
def looks(monkeypatch):
    """The searches that were answered, one after the other."""
    looked, real = [], saving.matches
    monkeypatch.setattr(saving, "matches", lambda search, board: looked.append(search.pk) or real(search, board))
    return looked


def test_while_nothing_changes_on_the_board_no_search_is_answered_again(sana, looks, abroad):
    make_posting()
    search = save(sana)
    looks.clear()
    assert ([tick(NOW + number * MINUTE) for number in range(1, 4)], looks) == ([0, 0, 0], [search.pk])
    with CaptureQueriesContext(connection) as captured:
        tick(NOW + 3 * MINUTE)
    assert len(captured) == 2
    make_posting(now=NOW + 4 * MINUTE, **abroad)
    assert ([tick(NOW + number * MINUTE) for number in range(4, 7)], looks) == ([0, 0, 0], [search.pk] * 2)
    assert (tick(NOW + 65 * MINUTE), looks) == (0, [search.pk] * 3)


def test_a_run_that_is_stopped_goes_on_where_it_was(sana, theo, looks):
    searches = [save(student, f"q={word}").pk for student in (sana, theo) for word in ("parking", "counts")]
    make_posting(now=NOW + MINUTE)
    looks.clear()
    turns = iter([False, False, True])
    assert actions.announce(NOW + MINUTE, stop=lambda: next(turns)) == 1
    assert looks == searches[:2]
    make_posting(now=NOW + 2 * MINUTE)
    assert (tick(NOW + 2 * MINUTE), looks[2:]) == (2, [*searches[2:], *searches[:2]])
    assert len(announced(sana)) == len(announced(theo)) == 2


def test_a_worker_stops_in_time(sana, monkeypatch):
    save(sana)
    make_posting(now=NOW + MINUTE)
    monkeypatch.setattr(tasks, "SLICE", -1.0)
    tasks.announce()
    assert announced(sana) == []


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


# At the same time


@pytest.fixture
def at_once():
    """Calls that start together in threads of their own, each with a connection of its own."""

    def run(*calls):
        barrier, outcomes = threading.Barrier(len(calls)), []

        def one(call):
            try:
                barrier.wait()
                outcomes.append(call())
            except Exception as error:
                outcomes.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_workers_at_the_same_time_tell_each_posting_once_to_each_person(at_once, _):
    students = [make_student() for _ in range(3)]
    for student in students:
        for address in (ANALYTICS, "pay=paid", "location=remote", "q=survey"):
            save(student, address)
        save(student, "level=graduate", frequency=DAILY)
    host = make_host()
    postings = [make_posting(host=host, now=NOW + MINUTE) for _ in range(15)]
    counts = at_once(*[lambda: tick(NOW + DAY)] * 6)
    assert {type(count) for count in counts} == {int}, counts
    assert Counter(deliver(NOW + DAY)) == {
        (student.user.email, posting.pk): 1 for student in students for posting in postings
    }
    assert sum(counts) == OutboxMail.objects.filter(state=State.SENT).count()
    assert Announcement.objects.count() == 3 * 15


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ending", ["commits", "fails"])
def test_two_searches_of_one_student_at_the_same_instant(sana, monkeypatch, ending):
    """The first has written its rows and waits before it commits; the second meets them and waits for it."""
    first, second = save(sana), save(sana, "pay=paid")
    posting = make_posting(now=NOW + MINUTE)
    written, go_on = threading.Event(), threading.Event()
    queue = emails.search_alert.queue

    def wait(*, subject_id, **options):
        if subject_id == first.pk:
            written.set()
            go_on.wait(20)
            if ending == "fails":
                raise ZeroDivisionError
        queue(subject_id=subject_id, **options)

    monkeypatch.setattr(type(emails.search_alert), "queue", lambda self, **options: wait(**options))
    outcomes = {}

    def run(search):
        try:
            outcomes[search.pk] = saving._announce(search.pk, NOW + MINUTE)
        except ZeroDivisionError:
            outcomes[search.pk] = "failed"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[search]) for search in (first, second)]
    threads[0].start()
    assert written.wait(20)
    threads[1].start()
    blocked_until_then(threads[1])
    go_on.set()
    for thread in threads:
        thread.join()
    assert (
        outcomes == {first.pk: True, second.pk: False}
        if ending == "commits"
        else {
            first.pk: "failed",
            second.pk: True,
        }
    )
    assert announced(sana) == [posting.pk]
    assert OutboxMail.objects.count() == Alert.objects.count() == 1
    monkeypatch.undo()
    assert tick(NOW + HOUR) == 0


def blocked_until_then(thread):
    """Until the database says that somebody waits for somebody's transaction."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()"
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
    pytest.fail("The second search waited for nobody.")


@pytest.mark.django_db(transaction=True)
def test_a_search_that_another_worker_has_in_hand_is_passed_by(sana):
    search = save(sana)
    make_posting(now=NOW + MINUTE)
    with transaction.atomic():
        SavedSearch.objects.select_for_update().get(pk=search.pk)
        outcomes = []
        thread = threading.Thread(target=lambda: (outcomes.append(tick(NOW + MINUTE)), connection.close()))
        thread.start()
        thread.join(20)
        assert (outcomes, thread.is_alive()) == ([0], False)
    assert tick(NOW + MINUTE) == 1


# Whatever happens


STREAMS = ("data-analytics", "human-resources")
SEARCHES = [
    ("Sana", "stream=data-analytics", ONCE),
    ("Sana", "stream=data-analytics&stream=human-resources", DAILY),
    ("Theo", "stream=human-resources", ONCE),
    ("Theo", "pay=paid&stream=data-analytics", WEEKLY),
]
step = st.one_of(
    st.tuples(st.sampled_from(["publish", "schedule"]), st.sampled_from(STREAMS)),
    st.tuples(st.sampled_from(["hold", "resume", "turn", "close"]), st.integers(0, 3)),
    st.tuples(st.just("pass"), st.sampled_from([MINUTE, 7 * HOUR, DAY, 8 * DAY])),
    st.tuples(st.sampled_from(["tick", "deliver"]), st.none()),
    st.tuples(st.sampled_from(["stop", "start"]), st.integers(0, len(SEARCHES) - 1)),
)
# A hold between the announcement and the mail: of one posting, and of the only one.
HELD_OF_TWO = [("publish", STREAMS[0])] * 2 + [("tick", None), ("hold", 2), ("deliver", None), ("resume", 2)]
HELD_OF_ONE = [("publish", STREAMS[1]), ("tick", None), ("hold", 2), ("deliver", None), ("resume", 2)]


class Board:
    """What happens, and beside it what a person would expect: who has been told of what, and who has seen what."""

    def __init__(self):
        SavedSearch.objects.all().delete()
        Alert.objects.all().delete()
        OutboxMail.objects.all().delete()
        Posting.objects.all().delete()
        self.now = NOW
        self.host, self.moderator = make_host(), make_staff(Role.MODERATOR)
        self.people = {name: make_student(name) for name in ("Sana", "Theo")}
        self.postings = []
        self.told = Counter()
        self.ever_owed = set()
        self.do("publish", STREAMS[0])
        self.do("publish", STREAMS[1])
        self.searches, self.seen = [], {}
        for name, address, frequency in SEARCHES:
            search = save(self.people[name], address, frequency, now=self.now)
            self.searches.append((search, self.people[name], address, frequency))
            self.seen[search.pk] = self.matching(address)

    def matching(self, address):
        streams = re.findall(r"stream=([\w-]+)", address)
        rows = [fresh(posting) for posting in self.postings]
        return {row.pk for row in rows if row.is_open_at(self.now) and row.stream.slug in streams}

    def do(self, verb, what):
        if verb in {"hold", "resume", "turn", "close"}:
            posting = fresh(self.postings[what % len(self.postings)])
            getattr(self, verb)(posting)
        else:
            getattr(self, verb if verb != "pass" else "wait")(what)

    def publish(self, slug):
        stream = Stream.objects.get(slug=slug)
        self.postings.append(make_posting(host=self.host, now=self.now, stream=stream))

    def schedule(self, slug):
        stream, opens = Stream.objects.get(slug=slug), self.now + 7 * HOUR
        options = {"opens_at": opens, "published_at": opens, "stream": stream}
        self.postings.append(make_posting(Status.SCHEDULED, host=self.host, now=self.now, **options))

    def hold(self, posting):
        if posting.status in (Status.OPEN, Status.SCHEDULED):
            actions.hold(posting, by=self.moderator, note="A report.", now=self.now)

    def resume(self, posting):
        if posting.status == Status.ON_HOLD:
            actions.resume(posting, by=self.moderator, now=self.now)

    def turn(self, posting):
        """An edit: into the other stream."""
        if posting.status in (Status.OPEN, Status.SCHEDULED, Status.ON_HOLD):
            posting.stream = Stream.objects.get(slug=STREAMS[posting.stream.slug == STREAMS[0]])
            actions.write(posting, by=self.host.user, now=self.now)

    def close(self, posting):
        if posting.status in (Status.OPEN, Status.ON_HOLD):
            actions.close(posting, by=self.host.user, now=self.now)

    def wait(self, span):
        self.now += span

    def stop(self, number):
        search, student, *_ = self.searches[number]
        actions.change_search(search, by=student.user, frequency=NEVER, now=self.now)
        self.seen.pop(search.pk, None)

    def start(self, number):
        search, student, address, frequency = self.searches[number]
        actions.change_search(search, by=student.user, frequency=frequency, now=self.now)
        self.seen.setdefault(search.pk, self.matching(address))

    def tick(self, _=None):
        """Whatever is owed at once is announced by the very next run."""
        tick(self.now)
        self.ever_owed |= self.owed()
        known = set(Announcement.objects.values_list("student__user__email", "posting"))
        assert self.owed(ONCE) - known == set(), "missed"

    def deliver(self, _=None):
        self.told.update(deliver(self.now))
        assert not self.told or max(self.told.values()) == 1, "told twice"

    def owed(self, *frequencies):
        """What a person would expect to have heard of by now: open, matching, not seen when the alert began."""
        return {
            (student.user.email, key)
            for search, student, address, frequency in self.searches
            if search.pk in self.seen and frequency in (frequencies or Frequency)
            for key in self.matching(address) - self.seen[search.pk]
        }

    def settle(self):
        """A week and a day later everybody has been due."""
        self.now += 8 * DAY
        self.deliver()
        self.tick()
        self.deliver()


@examples(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=3, max_size=25))
@example(HELD_OF_TWO)
@example(HELD_OF_ONE)
def test_whatever_happens_everybody_hears_of_everything_once_and_of_nothing_old(steps):
    board = Board()
    for verb, what in steps:
        board.do(verb, what)
    board.settle()
    assert board.owed() - set(board.told) == set(), "missed"
    assert set(board.told) - board.ever_owed == set(), "told what was not new"
