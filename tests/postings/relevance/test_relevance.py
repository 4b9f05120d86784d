"""What students want stands at the top: precision at 10 over judged queries, by the page that they see.

A query is scored over as many of the first results as it has wanted postings, ten at most: five wanted postings in the
first five places are 1.0, and each that is missing counts as much as a wrong one. The floors say what a good board
reaches, not what the code happens to give.
"""

import re
import statistics
from collections import Counter

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from postings import finding
from tests.postings.relevance.corpus import Judged, post, read_postings, read_queries

pytestmark = pytest.mark.django_db  # without the mark there is no test database, and the developer's own is used

POSTINGS = read_postings()
QUERIES = read_queries(POSTINGS)
KINDS = list(dict.fromkeys(judged.kind for judged in QUERIES))
EXACT = "spellings of micro-internship"
MEAN, LEAST = 0.9, 0.5
DEEPEST = 10
LINK = re.compile(r'<a class="posting-card__link" href="/postings/(\d+)/"')


@pytest.fixture(scope="module")
def keys(django_db_setup, django_db_blocker):
    """The corpus on the board, for all tests of this module; its key by each id."""
    with django_db_blocker.unblock(), transaction.atomic():
        finding.forget()
        yield post(POSTINGS)
        transaction.set_rollback(True)
    finding.forget()


def shown(text: str, keys: dict[int, str]) -> list[str]:
    """The first page as a visitor sees it."""
    body = Client().get(reverse("posting_list"), {"q": text}).content.decode()
    return [keys[int(number)] for number in LINK.findall(body)]


def precision(judged: Judged, keys: dict[int, str]) -> float:
    judgeable = [key for key in shown(judged.text, keys) if key not in judged.unsure]
    depth = min(DEEPEST, len(judged.wanted))
    return len(judged.wanted.intersection(judgeable[:depth])) / depth


def of_kind(kind: str) -> list[Judged]:
    return [judged for judged in QUERIES if judged.kind == kind]


def table(scores: dict[Judged, float]) -> str:
    lines = [f"{kind:34}{len(of_kind(kind)):4}{mean_of(kind, scores):7.2f}" for kind in KINDS if mean_of(kind, scores)]
    weak = sorted((score, judged.text) for judged, score in scores.items() if score < 1)
    return "\n".join([f"{'queries':34}{'':4}{'P@10':>7}", *lines, *(f"  {score:.2f}  {text}" for score, text in weak)])


def mean_of(kind: str, scores: dict[Judged, float]) -> float:
    return statistics.mean([score for judged, score in scores.items() if judged.kind == kind] or [0])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != EXACT])
def test_what_is_wanted_stands_at_the_top(kind, keys):
    scores = {judged: precision(judged, keys) for judged in of_kind(kind)}
    print(f"\n{table(scores)}")  # noqa: T201  what `python -m tests.postings.relevance` is for
    assert mean_of(kind, scores) >= MEAN
    assert {judged.text: score for judged, score in scores.items() if score < LEAST} == {}


@pytest.mark.parametrize("judged", of_kind(EXACT), ids=lambda judged: judged.text)
def test_every_spelling_finds_the_micro_internships_and_nothing_else(judged, keys):
    board = finding.board()
    query = QueryDict(mutable=True)
    query["q"] = judged.text
    found = {keys[key] for key in finding.matching(finding.Query.read(query, board), board, campus=False)}
    assert found - judged.unsure == judged.wanted


def test_the_corpus_is_what_it_says():
    assert len(POSTINGS) == 400
    assert [key for key, times in Counter(posting.key for posting in POSTINGS).items() if times > 1] == []
    assert len({judged.text for judged in QUERIES}) == len(QUERIES) >= 60


def test_a_board_that_shows_the_newest_whatever_is_typed_would_fail(keys):
    newest = shown("", keys)
    blind = [len(judged.wanted.intersection(newest[:10])) / min(10, len(judged.wanted)) for judged in QUERIES]
    assert statistics.mean(blind) < LEAST
