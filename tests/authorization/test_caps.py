import datetime as dt

import pytest

from applications.comparing import Work
from authorization.caps import Load, Over, Stretch, in_words, weeks_over
from campus.models import Term

D = dt.date
SPRING = Term(name="Spring", first_day=D(2026, 5, 6), last_day=D(2026, 5, 19))


def work(first, last, hours):
    return Work("Work", first, last, hours, hours)


@pytest.mark.parametrize(
    ("works", "terms", "found"),
    [
        ([], [SPRING], []),
        ([work(D(2026, 5, 4), D(2026, 5, 29), 20)], [SPRING], []),
        # From the week in which the term begins to that in which it ends, and not the week after.
        (
            [work(D(2026, 4, 27), D(2026, 5, 29), 21)],
            [SPRING],
            [Over(D(2026, 5, 4), 21), Over(D(2026, 5, 11), 21), Over(D(2026, 5, 18), 21)],
        ),
        # One day in common is a week in common.
        (
            [work(D(2026, 5, 4), D(2026, 5, 12), 12), work(D(2026, 5, 12), D(2026, 5, 29), 12)],
            [SPRING],
            [Over(D(2026, 5, 11), 24)],
        ),
        ([work(D(2026, 5, 4), D(2026, 5, 10), 12), work(D(2026, 5, 11), D(2026, 5, 29), 12)], [SPRING], []),
        ([work(D(2026, 5, 4), D(2026, 5, 29), 40)], [], []),
        (
            [work(D(2026, 5, 4), D(2026, 5, 29), 40)],
            [Term(name="Summer", first_day=D(2026, 5, 4), last_day=D(2026, 5, 29), in_session=False)],
            [],
        ),
    ],
)
def test_weeks_over_the_cap_are_counted_in_term(works, terms, found):
    assert weeks_over(works, terms, 20) == found


MAY = D(2026, 5, 4), D(2026, 5, 29)


@pytest.mark.parametrize(
    ("stretches", "limits"),
    [
        ([], [None, None]),
        ([Stretch(*MAY, 40)], [None, None]),
        ([Stretch(*MAY, 10, cap=20)], [20, None]),
        ([Stretch(*MAY, 10, cap=20), Stretch(*MAY, 10, cap=15)], [15, None]),
        ([Stretch(*MAY, 10, cap=20, excused=24), Stretch(*MAY, 14, cap=20)], [24, None]),
        ([Stretch(*MAY, 10, cap=20), Stretch(D(2026, 5, 25), D(2026, 5, 29), 10, cap=20, excused=40)], [20, None]),
    ],
)
def test_the_limit_of_a_week_in_term_and_of_one_out_of_it(stretches, limits):
    load = Load(tuple(stretches), (SPRING,))
    assert [load.limit(D(2026, 5, 4)), load.limit(D(2026, 5, 25))] == limits


def test_what_is_excused_is_over_for_whoever_asks_for_a_reason():
    load = Load((Stretch(*MAY, 12, cap=20, excused=24), Stretch(*MAY, 12, cap=20)), (SPRING,))
    assert load.over(*MAY) == []
    assert [week.monday.day for week in load.over(*MAY, excused=False)] == [4, 11, 18]


def test_many_weeks_are_told_as_one_stretch():
    weeks = [Over(D(2026, 5, day), 20 + day) for day in (4, 11, 18, 25)]
    assert in_words(weeks[:1]) == "the week of May 4, 2026: 24 hours"
    assert in_words(weeks) == "4 weeks, from that of May 4, 2026 to that of May 25, 2026: up to 45 hours"
