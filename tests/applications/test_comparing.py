import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.comparing import Work, shared_weeks, terms_beside, work_applied_for, work_of
from tests.applications.making import TERMS, make_application, make_offer
from tests.factories import make_posting

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 5, 4)


def work(first, last, hours=10, title="Work", most=None, agreed=True):
    return Work(title, MONDAY + first * DAY, MONDAY + last * DAY, hours, most or hours, agreed)


def said(mine, *others):
    return [
        (run.when, [other.title for other in run.others], run.hours, run.certain) for run in shared_weeks(mine, others)
    ]


def test_work_in_sequence_shares_no_week():
    assert said(work(0, 13), work(14, 27)) == []
    assert said(work(0, 2), work(3, 6)) == [], "in one week, but on no common day"
    assert said(work(0, 13)) == []


def test_weeks_that_come_together_and_their_hours():
    assert said(work(0, 20, 12), work(14, 40, 20, "Tide gauges")) == [
        ("the week of May 18, 2026", ["Tide gauges"], "32 hours a week", True)
    ]
    assert said(work(0, 20, 12), work(9, 40, 20, "Tide gauges")) == [
        ("2 weeks, from that of May 11, 2026 to that of May 18, 2026", ["Tide gauges"], "32 hours a week", True)
    ]


def test_three_at_once_are_added_up_for_the_weeks_in_which_they_are():
    one, two = work(0, 13, 5, "One"), work(7, 27, 8, "Two")
    assert said(work(0, 27, 10), one, two) == [
        ("the week of May 4, 2026", ["One"], "15 hours a week", True),
        ("the week of May 11, 2026", ["One", "Two"], "23 hours a week", True),
        ("2 weeks, from that of May 18, 2026 to that of May 25, 2026", ["Two"], "18 hours a week", True),
    ]


def test_a_gap_between_two_others_is_no_shared_week():
    assert said(work(0, 27, 10), work(0, 6, 5, "One"), work(21, 27, 5, "Two")) == [
        ("the week of May 4, 2026", ["One"], "15 hours a week", True),
        ("the week of May 25, 2026", ["Two"], "15 hours a week", True),
    ]


def test_what_is_only_applied_for_is_a_span_and_not_certain():
    applied = work(0, 27, 10, most=15, agreed=False)
    assert said(applied, work(0, 6, 12, "Agreed")) == [
        ("the week of May 4, 2026", ["Agreed"], "22–27 hours a week", False)
    ]


days = st.integers(-30, 60)
works = st.builds(
    lambda first, length, hours: work(first, first + length, hours), days, st.integers(0, 40), st.integers(1, 40)
)


@given(works, st.lists(works, max_size=4))
def test_every_week_is_counted_as_somebody_with_a_calendar_would(mine, others):
    found = {}
    for run in shared_weeks(mine, others):
        for number in range(run.weeks):
            found[run.first_week + number * 7 * DAY] = run.least
    assert found == by_hand(mine, others)


def by_hand(mine, others):
    weeks = {}
    for week in range(-10, 20):
        monday = MONDAY + week * 7 * DAY
        seven = {monday + number * DAY for number in range(7)}
        there = [other for other in others if seven & dates(mine) & dates(other)]
        if there:
            weeks[monday] = sum(one.least for one in (mine, *there))
    return weeks


def dates(one):
    return {one.first_day + number * DAY for number in range((one.last_day - one.first_day).days + 1)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("terms", "changes"),
    [
        ({}, {}),
        ({"starts_on": dt.date(2026, 4, 30)}, {"First day": "earlier than posted", "Last day": "longer than posted"}),
        ({"starts_on": dt.date(2026, 6, 1), "ends_on": dt.date(2026, 6, 19)}, {"First day": "later than posted"}),
        ({"ends_on": dt.date(2026, 5, 8)}, {"Last day": "shorter than posted"}),
        ({"ends_on": dt.date(2026, 6, 1)}, {"Last day": "longer than posted"}),
        ({"hours_week": 9}, {"Hours a week": "fewer than posted"}),
        ({"hours_week": 16}, {"Hours a week": "more than posted"}),
        ({"pay_amount": Decimal(19)}, {"Pay": "less than posted"}),
        ({"pay_amount": Decimal(21)}, {"Pay": "more than posted"}),
        ({"currency": "EUR"}, {"Pay": "in another currency than posted"}),
        ({"pay_kind": "fixed_fee", "pay_amount": Decimal(900)}, {"Pay": "paid in another way than posted"}),
    ],
)
def test_what_an_offer_changes_is_said_in_words(client, terms, changes):
    offer = make_offer(terms=replace(TERMS, **terms))
    assert {term.name: term.change for term in terms_beside(offer) if term.change} == changes
    client.force_login(offer.student)
    page = client.get(offer.get_absolute_url()).content.decode()
    assert page.count("Changed: ") == len(changes)
    assert page.count("As posted") == 4 - len(changes)


@pytest.mark.django_db
def test_terms_stand_beside_those_of_the_posting():
    assert [(term.name, term.posted, term.offered) for term in terms_beside(make_offer())] == [
        ("First day", "May 1 to May 31, 2026", "Monday, May 4, 2026"),
        ("Last day", "2–4 weeks", "Friday, May 29, 2026 (3 weeks and 5 days)"),
        ("Hours a week", "10–15 hours a week", "12 hours a week"),
        ("Pay", "$20 an hour", "$20 an hour"),
    ]


@pytest.mark.django_db
def test_the_work_of_an_offer_and_of_an_application():
    offer = make_offer(make_application(make_posting(title="Counts")))
    assert work_of(offer) == Work("Counts", TERMS.starts_on, TERMS.ends_on, 12, 12)
    applied = Work("Counts", dt.date(2026, 5, 1), dt.date(2026, 6, 27), 10, 15, agreed=False)
    assert work_applied_for(offer.application) == applied
