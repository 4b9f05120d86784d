"""A letter to hand in: the host says where and under whom, the student takes it along, and a yes taken back ends it."""

import pytest

from accounts.roles import Role
from applications import actions
from tests.applications.making import make_application, make_offer
from tests.applications.reading import squashed, text
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


def test_a_student_takes_the_letter_of_an_offer_along(calendar, as_user):
    calendar.at("2026-03-02 10:00")
    sana, omar, dev = make_student("Sana Iyer"), make_host("Omar Haddad"), make_staff(Role.ADVISER, "Dev Raman")
    at_the_lab = {"location_mode": "on_site", "place": "Boston", "region": "MA"}
    offer = make_offer(make_application(make_posting(host=omar, **at_the_lab), sana))
    student, host = as_user(sana.user), as_user(omar.user)
    page, pdf = f"/offers/{offer.pk}/letter/", f"/offers/{offer.pk}/letter.pdf"

    # Street address and supervisor's contact are missing; the student reads what, the host mends it.
    assert page in student.get(f"/offers/{offer.pk}/").content.decode()
    assert student.get(pdf).headers["Location"] == page
    for reader in (student, host):
        assert [gap.field for gap in reader.get(page).context["missing"]] == ["address", "supervisor_email"]
    filled = {name: field.value() for name, field in fields(host.get(page)) if field.value()}
    added = {"address": "12 Mill Street, Boston, MA", "supervisor_email": "ana@fenwick.example"}
    assert host.post(page, filled | added).status_code == 302

    # Signed by both: the same letter before and after the yes.
    before = student.get(pdf).content
    assert [words for words in added.values() if squashed(words) not in text(before)] == []
    assert student.post(f"/offers/{offer.pk}/acceptance/").status_code == 302
    assert (student.get(pdf).content, host.get(pdf).content) == (before, before)

    calendar.at("2026-03-03 10:00")
    offer.refresh_from_db()
    actions.withdraw_acceptance(offer, by=dev, reason="The plans have changed.")
    assert (student.get(pdf).status_code, host.get(pdf).status_code) == (302, 302)
    assert "There is no letter of this offer" in student.get(page).content.decode()


def fields(response):
    form = response.context["form"]
    return [(name, form[name]) for name in form.fields]
