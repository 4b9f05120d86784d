"""Alerts never double and never miss: what comes to match is told once to each person, whatever happens on the way."""

import datetime as dt
import logging
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from campus.models import Term
from notifications.models import OutboxMail
from notifications.preferences import switch
from postings import actions, rules, tasks
from postings.actions import saving
from postings.models import ALERTS, Alert, Announcement, Posting, SavedSearch, Stream
from postings.workflow import Status
from tests.factories import NOW, make_posting
from tests.postings.alerting import (
    ANALYTICS,
    DAILY,
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    ONCE,
    WEEKLY,
    announced,
    deliver,
    fresh,
    save,
    tick,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def abroad():
    """Another stream than the one that is searched for."""
    return {"stream": Stream.objects.get(slug="human-resources")}


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
