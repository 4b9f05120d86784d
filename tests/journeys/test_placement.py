"""From a yes to a finished project: not cleared, approved, begun, hours, handed in, completed."""

import pytest

from accounts.roles import Role
from authorization.actions import declare
from placements.models import HoursEntry, Placement
from tests.applications.making import make_application, make_offer
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def test_a_student_on_cpt_begins_when_cleared_and_not_before(calendar, post_office, university, as_user):
    calendar.at("2026-03-02 10:00")
    sana, omar = make_student("Sana Iyer"), make_host("Omar Haddad")
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    declare(sana, needs="yes", route="cpt", by=sana.user)
    offer = make_offer(make_application(make_posting(host=omar, title="Churn analysis"), sana))

    def come_back(day):
        calendar.at(f"{day} 09:00")
        return as_user(sana.user), as_user(omar.user)

    sana_client, omar_client = as_user(sana.user), as_user(omar.user)

    # The yes makes the placement; neither side can begin it, on no page and by no button that is not there.
    sana_client.post(f"/offers/{offer.pk}/acceptance/")
    placement = Placement.objects.get()
    page = f"/placements/{placement.pk}/"
    assert "Awaiting authorization" in sana_client.get(page).content.decode()
    assert "Sana Iyer is not cleared to begin yet." in omar_client.get(page).content.decode()
    for client in come_back("2026-05-04"):
        refused = client.post(f"{page}beginning/", follow=True).content.decode()
        assert "Not cleared to begin yet" in refused
        client.post(f"{page}hours/", {"day": "2026-05-04", "hours": "2"})
    assert (Placement.objects.get().began_on, HoursEntry.objects.count()) == (None, 0)

    # The advisor approves; the host hears the one sentence, and nothing of how or why.
    sana_client, omar_client = come_back("2026-04-20")
    ines_client = as_user(ines)
    post_office.letters()
    record = f"/admin/authorization/authorizationrecord/{offer.application.offers.get().authorization_id}/action"
    ines_client.post(f"{record}/advising/", {"note": ""})
    ines_client.post(f"{record}/filing/", {"filed_on": "2026-04-20", "note": ""})
    approval = {"valid_from": "2026-05-04", "valid_until": "2026-05-22", "note": ""}
    assert ines_client.post(f"{record}/approval/", approval).status_code == 302
    told = dict(post_office.letters())
    assert told[omar.user.email] == "Sana Iyer is cleared to begin from Mon, May 4, 2026"
    assert "May 22" in sana_client.get(page).content.decode()
    assert "May 22" not in omar_client.get(page).content.decode()

    # The first day: begun, and hours within the approved dates.
    sana_client.post(f"{page}beginning/")
    assert Placement.objects.get().began_on is None
    sana_client, omar_client = come_back("2026-05-04")
    sana_client.post(f"{page}beginning/")
    assert [to for to, subject in post_office.letters() if "has begun" in subject] == [omar.user.email]
    assert sana_client.post(f"{page}hours/", {"day": "2026-05-04", "hours": "2.5", "note": "Data"}).status_code == 302
    assert "2.5 hours in all" in omar_client.get(page).content.decode()
    sana_client, omar_client = come_back("2026-05-25")
    late = sana_client.post(f"{page}hours/", {"day": "2026-05-25", "hours": "2"})
    assert (late.status_code, "not cleared to work on this day" in late.content.decode()) == (422, True)

    # Handed in and completed.
    sana_client.post(f"{page}deliverable/", {"deliverable": "https://example.org/churn"})
    assert omar_client.post(f"{page}completion/").status_code == 302
    assert Placement.objects.get().status == "completed"
    assert [subject for to, subject in post_office.letters() if to == sana.user.email][-1] == (
        "“Churn analysis” is completed"
    )
