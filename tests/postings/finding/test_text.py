import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from postings.finding import Query, board, find
from postings.finding.text import Term, parse, read_synonyms
from postings.models import Synonym
from tests.factories import NOW, make_host, make_organization
from tests.postings.finding.making import posted, searched

SPELLINGS = [
    "micro-intern",
    "micro intern",
    "microintern",
    "microinternship",
    "micro-internships",
    "micro internship",
    "Micro-Internships",
    "micro‑internship",
    "micro–internship",
    "micro_internship",
    "MICRO INTERNS",
    '"micro-internship"',
    "“micro internships”",
    "project-based internship",
    "project based internships",
    "micro-int",
    "micro-internsh",
    "(micro-internship)",
    "#micro-intern",
    "micro/intern",
    "micro.internship",
    "micro\u2212intern",
    "micro-in\u00adtern\u00adship",
    "mi\u00adcro internship",
    "micro-in",
    "micro-i",
    "micro in",
    "micro internship's",
    "micro-internship’s",
    "micro-internship-program",
    "micro_internship_programs",
    "[micro-internships],",
]


@pytest.fixture
def four(db):
    posted("Churn analysis for a bike-share", brief="Two years of trips.", skills="Python, R")
    posted("Résumé parser", brief="Read CVs.", skills="Java")
    posted(
        "Microbiology research internship", kind="internship", brief="A micro project-based internship.", skills="Lab"
    )
    posted("Internal micro-sites", kind="full-time-job", brief="Intern affairs.", skills="HTML")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_finds_every_micro_internship_and_nothing_else(four, spelling):
    assert sorted(searched(spelling)) == ["Churn analysis for a bike-share", "Résumé parser"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("micro-intern churn", ["Churn analysis for a bike-share"]),
        ("churn micro internships", ["Churn analysis for a bike-share"]),
        ("microbiology", ["Microbiology research internship"]),
        ("micro-intern microbiology", []),
        ("-micro-intern", ["Internal micro-sites", "Microbiology research internship"]),
        ("–micro-intern", ["Internal micro-sites", "Microbiology research internship"]),
        ('-"micro-internship"', ["Internal micro-sites", "Microbiology research internship"]),
        ("micro-internship-churn", ["Churn analysis for a bike-share"]),
        ("(micro-internship) -churn", ["Résumé parser"]),
        ("micro-in-vitro", []),
        ("non-micro-internship", []),
        ("micro in lab", ["Microbiology research internship"]),
        ("remote churn", ["Churn analysis for a bike-share"]),
        ("bik", ["Churn analysis for a bike-share"]),
        ("analyses", ["Churn analysis for a bike-share"]),
        ("resume", ["Résumé parser"]),
        ("RÉSUMÉ", ["Résumé parser"]),
        ('"two years"', ["Churn analysis for a bike-share"]),
        ('"years two"', []),
        ("python -bike", []),
        ("r", ["Churn analysis for a bike-share"]),
        ("parser java", ["Résumé parser"]),
        ("data & analytics churn", ["Churn analysis for a bike-share"]),
        ("nowhere", []),
    ],
)
def test_words_prefixes_phrases_and_minus(four, text, titles):
    assert sorted(searched(text)) == titles


def test_the_organization_is_found(db):
    fenwick = make_organization("Fenwick Labs")
    host = make_host(organization=fenwick)
    posted("One", host=host)
    posted("Two")
    assert searched("fenwick") == ["One"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("remote", ["From anywhere"]),
        ("hybrid", ["Both"]),
        ("on-site", ["In the office"]),
        ("on site", ["In the office"]),
        ("onsite", ["In the office"]),
        ("-remote", ["Both", "In the office"]),
    ],
)
@pytest.mark.django_db
def test_where_the_work_is_done_is_found(text, titles):
    posted("From anywhere")
    posted("Both", location_mode="hybrid", place="Boston")
    posted("In the office", location_mode="on_site", place="Boston")
    assert sorted(searched(text)) == titles


def test_best_match_puts_the_title_before_the_brief(db):
    posted("Parking survey", brief="Nothing of the kind.")
    posted("Something else", brief="It begins with a parking survey.")
    assert searched("parking survey") == ["Parking survey", "Something else"]


class AnythingTyped(TestCase):
    @given(st.text(max_size=300))
    def test_is_an_answer_and_never_an_error(self, text):
        shown = board(NOW)
        assert find(Query(text=text), shown, campus=True).keys == []


@pytest.mark.parametrize("text", ["'", "\\", "a:*b", "!!", "& | !", "½", "ŉ", "\x00", "<->", "():*", "x" * 5000, "the"])
@pytest.mark.django_db
def test_operators_and_odd_letters_are_only_text(text):
    posted("Plain posting")
    assert searched(text) in ([], ["Plain posting"])


# Words that mean the same

SYNONYMS = read_synonyms(["ML, machine learning", "HR, human resources"])


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("ml", [Term(("ml",), (("machine", "learning"),), begins=True)]),
        ("Machine Learning", [Term(("Machine", "Learning"), (("ml",),))]),
        ('"machine learning"', [Term(("machine", "learning"), (("ml",),))]),
        ("machine", [Term(("machine",), begins=True)]),
        ("-ml", [Term(("ml",), wanted=False)]),
        ("hr ml", [Term(("hr",), (("human", "resources"),), True), Term(("ml",), (("machine", "learning"),), True)]),
    ],
)
def test_a_run_of_words_stands_for_its_synonyms(typed, terms):
    assert parse(typed, SYNONYMS).terms == tuple(terms)


@pytest.mark.django_db
def test_rows_of_synonyms_work_at_once():
    posted("Forecast with gradient boosting", skills="machine learning")
    assert searched("stochastic") == []
    Synonym.objects.create(words="stochastic, gradient boosting")
    assert searched("stochastic") == ["Forecast with gradient boosting"]
    assert searched("ml") == ["Forecast with gradient boosting"]


# Typos


def meant(text):
    return find(Query(text=text), board(NOW), campus=True).meant


@pytest.mark.django_db
def test_a_typo_is_mended_when_nothing_else_matches():
    posted("Research on tides")
    posted("Sao Paulo bakeries", brief="Interviews.")
    assert [meant(text) for text in ("reserach", "Reserach tides", "reserch", "bakries")] == [
        *("research", "research tides", "research", "bakeries")
    ]
    assert searched("reserach") == ["Research on tides"]
    assert [meant(text) for text in ("research", "zzzz", "tid", "-reserach")] == ["", "", "", ""]


@pytest.mark.django_db
def test_many_odd_words_are_not_looked_for_one_by_one(django_assert_max_num_queries):
    posted("Research on tides")
    board(NOW)
    with django_assert_max_num_queries(6):
        assert searched(" ".join(f"zzz{letter}q" for letter in "abcdefghijklmnop")) == []


@pytest.mark.django_db
def test_a_word_that_some_posting_has_is_no_typo():
    posted("Research on tides", brief="Written by a reserach group.")
    assert (meant("reserach"), searched("reserach")) == ("", ["Research on tides"])


@pytest.mark.django_db
def test_words_of_what_nobody_may_see_are_not_suggested():
    posted("Research on tides", status="draft")
    assert (meant("reserach"), searched("reserach")) == ("", [])
