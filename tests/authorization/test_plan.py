"""The plan page: what a start date would ask of a student who has nothing yet."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from accounts.roles import Role
from authorization import actions
from authorization.plan import TITLES, make_plan
from authorization.workflow import Needs, RouteKind, Status
from tests.factories import make_host, make_staff

from .conftest import NOW, START

PLAN, DATES = "/plan/", "/plan/dates.ics"
ASKED = {"start": "2025-01-06"}
pytestmark = pytest.mark.usefixtures("routes", "closures")


@pytest.fixture
def as_sana(client, sana):
    client.force_login(sana.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def declare(sana, needs, route=""):
    actions.declare(sana, needs=needs, route=route, by=sana.user, now=NOW)


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def names(verdicts):
    return [verdict.route.name for verdict in verdicts]


def test_the_page_leads_with_the_office_and_ends_with_the_questions(as_sana, university_page):
    page = text(as_sana.get(PLAN, ASKED))
    order = [page.index(part) for part in ("First, read and ask", "Your start", "To start on Mon, Jan 6, 2025")]
    assert order == sorted(order)
    assert page.index("Questions to bring to the advisor") > order[-1]
    assert university_page in as_sana.get(PLAN).content.decode()


@pytest.fixture
def university_page():
    from campus.models import ProgramSettings

    program = ProgramSettings.load()
    program.international_office_url = "https://international.example.edu/work"
    program.save()
    return program.international_office_url


def test_nothing_is_asked_until_a_day_is_given(as_sana):
    response = as_sana.get(PLAN)
    assert (response.status_code, response.context["plan"], "Error" in text(response)) == (200, None, False)
    assert "no-store" in response["Cache-Control"]


def test_every_route_is_shown_to_whoever_named_none(as_sana, sana):
    everything = ["F-1 CPT", "F-1 pre-completion OPT", "F-1 pre-completion OPT, premium processing"]
    everything += ["J-1 Academic Training", "Work visa"]
    for needs, route in [("", ""), (Needs.YES, RouteKind.UNSURE), (Needs.NO, "")]:
        if needs:
            declare(sana, needs, route)
        plan = as_sana.get(PLAN, ASKED).context["plan"]
        assert (names(plan.own), plan.others) == (everything, [])


def test_the_route_that_the_student_named_comes_first(as_sana, sana):
    declare(sana, Needs.YES, RouteKind.AT)
    response = as_sana.get(PLAN, ASKED)
    plan = response.context["plan"]
    assert (names(plan.own), len(plan.others)) == (["J-1 Academic Training"], 4)
    page = text(response)
    assert page.index("J-1 Academic Training In time") < page.index("Other routes") < page.index("F-1 CPT In time")


def test_each_date_is_that_of_the_check(as_sana):
    page = text(as_sana.get(PLAN, ASKED))
    assert "Start filing by Wed, Dec 4, 2024 (campus business days)." in page
    assert "F-1 pre-completion OPT No safe window" in page


def test_an_approval_must_cover_the_last_day_too(open_record, sana):
    open_record(Status.APPROVED, route=RouteKind.OPT)
    outcomes = [
        make_plan(sana, start=START, end=end, today=NOW.date()).own[0].outcome
        for end in (None, dt.date(2025, 1, 31), dt.date(2025, 2, 1))
    ]
    assert outcomes == ["already authorized", "already authorized", "no safe window"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"start": ""}, "Enter the day on which you would like to start."),
        ({"start": "soon"}, "Enter a date, for example 2027-01-11."),
        ({"start": "0001-01-01"}, "Enter a year after 2000."),
        ({"start": "9999-12-31"}, "Enter a year before 2100."),
        ({"start": "2025-01-06", "end": "2025-01-05"}, "The last day of work must not be before the first."),
    ],
)
def test_what_was_typed_is_given_back(as_sana, asked, message):
    response = as_sana.get(PLAN, asked)
    assert (response.status_code, response.context["plan"]) == (422, None)
    assert message in text(response)
    assert f'value="{asked["start"]}"' in response.content.decode() or not asked["start"]
    assert as_sana.get(DATES, asked).url.startswith(f"{PLAN}?start=")


def test_the_farthest_days_are_answered(as_sana):
    for day in ("2000-01-01", "2099-12-31"):
        assert as_sana.get(PLAN, {"start": day}).status_code == 200


def events(response):
    assert response["Content-Type"].startswith("text/calendar")
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def test_the_dates_for_a_calendar(as_sana, sana):
    declare(sana, Needs.YES, RouteKind.CPT)
    response = as_sana.get(DATES, ASKED)
    days = {str(event["summary"]): event.decoded("dtstart") for event in events(response)}
    assert days == {TITLES["begin"]: dt.date(2024, 12, 4), TITLES["file"]: dt.date(2024, 12, 11)}
    assert response["Content-Disposition"] == 'attachment; filename="plan-2025-01-06.ics"'


def test_the_first_filing_day_stands_in_it_while_it_is_to_come(as_sana, sana):
    declare(sana, Needs.YES, RouteKind.OPT)
    found = events(as_sana.get(DATES, {"start": "2025-05-05"}))
    assert [(str(event["summary"]), event.decoded("dtstart")) for event in found] == [
        (TITLES["opens"], dt.date(2025, 2, 4)),
        (TITLES["begin"], dt.date(2025, 2, 14)),
        (TITLES["file"], dt.date(2025, 2, 28)),
    ]


def test_a_calendar_that_lies_open_tells_nothing(as_sana, sana):
    declare(sana, Needs.YES, RouteKind.CPT)
    written = as_sana.get(DATES, ASKED).content.decode().replace("\r\n ", "").lower()
    told = ("authoriz", "cpt", "f-1", "visa", "fil", "immigr", "office")
    assert [word for word in told if word in written.replace("plan: ", "")] == []
    assert "/plan/?start=2025-01-06" in written


def test_the_same_day_keeps_its_name_and_the_later_file_counts(as_sana, sana, theo, client):
    declare(sana, Needs.YES, RouteKind.CPT)
    first = events(as_sana.get(DATES, ASKED))
    with time_machine.travel(NOW + dt.timedelta(days=1), tick=False):
        second = events(as_sana.get(DATES, ASKED))
        elsewhere = events(as_sana.get(DATES, {"start": "2025-01-07"}))
    uids = [[str(event["uid"]) for event in found] for found in (first, second, elsewhere)]
    assert uids[0] == uids[1]
    assert set(uids[0]) & set(uids[2]) == set()
    assert [event["sequence"] + 1 for event in first] == [event["sequence"] for event in second]
    client.force_login(theo.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert set(uids[0]) & {str(event["uid"]) for event in events(client.get(DATES, ASKED))} == set()


def test_without_a_date_to_keep_the_page_says_why(as_sana, sana):
    declare(sana, Needs.YES, RouteKind.OPT)
    late = {"start": "2024-11-25"}
    assert as_sana.get(DATES, late).url == f"{PLAN}?start=2024-11-25"
    assert as_sana.get(DATES).url == PLAN
    assert "Add these dates" not in text(as_sana.get(PLAN, late))
    assert "Add these dates" in text(as_sana.get(PLAN, {"start": "2025-05-05"}))


@pytest.mark.parametrize(
    "who", ["host", Role.MODERATOR, Role.ADVISER, Role.PROGRAM_MANAGER, Role.INTERNATIONAL_ADVISER]
)
@pytest.mark.parametrize("path", [PLAN, DATES])
def test_the_plan_is_for_students(client, who, path):
    user = make_host().user if who == "host" else make_staff(who)
    assert client.get(path, ASKED).url.startswith(reverse("account_login"))
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(path, ASKED).status_code == 403


def test_it_is_read_only(as_sana):
    assert [as_sana.post(path, ASKED).status_code for path in (PLAN, DATES)] == [405, 405]


def test_it_is_linked_from_the_first_page_of_work_authorization(as_sana):
    assert f'href="{PLAN}"' in as_sana.get(reverse("authorization_home")).content.decode()
