"""Two starts on the same day: one just in time by CPT, as the host's own plan said, and one that OPT cannot make."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from icalendar import Calendar

from accounts.roles import Role
from applications.models import Offer
from authorization.actions import verify_route
from authorization.models import AuthorizationRecord, Route
from tests.applications.making import TERMS, make_application, make_offer
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
START = dt.date(2026, 4, 6)
DATES = replace(TERMS, starts_on=START, ends_on=dt.date(2026, 5, 1))


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def posting(calendar, university):
    calendar.at("2026-02-23 10:00")
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    for route in Route.objects.exclude(lead_days=None):
        verify_route(route, by=ines)
    now = dt.datetime(2026, 2, 23, 15, tzinfo=dt.UTC)
    return make_posting(host=make_host("Omar Haddad"), start_earliest=START, start_latest=START, now=now)


def test_a_student_on_cpt_is_just_in_time(calendar, posting, as_user):
    omar, sana = as_user(posting.host.user), make_student("Sana Iyer")
    student = as_user(sana.user)

    # What the host reads before anybody has applied.
    assert "F-1 CPT Wed, Feb 25, 2026 Wed, Mar 4, 2026" in text(omar.get(f"/postings/{posting.pk}/edit/"))

    # The student says what she needs, and the posting answers with dates.
    assert "In time" not in text(student.get(posting.get_absolute_url()))
    student.post("/authorization/", {"needs": "yes", "route": "cpt"})
    seen = text(student.get(posting.get_absolute_url()))
    assert "F-1 CPT In time Start filing by Fri, Mar 13, 2026 (campus business days)." in seen
    plan = {"start": START.isoformat()}
    assert "Start filing by Fri, Mar 13, 2026 (campus business days)." in text(student.get("/plan/", plan))
    events = Calendar.from_ical(student.get("/plan/dates.ics", plan).content).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [dt.date(2026, 3, 13), dt.date(2026, 3, 20)]

    # Applied and offered on the last days of the host's plan, accepted on the last day of the offer: still in time.
    calendar.at("2026-02-25 10:00")
    application = make_application(posting, sana, now=dt.datetime(2026, 2, 25, 15, tzinfo=dt.UTC))
    calendar.at("2026-03-04 10:00")
    offer = make_offer(application, days=7, now=dt.datetime(2026, 3, 4, 15, tzinfo=dt.UTC), terms=DATES)
    calendar.at("2026-03-13 16:00")
    omar, student = as_user(posting.host.user), as_user(sana.user)
    seen = text(student.get(offer.get_absolute_url()))
    assert seen.index("F-1 CPT in time") < seen.index("F-1 CPT In time")  # beside the button, and with its dates
    assert "F-1 CPT" not in text(omar.get(offer.get_absolute_url()))
    student.post(f"/offers/{offer.pk}/acceptance/")
    assert Offer.objects.get().status == "accepted"
    record = AuthorizationRecord.objects.get()
    assert "F-1 CPT In time" in text(student.get(record.get_absolute_url()))
    calendar.at("2026-03-16 10:00")
    assert "F-1 CPT Tight" in text(student.get(record.get_absolute_url()))
    calendar.at("2026-03-21 10:00")
    assert "The latest safe filing was Fri, Mar 20, 2026 (campus business days)." in text(
        student.get(record.get_absolute_url())
    )


def test_a_student_on_opt_has_no_safe_window_and_reads_what_can_be_done(calendar, posting, as_user):
    calendar.at("2026-03-02 10:00")
    student = as_user(make_student("Sana Iyer").user)
    student.post("/authorization/", {"needs": "yes", "route": "opt"})
    seen = text(student.get(posting.get_absolute_url()))
    for sentence in (
        "F-1 pre-completion OPT No safe window",
        "filing would have to be done by Sat, Dec 6, 2025 (calendar days), and filing opens on Tue, Jan 6, 2026",
        "First possible filing day: Mon, Mar 2, 2026 (calendar days)",
        "90 calendar days end on Sun, May 31, 2026. 120 calendar days end on Tue, Jun 30, 2026.",
        "premium processing Too late The latest safe filing was Thu, Jan 29, 2026 (federal business days).",
        "has the time for a start on Tue, May 19, 2026 or later",
    ):
        assert sentence in seen
    assert "F-1 pre-completion OPT, premium processing In time" in text(student.get("/plan/", {"start": "2026-05-19"}))
    assert "F-1 pre-completion OPT, premium processing Tight" in text(student.get("/plan/", {"start": "2026-05-18"}))
