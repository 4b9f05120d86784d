"""From the yes to the first day, in the browser: on CPT just in time, with no authorization to wait for, and abroad."""

import datetime as dt
from dataclasses import replace

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.roles import Role
from authorization.actions import declare, verify_route
from authorization.models import Route
from placements.models import Placement
from programs.actions import grant_manager
from programs.models import Program
from tests.applications.making import TERMS, make_application, make_offer
from tests.browser.conftest import NARROW
from tests.browser.test_eight_steps import fill, see
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db(transaction=True)
# Ten business days from filing to the decision, five to prepare, from Monday, March 2: the first day that is in time.
JUST_IN_TIME = dt.date(2026, 3, 24)
TITLE = "Water meters of Lisbon"


@pytest.fixture
def calendar(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    with time_machine.travel(NOW, tick=True) as traveller:
        yield lambda day: traveller.move_to(dt.datetime.combine(day, dt.time(15), tzinfo=dt.UTC))


def offered(student, *, terms=TERMS, **posting):
    return make_offer(make_application(make_posting(title=TITLE, **posting), student), terms=terms)


def press(page, name):
    page.get_by_role("button", name=name).click()


def follow(page, name):
    page.get_by_role("link", name=name).first.click()


def accept(page, offer):
    page.goto(offer.get_absolute_url())
    see(page, "Your offer")
    press(page, "Accept the offer")
    expect(page.get_by_text("Accepted").first).to_be_visible()


def test_on_cpt_just_in_time(open_page, calendar):
    sana, omar, ines = make_student("Sana Iyer"), make_host("Omar Haddad"), make_staff(Role.INTERNATIONAL_ADVISER)
    for route in Route.objects.exclude(lead_days=None):
        verify_route(route, by=ines)
    declare(sana, needs="yes", route="cpt", by=sana.user)
    offer = offered(
        sana, host=omar, terms=replace(TERMS, starts_on=JUST_IN_TIME, ends_on=JUST_IN_TIME + dt.timedelta(20))
    )
    sanas, omars, iness = open_page(sana.user, width=NARROW), open_page(omar.user), open_page(ines)
    sanas.goto(offer.get_absolute_url())
    expect(sanas.get_by_text("In time").first).to_be_visible()
    accept(sanas, offer)
    placement = Placement.objects.get()
    page, record = placement.get_absolute_url(), placement.record

    # She files on the day that was the last to begin; nobody begins before the advisor approves.
    follow(sanas, "See what is needed before your first day")
    press(sanas, "I have met the advisor")
    fill(sanas, {"Filed on": NOW.date().isoformat()})
    press(sanas, "I have filed")
    omars.goto(page)
    see(omars, "Sana Iyer")
    expect(omars.get_by_text("Sana Iyer is not cleared to begin yet.")).to_be_visible()
    expect(omars.get_by_role("button", name="The work begins today")).to_have_count(0)
    iness.goto(f"/admin/authorization/authorizationrecord/{record.pk}/action/approval/")
    fill(iness, {"Approved from": JUST_IN_TIME.isoformat(), "Approved until": placement.ends_on.isoformat()})
    press(iness, "Approve")
    expect(iness.get_by_text("approve, done.")).to_be_visible()

    # The first day.
    calendar(JUST_IN_TIME)
    sanas = open_page(sana.user, width=NARROW)
    sanas.goto(page)
    see(sanas, TITLE)
    press(sanas, "The work begins today")
    expect(sanas.get_by_text("The work has begun.")).to_be_visible()
    sanas.get_by_role("spinbutton", name="Hours").fill("2.5")
    press(sanas, "Write them down")
    expect(sanas.get_by_text("2.5 hours in all")).to_be_visible()
    see(sanas, TITLE)


def test_one_who_needs_none_begins_on_the_first_day(open_page, calendar):
    theo = make_student("Theo Marsh")
    page = open_page(theo.user, width=NARROW)
    page.goto("/authorization/")
    page.get_by_label("No", exact=False).first.check()
    press(page, "Save")
    accept(page, offered(theo))
    follow(page, "Placements")
    expect(page.get_by_text("Ready to begin")).to_be_visible()
    calendar(TERMS.starts_on)
    page = open_page(theo.user, width=NARROW)
    page.goto(Placement.objects.get().get_absolute_url())
    press(page, "The work begins today")
    expect(page.get_by_text("The work has begun.")).to_be_visible()


def test_abroad_through_the_program_manager_with_dates_that_move(open_page, calendar):
    theo, lena = make_student("Theo Marsh"), make_host("Lena Brandt")
    kenji, mo = make_staff(Role.PROGRAM_MANAGER, "Kenji Sato"), make_staff()
    declare(theo, needs="no", by=theo.user)
    program = Program.objects.create(name="Iberia Program", contact_email="iberia@example.edu")
    program.countries.create(country="PT")
    grant_manager(program, user=kenji, by=mo, now=NOW)
    offer = offered(theo, host=lena, country="PT", place="Lisbon")
    theos, lenas, kenjis = open_page(theo.user, width=NARROW), open_page(lena.user), open_page(kenji)
    accept(theos, offer)
    page = Placement.objects.get().get_absolute_url()

    # The checklist: the student's own step, and the others by the manager, who clears.
    theos.get_by_role("link", name="Abroad", exact=True).click()
    see(theos, "Global: how it works")
    theos.get_by_role("rowheader").get_by_role("link", name=TITLE).click()
    press(theos, "Mark as done Preparation")
    expect(theos.get_by_text("Preparation: done.")).to_be_visible()
    kenjis.goto("/admin/programs/programrecord/")
    see(kenjis, "Projects abroad to clear")
    follow(kenjis, "Theo Marsh")
    follow(kenjis, "see the steps and mark them")
    while kenjis.get_by_role("button", name="Mark as done").count():
        kenjis.get_by_role("button", name="Mark as done").first.click()
    follow(kenjis, "Decide in the admin")
    decide(kenjis, "Clear", TERMS.starts_on, TERMS.ends_on)

    # The host proposes a later end; the student reads what that means, agrees, and the manager corrects the clearance.
    later = TERMS.ends_on + dt.timedelta(days=7)
    lenas.goto(page)
    follow(lenas, "Propose new dates")
    see(lenas, "Propose new dates")
    fill(lenas, {"Last day": TERMS.ends_on.isoformat(), "Why?": "The meters come a week late."})
    press(lenas, "Propose these dates")
    expect(lenas.get_by_role("alert")).to_contain_text("These are its dates already.")
    expect(lenas.get_by_label("Why?")).to_have_value("The meters come a week late.")
    fill(lenas, {"Last day": later.isoformat()})
    press(lenas, "Propose these dates")
    see(lenas, "Theo Marsh")
    theos.goto(page)
    see(theos, TITLE)
    expect(theos.get_by_text("does not cover all of these days")).to_be_visible()
    press(theos, "Agree to these dates")
    expect(theos.get_by_text("Agreed: from Monday, May 4, 2026 to Friday, June 5, 2026.")).to_be_visible()
    kenjis.goto("/admin/programs/programrecord/")
    expect(kenjis.get_by_text("The cleared dates do not cover the work")).to_be_visible()
    follow(kenjis, "Theo Marsh")
    decide(kenjis, "Correct the dates", TERMS.starts_on, later)

    # The first day.
    calendar(TERMS.starts_on)
    lenas = open_page(lena.user)
    lenas.goto(page)
    press(lenas, "The work begins today")
    see(lenas, "Theo Marsh")
    expect(lenas.get_by_text("Active").first).to_be_visible()


def decide(page, name, first, last):
    follow(page, name)
    fill(page, {"Cleared from": first.isoformat(), "Cleared until": last.isoformat()})
    press(page, name)
    expect(page.get_by_text(", done.")).to_be_visible()
