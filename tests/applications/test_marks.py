"""What hosts read of an applicant beside the status, and by which they narrow the list down."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.marks import Standing
from tests.applications.asking import ask_for_talk, ask_for_time
from tests.applications.making import make_application, make_interview, make_offer, pick
from tests.applications.talking import DAY, canceled, refused
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


@pytest.fixture
def posting():
    return make_posting(host=make_host("Omar Haddad"), positions=60)


def applied(posting, name="Sana Iqbal"):
    return make_application(posting, make_student(name))


def read(client, user, posting, *, at=NOW, **chosen):
    """The marks of each applicant who is listed."""
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        page = client.get(f"/host/postings/{posting.pk}/applications/", chosen)
    return {
        str(row.application.student): [(mark.text, mark.tone) for mark in row.marks] for row in page.context["rows"]
    }


def test_more_time_that_is_asked_for_is_marked_until_it_is_settled(client, posting):
    offer = make_offer(applied(posting))
    host = posting.host.user
    assert read(client, host, posting) == {"Sana Iqbal": []}
    asked = ask_for_time(offer)
    marked = {"Sana Iqbal": [("Asks for more time, until Mar 20", "warning")]}
    assert read(client, host, posting) == marked
    assert read(client, make_staff("adviser"), posting) == marked
    assert read(client, host, posting, at=offer.deadline) == {"Sana Iqbal": []}
    actions.refuse_request(asked, by=host, reason="We begin then.", now=NOW)
    assert read(client, host, posting) == {"Sana Iqbal": []}


def test_a_talk_with_the_career_office_is_no_affair_of_the_host(client, posting):
    ask_for_talk(make_offer(applied(posting)))
    assert read(client, posting.host.user, posting) == {"Sana Iqbal": []}


def test_how_the_interview_stands(client, posting):
    host = posting.host.user
    interview = make_interview(applied(posting))
    picked = ("Interview Wed, Mar 4, 10:00 a.m.", "success")
    assert read(client, host, posting) == {"Sana Iqbal": [("Interview times proposed", "waiting")]}
    assert read(client, host, posting, at=NOW + 2 * DAY) == {
        "Sana Iqbal": [("No proposed interview time is left", "warning")]
    }
    refused(interview)
    assert read(client, host, posting) == {"Sana Iqbal": [("Other interview times asked for", "warning")]}
    actions.propose_times(interview, by=host, times=[NOW + 2 * DAY], mode="phone", now=NOW)
    pick(interview)
    assert read(client, host, posting) == {"Sana Iqbal": [picked]}
    assert read(client, host, posting, at=NOW + 2 * DAY) == {
        "Sana Iqbal": [("Interview was Wed, Mar 4, 10:00 a.m.", "ended")]
    }
    canceled(interview)
    assert read(client, host, posting) == {"Sana Iqbal": []}


def test_a_time_that_somebody_else_took_is_not_left(client, posting):
    make_interview(applied(posting), times=(1,))
    pick(make_interview(applied(posting, "Theo Marsh"), times=(1,)))
    assert read(client, posting.host.user, posting)["Sana Iqbal"] == [("No proposed interview time is left", "warning")]


def test_an_interview_that_is_over_gives_way_to_the_next(client, posting):
    application = applied(posting)
    pick(make_interview(application, times=(1,)))
    later = NOW + 2 * DAY
    with time_machine.travel(later, tick=False):
        make_interview(application, times=(1,), now=later)
    assert read(client, posting.host.user, posting, at=later) == {
        "Sana Iqbal": [("Interview times proposed", "waiting")]
    }


def test_what_ended_bears_no_mark(client, posting):
    interview = pick(make_interview(applied(posting)))
    actions.withdraw(interview.application, by=interview.application.student.user, now=NOW)
    assert read(client, posting.host.user, posting) == {"Sana Iqbal": []}


def test_side_by_side_they_bear_the_same_marks(client, posting):
    interview = make_interview(applied(posting))
    client.force_login(posting.host.user)
    with time_machine.travel(NOW, tick=False):
        page = client.get(f"/host/postings/{posting.pk}/applications/compare/?a={interview.application_id}")
    assert [[mark.text for mark in row.marks] for row in page.context["rows"]] == [["Interview times proposed"]]


def one_of_each(posting):
    """Each under the name of what it is marked with, at noon two days from now."""
    at = NOW + 2 * DAY
    ask_for_time(make_offer(applied(posting, Standing.MORE_TIME)))
    make_interview(applied(posting, Standing.PROPOSED), times=(1, 5))
    make_interview(applied(posting, Standing.GONE), times=(1,))
    refused(make_interview(applied(posting, Standing.REFUSED)))
    pick(make_interview(applied(posting, Standing.PICKED), times=(6,)))
    pick(make_interview(applied(posting, Standing.OVER), times=(2,)))
    applied(posting, "none")
    return at


def test_the_list_is_narrowed_down_by_what_it_marks_in_the_order_of_arrival(client, posting):
    at, host = one_of_each(posting), posting.host.user
    everybody = read(client, host, posting, at=at)
    assert [bool(found) for found in everybody.values()] == [*[True] * 6, False]
    for standing in Standing:
        assert list(read(client, host, posting, at=at, standing=standing)) == [standing.value]
    several = read(client, host, posting, at=at, standing=[Standing.OVER, Standing.MORE_TIME, Standing.GONE])
    assert list(several) == ["more_time", "gone", "over"]
    assert read(client, host, posting, at=at, standing="visa") == everybody


def test_fifty_marks_cost_as_much_as_one(client, posting):
    def queries():
        read(client, posting.host.user, posting)  # what a process reads once, it has read
        with CaptureQueriesContext(connection) as captured:
            read(client, posting.host.user, posting)
        return len(captured)

    def grow(number):
        ask_for_time(make_offer(applied(posting, f"Asks {number}")))
        make_interview(applied(posting, f"Talks {number}"), times=(1 + number,))

    grow(0)
    one = queries()
    for number in range(1, 12):
        grow(number)
    assert queries() == one
