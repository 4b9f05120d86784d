"""The sum behind a verdict as words and as places on a line."""

import datetime as dt
import re
from datetime import date

import pytest
from django.template.loader import render_to_string

from authorization.drawing import draw
from authorization.leadtime import Outcome
from campus.calendar import BusinessCalendar

from .test_leadtime import CAMPUS, CPT, OPT, PREMIUM, START, check

TODAY = date(2024, 11, 18)


def words(*verdicts):
    html = render_to_string("authorization/_check.html", {"checks": verdicts})
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.replace("</li>", " ")))


def test_cpt_is_counted_in_words():
    text = words(check(CPT, TODAY))
    for sentence in (
        "In time",
        "Start filing by Wed, Dec 4, 2024 (campus business days).",
        "Latest safe filing: Wed, Dec 11, 2024 (campus business days).",
        "Start Mon, Jan 6, 2025, which does not count itself.",
        (
            "10 campus business days for the decision, passing over Dec 24 to Jan 1 (Winter closing) and weekends: "
            "latest safe filing Wed, Dec 11, 2024 (campus business days)."
        ),
        "5 campus business days to prepare, passing over weekends: start filing by Wed, Dec 4, 2024",
        (
            "For the decision: Dec 12, Dec 13, Dec 16, Dec 17, Dec 18, Dec 19, Dec 20, Dec 23, Jan 2, Jan 3 "
            "(10 campus business days)."
        ),
        "To prepare: Dec 5, Dec 6, Dec 9, Dec 10, Dec 11 (5 campus business days).",
        "Confirm with the international office.",
    ):
        assert sentence in text


def test_the_post_and_the_federal_holidays_stand_in_it():
    text = words(check(PREMIUM, date(2024, 10, 1)))
    for sentence in (
        "Not before Tue, Oct 8, 2024: filing opens 90 calendar days before the first day of work.",
        "21 calendar days for the post.",
        "For the post: Dec 16, 2024 to Jan 5, 2025 (21 calendar days).",
        (
            "30 federal business days for the decision, passing over Nov 11 (Veterans Day), Nov 28 (Thanksgiving Day) "
            "and weekends: latest safe filing Wed, Oct 30, 2024 (federal business days)."
        ),
        "10 campus business days to prepare, passing over weekends: start filing by Wed, Oct 16, 2024",
    ):
        assert sentence in text


def test_the_empty_window_says_what_can_be_done():
    text = words(check(OPT, date(2024, 9, 1)))
    for sentence in (
        "filing would have to be done by Sat, Sep 7, 2024 (calendar days), and filing opens on Tue, Oct 8, 2024 (90 ",
        "First possible filing day: Tue, Oct 8, 2024 (calendar days)",
        "90 calendar days end on Mon, Jan 6, 2025. 120 calendar days end on Wed, Feb 5, 2025.",
        "a later start",
        "an OPT start that you request for an earlier day",
        "Ask about CPT",
        "premium processing",
        "an OPT that is approved already",
        "For the decision: Sep 8, 2024 to Jan 5, 2025 (120 calendar days).",
    ):
        assert sentence in text


@pytest.mark.parametrize(
    ("verdict", "outcome", "sentences"),
    [
        (check(CPT, date(2024, 12, 5)), Outcome.TIGHT, ["That day has passed, so less time is left"]),
        (
            check(CPT, date(2024, 12, 12)),
            Outcome.TOO_LATE,
            [
                "The latest safe filing was Wed, Dec 11, 2024 (campus business days).",
                "for a start on Tue, Jan 14, 2025",
            ],
        ),
        (check(CPT, START), Outcome.TOO_LATE, ["The first day of work, Mon, Jan 6, 2025, is today."]),
        (check(CPT, date(2025, 2, 1)), Outcome.TOO_LATE, ["The first day of work, Mon, Jan 6, 2025, is past."]),
        (
            check(CPT, TODAY, authorized=[(START, date(2025, 1, 31))]),
            Outcome.ALREADY,
            ["Mon, Jan 6, 2025 to Fri, Jan 31, 2025 (calendar days, both counted)."],
        ),
        (check(CPT, TODAY, question="Is it work?"), Outcome.ASK, ["Is it work? Confirm with the international office"]),
    ],
)
def test_every_verdict_has_its_words(verdict, outcome, sentences):
    text = words(verdict)
    assert verdict.outcome == outcome
    assert [sentence for sentence in [outcome.capitalize(), *sentences] if sentence not in text] == []
    assert text.count("onfirm with the international office") == 2  # of this route, and below all of them


def places(drawing):
    return {mark.kind: float(mark.x.rstrip("%")) for mark in drawing.marks}


def test_what_is_later_stands_further_on():
    drawing = check(CPT, TODAY).drawing
    found = places(drawing)
    assert sorted(found, key=found.get) == ["begin", "file", "work"]
    assert (found["begin"], found["work"]) == (0, 100)
    assert [bar.kind for bar in drawing.bars] == ["preparation", "decision"]
    assert [mark.kind for mark in drawing.marks] == ["work", "file", "begin"]  # the latest on top
    assert [(month.day, month.year) for month in drawing.months] == [(date(2025, 1, 1), None)]


def test_in_an_empty_window_filing_opens_after_its_last_day():
    found = places(check(OPT, date(2024, 9, 1)).drawing)
    assert sorted(found, key=found.get) == ["begin", "today", "file", "opens", "work"]


@pytest.mark.parametrize(
    ("today", "shown"),
    [
        (date(2024, 12, 10), True),
        (START, True),
        (date(2024, 11, 22), True),
        (date(2024, 11, 1), False),
        (START + dt.timedelta(days=1), False),
    ],
)
def test_today_is_drawn_where_it_is_near(today, shown):
    assert ("today" in places(check(CPT, today).drawing)) is shown


def test_words_stay_inside_the_drawing():
    anchors = {"begin": "start", "work": "end"}
    drawing = check(CPT, TODAY).drawing
    assert {mark.kind: mark.anchor for mark in drawing.marks if mark.kind in anchors} == anchors
    assert check(CPT, date(2024, 12, 19)).drawing.marks[1].anchor == "middle"


def test_a_line_of_two_years_names_few_months():
    days = [("begin", date(2023, 1, 10)), ("work", date(2025, 1, 10))]
    months = draw(days, parts=[], today=date(2024, 1, 1)).months
    assert [month.day for month in months] == [date(2023, 2, 1), *(date(2023, month, 1) for month in (6, 10))] + [
        date(2024, month, 1) for month in (2, 6, 10)
    ]


def test_a_january_names_its_year_where_there_is_room():
    days = [("begin", date(2024, 12, 2)), ("work", date(2025, 4, 1))]
    months = draw(days, parts=[], today=date(2024, 12, 2)).months
    assert [(month.day.month, month.year) for month in months] == [(1, 2025), (2, None), (3, None)]


def test_one_day_is_no_line():
    assert draw([("begin", START), ("work", START)], parts=[], today=START) is None


def test_a_closure_is_drawn_over_the_days_it_takes():
    with_recess, without = check(CPT, TODAY), check(CPT, TODAY, campus=BusinessCalendar())
    assert len(with_recess.drawing.closed) == len(
        [*with_recess.sum.decision.passed, *with_recess.sum.preparation.passed]
    )
    assert "Winter closing" in [step.why for step in with_recess.sum.decision.passed]
    assert without.sum.decision.named == ()
    assert CAMPUS.closures
