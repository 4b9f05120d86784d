"""Another link, room or way to meet, at the time that was picked."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from icalendar import Calendar

from applications import actions
from applications.models import Interview
from applications.timeline import entries
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from tests.applications.making import make_application, make_interview, make_offer, pick
from tests.applications.talking import DAY, HOUR, LATER, MINUTE, MOVES, canceled, host_in, refused, sent, student_in
from tests.factories import NOW, make_host, make_posting, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PLACE = {"mode": "in_person", "note": "Room 4, ask for Omar"}


def moved(interview, *, now=LATER, **place):
    return actions.change_place(interview, by=host_in(interview), **(PLACE | place), now=now)


def test_the_time_stays_and_what_it_was_is_on_record():
    interview = pick(make_interview(note="https://meet.example.org/1"), number=2)
    after = moved(interview)
    assert (after.status, after.starts_at, after.ends_at, after.picked_at) == (
        interview.status,
        NOW + 2 * DAY,
        NOW + 2 * DAY + 30 * MINUTE,
        NOW,
    )
    stored = Interview.objects.get()
    assert (stored.mode, stored.note, stored.reason, stored.sequence) == ("in_person", "Room 4, ask for Omar", "", 2)
    entry = entries(stored.application, viewer=student_in(interview))[-1]
    assert (entry.text, entry.by) == ("Place of the interview changed", host_in(interview).display_name)
    assert entry.note == "Before: Video call\nhttps://meet.example.org/1"


def test_everybody_with_the_time_in_a_calendar_gets_the_new_file():
    posting = make_posting()
    cohost = make_host(organization=posting.organization)
    posting.cohosts.add(cohost)
    interview = pick(make_interview(make_application(posting)))
    everybody = [student_in(interview).email, host_in(interview).email, cohost.user.email]
    OutboxMail.objects.exclude(kind="interview.picked").delete()
    assert sent() == sorted((who, "PUBLISH", "CONFIRMED", 1) for who in everybody)
    moved(interview)
    assert sent(LATER) == sorted((who, "PUBLISH", "CONFIRMED", 2) for who in everybody)
    moved(interview, note="Room 5", now=LATER + MINUTE)
    canceled(interview)
    assert sent(LATER + HOUR) == sorted((who, "CANCEL", "CANCELLED", 4) for who in everybody)


def test_the_file_names_the_same_entry_at_the_same_time_in_the_new_place():
    interview = pick(make_interview())
    client = Client()
    client.force_login(student_in(interview))

    def entry():
        content = client.get(f"/interviews/{interview.pk}/calendar.ics").content
        (found,) = Calendar.from_ical(content).walk("VEVENT")
        return found

    before = entry()
    moved(interview)
    after = entry()
    assert [before[key] for key in ("UID", "SUMMARY")] == [after[key] for key in ("UID", "SUMMARY")]
    assert [(one["DTSTART"].dt, int(one["SEQUENCE"]), str(one["LOCATION"])) for one in (before, after)] == [
        (NOW + DAY, 1, "Video call"),
        (NOW + DAY, 2, "In person"),
    ]
    assert (before["LAST-MODIFIED"].dt, after["LAST-MODIFIED"].dt) == (NOW, LATER)
    assert "Room 4" in after["DESCRIPTION"]


def test_sent_twice_it_is_one():
    interview = pick(make_interview())
    moved(interview)
    OutboxMail.objects.all().delete()
    assert moved(interview, now=LATER + MINUTE).sequence == 2
    assert (interview.events.filter(move="change_place").count(), OutboxMail.objects.count()) == (1, 0)


@pytest.mark.parametrize("reach", [make_interview, refused, lambda: canceled(pick(make_interview()))])
def test_without_a_time_that_was_picked_there_is_no_place_to_change(reach):
    interview = reach()
    with pytest.raises(MoveRefused):
        moved(interview)
    assert Interview.objects.get().mode == "video"


def test_after_an_offer_and_beside_another_that_is_arranged_the_place_still_changes():
    first = pick(make_interview(times=(5,)))
    make_interview(first.application, times=(6,))
    assert moved(first).mode == "in_person"
    make_offer(first.application)
    assert moved(first, note="Room 5").note == "Room 5"


def test_a_suspended_host_changes_nothing():
    interview = pick(make_interview())
    posting = interview.application.posting
    actions.suspend_organization(posting.organization, by=make_staff(), reason="A report", now=NOW)
    with pytest.raises(MoveRefused, match="is suspended"):
        moved(interview)


# The reminder

NINE = dt.datetime(2026, 3, 4, 14, tzinfo=dt.UTC)  # in New York, the day before the talk on the fifth


def sweep(at, *, and_send=True):
    """Whom a reminder reaches when everything runs at that moment, and whether it names the new place."""
    with time_machine.travel(at, tick=False):
        plan_all()
        if and_send:
            drain()
    found = [(one.to[0], "Room 4" in one.body) for one in mail.outbox if one.subject.startswith("Coming up: interview")]
    mail.outbox.clear()
    return sorted(found)


@pytest.mark.parametrize(
    ("changed_at", "planned_at", "sent_before", "names_the_new"),
    [
        (NINE - DAY, None, False, True),
        (NINE - MINUTE, None, False, True),
        (NINE + MINUTE, None, False, True),  # nothing ran at nine: it is made good for, and not lost
        (NINE + 2 * MINUTE, NINE + MINUTE, False, True),  # it was planned, and waits
        (NINE + 2 * MINUTE, NINE + MINUTE, True, False),  # it was sent, and is not sent again
    ],
    ids=["a day before", "just before", "before a late sweep", "while it waits", "after it"],
)
def test_a_change_of_place_neither_loses_nor_doubles_the_reminder(changed_at, planned_at, sent_before, names_the_new):
    interview = pick(make_interview(times=(3,)))
    both = sorted([student_in(interview).email, host_in(interview).email])
    sweep(NINE - 2 * DAY)
    found = sweep(planned_at, and_send=sent_before) if planned_at else []
    moved(interview, now=changed_at)
    for minutes in (3, 4, 30, 600):
        found += sweep(NINE + minutes * MINUTE)
    assert found == [(who, names_the_new) for who in both]


# The page


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_host_finds_the_form_filled_in_and_the_student_reads_the_new_place():
    interview = pick(make_interview(note="https://meet.example.org/1"))
    host, student = client_of(host_in(interview)), client_of(student_in(interview))
    address, page = f"/interviews/{interview.pk}/place/", interview.application.get_absolute_url()
    assert [address in client.get(page).content.decode() for client in (host, student)] == [True, False]
    form = host.get(address).context["form"]
    assert (form["mode"].value(), form["note"].value()) == ("video", "https://meet.example.org/1")
    wrong = host.post(address, {"mode": "", "note": "Room 4"})
    assert (wrong.status_code, wrong.context["form"]["note"].value()) == (422, "Room 4")
    assert "The time stays" in host.post(address, PLACE, follow=True).content.decode()
    assert "Nothing was changed" in host.post(address, PLACE, follow=True).content.decode()
    text = student.get(page).content.decode()
    assert ("Room 4, ask for Omar" in text, "In person, 30 minutes" in text) == (True, True)
    assert f"<strong>{interview.shown}</strong>" in text


@pytest.mark.parametrize("end", [lambda interview: MOVES["cancel"](interview, student_in(interview)), refused])
def test_what_fell_through_while_the_form_was_open_keeps_what_was_typed(end):
    interview = pick(make_interview())
    host, address = client_of(host_in(interview)), f"/interviews/{interview.pk}/place/"
    end(interview)
    assert host.get(address).status_code == 302
    answer = host.post(address, PLACE)
    assert (answer.status_code, answer.context["form"]["note"].value()) == (422, "Room 4, ask for Omar")


def test_once_the_talk_has_begun_nothing_is_changed():
    interview = pick(make_interview())
    host, address = client_of(host_in(interview)), f"/interviews/{interview.pk}/place/"
    with time_machine.travel(interview.starts_at, tick=False):
        assert address not in host.get(interview.application.get_absolute_url()).content.decode()
        assert host.get(address).status_code == 302
        assert host.post(address, PLACE).status_code == 422
    assert Interview.objects.get().mode == "video"
