"""Until two people talk: times are proposed, refused, proposed anew, picked and moved, and calendars follow."""

import datetime as dt

import pytest
from django.test import Client
from icalendar import Calendar

from applications.models import CalendarFeed, Interview
from tests.applications.making import make_application
from tests.factories import make_host, make_posting, make_student

pytestmark = pytest.mark.django_db


def talk(*times):
    numbered = {f"time_{number}": time for number, time in enumerate(times, start=1)}
    return {"minutes": "30", "mode": "video", "note": "https://talk.example/fenwick"} | numbered


def read(content):
    calendar = Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), str(event["uid"]), int(event["sequence"]), event.decoded("dtstart")


def files(letters):
    return [read(content) for letter in letters for _, content, _ in letter.attachments]


def test_from_the_first_proposal_to_the_talk(calendar, post_office, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    omar, sana = make_host("Omar Haddad"), make_student("Sana Iyer")
    application = make_application(make_posting(host=omar, title="Churn analysis"), sana)
    host, student, calendar_program = as_user(omar.user), as_user(sana.user), Client()
    post_office.letters()

    # The student subscribes to her calendar, where nothing stands yet.
    assert student.post("/calendar/").status_code == 302
    feed = f"/calendar/{CalendarFeed.objects.get().secret}.ics"
    assert b"VEVENT" not in calendar_program.get(feed).content

    # Two times that do not suit her, and a third that does.
    invitation = talk("2026-03-04T09:00", "2026-03-04T10:00")
    assert host.post(f"/applications/{application.pk}/interview/", invitation).status_code == 302
    interview = Interview.objects.get()
    page = f"/interviews/{interview.pk}/"
    (letter,) = post_office.letters(sana.user.email)
    assert "- Wednesday, March 4, 2026, 9:00 a.m. New York time (EST)" in letter.body
    assert student.post(f"{page}request/", {"reason": "Monday afternoons are free."}).status_code == 302
    (letter,) = post_office.letters(omar.user.email)
    assert "Monday afternoons are free." in letter.body
    assert host.post(f"{page}times/", talk("2026-03-09T15:00")).status_code == 302
    post_office.letters()
    assert student.post(f"{page}choice/", {"time": interview.times.get().pk}).status_code == 302
    three = dt.datetime(2026, 3, 9, 19, tzinfo=dt.UTC)  # the clocks went forward in between
    uid = f"interview-{interview.pk}@127.0.0.1"
    letters = post_office.letters(sana.user.email)
    assert files(letters) == [("PUBLISH", uid, 3, three)]
    assert read(calendar_program.get(feed).content) == ("PUBLISH", uid, 3, three)

    # The host moves it: the old time leaves the calendars, the new one enters them.
    assert host.post(f"{page}times/", talk("2026-03-10T15:00")).status_code == 302
    assert [file[0] for file in files(post_office.letters(omar.user.email))] == ["CANCEL"]
    assert b"VEVENT" not in calendar_program.get(feed).content
    assert student.post(f"{page}choice/", {"time": interview.times.get().pk}).status_code == 302
    assert files(post_office.letters(omar.user.email)) == [("PUBLISH", uid, 5, three + dt.timedelta(days=1))]

    # The host finds a room: the hour stays, and the calendars learn of the place.
    room = {"mode": "in_person", "note": "Room 4, ask for Omar"}
    assert host.post(f"{page}place/", room).status_code == 302
    (letter,) = post_office.letters(sana.user.email)
    assert ("Room 4, ask for Omar" in letter.body, files([letter])) == (
        True,
        [("PUBLISH", uid, 6, three + dt.timedelta(days=1))],
    )

    # Nine o'clock the day before, once; and afterwards it is the host's turn.
    calendar.at("2026-03-09 08:59")
    assert post_office.letters() == []
    calendar.at("2026-03-09 09:00")
    assert sorted(to for to, _ in post_office.letters()) == sorted([sana.user.email, omar.user.email])
    calendar.at("2026-03-09 09:05")
    assert post_office.letters() == []
    calendar.at("2026-03-10 16:00")
    assert "The host decides how to go on" in student.get("/applications/").content.decode()

    # Revoked, the address leads nowhere.
    student.post("/calendar/revocation/")
    assert calendar_program.get(feed).status_code == 404
