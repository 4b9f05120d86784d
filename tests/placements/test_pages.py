"""What each side reads on the list and on the page of a placement."""

import datetime as dt

import pytest
from django.test import Client

from accounts.roles import Role
from placements import actions
from placements.models import HoursEntry
from placements.workflow import Status
from tests.applications.making import make_application, make_offer, student_of
from tests.factories import make_host, make_staff, make_student
from tests.placements.making import DAY, END, FIRST_DAY, START, clear, fresh, host_of, log, make_placement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_first_day")]


def client_of(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page_of(placement, user):
    return client_of(user).get(placement.get_absolute_url())


@pytest.mark.parametrize(
    ("status", "student", "host", "staff"),
    [
        (Status.AWAITING_AUTHORIZATION, "Awaiting authorization", "Not cleared yet", "To come"),
        (Status.READY, "Ready to begin", "Ready to begin", "To come"),
        (Status.ACTIVE, "Active", "Active", "Active"),
        (Status.DELIVERABLE_SUBMITTED, *["Deliverable submitted"] * 3),
        (Status.COMPLETED, *["Completed"] * 3),
        (Status.ENDED_EARLY, *["Ended early"] * 3),
        (Status.CANCELED, *["Canceled"] * 3),
    ],
)
def test_each_side_reads_the_state_in_its_own_words(status, student, host, staff):
    placement = make_placement(status)
    people = (placement.student, host_of(placement), make_staff(Role.ADVISER))
    assert [page_of(placement, one).context["status_text"] for one in people] == [student, host, staff]


def test_the_one_sentence_is_for_both_sides_and_for_no_staff():
    placement = make_placement()
    clear(placement)
    sentence = "cleared to begin from Mon, May 4, 2026"
    for user in (placement.student, host_of(placement)):
        assert page_of(placement, user).context["clearance"] == sentence
    for role in (Role.ADVISER, Role.MODERATOR):
        page = page_of(placement, make_staff(role))
        assert (page.status_code, "cleared" in page.content.decode()) == (200, False)


def test_strangers_find_nothing():
    placement = make_placement()
    people = [make_student().user, make_host().user]
    people += [make_staff(role) for role in (Role.INTERNATIONAL_ADVISER, Role.PROGRAM_MANAGER)]
    assert [page_of(placement, user).status_code for user in people] == [404] * 4


def test_a_host_reads_nothing_of_routes_and_approved_dates():
    placement = make_placement()
    clear(placement, START, START + 9 * DAY)
    own, other = (page_of(placement, user) for user in (placement.student, host_of(placement)))
    assert own.context["falls_short"] == START + 9 * DAY
    assert "May 13, 2026" in own.content.decode()
    html = other.content.decode()
    assert (other.context["falls_short"], other.context["record"]) == (None, None)
    assert [word for word in ("May 13", "CPT", "approv", "/authorization/") if word in html] == []


def test_a_host_cannot_tell_who_cleared_it_or_whether_anything_was_needed():
    needed, unneeded = make_placement(), make_placement(needs="no")
    ines = clear(needed)
    html = page_of(needed, host_of(needed)).content.decode()
    assert ines.display_name not in html
    assert ines.display_name not in page_of(needed, needed.student).content.decode()
    states = [page_of(fresh(one), host_of(one)).context["status_text"] for one in (needed, unneeded)]
    assert states == ["Ready to begin"] * 2


def test_why_the_office_canceled_stays_with_the_office():
    placement = make_placement()
    actions.cancel(placement, by=make_staff(), reason="A doctor’s note")
    seen = [
        "A doctor’s note" in page_of(placement, user).content.decode()
        for user in (placement.student, host_of(placement), make_staff())
    ]
    assert seen == [False, False, True]


def test_the_story_from_beginning_to_completion_by_the_buttons():
    placement = make_placement(Status.READY)
    sana, omar = client_of(placement.student), client_of(host_of(placement))
    url = placement.get_absolute_url()
    assert page_of(placement, placement.student).context["may_begin"] is True
    assert omar.post(f"{url}beginning/").headers["Location"] == url
    assert sana.post(f"{url}hours/", {"day": START, "hours": "2.25", "note": "Counting"}).status_code == 302
    page = omar.get(url).content.decode()
    assert ("2.25 hours in all" in page, "Counting" in page, "/removal/" in page) == (True, True, False)
    assert sana.get(f"{url}deliverable/").status_code == 200
    sana.post(f"{url}deliverable/", {"deliverable": "https://example.org/report"})
    assert 'href="https://example.org/report"' in omar.get(url).content.decode()
    omar.post(f"{url}completion/")
    assert fresh(placement).status == Status.COMPLETED
    assert [entry.text for entry in sana.get(url).context["timeline"]] == [
        "Offer accepted",
        "Cleared to begin",
        "Work begun",
        "Deliverable handed in",
        "Completion confirmed",
    ]


def test_either_side_ends_it_early_with_a_reason():
    placement = make_placement(Status.ACTIVE)
    sana = client_of(placement.student)
    url = f"{placement.get_absolute_url()}ending/"
    assert sana.get(url).status_code == 200
    assert sana.post(url, {"reason": ""}).status_code == 422
    assert sana.post(url, {"reason": "I am ill."}).status_code == 302
    assert "I am ill." in page_of(placement, host_of(placement)).content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"day": START + DAY, "hours": "2"}, "This day is still to come."),
        ({"day": START, "hours": "2.1"}, "Enter the hours to a quarter"),
        ({"day": START, "hours": "25"}, "A day has 24 hours."),
        ({"day": "", "hours": "0"}, "Fill in"),
    ],
)
def test_what_was_typed_is_kept_when_hours_are_refused(data, said):
    placement = make_placement(Status.ACTIVE)
    page = client_of(placement.student).post(f"{placement.get_absolute_url()}hours/", {"note": "Kept words", **data})
    html = page.content.decode()
    assert (page.status_code, said in html, "Kept words" in html, "<title>Error: " in html) == (422, True, True, True)


def test_before_the_work_hours_are_refused_with_a_calm_word():
    placement = make_placement()
    page = client_of(placement.student).post(
        f"{placement.get_absolute_url()}hours/", {"day": START, "hours": "2"}, follow=True
    )
    assert "The work has not begun yet" in page.content.decode()


def test_a_student_removes_an_entry():
    placement = make_placement(Status.ACTIVE)
    entry = log(placement)
    assert client_of(host_of(placement)).post(f"/hours/{entry.pk}/removal/").status_code == 404
    assert client_of(placement.student).post(f"/hours/{entry.pk}/removal/").status_code == 302
    assert not HoursEntry.objects.exists()


def test_the_list_has_each_side_and_its_groups():
    student = make_student()
    placement = make_placement(Status.ACTIVE, student=student)
    to_come = make_placement(student=student)
    make_placement(Status.ACTIVE)
    page = client_of(student.user).get("/placements/")
    assert [(name, [row["placement"].pk for row in rows]) for name, _, rows in page.context["groups"]] == [
        ("under_way", [placement.pk]),
        ("to_come", [to_come.pk]),
    ]
    html = client_of(host_of(to_come)).get("/placements/").content.decode()
    assert ("Not cleared yet" in html, "not cleared to begin yet" in html, "authorization" in html) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(("make", "words"), [(make_student, "My applications"), (make_host, "My postings")])
def test_an_empty_list_says_what_will_stand_there(make, words):
    html = client_of(make().user).get("/placements/").content.decode()
    assert ("No placements yet" in html, words in html) == (True, True)


def test_staff_work_in_the_admin():
    assert client_of(make_staff()).get("/placements/").status_code == 403


def test_offer_and_application_lead_to_the_placement():
    offer = make_offer(make_application(now=FIRST_DAY), now=FIRST_DAY)
    sana = client_of(student_of(offer))
    assert sana.post(f"/offers/{offer.pk}/acceptance/").headers["Location"] == offer.application.get_absolute_url()
    url = offer.placement.get_absolute_url()
    for page in (offer, offer.application):
        assert f'href="{url}"' in sana.get(page.get_absolute_url()).content.decode()


@pytest.mark.parametrize("now", [FIRST_DAY - 3 * DAY, FIRST_DAY, FIRST_DAY + 30 * DAY])
def test_what_comes_next_follows_the_calendar(on_the_first_day, now):
    placement = make_placement(Status.READY)
    on_the_first_day.move_to(now, tick=False)
    page = page_of(placement, placement.student)
    begins = START <= dt.date(now.year, now.month, now.day) <= END
    assert page.context["may_begin"] is begins
    assert (page.context["next"] == "Begin the work.") is begins


def test_the_admin_tells_staff_no_clearance_and_ends_and_cancels():
    waiting, active = make_placement(), make_placement(Status.ACTIVE)
    dev = client_of(make_staff(Role.ADVISER))
    listing = dev.get("/admin/placements/placement/").content.decode()
    assert ("To come" in listing, "Awaiting" in listing, "leared" in listing) == (True, False, False)
    assert len(dev.get("/admin/placements/placement/?state=to_come").context["cl"].result_list) == 1
    admin = "/admin/placements/placement"
    page = dev.get(f"{admin}/{waiting.pk}/change/").content.decode()
    assert ("leared" in page, "uthorization" in page) == (False, False)
    cancel = {"reason": "Ill", "gone_back": "student"}
    assert dev.post(f"{admin}/{waiting.pk}/action/cancellation/", cancel).status_code == 302
    assert dev.post(f"{admin}/{active.pk}/action/cancellation/", cancel).status_code == 422
    assert dev.post(f"{admin}/{active.pk}/action/ending/", {"reason": "Both agreed"}).status_code == 302
    assert [fresh(one).status for one in (waiting, active)] == [Status.CANCELED, Status.ENDED_EARLY]


@pytest.mark.parametrize("lookup", ["status=ready", "status__exact=awaiting_authorization", "status_by__isnull=True"])
def test_the_address_of_the_admin_s_list_tells_nobody_who_is_cleared(client, lookup):
    make_placement()
    client.force_login(make_staff("adviser"))
    assert client.get("/admin/placements/placement/").status_code == 200
    assert client.get(f"/admin/placements/placement/?{lookup}").status_code == 400
