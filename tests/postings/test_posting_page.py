"""What a posting's page states, to whom, and what it shows besides."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from authorization.actions import declare
from authorization.models import Route
from campus.models import ProgramSettings
from core import clock
from postings import actions, rules, wording
from postings.finding import board
from postings.finding.similar import similar
from postings.models import EngagementType, Label, OpportunityType, Posting, Stream
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def page_of(posting, client=None):
    return (client or Client()).get(posting.get_absolute_url()).content.decode()


def queries(client, path):
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


# Pay beside what is typical


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pay_amount": 20}, "Within what micro-internships typically pay: $15–$25 an hour"),
        ({"pay_amount": 15}, "Within what micro-internships typically pay: $15–$25 an hour"),
        ({"pay_amount": 12}, "Below what micro-internships typically pay: $15–$25 an hour"),
        ({"pay_amount": 60}, "Above what micro-internships typically pay: $15–$25 an hour"),
        (
            {"pay_kind": "fixed_fee", "pay_amount": 600, "total_hours": None},  # 20 to 60 hours
            "From below to above what micro-internships typically pay: $15–$25 an hour",
        ),
        (
            {"pay_kind": "fixed_fee", "pay_amount": 600, "total_hours": None, "weeks_max": 3, "hours_week_max": 12},
            "From within to above what micro-internships typically pay: $15–$25 an hour",
        ),
        ({"pay_amount": 20, "currency": "EUR"}, ""),
        ({"pay_kind": "unpaid", "pay_amount": None}, ""),
        ({"pay_kind": "fixed_fee", "pay_amount": None}, ""),
    ],
)
def test_pay_is_set_beside_what_is_typical(fields, words):
    posting = make_posting(Status.DRAFT, **fields)
    assert wording.pay_beside_the_band(posting) == words
    assert (rules.pay_scale(posting) is None) is (words == "")


def test_without_a_band_nothing_is_compared():
    internship = OpportunityType.objects.get(slug="internship")
    assert rules.pay_scale(make_posting(opportunity_type=internship)) is None
    OpportunityType.objects.update(pay_low=Decimal(15), pay_high=None)
    assert rules.pay_scale(Posting.objects.get(pk=make_posting().pk)) is None


@pytest.mark.parametrize(
    ("amount", "scale"), [(20, (50, 83, 66, 66)), (25, (50, 83, 83, 83)), (50, (25, 41, 83, 83)), (3, (50, 83, 10, 10))]
)
def test_the_line_holds_the_band_and_the_pay(amount, scale):
    found = rules.pay_scale(make_posting(pay_amount=amount))
    assert (found.low, found.high, found.least, found.most) == scale


def test_where_nothing_compares_the_usual_pay_is_named():
    assert wording.usual_pay(make_posting(pay_amount=20, currency="EUR")) == "$15–$25 an hour"
    assert wording.usual_pay(make_posting(pay_amount=20)) == ""


def test_the_page_draws_it_and_says_it():
    page = page_of(make_posting(pay_amount=20))
    assert '<rect class="pay-band__typical" x="50" y="3" width="33" height="6">' in page
    assert '<rect class="pay-band__pay" x="66" y="0" width="1" height="12">' in page
    assert "Within what micro-internships typically pay: $15–$25 an hour" in page


# Who sees what


def test_what_each_person_is_offered():
    posting = make_posting(apply_by=clock.now() + dt.timedelta(days=9))
    colleague = make_host(organization=posting.organization).user
    people = {
        "visitor": Client(),
        "student": signed_in(make_student().user),
        "its host": signed_in(posting.host.user),
        "colleague": signed_in(colleague),
        "other host": signed_in(make_host().user),
        "moderator": signed_in(make_staff(Role.MODERATOR)),
    }
    offered = {
        who: [
            word
            for word, link in {"apply": "apply/", "edit": "edit/", "report": "reports/", "ics": "deadline.ics"}.items()
            if f"{posting.get_absolute_url()}{link}" in page_of(posting, client)
        ]
        for who, client in people.items()
    }
    assert offered == {
        "visitor": ["apply", "report", "ics"],
        "student": ["apply", "report", "ics"],
        "its host": ["edit", "ics"],
        "colleague": ["edit", "ics"],
        "other host": ["report", "ics"],
        "moderator": ["report", "ics"],
    }


def test_the_page_names_the_kind_of_organization_and_nothing_private():
    posting = make_posting(mentor_email="ana@hidden.example", street_address="12 Hidden Street")
    for client in (Client(), signed_in(make_student().user)):
        page = page_of(posting, client)
        assert "Company" in page
        assert [word for word in ("hidden.example", "Hidden Street", posting.host.user.email) if word in page] == []


def test_staff_labels_stay_with_staff():
    posting = make_posting()
    posting.labels.set(Label.objects.filter(slug__in=["iap", "needs-pay-review"]))
    page = page_of(posting)
    assert ["IAP" in page, "Needs pay review" in page] == [True, False]


# Drawn once


def test_a_second_visitor_costs_no_look_at_the_posting():
    posting = make_posting()
    make_posting(title="A like one")
    path = posting.get_absolute_url()
    first = queries(Client(), path)
    assert first > (second := queries(Client(), path))
    for _ in range(30):
        make_posting()
    queries(Client(), path)
    assert queries(Client(), path) == second == 1  # what has changed


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda posting: Posting.objects.filter(pk=posting.pk).update(title="Another title"), "Another title"),
        (lambda posting: posting.labels.add(Label.objects.get(slug="iap")), "IAP"),
        (lambda posting: type(posting.organization).objects.update(about="We count cars."), "We count cars."),
        (lambda posting: type(posting.host.user).objects.update(name="Renamed Host"), "Renamed Host"),
        (lambda posting: OpportunityType.objects.update(offer_days_least=6), "6–7 business days"),
        (lambda posting: ProgramSettings.objects.update(university_name="Another University"), "Another University"),
        (lambda posting: EngagementType.objects.update(explanation="Otherwise."), "Otherwise."),
        (lambda posting: posting.cohosts.add(make_host("Priya Second")), "Priya Second"),
        (lambda posting: type(posting.host).objects.update(title="Head of counting"), "Head of counting"),
    ],
    ids=["title", "label", "organization", "host", "type", "program", "engagement", "cohost", "title of the host"],
)
def test_what_changes_is_on_the_page_at_once(change, shown):
    posting = make_posting()
    before = page_of(posting)
    change(posting)
    assert [shown in page for page in (before, page_of(posting))] == [False, True]


def test_an_alumni_host_is_named_as_soon_as_verified():
    posting = make_posting()
    before = page_of(posting)
    host = posting.host
    host.alumnus_verified_at, host.alumnus_verified_by = NOW, make_staff()
    host.save()
    assert ["Yes, an alumnus or alumna" in page for page in (before, page_of(posting))] == [False, True]


def test_to_the_second_it_is_open_and_then_gone():
    closes = dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC)
    posting = make_posting(apply_by=closes)
    found = {}
    for moment in (closes - dt.timedelta(seconds=1), closes):
        with time_machine.travel(moment, tick=False):
            found[moment] = Client().get(posting.get_absolute_url()).status_code
    assert list(found.values()) == [200, 410]


def test_a_browser_that_has_the_page_is_told_so_until_it_changes():
    posting = make_posting()
    path, client = posting.get_absolute_url(), Client()
    tag = client.get(path).headers["ETag"]
    unchanged = client.get(path, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    Posting.objects.filter(pk=posting.pk).update(title="Another title")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    actions.close(posting, by=posting.host.user)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 410


def test_head_answers_what_get_does():
    postings = [make_posting(), make_posting(Status.CLOSED), make_posting(Status.DRAFT), make_posting(campus_only=True)]
    client = Client()
    heads = [client.head(posting.get_absolute_url()) for posting in postings]
    assert [(head.status_code, head.content) for head in heads] == [(200, b""), (410, b""), (404, b""), (302, b"")]


def test_what_is_not_open_is_not_for_search_engines():
    closed, draft = make_posting(Status.CLOSED), make_posting(Status.DRAFT)
    answers = [
        Client().get(closed.get_absolute_url()),
        signed_in(make_staff()).get(closed.get_absolute_url()),
        signed_in(draft.host.user).get(draft.get_absolute_url()),
    ]
    assert [(answer.status_code, answer.headers["X-Robots-Tag"]) for answer in answers] == [
        (410, "noindex"),
        (200, "noindex"),
        (200, "noindex"),
    ]
    assert ["ld+json" in answer.content.decode() for answer in answers] == [False] * 3
    assert ["canonical" in answer.content.decode() for answer in answers] == [False] * 3


# Similar postings


def likes(posting, *, user=None):
    keys = similar(
        posting.pk,
        stream=posting.stream_id,
        words=f"{posting.title} {posting.skills}",
        board=board(),
        campus=user is not None,
    )
    return [Posting.objects.get(pk=key).title for key in keys]


def test_what_shares_words_comes_before_what_is_newer():
    churn = make_posting(title="Churn analysis for a bike-share", skills="SQL, survival analysis")
    for title, skills in (
        ("Why do riders leave?", "survival analysis, R"),
        ("Forecast demand", "Python"),
        ("Bike-share churn by neighborhood", "maps"),
        ("Clean a ledger", "spreadsheets"),
    ):
        make_posting(title=title, skills=skills)
    elsewhere = Stream.objects.get(slug="marketing-content")
    make_posting(title="Churn analysis for a bike-share", stream=elsewhere)
    assert likes(churn) == ["Bike-share churn by neighborhood", "Why do riders leave?", "Clean a ledger"]


def test_without_shared_words_the_newest_of_the_stream():
    lone = make_posting(title="Quixotic", skills="")
    for day in (3, 1, 2, 4):
        make_posting(title=f"Day {day}", skills="", published_at=NOW + dt.timedelta(days=day))
    assert likes(lone) == ["Day 4", "Day 3", "Day 2"]


@pytest.mark.parametrize("title", ["R & D: what's (not) | in a 'name'? <->", "!!!", "the of and", "C:* & ''", "\\"])
def test_no_title_breaks_the_search_for_what_is_like_it(title):
    posting = make_posting(title=title, skills="a:* | !b & 'c")
    other = make_posting(title="Other")
    assert likes(posting) == [other.title]
    assert Client().get(posting.get_absolute_url()).status_code == 200


def test_only_open_postings_that_one_sees_are_like_it():
    posting = make_posting()
    for status in set(Status.values) - {Status.OPEN}:
        make_posting(status, title=status, opens_at=clock.now() + HOUR if status == Status.SCHEDULED else None)
    make_posting(title="For the campus", campus_only=True)
    make_posting(title="Expired a second ago", apply_by=clock.now() - dt.timedelta(seconds=1))
    assert likes(posting) == []
    assert likes(posting, user=make_student().user) == ["For the campus"]


def test_a_like_one_that_closes_is_gone_from_the_page_at_once():
    posting, other = make_posting(), make_posting(title="A like one")
    before = page_of(posting)
    actions.close(other, by=other.host.user)
    assert ["A like one" in page for page in (before, page_of(posting))] == [True, False]


def test_what_is_like_it_costs_the_same_however_many_there_are():
    posting = make_posting()

    def asked():
        with CaptureQueriesContext(connection) as captured:
            likes_of = similar(posting.pk, stream=posting.stream_id, words="parking", board=board(), campus=False)
        return len(captured), len(likes_of)

    make_posting()
    board()
    few = asked()
    for _ in range(60):
        make_posting()
    board()
    assert (few, asked()) == ((3, 1), (3, 3))  # the board's own look is the third


# Authorization


@pytest.fixture
def sana():
    return make_student("Sana")


def test_a_student_who_needs_authorization_gets_a_verdict_for_each_route(sana):
    Route.objects.update(last_verified=dt.date(2026, 1, 2), verified_by=make_staff(Role.INTERNATIONAL_ADVISER))
    declare(sana, needs="yes", route="unsure", by=sana.user)
    posting = make_posting(now=clock.now())
    response = signed_in(sana.user).get(posting.get_absolute_url())
    page = response.content.decode()
    assert [name for name in Route.objects.values_list("name", flat=True) if f"<h3>{name}</h3>" not in page] == []
    assert "Confirm with the international office." in page
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("needs", "route"), [("no", "none"), ("unsaid", ""), (None, None)])
def test_nobody_else_reads_of_authorization(sana, needs, route):
    posting = make_posting()
    if needs:
        declare(sana, needs=needs, route=route, by=sana.user)
    other = make_student()
    declare(other, needs="yes", route="cpt", by=other.user)
    words = "Your work authorization"
    assert words in page_of(posting, signed_in(other.user))  # else what follows could not fail
    for client in (Client(), signed_in(sana.user), signed_in(posting.host.user), signed_in(make_user())):
        assert words not in page_of(posting, client)


def test_a_verdict_is_given_for_what_is_open(sana):
    declare(sana, needs="yes", route="cpt", by=sana.user)
    assert "Your work authorization" not in page_of(make_posting(Status.CLOSED), signed_in(sana.user))
