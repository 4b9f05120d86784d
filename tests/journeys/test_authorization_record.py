"""After the acceptance: one student who needs none, and one who is denied by one route and approved by another."""

import re

import pytest

from accounts.roles import Role
from authorization.actions import verify_route
from authorization.models import AuthorizationRecord, Route, RouteStep
from placements.models import Placement
from tests.applications.making import TERMS, make_application, make_offer
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def ines(calendar, university):
    calendar.at("2026-03-02 10:00")
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    for route in Route.objects.exclude(lead_days=None):
        verify_route(route, by=ines)
    return ines


def accepted(client, student):
    offer = make_offer(make_application(make_posting(host=make_host("Omar Haddad")), student))
    client.post(f"/offers/{offer.pk}/acceptance/")
    return AuthorizationRecord.objects.get(student=student), offer


def test_a_student_who_needs_none_hears_of_nothing(calendar, ines, as_user, post_office):
    theo = make_student("Theo Marsh")
    client = as_user(theo.user)
    client.post("/authorization/", {"needs": "no", "route": ""})
    record, offer = accepted(client, theo)
    page = text(client.get(f"/authorization/records/{record.pk}/"))
    assert "No authorization needed" in page
    for words in ("Your next step", "Step by step", "Dates to keep"):
        assert words not in page
    calendar.at(f"{TERMS.starts_on} 10:00")
    assert [subject for to, subject in post_office.letters() if to == theo.user.email and "item" in subject] == []
    host = as_user(offer.application.posting.host.user)
    assert "is cleared to begin from" in text(host.get(Placement.objects.get(offer=offer).get_absolute_url()))


def test_a_denial_is_not_the_end(calendar, ines, as_user, post_office):
    sana = make_student("Sana Iyer")
    client, advisor = as_user(sana.user), as_user(ines)
    client.post("/authorization/", {"needs": "yes", "route": "cpt"})
    record, _ = accepted(client, sana)
    own, admin = f"/authorization/records/{record.pk}", f"/admin/authorization/authorizationrecord/{record.pk}/action"
    letter = RouteStep.objects.get(kind="cpt", name="Have the offer letter ready")

    # The advisor asks, the student answers and ticks, and the advisor has seen it.
    advisor.post(f"{admin}/question/", {"note": "Which course?"})
    question = record.questions.get()
    assert "A question for you" in text(client.get("/authorization/"))
    client.post(f"{own}/questions/{question.pk}/", {f"question-{question.pk}-words": "ECON 399"})
    client.post(f"{own}/steps/{letter.pk}/")
    assert "ECON 399" in text(advisor.get(f"{own}/"))
    advisor.post(f"{own}/steps/{letter.pk}/")
    assert "Verified by Ines Duarte" in text(client.get(f"{own}/"))

    # Filed, and denied: the page says what can be done, and when.
    client.post(f"{own}/advising/")
    client.post(f"{own}/filing/", {"filed_on": "2026-03-02"})
    advisor.post(f"{admin}/denial/", {"note": "The course is not in the program."})
    options = text(client.get(f"{own}/options/"))
    assert "The request by the route F-1 CPT was denied." in options
    assert "J-1 Academic Training In time" in options

    # Another route, with steps of its own; what was filed before stays readable.
    client.post(f"{own}/advising/", {"route": "at"})
    page = text(client.get(f"{own}/"))
    assert "Authorization letter and DS-2019" in page
    assert "Verified by" not in page
    client.post(f"{own}/filing/", {"filed_on": "2026-03-02"})
    approval = {"valid_from": TERMS.starts_on.isoformat(), "valid_until": TERMS.ends_on.isoformat(), "note": ""}
    assert advisor.post(f"{admin}/approval/", approval).status_code == 302
    page = text(client.get(f"{own}/"))
    assert "F-1 CPT Mon, Mar 2, 2026 Denied, Mar 2, 2026 J-1 Academic Training Mon, Mar 2, 2026 Approved" in page
    assert {subject for to, subject in post_office.letters() if "item" in subject} == {"An item needs your attention"}
