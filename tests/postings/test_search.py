import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from postings import filters, search
from postings.actions.moves import search_context_of
from postings.models import Label, OpportunityType, Posting
from postings.workflow import Status
from tests.factories import make_host, make_organization, make_posting

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


def posted(title, *, kind="micro-internship", **fields):
    posting = make_posting(title=title, opportunity_type=OpportunityType.objects.get(slug=kind), **fields)
    posting.search_context = search_context_of(posting, labels=posting.labels.all())
    posting.save()
    return posting


def found(query):
    choices = filters.load_choices()
    known = filters.read(QueryDict(query, mutable=True), choices)
    queryset = Posting.objects.for_cards()
    return [posting.title for posting in filters.PostingFilter(known.data, queryset=queryset, choices=choices).qs]


def searched(text):
    query = QueryDict(mutable=True)
    query["q"] = text
    return found(query.urlencode())


@pytest.fixture
def board(db):
    posted("Churn analysis for a bike-share", brief="Two years of trips.", skills="Python, R")
    posted("Résumé parser", brief="Read CVs.", skills="Java")
    posted(
        "Microbiology research internship", kind="internship", brief="A micro project-based internship.", skills="Lab"
    )
    posted("Internal micro-sites", kind="full-time-job", brief="Intern affairs.", skills="HTML")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_finds_every_micro_internship_and_nothing_else(board, spelling):
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
def test_words_prefixes_phrases_and_minus(board, text, titles):
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
        list(search.by_rank(search.parse(text), search.apply(search.parse(text), Posting.objects.all())))


@pytest.mark.parametrize("text", ["'", "\\", "a:*b", "!!", "& | !", "½", "ŉ", "\x00", "<->", "():*", "x" * 5000, "the"])
@pytest.mark.django_db
def test_operators_and_odd_letters_are_only_text(text):
    posted("Plain posting")
    assert searched(text) in ([], ["Plain posting"])


# Filters


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("label=micro-internship", ["alumni", "plain", "unpaid"]),
        ("label=alumni-host", ["alumni"]),
        ("label=global", ["abroad"]),
        ("label=iap", ["plain"]),
        ("label=iap&label=global", ["abroad", "plain"]),
        ("label=micro-internship&location=on_site", ["alumni"]),
        ("type=internship", ["abroad"]),
        ("stream=data-analytics", ["abroad", "alumni", "plain", "unpaid"]),
        ("stream=human-resources", []),
        ("pay=paid", ["abroad", "alumni", "plain"]),
        ("level=graduate", ["alumni", "plain", "unpaid"]),
        ("level=graduate&level=undergraduate", ["abroad", "alumni", "plain", "unpaid"]),
        ("hours=10", ["alumni", "plain", "unpaid"]),
        ("hours=35", ["abroad", "alumni", "plain", "unpaid"]),
        ("label=needs-pay-review", ["abroad", "alumni", "plain", "unpaid"]),
    ],
)
@pytest.mark.django_db
def test_within_a_facet_any_between_facets_all(query, titles):
    posted("plain").labels.add(Label.objects.get(slug="iap"))
    posted("alumni", host=make_host(alumnus=True), location_mode="on_site", place="Boston")
    posted("abroad", kind="internship", country="PT", levels=["undergraduate"], hours_week_min=20, hours_week_max=30)
    posted("unpaid", status=Status.DRAFT, pay_kind="unpaid", pay_amount=None)
    assert sorted(found(query)) == titles


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("newest", ["c", "b", "a"]),
        ("closing", ["b", "c", "a"]),
        ("pay", ["a", "b", "c"]),
        ("match", ["c", "b", "a"]),
        ("sideways", ["c", "b", "a"]),
    ],
)
@pytest.mark.django_db
def test_sorting(sort, titles):
    from tests.factories import NOW

    day = NOW.replace(day=20)
    posted("a", published_at=NOW.replace(day=1), pay_amount=30)
    posted("b", published_at=NOW.replace(day=2), pay_amount=25, apply_by=day)
    posted("c", published_at=NOW.replace(day=3), pay_amount=900, currency="JPY", apply_by=day.replace(day=21))
    assert found(f"sort={sort}") == titles


@pytest.mark.django_db
def test_unknown_values_are_named_and_left_out():
    known = filters.read(QueryDict("label=iap&label=nonsense&hours=7&utm=x&stream="), filters.load_choices())
    assert known.ignored == ["nonsense", "7"]
    assert known.data.urlencode() == "label=iap"


@pytest.mark.django_db
def test_each_chip_leads_to_the_list_without_it():
    query = QueryDict("q=churn&label=micro-internship&label=iap&hours=10&sort=pay&page=3")
    known = filters.read(query, filters.load_choices())
    assert known.chips == [
        ("“churn”", "?label=micro-internship&label=iap&hours=10&sort=pay"),
        ("Micro-internships", "?q=churn&label=iap&hours=10&sort=pay"),
        ("IAP", "?q=churn&label=micro-internship&hours=10&sort=pay"),
        ("Up to 10 hours a week", "?q=churn&label=micro-internship&label=iap&sort=pay"),
    ]
