"""The first page of the admin: what waits, how it goes, to each role its part; and every number leads to its list."""

import datetime as dt

import pytest
import time_machine
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from campus.models import Term
from core.admin import what_waits
from core.figures import figures
from notifications.models import OutboxMail
from notifications.workflow import State
from postings.actions import report, write
from postings.models import Posting, Stream
from postings.workflow import Status
from programs.actions import grant_manager
from programs.models import Program
from tests.applications.making import make_application, make_interview, make_offer
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
BY_STREAM = "Postings published, by stream: The last 12 weeks"
SENT = "Applications sent, by stream: The last 12 weeks"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mo():
    return make_staff(Role.MODERATOR)


@pytest.fixture
def board(mo):
    """Some of everything that waits, and of what is looked back at: in two streams and terms, at home and abroad."""
    host, design = make_host("Omar Haddad"), Stream.objects.get(slug="design-creative")
    own = {"host": host, "now": NOW - 3 * DAY}
    for status in Status:
        make_posting(status, **own)
    make_posting(Status.SUBMITTED, host=host, now=NOW - 9 * DAY, stream=design)
    unpaid = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "A museum.", "travel_costs_covered": True}
    for number in range(3):
        then = NOW - number * 20 * DAY
        late = {"approved_at": then + (number + 1) * DAY, "stream": design}
        make_posting(Status.FILLED, host=host, now=then, **late)
        make_posting(host=host, now=then, **unpaid, **late, unpaid_talk_at=NOW, unpaid_talk_by=mo)
    make_posting(Status.OPEN, host=host, now=NOW - 200 * DAY)
    abroad = make_posting(Status.SUBMITTED, country="PT", place="Lisbon", **own)
    grace = make_host("Grace Okafor", alumnus=True)
    Posting.objects.filter(status=Status.FILLED).update(host=grace)
    opened = make_posting(**own)
    edited = Posting.objects.defer("search").get(pk=opened.pk)
    edited.pay_amount = 30
    write(edited, by=host.user)
    report(opened, by=make_student().user, reason="fraud", now=NOW - DAY)
    make_application(make_posting(**own), now=NOW - 40 * DAY)
    make_offer(now=NOW - 5 * DAY)
    make_interview(make_application(now=NOW - 2 * DAY), now=NOW)
    for state in (State.FAILED, State.DEAD, State.DEAD, State.PENDING):
        made = {"created": NOW, "due": NOW, "next_try": NOW, "kind": "offer", "address": "a@example.org"}
        error = {} if state == State.PENDING else {"last_error": "550 no such user"}
        OutboxMail.objects.create(**made, **error, state=state, subject_id=OutboxMail.objects.count())
    Term.objects.create(name="Fall 2025", first_day=dt.date(2025, 9, 2), last_day=dt.date(2025, 12, 20))
    Term.objects.create(name="Spring 2026", first_day=dt.date(2026, 1, 12), last_day=dt.date(2026, 5, 20))
    Term.objects.create(name="Fall 2026", first_day=dt.date(2026, 9, 2), last_day=dt.date(2026, 12, 20))
    return abroad


def request_of(rf, user, **asked):
    request = rf.get("/admin/", asked)
    request.user = user
    return request


def waits(rf, user):
    return {one.name: one for one in what_waits(request_of(rf, user), admin.site)}


def table(rf, user, title):
    (found,) = [one for one in figures(request_of(rf, user), admin.site) if one.title == title]
    return {name: [cell.text for cell in cells] for name, cells in found.rows}


def test_every_number_leads_to_a_list_of_exactly_so_many(board, rf, client):
    superuser = make_user(is_staff=True, is_superuser=True)
    for user in (superuser, *map(make_staff, (Role.MODERATOR, Role.ADVISER))):
        client.force_login(user)
        seen = {one.url: one.number for one in what_waits(request_of(rf, user), admin.site)}
        for term in ("", *Term.objects.values_list("pk", flat=True)):
            shown = figures(request_of(rf, user, term=term), admin.site)
            cells = [cell for figure in shown for _, cells in figure.rows for cell in cells]
            seen |= {cell.url: cell.number for cell in cells if cell.number}
        listed = {url: client.get(url).context["cl"].result_count for url in seen}
        assert listed == seen
        assert len([number for number in seen.values() if number]) > 30, "and something is counted"


def test_what_waits_longest_stands_first_and_what_does_not_wait_last(board, rf, mo):
    found = list(waits(rf, mo).values())
    waiting = [(one.name, one.number, (NOW - one.since).days) for one in found if one.number and one.since]
    assert waiting == [
        ("Postings with silent applications", 1, 40),
        ("Postings to moderate", 3, 9),
        ("Postings on hold", 1, 3),
        ("Reports", 1, 1),
        ("Mails that did not arrive", 3, 0),
        ("Changes to approved postings", 1, 0),
    ]
    assert [one.number for one in found[-4:]] == [0] * 4


def test_each_role_sees_its_part(board, rf, mo):
    kenji, program = (
        make_staff(Role.PROGRAM_MANAGER),
        Program.objects.create(name="Iberia", contact_email="i@mit.example"),
    )
    program.countries.create(country="PT")
    grant_manager(program, user=kenji, by=mo)
    adviser, international = make_staff(Role.ADVISER), make_staff(Role.INTERNATIONAL_ADVISER)
    of_postings = ["Postings submitted a week", BY_STREAM]
    of_applications = ["Applications sent a week", SENT]

    def titles(user):
        return [figure.title for figure in figures(request_of(rf, user), admin.site)]

    assert sorted(titles(mo)) == sorted(titles(adviser)) == sorted(of_postings + of_applications)
    assert titles(kenji) == of_postings
    assert titles(international) == []
    office = set(waits(rf, adviser))
    assert set(waits(rf, kenji)) == {"Projects abroad"}
    assert set(waits(rf, international)) == {
        *("Authorization records that wait", "Routes not verified for 6 months", "Mails that did not arrive"),
    }
    assert set(waits(rf, mo)) - office == {
        *("Postings to moderate", "Postings on hold", "Changes to approved postings", "Reports"),
        "Mails that did not arrive",
    }
    weeks = next(figure for figure in figures(request_of(rf, kenji), admin.site) if figure.bars)
    assert sum(bar.number for bar in weeks.bars) == 1, "the one abroad"


def test_how_it_goes(board, rf, mo):
    by_stream = table(rf, mo, BY_STREAM)
    assert by_stream["Design & creative"] == ["6", "3 (50%)", "3 (50%)", "3", "3 (100%)", "2.0"]
    assert by_stream["All streams"][0] == str(
        sum(int(row[0]) for name, row in by_stream.items() if name != "All streams")
    )
    assert table(rf, mo, SENT)["All streams"] == ["3", "1.0"]
    weeks = table(rf, mo, "Applications sent a week")
    assert {week: cells for week, cells in weeks.items() if cells != ["0"]} == {
        "Jan 19": ["1"],
        "Feb 23": ["2"],
    }
    assert list(weeks)[::11] == ["Dec 15", "Mar 2"]


def test_a_week_begins_on_monday_where_the_board_is(rf, mo):
    midnight = dt.datetime(2026, 3, 2, 5, tzinfo=dt.UTC)
    for moment in (midnight - dt.timedelta(seconds=1), midnight, midnight + dt.timedelta(seconds=1)):
        make_posting(Status.SUBMITTED, now=moment)
    assert list(table(rf, mo, "Postings submitted a week").items())[-2:] == [("Feb 23", ["1"]), ("Mar 2", ["2"])]


def test_the_page_itself(board, client, mo):
    client.force_login(mo)
    page = client.get("/admin/").content.decode()
    assert '<a href="/admin/postings/posting/">Postings to moderate</a>' in page
    assert "1 week, 2 days" in page.replace("\xa0", " ")
    assert '<svg class="bars"' in page
    term = Term.objects.get(name="Fall 2025")
    assert "by stream: Fall 2025" in client.get(f"/admin/?term={term.pk}").content.decode()
    assert "Fall 2026" not in page, "it has not begun"
    for odd in ("x", "-1", "9" * 30, "None"):
        assert client.get(f"/admin/?term={odd}").status_code == 200


def test_it_asks_at_most_25_times_and_as_often_for_many_as_for_few(mo, client, request):
    superuser = make_user(is_staff=True, is_superuser=True)
    client.force_login(superuser)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/")
        return len(captured)

    for slug in ("data-analytics", "design-creative"):
        make_posting(now=NOW - DAY, stream=Stream.objects.get(slug=slug))
    make_application(now=NOW - DAY)
    queries()
    few = queries()
    request.getfixturevalue("board")
    assert (queries(), few <= 25) == (few, True)
