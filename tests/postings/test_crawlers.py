"""What programs that walk the web are told."""

import datetime as dt
import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from postings import actions
from postings.views import crawlers
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting

pytestmark = pytest.mark.django_db
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
DAY = dt.timedelta(days=1)
HERE = "http://127.0.0.1:8000"


def places(path, client=None):
    """The addresses in a sitemap or its index, with the day of the last change."""
    response = (client or Client()).get(path)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/xml")
    root = ET.fromstring(response.content)  # noqa: S314  our own
    rows = [(one.findtext(f"{MAP}loc"), one.findtext(f"{MAP}lastmod")) for one in root]
    assert all(place.startswith(f"{HERE}/") for place, _ in rows)
    return [(place.removeprefix(HERE), day) for place, day in rows]


def all_places():
    parts = [place for place, _ in places("/sitemap.xml")]
    return {part: places(part) for part in parts}


def test_the_map_names_what_everybody_sees():
    shown = make_posting(updated_at=NOW + 3 * DAY)
    for status in set(Status.values) - {Status.OPEN}:
        make_posting(status, opens_at=clock.now() + DAY if status == Status.SCHEDULED else None)
    make_posting(campus_only=True)
    make_posting(apply_by=NOW, now=NOW - DAY)
    part = f"/sitemaps/postings-{shown.pk // crawlers.PART}.xml"
    assert all_places() == {
        "/sitemaps/places.xml": [
            ("/", None),
            ("/for-hosts/", None),
            ("/postings/", None),
            *(
                (f"/postings/?label={slug}", None)
                for slug in (
                    *("micro-internship", "alumni-host", "iap", "fall", "spring", "summer", "global"),
                    *("first-year-friendly", "social-impact"),
                )
            ),
        ],
        part: [(f"/postings/{shown.pk}/", "2026-03-05")],
    }


def test_every_place_in_the_map_is_there_under_its_own_name():
    make_posting()
    for found in all_places().values():
        for place, _ in found:
            response = Client().get(place)
            canonical = re.search('<link rel="canonical" href="([^"]+)">', response.content.decode())
            assert (response.status_code, canonical and canonical[1]) == (200, HERE + place)


def test_parts_go_by_key_and_stay_small(monkeypatch):
    monkeypatch.setattr(crawlers, "PART", 2)
    made = [make_posting() for _ in range(5)]
    actions.close(made[2], by=made[2].host.user)
    expected = {}
    for posting in made:
        if posting.pk != made[2].pk:
            expected.setdefault(f"/sitemaps/postings-{posting.pk // 2}.xml", []).append(f"/postings/{posting.pk}/")
    found = all_places()
    del found["/sitemaps/places.xml"]
    assert {part: [place for place, _ in rows] for part, rows in found.items()} == expected


def test_parts_without_anything_are_not_there():
    assert [place for place, _ in places("/sitemap.xml")] == ["/sitemaps/places.xml"]
    posting = make_posting()
    part = posting.pk // crawlers.PART
    found = [Client().get(f"/sitemaps/postings-{number}.xml").status_code for number in (part, part + 1, 10**30)]
    assert found == [200, 404, 404]
    actions.close(posting, by=posting.host.user)
    assert Client().get(f"/sitemaps/postings-{part}.xml").status_code == 404


def test_a_part_costs_the_same_however_full_it_is():
    def asked(path):
        Client().get(path)
        with CaptureQueriesContext(connection) as captured:
            Client().get(path)
        return len(captured)

    posting = make_posting()
    paths = ["/sitemap.xml", "/sitemaps/places.xml", f"/sitemaps/postings-{posting.pk // crawlers.PART}.xml"]
    one = [asked(path) for path in paths]
    for _ in range(30):
        make_posting()
    assert (one, [asked(path) for path in paths]) == ([1, 1, 2], [1, 1, 2])


def test_robots_may_look_at_postings_and_leave_the_rest():
    posting = make_posting()
    rules = RobotFileParser()
    response = Client().get("/robots.txt")
    rules.parse(response.content.decode().splitlines())
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert rules.site_maps() == [f"{HERE}/sitemap.xml"]
    paths = ["/", "/postings/?q=data", posting.get_absolute_url(), "/admin/", "/accounts/login/"]
    assert [rules.can_fetch("a robot", HERE + path) for path in paths] == [True, True, True, False, False]


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemaps/places.xml", "/postings/feed/"])
def test_files_for_programs_are_no_search_results(path):
    assert Client().get(path).headers["X-Robots-Tag"] == "noindex"


def test_a_page_is_known_by_our_address_whoever_asks(settings):
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://jobs.example.edu", ["*"]
    posting = make_posting(title='A "quoted" <title>', host=make_host())
    page = Client().get(posting.get_absolute_url() + "?utm=1", headers={"host": "mirror.example"}).content.decode()
    tags = dict(re.findall(r'<meta property="(og:\w+)" content="([^"]*)">', page))
    assert '<link rel="canonical" href="https://jobs.example.edu/postings/' in page
    assert tags == {
        "og:title": "A &quot;quoted&quot; &lt;title&gt;",
        "og:description": "$20 an hour · 2–4 weeks, 10–15 hours a week · Remote · Rolling",
        "og:type": "article",
        "og:url": f"https://jobs.example.edu/postings/{posting.pk}/",
        "og:site_name": "Micro-internships, The University",
    }


def test_the_home_page_is_shared_by_its_name():
    page = Client().get("/?from=mail").content.decode()
    assert f'<link rel="canonical" href="{HERE}/">' in page
    assert '<meta property="og:title" content="Micro-internships">' in page


@pytest.mark.parametrize(
    ("query", "own", "robots"),
    [
        ("", "", []),
        ("?after=7", "", []),
        ("?label=iap&nonsense=1&before=3", "?label=iap", []),
        ("?q=riders&after=7&label=iap", "?q=riders&amp;label=iap", ["noindex, follow"]),
    ],
)
def test_a_list_is_known_by_its_question_and_names_its_feed(query, own, robots):
    page = Client().get(f"/postings/{query}").content.decode()
    assert re.findall('<link rel="canonical" href="([^"]+)">', page) == [f"{HERE}/postings/{own}"]
    feeds = re.findall('<link rel="alternate" type="application/atom.xml"[^>]* href="([^"]+)">', page)
    assert feeds == [f"/postings/feed/{own}"]
    assert re.findall('<meta name="robots" content="([^"]+)">', page) == robots
    assert Client().get(feeds[0].replace("&amp;", "&")).status_code == 200
