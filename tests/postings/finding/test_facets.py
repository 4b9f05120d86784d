"""Totals, counts, order and pages against a walk over every posting, written without looking at the sets."""

import datetime as dt
import random
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from authorization.leadtime import Outcome, check_route
from authorization.rules import World
from campus.models import Term
from core import clock
from postings.finding import Query, board, find, finder, forget, matching
from postings.finding.facets import FACETS
from postings.finding.finder import PAGE, options, ways_out
from postings.models import Label, OpportunityType, Posting, Stream
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting
from tests.postings.finding.making import found, posted, read

DAY = dt.timedelta(days=1)
TODAY = clock.today(NOW)
SIZE = 70


def strew(size=SIZE, seed=7):
    """Postings that differ in everything a facet asks about, some of them not open."""
    dice = random.Random(seed)
    hosts = [make_host(), make_host(), make_host(alumnus=True)]
    labels = list(Label.objects.filter(rule="by_hand", public=True))
    Term.objects.create(name="IAP", first_day=TODAY + 20 * DAY, last_day=TODAY + 50 * DAY)
    Term.objects.create(name="Spring", first_day=TODAY + 51 * DAY, last_day=TODAY + 150 * DAY)
    Term.objects.create(name="Past", first_day=TODAY - 150 * DAY, last_day=TODAY - 50 * DAY)
    for _ in range(size):
        status = dice.choice([Status.OPEN] * 8 + [Status.SCHEDULED, Status.DRAFT, Status.CLOSED])
        weeks, hours, start = dice.randint(1, 12), dice.randint(4, 40), TODAY + dice.randint(1, 200) * DAY
        paid = dice.random() < 0.85
        published = (
            NOW - dice.choice([0, 1, 2, 3, 6, 7, 29, 30, 31, 90]) * DAY - dt.timedelta(hours=dice.randint(0, 40))
        )
        fields = {
            "host": dice.choice(hosts),
            "opportunity_type": dice.choice(OpportunityType.objects.all()),
            "stream": dice.choice(Stream.objects.all()[:3]),
            "location_mode": (mode := dice.choice(["remote", "remote", "hybrid", "on_site"])),
            "place": "" if mode == "remote" else "Boston",
            "country": dice.choice(["US", "US", "US", "JP", "DE"]),
            "levels": dice.choice([["undergraduate"], ["graduate"], ["undergraduate", "graduate"]]),
            "weeks_min": weeks,
            "weeks_max": weeks + dice.randint(0, 3),
            "hours_week_min": hours,
            "hours_week_max": hours + dice.randint(0, 10),
            "start_earliest": start,
            "start_latest": start + dice.randint(0, 60) * DAY,
            "extra_materials": dice.choice([[], [], ["transcript"]]),
            "questions": dice.choice([[], [], ["Why?"]]),
            "campus_only": dice.random() < 0.1,
            "apply_by": dice.choice([None, NOW + dice.randint(-2, 20) * DAY, NOW + dt.timedelta(seconds=1)]),
        }
        if paid:
            fields |= {
                "pay_kind": "hourly",
                "pay_amount": dice.randint(10, 40),
                "currency": dice.choice(["USD", "USD", "EUR"]),
            }
        else:
            fields |= {
                "pay_kind": "unpaid",
                "pay_amount": None,
                "unpaid_basis": "Charity",
                "travel_costs_covered": True,
            }
            fields |= {"unpaid_talk_at": NOW, "unpaid_talk_by": fields["host"].user}
        if status == Status.SCHEDULED:
            fields["opens_at"] = published = NOW + dice.choice([-1, 1]) * DAY
        if status not in (Status.DRAFT,):
            fields["published_at"] = published
        make_posting(status, **fields).labels.set(dice.sample(labels, dice.randint(0, 2)))


class Walk:
    """The slow truth."""

    def __init__(self):
        self.postings = list(Posting.objects.open_at(NOW).with_alumni_host().prefetch_related("labels"))
        self.world = World.load()
        self.terms = {str(term.pk): term for term in Term.objects.all()}
        self.rules = {label.slug: label for label in Label.objects.all()}

    def find(self, chosen, *, campus=True):
        seen = [posting for posting in self.postings if campus or not posting.campus_only]
        for name, values in chosen.items():
            either = set().union(*(self.having(name, value) for value in values))
            seen = [posting for posting in seen if posting.pk in either]
        return seen

    @cache  # noqa: B019  it lives as long as the test
    def having(self, name, value):
        return {posting.pk for posting in self.postings if getattr(self, f"has_{name}")(posting, value)}

    def has_label(self, posting, slug):
        label = self.rules[slug]
        return {
            "by_hand": slug in {given.slug for given in posting.labels.all()},
            "alumni_host": posting.alumni_host,
            "abroad": posting.country != "US",
            "opportunity_type": posting.opportunity_type_id == label.opportunity_type_id,
        }[label.rule]

    def has_alumni(self, posting, value):
        return posting.alumni_host

    def has_type(self, posting, slug):
        return posting.opportunity_type.slug == slug

    def has_stream(self, posting, slug):
        return posting.stream.slug == slug

    def has_location(self, posting, mode):
        return posting.location_mode == mode

    def has_country(self, posting, code):
        return posting.country != "US" if code == "abroad" else posting.country == code

    def has_level(self, posting, level):
        return level in posting.levels

    def has_pay(self, posting, value):
        if value == "paid":
            return posting.pay_kind != "unpaid"
        return posting.currency == "USD" and (posting.pay_amount or Decimal(0)) >= int(value)

    def has_weeks(self, posting, span):
        low, _, high = span.partition("-")
        most = 999 if span.endswith("-") else int(high or low)
        return any(int(low) <= weeks <= most for weeks in range(posting.weeks_min, posting.weeks_max + 1))

    def has_hours(self, posting, most):
        return posting.hours_week_min <= int(most)

    def days(self, posting):
        return [
            posting.start_earliest + n * DAY for n in range((posting.start_latest - posting.start_earliest).days + 1)
        ]

    def has_start(self, posting, month):
        return any(f"{day:%Y-%m}" == month for day in self.days(posting))

    def has_term(self, posting, key):
        return any(self.terms[key].first_day <= day <= self.terms[key].last_day for day in self.days(posting))

    def has_materials(self, posting, value):
        return not posting.extra_materials and not posting.questions

    def has_authorization(self, posting, kind):
        start = posting.start_latest
        outcomes = {
            check_route(figures, start=start, end=start, today=TODAY, campus=self.world.campus).outcome
            for figures in self.world.figures(kind)
        }
        return bool(outcomes & {Outcome.IN_TIME, Outcome.TIGHT})

    def has_posted(self, posting, days):
        return clock.today(posting.published_at) > TODAY - int(days) * DAY

    def has_closing(self, posting, days):
        last_moment = posting.apply_by and posting.apply_by - dt.timedelta(microseconds=1)
        return bool(last_moment) and clock.today(last_moment) <= TODAY + int(days) * DAY

    def in_order(self, postings, sort):
        latest = sorted(postings, key=lambda posting: (posting.published_at, posting.pk), reverse=True)
        if sort == "closing":
            return sorted(latest, key=lambda posting: (posting.apply_by is None, posting.apply_by or NOW))
        if sort == "pay":
            return sorted(latest, key=lambda posting: (posting.currency != "USD", -(posting.pay_amount or 0)))
        return latest


def choices(data, shown):
    """Some of what some facets offer."""
    chosen = {}
    for name in data.draw(st.lists(st.sampled_from(sorted(FACETS)), max_size=3, unique=True)):
        offered = [value for value, _ in shown.choices(name)]
        most = 3 if FACETS[name].many else 1
        if offered:
            chosen[name] = tuple(data.draw(st.lists(st.sampled_from(offered), min_size=1, max_size=most, unique=True)))
    return chosen


def keys_of(postings):
    return [posting.pk for posting in postings]


class AgainstTheWalk(TestCase):
    @classmethod
    def setUpTestData(cls):
        strew()
        cls.walk = Walk()

    def setUp(self):
        forget()

    @settings(max_examples=150)
    @given(st.data(), st.booleans())
    def test_totals_and_every_count_are_what_a_click_gives(self, data, campus):
        shown = board(NOW)
        query = Query(chosen=choices(data, shown))
        page = find(query, shown, campus=campus)
        assert page.total == len(self.walk.find(query.chosen, campus=campus))
        assert sorted(matching(query, shown, campus=campus)) == sorted(
            keys_of(self.walk.find(query.chosen, campus=campus))
        )
        for name, facet in FACETS.items():
            on = query.chosen.get(name, ())
            for option in options(page, shown, name):
                clicked = (*on, option.value) if facet.many else (option.value,)
                given_by_click = len(self.walk.find(query.chosen | {name: clicked}, campus=campus))
                assert (name, option.value, option.count) == (
                    name,
                    option.value,
                    None if option.value in on else given_by_click,
                )

    @settings(max_examples=60)
    @given(st.data(), st.sampled_from(["newest", "closing", "pay"]), st.sampled_from([0, 3, 100]))
    def test_pages_by_key_come_in_order_and_lead_back(self, data, sort, few):
        shown = board(NOW)
        chosen = choices(data, shown) if data.draw(st.booleans()) else {}
        expected = keys_of(self.walk.in_order(self.walk.find(chosen), sort))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finder, "FEW", few)  # 0 and 3: through the sets; 100: by the database alone
            pages = [find(Query(chosen=chosen, sort=sort), shown, campus=True)]
            while pages[-1].after:
                pages.append(find(Query(chosen=chosen, sort=sort, after=pages[-1].after), shown, campus=True))
            assert [key for page in pages for key in page.keys] == expected
            assert [len(page.keys) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
            assert [bool(page.before) for page in pages] == [False, *[True] * (len(pages) - 1)]
            for earlier, later in pairwise(pages):
                back = find(Query(chosen=chosen, sort=sort, before=later.before), shown, campus=True)
                assert (back.keys, back.after) == (earlier.keys, earlier.after)
                assert bool(back.before) == bool(earlier.before)

    @settings(max_examples=60)
    @given(st.data())
    def test_each_way_out_of_an_empty_list_gives_what_it_says(self, data):
        shown = board(NOW)
        query = Query(chosen=choices(data, shown))
        page = find(query, shown, campus=True)
        for way in ways_out(page, shown, campus=True):
            rest = Query.read(QueryDict(way.address), shown)
            assert (way.count, len(query.chosen) - len(rest.chosen)) == (len(self.walk.find(rest.chosen)), 1)


# The address


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("label=micro-internship", ["alumni", "plain"]),
        ("label=alumni-host", ["alumni"]),
        ("label=global", ["abroad"]),
        ("label=iap", ["plain"]),
        ("label=iap&label=global", ["abroad", "plain"]),
        ("label=micro-internship&location=on_site", ["alumni"]),
        ("type=internship", ["abroad"]),
        ("label=needs-pay-review", ["abroad", "alumni", "plain"]),
    ],
)
@pytest.mark.django_db
def test_within_a_facet_any_between_facets_all(query, titles):
    posted("plain").labels.add(Label.objects.get(slug="iap"))
    posted("alumni", host=make_host(alumnus=True), location_mode="on_site", place="Boston")
    posted("abroad", kind="internship", country="PT", levels=["undergraduate"], hours_week_min=20, hours_week_max=30)
    assert sorted(found(query)) == titles


@pytest.mark.django_db
def test_unknown_values_are_named_and_left_out():
    query = read("label=iap&label=nonsense&hours=7&utm=x&stream=&sort=sideways&after=x&before=%D9%A3")
    assert query.ignored == ("nonsense", "7", "sideways")
    assert (query.address(), query.after, query.before) == ("label=iap", None, None)


@pytest.mark.django_db
def test_each_chip_leads_to_the_list_without_it():
    chips = read("hours=10&label=micro-internship&label=iap&q=churn&sort=pay&after=3").chips(board(NOW))
    assert chips == [
        ("“churn”", "?label=micro-internship&label=iap&hours=10&sort=pay"),
        ("Micro-internships", "?q=churn&label=iap&hours=10&sort=pay"),
        ("IAP", "?q=churn&label=micro-internship&hours=10&sort=pay"),
        ("Up to 10 hours a week", "?q=churn&label=micro-internship&label=iap&sort=pay"),
    ]


@pytest.mark.django_db
def test_a_cursor_that_is_no_posting_is_the_first_page():
    posted("lonely")
    assert found("after=999999") == found("before=999999") == found("q=lonely&after=999999") == ["lonely"]


@pytest.mark.parametrize("hidden", [{"campus_only": True}, {"status": Status.ON_HOLD}, {"status": Status.DRAFT}])
@pytest.mark.django_db
def test_a_cursor_tells_nothing_of_what_is_hidden(hidden):
    posted("cheap", pay_amount=18)
    secret = posted("secret", pay_amount=20, country="MT", **hidden)
    posted("dear", pay_amount=22)
    assert found(f"sort=pay&after={secret.pk}", campus=False) == ["dear", "cheap"]
    assert "MT" not in dict(board(NOW).choices("country"))


@pytest.mark.django_db
def test_a_cursor_that_has_closed_meanwhile_still_stands_where_it_stood():
    posted("cheap", pay_amount=18)
    between = posted("between", pay_amount=20, status=Status.CLOSED)
    posted("dear", pay_amount=22)
    assert found(f"sort=pay&after={between.pk}", campus=False) == ["cheap"]


@pytest.mark.django_db
def test_the_best_matches_are_paged_too(monkeypatch):
    monkeypatch.setattr(finder, "PAGE", 2)
    for number in range(5):
        posted(f"Parking {number}", published_at=NOW + dt.timedelta(minutes=number))
    first = find(read("q=parking"), board(NOW), campus=True)
    second = find(read(f"q=parking&after={first.after}"), board(NOW), campus=True)
    third = find(read(f"q=parking&after={second.after}"), board(NOW), campus=True)
    assert [len(page.keys) for page in (first, second, third)] == [2, 2, 1]
    assert find(read(f"q=parking&before={second.before}"), board(NOW), campus=True).keys == first.keys
    assert (first.before, third.after, first.is_cut) == (None, None, False)


@pytest.mark.django_db
def test_only_so_many_matches_are_ranked_and_the_page_says_so(monkeypatch):
    monkeypatch.setattr(finder, "RANKED", 2)
    posted("Parking survey")
    posted("One", brief="About parking.")
    posted("Two", brief="Parking too.", published_at=NOW + dt.timedelta(minutes=1))
    page = find(read("q=parking"), board(NOW), campus=True)
    assert (page.total, page.is_cut, found("q=parking")) == (3, True, ["Parking survey", "Two"])
