"""Atom feeds, read by a feed reader."""

import datetime as dt
from xml.etree import ElementTree as ET

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campus.models import ProgramSettings
from core import clock
from postings import actions
from postings.models import Label, Posting, Stream
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HERE = "http://127.0.0.1:8000"
DAY = dt.timedelta(days=1)


def read(path, client=None):
    response = (client or Client()).get(path)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = feedparser.parse(response.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    return feed


def titles(path):
    return [entry.title for entry in read(path).entries]


def test_what_an_entry_says():
    ProgramSettings.objects.update(university_name="Merriam University", office_name="Merriam Career Office")
    posting = make_posting(
        title="Fish & <chips>",
        brief="**Write** to <b>me</b>: ana@fenwick.example, +1 (617) 555-0123, or https://fenwick.example/jobs now.",
        host=make_host("Omar Haddad"),
        mentor_name="Ana Mentor",
        mentor_email="ana@fenwick.example",
        street_address="12 Hidden Street",
        created_at=NOW - DAY,
        updated_at=NOW + 2 * DAY,
    )
    feed = read("/postings/feed/")
    (entry,) = feed.entries
    assert (entry.title, entry.link) == ("Fish & <chips>", f"{HERE}/postings/{posting.pk}/")
    assert entry.id == f"tag:127.0.0.1,2026-03-01:posting-{posting.pk}"
    assert (entry.published, entry.updated) == ("2026-03-02T15:00:00+00:00", "2026-03-04T15:00:00+00:00")
    assert entry.author == posting.organization.name
    assert entry.summary == (
        "<p>$20 an hour · 2–4 weeks, 10–15 hours a week · Remote · Rolling</p>"
        "<p>Write to &lt;b&gt;me&lt;/b&gt;: …, …, or … now.</p>"
    )
    assert feed.feed.updated == entry.updated


def test_a_feed_has_one_address_and_leads_to_the_list():
    feed = read("/postings/feed/?stream=data-analytics&q=riders&nonsense=1&page=3&sort=pay&after=7").feed
    asked = "q=riders&stream=data-analytics&sort=pay"
    links = {link.rel: link.href for link in feed.links}
    assert links == {"alternate": f"{HERE}/postings/?{asked}", "self": f"{HERE}/postings/feed/?{asked}"}
    assert feed.id == f"{HERE}/postings/feed/?{asked}"
    assert feed.title == "“riders”, Data & analytics – Micro-internships"


def test_a_search_finds_what_the_list_finds():
    make_posting(title="Why do riders leave?")
    make_posting(title="Riders of the bay", stream=Stream.objects.get(slug="marketing-content"))
    make_posting(title="Ledger")
    assert titles("/postings/feed/?q=riders&stream=data-analytics") == ["Why do riders leave?"]
    assert sorted(titles("/postings/feed/?q=riders")) == ["Riders of the bay", "Why do riders leave?"]
    assert titles("/postings/feed/?q=nowhere") == []
    assert len(titles("/postings/feed/?stream=nonsense&level=%00&q=%00")) == 3


def test_the_newest_first_and_fifty_at_most():
    for number in range(52):
        make_posting(title=f"Number {number}", published_at=NOW + number * DAY / 100)
    assert titles("/postings/feed/?sort=pay") == [f"Number {number}" for number in range(51, 1, -1)]


def test_labels_have_feeds_of_their_own():
    posting = make_posting(title="With a label", host=make_host("Grace", alumnus=True))
    posting.labels.set(Label.objects.filter(slug__in=["iap", "third-party"]))
    make_posting(title="Without")
    assert titles("/labels/iap/feed/") == ["With a label"]
    assert titles("/labels/alumni-host/feed/") == ["With a label"]
    assert sorted(titles("/labels/micro-internship/feed/")) == ["With a label", "Without"]
    feed = read("/labels/iap/feed/").feed
    assert {link.rel: link.href for link in feed.links} == {
        "alternate": f"{HERE}/postings/?label=iap",
        "self": f"{HERE}/labels/iap/feed/",
    }


@pytest.mark.parametrize("slug", ["third-party", "nonsense"])
def test_labels_of_staff_have_none(slug):
    make_posting().labels.set(Label.objects.filter(slug="third-party"))
    assert Client().get(f"/labels/{slug}/feed/").status_code == 404
    assert Client().get(f"/labels/{slug}/").status_code == 404


def test_the_address_of_a_label_leads_to_its_list():
    assert Client().get("/labels/iap/").headers["Location"] == "/postings/?label=iap"


def test_only_public_open_postings_are_in_it_whoever_asks():
    for status in set(Status.values) - {Status.OPEN}:
        make_posting(status, opens_at=clock.now() + DAY if status == Status.SCHEDULED else None)
    make_posting(title="For the campus", campus_only=True)
    make_posting(title="For everybody")
    for user in (None, make_student().user, make_staff()):
        client = Client()
        if user:
            client.force_login(user, backend="accounts.backends.RoleBackend")
        assert [entry.title for entry in read("/postings/feed/", client).entries] == ["For everybody"]


def test_it_is_out_of_the_feed_in_the_second_it_closes():
    closes = dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC)
    closing, closed = make_posting(title="Closing", apply_by=closes), make_posting(title="Closed")
    with time_machine.travel(closes - dt.timedelta(seconds=1), tick=False):
        assert sorted(titles("/postings/feed/")) == ["Closed", "Closing"]
        actions.close(closed, by=closed.host.user)
        assert titles("/postings/feed/") == ["Closing"]
    with time_machine.travel(closes, tick=False):
        assert titles("/postings/feed/") == []
    assert closing.pk


@pytest.mark.parametrize("postings", [0, 2])
def test_who_has_it_is_told_so_until_it_changes(postings):
    for _ in range(postings):
        make_posting()
    client = Client()
    first = client.get("/postings/feed/?q=parking")
    tag = {"If-None-Match": first.headers["ETag"]}
    make_posting(title="Something else", brief="Of no concern.", deliverable="x", learning_goals="x")
    again = client.get("/postings/feed/?q=parking", headers=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    make_posting(title="Parking lots")
    assert client.get("/postings/feed/?q=parking", headers=tag).status_code == 200
    assert (first.headers["Cache-Control"], "Last-Modified" in first.headers) == ("no-cache", False)


def test_what_xml_cannot_hold_is_left_out():
    posting = make_posting(title="Bell \x07 and \ufffe sign", brief="Form\x0cfeed", deliverable="x")
    assert titles("/postings/feed/") == ["Bell   and   sign"]
    assert read("/postings/feed/?q=%07bell").entries[0].link == f"{HERE}/postings/{posting.pk}/"


def test_every_element_that_atom_asks_for_is_there():
    make_posting()
    feed = ET.fromstring(Client().get("/postings/feed/").content)  # noqa: S314  our own
    everywhere = ["id", "title", "updated", "author", "link"]
    for element, asked in ((feed, everywhere), (feed.find(f"{ATOM}entry"), [*everywhere, "summary"])):
        assert [name for name in asked if element.find(f"{ATOM}{name}") is None] == []


def test_it_costs_the_same_for_one_posting_and_for_fifty():
    def asked():
        Client().get("/postings/feed/")
        with CaptureQueriesContext(connection) as captured:
            Client().get("/postings/feed/")
        return len(captured)

    make_posting()
    one = asked()
    for _ in range(49):
        make_posting()
    assert (one, asked()) == (4, 4)
    assert Posting.objects.count() == 50
