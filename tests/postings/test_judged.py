"""Forty postings as hosts write them: the checks say what a person said who read them."""

import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from postings import checks
from postings.checks import Rows, Severity
from postings.models import PayFloor
from postings.workflow import Reason
from tests.postings.relevance import corpus
from tests.postings.written import FLOOR, a_posting

JUDGED = tomllib.loads((Path(__file__).parent / "judged.toml").read_text())["posting"]
ABOUT = {"host", "stream", "verdict", "reason", "because", "fails", "missed", "wrongly", "disagreement"}
ROWS = Rows(
    [
        FLOOR,
        PayFloor(country="US", region="NY", hourly=Decimal(16), currency="USD"),
        PayFloor(country="US", region="WA", hourly=Decimal("17.13"), currency="USD"),
    ]
)
MOST_DISAGREEMENTS = 2
SENTENCES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text())
THERE = {"location_mode": "on_site", "place": "Boston", "street_address": "1 Main St"}


def failures(judged):
    facts = {name: value for name, value in judged.items() if name not in ABOUT}
    if "pay_amount" in facts:
        facts["pay_amount"] = Decimal(facts["pay_amount"])
    if facts.get("pay_kind") == "unpaid":
        facts["pay_amount"] = None
    return checks.failed(a_posting(**facts), ROWS)


def test_they_are_as_many_and_as_varied_as_they_should_be():
    assert Counter(judged["verdict"] for judged in JUDGED) == {"clean": 15, "mend": 15, "decline": 10}
    assert len({judged["title"] for judged in JUDGED}) == 40
    assert len({judged["stream"] for judged in JUDGED}) == 12
    kinds = {judged["host"].rsplit(", ", 1)[1] for judged in JUDGED}
    assert kinds == {"company", "start-up", "nonprofit", "public body", "lab", "practitioner"}
    assert {judged.get("reason", "") for judged in JUDGED} - {""} <= set(Reason.values)


@pytest.mark.parametrize("judged", JUDGED, ids=lambda judged: judged["title"])
def test_the_checks_say_what_the_person_said(judged):
    found = failures(judged)
    names = {failure.name for failure in found}
    assert names == set(judged["fails"]) - set(judged.get("missed", ())) | set(judged.get("wrongly", ()))
    grave = {failure.check.reason for failure in found if failure.check.severity != Severity.WARN}
    if judged["verdict"] == "clean":
        assert grave == set()
    elif judged["reason"] not in {failure.check.reason for failure in found}:
        assert judged["disagreement"]


def test_known_disagreements_are_few_and_explained():
    apart = [judged for judged in JUDGED if {"missed", "wrongly"} & set(judged)]
    assert len(apart) <= MOST_DISAGREEMENTS
    assert all(judged["disagreement"] for judged in apart)


@pytest.mark.parametrize("name", SENTENCES["trips"])
def test_a_sentence_trips_the_check_that_it_breaks(name):
    found = {
        text: {failure.name for failure in checks.failed(a_posting(brief=text, **THERE), ROWS)}
        for text in SENTENCES["trips"][name]
    }
    assert [text for text, names in found.items() if name not in names] == []


def test_sentences_that_only_speak_of_such_things_are_spared():
    spared = SENTENCES["spared"]["sentences"]
    assert [text for text in spared if checks.failed(a_posting(brief=text, **THERE), ROWS)] == []


def test_four_hundred_ordinary_postings_trip_nothing():
    written = corpus.read_postings()
    tripped = [
        (one.key, failure.name)
        for one in written
        for failure in checks.failed(a_posting(title=one.title, skills=one.skills, brief=one.brief), ROWS)
    ]
    assert (len(written), tripped) == (400, [])
