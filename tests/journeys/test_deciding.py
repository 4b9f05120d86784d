"""Two offers at once: more time, a talk, a yes, the other let go, and a yes that is taken back through the office."""

import pytest

from accounts.roles import Role
from applications.models import Application, Offer
from tests.applications.making import make_application, make_unpaid_offer
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def test_a_student_decides_between_an_unpaid_offer_and_an_application_elsewhere(
    calendar, post_office, university, as_user
):
    calendar.at("2026-03-02 10:00")
    sana, dev = make_student("Sana Iyer"), make_staff(Role.ADVISER, "Dev Raman")
    museum, lab = make_host("Grace Okafor"), make_host("Omar Haddad")
    offer = make_unpaid_offer(sana, host=museum)
    elsewhere = make_application(make_posting(host=lab, title="Churn analysis"), sana)
    post_office.letters()
    sana_client, grace_client, dev_client = as_user(sana.user), as_user(museum.user), as_user(dev)

    # The offer is unpaid: the page says what comes first, and the button that is not there does nothing.
    page = sana_client.get(f"/offers/{offer.pk}/").content.decode()
    assert ("This offer is unpaid." in page, "Churn analysis" in page) == (True, False)
    sana_client.post(f"/offers/{offer.pk}/acceptance/")
    assert Offer.objects.get().status == "open"

    # More time: the host finds the day filled in, and gives it.
    wish = {"wished_day": "2026-03-13", "words": "I would like to hear from the lab first."}
    assert sana_client.post(f"/offers/{offer.pk}/more-time/", wish).status_code == 302
    assert post_office.letters() == [(museum.user.email, "Sana Iyer asks for more time to decide")]
    form = grace_client.get(f"/offers/{offer.pk}/extension/").context["form"]
    day = form["last_day"].value()
    assert grace_client.post(f"/offers/{offer.pk}/extension/", {"last_day": day, "reason": ""}).status_code == 302
    assert [to for to, _ in post_office.letters()] == [sana.user.email]
    assert "Friday, March 13, 2026, 23:59" in sana_client.get(f"/offers/{offer.pk}/").content.decode()

    # The talk: asked for, had, put on record; then the offer can be accepted.
    calendar.at("2026-03-04 15:00")
    post_office.letters()
    assert sana_client.post(f"/offers/{offer.pk}/talk/", {"words": "Is that usual?"}).status_code == 302
    (letter,) = post_office.letters(dev.email)
    assert "so it cannot be accepted before" in letter.body
    talk = offer.requests.get(kind="talk")
    record = f"/admin/applications/offerrequest/{talk.pk}/action/talk/"
    assert dev_client.post(record, {"note": "She knows that it is unpaid, and why."}).status_code == 302
    assert [to for to, _ in post_office.letters()] == [sana.user.email]
    response = sana_client.post(f"/offers/{offer.pk}/acceptance/")
    others = f"/offers/{offer.pk}/other-applications/"
    assert response.headers["Location"] == others

    # The lab is told at once that the student is gone, with the weeks seen that would have come together.
    assert "Churn analysis" in sana_client.get(others).content.decode()
    chosen = {"applications": [f"application-{elsewhere.pk}"], "reason": "I found my project."}
    assert sana_client.post(others, chosen).status_code == 302
    told = [to for to, _ in post_office.letters()]
    assert sorted(told) == sorted([sana.user.email, museum.user.email, lab.user.email])
    assert Application.objects.get(pk=elsewhere.pk).status == "withdrawn"

    # A yes that cannot be kept: the office settles it, and both sides hear.
    assert sana_client.post(f"/offers/{offer.pk}/going-back/", {"words": "I am ill."}).status_code == 302
    assert [to for to, _ in post_office.letters()] == [dev.email]
    going_back = offer.requests.get(kind="going_back")
    settle = f"/admin/applications/offerrequest/{going_back.pk}/action/acceptance-withdrawal/"
    assert dev_client.post(settle, {"reason": "Illness, with a doctor's note."}).status_code == 302
    assert sorted(to for to, _ in post_office.letters()) == sorted([sana.user.email, museum.user.email])
    assert Application.objects.get(pk=offer.application_id).status == "acceptance_withdrawn"
    going_back.refresh_from_db()
    assert (going_back.outcome, going_back.settled_by) == ("granted", dev)
