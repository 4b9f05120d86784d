"""A host in Lisbon: the office names a manager, who helps and clears; the work begins on the day that is cleared."""

import pytest

from accounts.roles import Role
from authorization.actions import declare
from placements.models import Placement
from programs.models import Program, ProgramRecord
from tests.applications.making import make_application, make_offer
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
ADMIN = "/admin/programs"


def test_work_for_a_host_abroad_goes_through_its_program_manager(calendar, post_office, university, as_user):
    calendar.at("2026-03-02 10:00")
    theo, lena = make_student("Theo Marsh"), make_host("Lena Brandt")
    mo, kenji = make_staff(Role.MODERATOR, "Mo Castellanos"), make_staff(Role.PROGRAM_MANAGER, "Kenji Sato")
    astrid = make_staff(Role.PROGRAM_MANAGER, "Astrid Holm")
    declare(theo, needs="no", by=theo.user)
    office, manager, student, host = (as_user(one) for one in (mo, kenji, theo.user, lena.user))

    # The office sets the program up; from then on the posting names it, and everybody reads how it works.
    rows = {"countries-TOTAL_FORMS": 1, "countries-INITIAL_FORMS": 0, "countries-0-country": "PT"}
    rows |= {"managers-TOTAL_FORMS": 0, "managers-INITIAL_FORMS": 0}
    about = {"name": "Iberia Program", "contact_email": "iberia@example.edu", "how_it_works": "First we talk."}
    assert office.post(f"{ADMIN}/program/add/", about | rows).status_code == 302
    program = Program.objects.get()
    office.post(f"{ADMIN}/program/{program.pk}/action/manager/", {"user": kenji.pk})
    posting = make_posting(host=lena, title="Water meters of Lisbon", country="PT", place="Lisbon")
    assert "Iberia Program</a> administers it" in student.get(posting.get_absolute_url()).content.decode()
    assert "First we talk." in as_user(theo.user).get(program.get_absolute_url()).content.decode()
    found = student.get("/postings/?label=global").content.decode()
    assert posting.get_absolute_url() in found

    # The yes opens the record, beside a work authorization that is not needed: what is missing is the program's word.
    offer = make_offer(make_application(posting, theo))
    post_office.letters()
    student.post(f"/offers/{offer.pk}/acceptance/")
    placement, record = Placement.objects.get(), ProgramRecord.objects.get()
    page, own, queue = placement.get_absolute_url(), record.get_absolute_url(), f"{ADMIN}/programrecord/"
    assert (placement.status, placement.program_record) == ("awaiting_program", record)
    assert (kenji.email, "New project abroad: Theo Marsh") in post_office.letters()
    assert f'href="{own}"' in student.get(page).content.decode()
    shown = host.get(page).content.decode()
    assert "Theo Marsh is not cleared to begin yet." in shown
    assert [word for word in ("Iberia Program", "Insurance", own) if word in shown] == []
    assert [client.get(own).status_code for client in (host, office, as_user(astrid))] == [404, 404, 404]

    # Steps are settled by both; a week later the student is reminded of those that are open.
    steps = {step.name: f"{own}steps/{step.pk}/" for step in record.steps.all()}
    student.post(steps["Preparation"], {"state": "done"})
    student.post(steps["Insurance"], {"state": "done"})
    manager.post(steps["Visa of the host country"], {"state": "not_needed"})
    assert list(record.steps.exclude(state="open").values_list("name", flat=True)) == [
        "Preparation",
        "Visa of the host country",
    ]
    calendar.at("2026-03-09 09:01")
    assert (theo.user.email, f"Steps are open: {record.purpose}") in post_office.letters()
    student, manager, host = as_user(theo.user), as_user(kenji), as_user(lena.user)
    dates = {"cleared_from": "2026-05-04", "cleared_until": "2026-05-22", "note": ""}
    assert manager.post(f"{queue}{record.pk}/action/clearance/", dates).status_code == 422
    for name in ("Funding", "Logistics", "Insurance"):
        manager.post(steps[name], {"state": "done"})
    assert post_office.letters() == [(kenji.email, "Your decision is awaited: Theo Marsh")]

    # Nobody begins before the clearance; with it the placement is ready, and the host reads the one sentence.
    student.post(f"{page}beginning/")
    assert Placement.objects.get().status == "awaiting_program"
    assert [row.pk for row in manager.get(queue).context["cl"].result_list] == [record.pk]
    assert as_user(astrid).post(f"{queue}{record.pk}/action/clearance/", dates).status_code == 404
    assert manager.post(f"{queue}{record.pk}/action/clearance/", dates).status_code == 302
    told = dict(post_office.letters())
    assert told[lena.user.email] == "Theo Marsh is cleared to begin from Mon, May 4, 2026"
    assert Placement.objects.get().status == "ready"
    calendar.at("2026-05-04 09:00")
    as_user(theo.user).post(f"{page}beginning/")
    assert (Placement.objects.get().status, str(Placement.objects.get().began_on)) == ("active", "2026-05-04")
