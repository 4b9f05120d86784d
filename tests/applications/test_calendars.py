"""A person's calendar under its secret address, read by a calendar's reader."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts.models import Membership
from applications import actions
from applications.models import CalendarFeed
from postings.actions import save_posting
from postings.models import Posting
from postings.workflow import Status
from tests.applications.making import (
    host_of,
    make_application,
    make_draft,
    make_interview,
    make_offer,
    pick,
    student_of,
)
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
CLOSES = dt.datetime(2026, 3, 21, 4, tzinfo=dt.UTC)  # the end of March 20 in New York


@pytest.fixture(autouse=True)
def at_ten():
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def address_of(user):
    actions.make_calendar_feed(by=user, now=NOW)
    return f"/calendar/{CalendarFeed.objects.get(user=user).secret}.ics"


def events_of(user):
    response = Client().get(address_of(user))
    return {str(event["uid"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def titles(user):
    return sorted(str(event["summary"]) for event in events_of(user).values())


def test_the_page_makes_an_address_and_says_how_to_add_it():
    student = make_student().user
    client = client_of(student)
    page = client.get("/calendar/").content.decode()
    assert "Make the address" in page
    assert not CalendarFeed.objects.exists()
    assert client.post("/calendar/").headers["Location"] == "/calendar/"
    response = client.get("/calendar/")
    page, feed = response.content.decode(), CalendarFeed.objects.get()
    assert response.headers["Cache-Control"] == "private, no-store"
    assert f'<p class="address">http://127.0.0.1:8000/calendar/{feed.secret}.ics</p>' in page
    assert f'<a href="webcal://127.0.0.1:8000/calendar/{feed.secret}.ics">' in page
    assert [name for name in ("Google", "Apple", "Outlook") if name not in page] == []
    assert len(feed.secret) >= 43


def test_a_new_address_replaces_the_old_one_and_revoking_ends_it():
    user = make_student().user
    client, anybody = client_of(user), Client()
    first, second = address_of(user), address_of(user)
    assert [anybody.get(address).status_code for address in (first, second)] == [404, 200]
    assert client.post("/calendar/revocation/").headers["Location"] == "/calendar/"
    assert [anybody.get(address).status_code for address in (first, second)] == [404, 404]
    assert "Make the address" in client.get("/calendar/").content.decode()


def test_one_person_revokes_their_own_alone():
    address = address_of(make_student().user)
    client_of(make_student().user).post("/calendar/revocation/")
    assert Client().get(address).status_code == 200


def test_the_calendar_of_somebody_who_may_no_longer_sign_in_is_closed():
    user = make_student().user
    address = address_of(user)
    user.is_active = False
    user.save()
    assert Client().get(address).status_code == 404


def test_a_guess_finds_nothing():
    feed = actions.make_calendar_feed(by=make_student().user)
    wrong = ["x", feed.digest, feed.secret[:-1], feed.secret.swapcase(), str(feed.pk)]
    assert [Client().get(f"/calendar/{secret}.ics").status_code for secret in wrong] == [404] * 5


def test_it_is_for_students_and_hosts_and_staff_get_the_calm_refusal():
    found = {}
    for name, user in (("student", make_student().user), ("host", make_host().user), ("staff", make_staff())):
        client = client_of(user)
        found[name] = client.get("/calendar/").status_code, client.post("/calendar/").status_code
        found[name] += (client.post("/calendar/revocation/").status_code,)
    assert found == {"student": (200, 302, 302), "host": (200, 302, 302), "staff": (403, 403, 403)}
    assert Client().get("/calendar/").headers["Location"].startswith("/accounts/login/")


def test_the_answer_is_private_leaves_no_cookie_and_is_not_indexed():
    address = address_of(make_student().user)
    for client in (Client(), client_of(make_host().user)):
        response = client.get(address)
        assert {name: response.headers[name] for name in ("Content-Type", "Cache-Control", "X-Robots-Tag")} == {
            "Content-Type": "text/calendar; charset=utf-8",
            "Cache-Control": "private, no-cache",
            "X-Robots-Tag": "noindex",
        }
        assert not response.cookies
    assert Client().post(address).status_code == 405


def test_a_program_that_holds_it_already_is_told_that_nothing_changed():
    interview = pick(make_interview())
    address = address_of(interview.application.student.user)
    tag = Client().get(address).headers["ETag"]
    assert Client().get(address, headers={"If-None-Match": tag}).status_code == 304
    actions.cancel_interview(interview, by=host_of(interview.application), reason="Ill", now=NOW)
    assert Client().get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_secret_is_in_no_table_to_be_read():
    feed = actions.make_calendar_feed(by=make_student().user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM applications_calendarfeed")
        row = cursor.fetchone()
    assert feed.secret not in str(row)
    assert feed.digest in str(row)


# What stands in it


def test_a_student_finds_interviews_and_deadlines_under_neutral_titles():
    student = make_student()
    saved = make_posting(title="Bike counts", apply_by=CLOSES)
    save_posting(saved, by=student.user)
    offered = make_offer(make_application(make_posting(title="Churn; analysis"), student), days=5)
    talk = pick(make_interview(make_application(make_posting(title="Oral history"), student)))
    make_interview(make_application(make_posting(title="Not picked yet"), student))
    make_offer(make_application(make_posting(title="Somebody else’s")))
    found = events_of(student.user)
    assert {uid.split("@")[0]: str(event["summary"]) for uid, event in found.items()} == {
        f"posting-{saved.pk}-last-day": "Deadline: Bike counts",
        f"offer-{offered.pk}-deadline": "Deadline: Churn; analysis",
        f"interview-{talk.pk}": "Interview: Oral history",
    }
    dates = {uid.split("-")[0]: (event.decoded("dtstart"), event.decoded("dtend")) for uid, event in found.items()}
    assert dates == {
        "posting": (dt.date(2026, 3, 20), dt.date(2026, 3, 21)),
        "offer": (dt.date(2026, 3, 9), dt.date(2026, 3, 10)),
        "interview": (NOW + DAY, NOW + DAY + dt.timedelta(minutes=30)),
    }
    assert (
        "Monday, March 9, 2026, 23:59 New York time (EDT)"
        in found[f"offer-{offered.pk}-deadline@127.0.0.1"]["description"]
    )


def test_the_last_day_to_apply_stands_until_the_application_is_sent():
    student = make_student()
    posting = make_posting(title="Bike counts", apply_by=CLOSES)
    make_draft(make_posting(title="No last day", apply_by=None), student)
    make_draft(make_posting(title="Somebody else’s", apply_by=CLOSES))
    draft = make_draft(posting, student)
    (before,) = events_of(student.user)
    assert before.split("@")[0] == f"posting-{posting.pk}-last-day"
    save_posting(posting, by=student.user)
    assert list(events_of(student.user)) == [before]
    sent = actions.submit(draft, by=student.user, now=NOW)
    assert titles(student.user) == []
    withdrawn = actions.withdraw(sent, by=student.user, now=NOW)
    assert titles(student.user) == []
    actions.start_again(withdrawn, by=student.user, now=NOW)
    assert list(events_of(student.user)) == [before]
    Posting.objects.filter(pk=posting.pk).update(status=Status.CLOSED, ended_at=NOW, ended_by=posting.host.user)
    assert titles(student.user) == []


def test_nothing_in_it_tells_how_things_stand_or_of_immigration():
    student = make_student()
    make_offer(make_application(make_posting(title="Churn analysis"), student))
    pick(make_interview(make_application(make_posting(title="Oral history"), student)))
    content = Client().get(address_of(student.user)).content.decode()
    words = re.findall(r"^(?:SUMMARY|DESCRIPTION|LOCATION|URL).*(?:\r\n .*)*", content, re.MULTILINE)
    text = re.sub(r"\r\n ", "", "\n".join(words))
    assert re.findall(r"offer|accept|declin|decid|picked|visa|authoriz|CPT|OPT\b", text, re.IGNORECASE) == []
    assert len(words) >= 6


def test_what_is_decided_closed_or_fell_through_leaves_it():
    student = make_student()
    saved = make_posting(title="Bike counts", apply_by=CLOSES)
    save_posting(saved, by=student.user)
    offer = make_offer(make_application(student=student))
    talk = pick(make_interview(make_application(student=student)))
    assert len(titles(student.user)) == 3
    actions.decline_offer(offer, by=student.user, now=NOW)
    actions.cancel_interview(talk, by=student.user, reason="Ill", now=NOW)
    type(saved).objects.filter(pk=saved.pk).update(status=Status.CLOSED, ended_at=NOW, ended_by=saved.host.user)
    assert titles(student.user) == []


def test_an_interview_of_an_application_that_ended_otherwise_leaves_it():
    student = make_student()
    offer = make_offer(pick(make_interview(make_application(student=student), times=(5,))).application)
    assert [title.partition(":")[0] for title in titles(student.user)] == ["Deadline", "Interview"]
    actions.decline_offer(offer, by=student.user, now=NOW)
    assert titles(student.user) == []


def test_what_has_passed_leaves_it_and_interviews_stay_a_while():
    student = make_student()
    save_posting(make_posting(title="Bike counts", apply_by=CLOSES), by=student.user)
    make_offer(make_application(make_posting(title="Churn"), student))
    pick(make_interview(make_application(make_posting(title="History"), student)))
    with time_machine.travel(NOW + 60 * DAY, tick=False):
        assert titles(student.user) == ["Interview: History"]
    with time_machine.travel(NOW + 92 * DAY, tick=False):
        assert titles(student.user) == []


def test_a_deadline_that_moves_is_the_same_event_with_a_higher_number():
    offer = make_offer()
    before = events_of(student_of(offer))
    actions.extend_offer(offer, by=host_of(offer.application), last_day=dt.date(2026, 3, 12), now=NOW + DAY)
    after = events_of(student_of(offer))
    assert set(before) == set(after)
    (old,), (new,) = before.values(), after.values()
    assert (old.decoded("dtstart"), new.decoded("dtstart")) == (dt.date(2026, 3, 9), dt.date(2026, 3, 12))
    assert int(new["sequence"]) > int(old["sequence"])
    assert new.decoded("last-modified") == NOW + DAY > old.decoded("last-modified")


def test_an_interview_that_moves_is_the_same_event_with_a_higher_number():
    interview = pick(make_interview())
    user = interview.application.student.user
    (before,) = events_of(user).values()
    talk = {"by": host_of(interview.application), "times": [NOW + 7 * DAY], "mode": "phone", "now": NOW}
    actions.propose_times(interview, **talk)
    assert events_of(user) == {}
    pick(interview)
    (after,) = events_of(user).values()
    assert before["uid"] == after["uid"]
    assert int(after["sequence"]) > int(before["sequence"])
    assert after.decoded("dtstart") == NOW + 7 * DAY
    assert after.decoded("dtstart").utcoffset() - before.decoded("dtstart").utcoffset() == dt.timedelta(hours=1)


def test_hosts_find_the_interviews_at_which_they_sit():
    host = make_host("Omar Haddad")
    posting = make_posting(host=host, title="Churn analysis")
    organization = posting.organization
    cohost, proposer, colleague = (make_host(organization=organization) for _ in range(3))
    posting.cohosts.add(cohost)
    application = make_application(posting, make_student("Sana Iyer"))
    interview = actions.invite_to_interview(
        application, by=proposer.user, times=[NOW + DAY], mode="video", note="https://talk.example/7", now=NOW
    )
    pick(interview)
    found = {name: titles(one.user) for name, one in zip("hcpo", (host, cohost, proposer, colleague), strict=True)}
    assert found == {"h": ["Interview: Churn analysis"]} | dict.fromkeys("cp", found["h"]) | {"o": []}
    (event,) = events_of(host.user).values()
    page = f"http://127.0.0.1:8000/applications/{application.pk}/#interview-{interview.pk}"
    assert str(event["description"]) == f"Video call with Sana Iyer\n\nhttps://talk.example/7\n\n{page}"
    Membership.objects.filter(user=proposer.user).delete()
    assert titles(proposer.user) == []


def test_as_many_questions_for_one_event_as_for_fifty():
    student, host = make_student(), make_host()

    def grow(number):
        save_posting(make_posting(apply_by=CLOSES), by=student.user)
        make_draft(make_posting(apply_by=CLOSES), student)
        make_offer(make_application(student=student))
        posting = make_posting(host=host)
        pick(make_interview(make_application(posting, student), times=(1 + number,)))

    def asked(user):
        address = address_of(user)
        with CaptureQueriesContext(connection) as captured:
            events = Calendar.from_ical(Client().get(address).content).walk("VEVENT")
        return len(events), len(captured)

    grow(0)
    few = asked(student.user), asked(host.user)
    for number in range(1, 17):
        grow(number)
    many = asked(student.user), asked(host.user)
    assert [events for events, _ in (*few, *many)] == [4, 1, 68, 17]
    assert [queries for _, queries in few] == [queries for _, queries in many]
