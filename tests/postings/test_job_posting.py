"""The schema.org data of a posting, held to the rules of who reads it."""

import datetime as dt
import json
import re
from html.parser import HTMLParser
from itertools import product

import pytest
from django.test import Client

from campus.models import ProgramSettings
from postings.job_posting import data_block, job_posting
from postings.models import EngagementType, LocationMode, OpportunityType, PayKind, Posting
from postings.workflow import Status
from tests.factories import NOW, make_host, make_organization, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

# Google Search Central, "Job posting (JobPosting) structured data", the tables of required and recommended properties
# (developers.google.com/search/docs/appearance/structured-data/job-posting); the types of the rest are schema.org's.
REQUIRED = {"title", "description", "datePosted", "hiringOrganization"}
RECOMMENDED = {"identifier", "employmentType", "directApply"}
REST = {"@context", "@type", "url", "jobStartDate", "totalJobOpenings", "workHours", "skills"}
SOMETIMES = {"validThrough", "baseSalary", "jobLocation", "jobLocationType", "applicantLocationRequirements"}
EMPLOYMENT_TYPES = {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}
UNITS = {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}
PLACES = {
    LocationMode.REMOTE: {},
    LocationMode.HYBRID: {"place": "Lisbon", "country": "PT"},
    LocationMode.ON_SITE: {"place": "Boston", "region": "MA", "street_address": "12 Hidden Street"},
}
PAY = {
    PayKind.HOURLY: {"pay_amount": 20},
    PayKind.FIXED_FEE: {"pay_amount": 900, "total_hours": None},
    PayKind.UNPAID: {"pay_amount": None, "unpaid_basis": "x", "travel_costs_covered": True, "unpaid_talk_at": NOW},
}


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def moment(text):
    found = dt.datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


def breaches(data):
    """What of the rules the data break; one line each."""
    yield from (f"{name} is missing" for name in sorted((REQUIRED | RECOMMENDED) - set(data)))
    yield from (f"{name} is unheard of" for name in sorted(set(data) - REQUIRED - RECOMMENDED - REST - SOMETIMES))
    yield from (f"{name} is empty" for name, value in data.items() if value in (None, "", [], {}))
    if (data["@context"], data["@type"]) != ("https://schema.org/", "JobPosting"):
        yield "not a JobPosting"
    if data.get("description") == data.get("title") or "<p>" not in data.get("description", ""):
        yield "the description is HTML and more than the title"
    if "validThrough" in data and moment(data["validThrough"]) <= moment(data["datePosted"]):
        yield "it ends before it begins"
    yield from breaches_of_place(data)
    yield from breaches_of_pay(data.get("baseSalary"))
    if not set(data["employmentType"]) <= EMPLOYMENT_TYPES:
        yield f"employmentType {data['employmentType']}"
    if data["hiringOrganization"].get("@type") != "Organization" or not data["hiringOrganization"].get("name"):
        yield "the organization has a name"
    if data["identifier"].keys() != {"@type", "name", "value"} or data["identifier"]["@type"] != "PropertyValue":
        yield "the identifier is a PropertyValue"
    if data["directApply"] is not True:
        yield "one applies here"


def breaches_of_place(data):
    """Required: a place with its country, or remote with where applicants may be."""
    if data.get("jobLocationType") == "TELECOMMUTE":
        where = data.get("applicantLocationRequirements", {})
        if (where.get("@type"), bool(where.get("name"))) != ("Country", True):
            yield "remote work needs applicantLocationRequirements"
        if "jobLocation" in data:
            yield "work that is all remote has no place"
    else:
        address = data.get("jobLocation", {}).get("address", {})
        if not address.get("addressCountry") or not address.get("addressLocality"):
            yield "jobLocation needs an address with its country"
        if "streetAddress" in address:
            yield "the street is not public"
        if "jobLocationType" in data or "applicantLocationRequirements" in data:
            yield "only work that is all remote is TELECOMMUTE"


def breaches_of_pay(salary):
    if salary is None:
        return
    value = salary.get("value", {})
    if salary.get("@type") != "MonetaryAmount" or not re.fullmatch("[A-Z]{3}", salary.get("currency", "")):
        yield "baseSalary is an amount with its currency"
    if value.get("@type") != "QuantitativeValue" or value.get("unitText") not in UNITS:
        yield "the amount has its unit"
    if ("value" in value) == ("minValue" in value and "maxValue" in value):
        yield "either one value, or a least and a most"
    if not all(amount > 0 for name, amount in value.items() if name.endswith("alue")):
        yield "an amount is above zero"


def data_of(posting):
    """As a reader finds it: out of the page."""
    page = Client().get(posting.get_absolute_url()).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 1
    return json.loads(blocks[0])


def stored(posting):
    """As the database gives it: numbers are decimals."""
    return Posting.objects.get(pk=posting.pk)


def make(kind, pay, mode, **fields):
    talked = {"unpaid_talk_by": make_staff()} if pay == PayKind.UNPAID else {}
    weeks = {"weeks_min": None, "weeks_max": None} if kind == "full-time-job" else {}
    return make_posting(
        opportunity_type=OpportunityType.objects.get(slug=kind),
        pay_kind=pay,
        location_mode=mode,
        **(PAY[pay] | talked | PLACES[mode] | weeks | fields),
    )


@pytest.mark.parametrize(
    ("kind", "pay", "mode"),
    list(product(["micro-internship", "internship", "full-time-job"], PayKind.values, LocationMode.values)),
)
@pytest.mark.parametrize("apply_by", [None, dt.datetime(2090, 5, 1, 4, tzinfo=dt.UTC)])
def test_every_posting_keeps_to_the_rules(kind, pay, mode, apply_by):
    data = data_of(make(kind, pay, mode, apply_by=apply_by))
    assert list(breaches(data)) == []
    assert ("validThrough" in data) is (apply_by is not None)
    without_hours = kind == "full-time-job" and pay == PayKind.FIXED_FEE
    assert ("baseSalary" in data) is (pay != PayKind.UNPAID and not without_hours)


def test_breaches_are_found():
    posting = stored(make("micro-internship", PayKind.HOURLY, LocationMode.REMOTE))
    broken = {"baseSalary": {}, "jobLocation": {}, "salary": 5, "directApply": False}
    data = job_posting(posting, board="Board") | broken
    del data["title"]
    assert sorted(breaches(data)) == [
        "baseSalary is an amount with its currency",
        "baseSalary is empty",
        "either one value, or a least and a most",
        "jobLocation is empty",
        "one applies here",
        "salary is unheard of",
        "the amount has its unit",
        "title is missing",
        "work that is all remote has no place",
    ]


def test_what_it_says_of_a_fixed_fee_on_site():
    ProgramSettings.objects.update(program_name="Micro-internships", university_name="Merriam University")
    fenwick = make_organization("Fenwick Labs")
    posting = make(
        "micro-internship",
        PayKind.FIXED_FEE,
        LocationMode.ON_SITE,
        host=make_host("Omar", organization=fenwick),
        title="Churn analysis",
        brief="**Why** do riders leave?",
        apply_by=dt.datetime(2090, 5, 1, 4, tzinfo=dt.UTC),
        positions=2,
    )
    data = data_of(posting)
    description = data.pop("description")
    assert data == {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": "Churn analysis",
        "identifier": {
            "@type": "PropertyValue",
            "name": "Micro-internships, Merriam University",
            "value": str(posting.pk),
        },
        "url": f"http://127.0.0.1:8000/postings/{posting.pk}/",
        "datePosted": "2026-03-02T15:00:00+00:00",
        "validThrough": "2090-05-01T04:00:00+00:00",
        "employmentType": ["INTERN", "TEMPORARY"],
        "hiringOrganization": {"@type": "Organization", "name": "Fenwick Labs"},
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "USD",
            "value": {"@type": "QuantitativeValue", "minValue": 15.0, "maxValue": 45.0, "unitText": "HOUR"},
        },
        "directApply": True,
        "jobStartDate": "2026-05-01",
        "totalJobOpenings": 2,
        "workHours": "10–15 hours a week",
        "skills": "Spreadsheets, writing",
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressLocality": "Boston",
                "addressRegion": "MA",
                "addressCountry": "US",
            },
        },
    }
    assert description.startswith("<p><strong>Why</strong> do riders leave?</p>")
    assert "<p><strong>Pay:</strong> $900 fixed fee, $15 to $45 an hour</p>" in description


@pytest.mark.parametrize(
    ("slug", "engagement", "employment"),
    [
        ("micro-internship", "project-intern", ["INTERN", "TEMPORARY"]),
        ("internship", "university-payroll", ["INTERN"]),
        ("full-time-job", "temporary-employee", ["FULL_TIME"]),
        ("micro-internship", "contractor", ["INTERN", "TEMPORARY", "CONTRACTOR"]),
        ("fellowship", "project-intern", ["OTHER"]),
    ],
)
def test_the_employment_follows_type_and_engagement(slug, engagement, employment):
    kind, _ = OpportunityType.objects.get_or_create(
        slug=slug, defaults={"name": slug, "plural": slug, "offer_days_least": 5, "offer_days_recommended": 5}
    )
    posting = make_posting(opportunity_type=kind, engagement_type=EngagementType.objects.get(slug=engagement))
    assert job_posting(stored(posting), board="Board")["employmentType"] == employment


NASTY = "</script><script>alert(1)</script><!-- <img src=x onerror=y> ]]> & \u2028 \u2029 \"'\\"


def test_nothing_gets_out_of_the_element():
    posting = make_posting(title=NASTY, brief=NASTY, deliverable=NASTY, skills=NASTY, learning_goals=NASTY)
    block = data_block(stored(posting), board=NASTY)
    inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert [sign for sign in "<>&\u2028\u2029" if sign in inside] == []
    data = json.loads(inside)
    assert (data["title"], data["identifier"]["name"]) == (NASTY, NASTY)
    assert "script" not in Tags(data["description"]).seen
    assert data_of(posting)["title"] == NASTY


def test_the_description_is_sound_html():
    brief = (
        "# A heading\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<b>raw</b> ![x](y) [z](https://example.org)"
    )
    tags = Tags(job_posting(stored(make_posting(brief=brief)), board="Board")["description"])
    assert tags.open == []
    assert tags.seen == {*("h3", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "p", "a", "strong")}


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (Status.OPEN, {"campus_only": True}),
        (Status.OPEN, {"apply_by": NOW}),
        (Status.CLOSED, {}),
        (Status.FILLED, {}),
        (Status.EXPIRED, {}),
    ],
)
def test_only_public_open_postings_have_any(status, fields):
    posting = make_posting(status, now=NOW - dt.timedelta(days=1), **fields)
    for user in (None, make_student().user, make_staff(), posting.host.user):
        client = Client()
        if user:
            client.force_login(user, backend="accounts.backends.RoleBackend")
        assert "ld+json" not in client.get(posting.get_absolute_url()).content.decode()


def test_a_preview_has_none():
    posting = make_posting(Status.DRAFT)
    client = Client()
    client.force_login(posting.host.user, backend="accounts.backends.RoleBackend")
    response = client.get(f"/postings/{posting.pk}/preview/")
    assert (response.status_code, "ld+json" in response.content.decode()) == (200, False)


def test_when_it_closes_the_data_are_gone_with_the_page():
    posting = make_posting()
    assert data_of(posting)["title"] == posting.title
    Posting.objects.filter(pk=posting.pk).update(apply_by=NOW)
    response = Client().get(posting.get_absolute_url())
    assert (response.status_code, "ld+json" in response.content.decode()) == (410, False)
