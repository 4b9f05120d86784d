"""Every kind of page as it stands on a small dark screen and on a wide light one."""

import datetime as dt
from email.message import EmailMessage

import pytest
from django.urls import reverse

from accounts.models import Host, Organization, User
from applications.models import Application, Case, OfferRequest, SilentPosting
from authorization.actions import advise, answer, ask, deny, file, open_record, tick
from authorization.models import Route, RouteStep
from core import clock
from notifications.models import OutboxMail
from placements.models import Placement
from postings.models import Posting, PostingReport
from postings.workflow import Status
from programs.models import Program, ProgramStep
from tests.applications.making import make_application, make_interview
from tests.browser.conftest import HEIGHT, NARROW, WIDE, overflow, violations
from tests.factories import make_posting
from tests.house.world import World

pytestmark = pytest.mark.urls("tests.notifications.mailbox_site")
LETTER = "1767225600000000-0123abcd"
NOWHERE, HOSTS_ONLY = "/postings/0/", "/host/postings/"
REFUSALS = {
    ("visitor", NOWHERE): 404,
    ("student", NOWHERE): 404,
    ("student", HOSTS_ONLY): 403,
    ("superuser", "/admin/nothing/"): 404,
    ("student", "/plan/?start="): 422,
}


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT, settings.MAILBOX_DIR = tmp_path / "uploads", tmp_path / "mail"
    settings.MAILBOX_DIR.mkdir()
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Your offer", "jobs@example.edu", "sana@student.example.edu"
    letter.set_content("See https://jobs.example.edu/offers/7/.")
    letter.add_alternative("<p>See your offer.</p>", subtype="html")
    (settings.MAILBOX_DIR / f"{LETTER}.eml").write_bytes(bytes(letter))
    world = World()
    world.unanswered = make_posting(host=world.omar, now=world.now, questions=["What do you ride?"])
    world.waiting = make_application(world.posting, world.theo, now=world.now)
    another = make_application(make_posting(host=world.omar), world.sana, now=world.now)
    world.proposed = make_interview(another, now=world.now)
    world.closed = make_posting(Status.CLOSED, host=world.omar, now=world.now)
    world.far_away = make_posting(host=world.lena, now=world.now, country="PT")
    world.on_campus = make_posting(host=world.lena, now=world.now, campus_only=True)
    ines, of_record = world.people["international"], {"student": world.sana, "by": world.sana.user}
    world.denied = make_denied(of_record, ines)
    world.gone = {(role, world.closed.get_absolute_url()): 410 for role in ("visitor", "student")}
    return world


def make_denied(of_record, ines):
    """Denied by one route, with a tick, a question and its answer."""
    days = {"starts": clock.today() + dt.timedelta(days=40), "ends": clock.today() + dt.timedelta(days=80)}
    record = open_record(**of_record, purpose="Churn analysis, Fenwick Labs", **days)
    tick(record, step=RouteStep.objects.get(kind="cpt", name="Have the offer letter ready"), by=of_record["by"])
    answer(ask(record, note="Which course?", by=ines), words="ECON 399", by=of_record["by"])
    advise(record, by=ines)
    file(record, filed_on=clock.today(), by=ines)
    return deny(record, note="The course is not in the program.", by=ines)


def admin(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def public_pages(world):
    yield from ("/", "/for-hosts/", "/postings/", "/postings/?q=no+such+thing&label=micro-internship&stream=unknown")
    yield from (world.posting.get_absolute_url(), world.closed.get_absolute_url())
    yield from (
        "/accounts/signup/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/mailbox/",
        f"/mailbox/{LETTER}/",
    )
    yield from ("/global/", world.partner.get_absolute_url(), world.far_away.get_absolute_url())
    yield world.preview.get_absolute_url()
    yield NOWHERE


def student_pages(world):
    yield from ("/global/", world.abroad.get_absolute_url())
    yield from ("/profile/", "/authorization/", world.record.get_absolute_url(), "/notifications/preferences/")
    yield from (world.denied.get_absolute_url(), f"/authorization/records/{world.denied.pk}/options/")
    yield f"{world.proof.get_absolute_url()}removal/"
    yield f"/authorization/records/{world.record.pk}/steps/{world.step.pk}/document/"
    yield from ("/plan/", f"/plan/?start={world.posting.start_latest}", "/plan/?start=")
    yield from ("/applications/", world.application.get_absolute_url(), world.offer.get_absolute_url())
    yield f"/offers/{world.offer.pk}/letter/"
    yield from ("/documents/", "/documents/new/")
    yield from ("/placements/", world.placement.get_absolute_url(), world.hours.placement.get_absolute_url())
    yield from (f"/placements/{world.hours.placement_id}/{page}/" for page in ("deliverable", "ending"))
    yield f"/dates/{world.proposal.pk}/refusal/"
    yield from (f"/documents/{world.document.pk}/{page}/" for page in ("versions", "name", "removal"))
    yield from (f"/offers/{world.offer.pk}/declination/", f"/applications/{world.application.pk}/withdrawal/")
    yield from (f"/offers/{world.offer.pk}/talk/", f"/offers/{world.accepted.pk}/going-back/")
    yield f"/offers/{world.accepted.pk}/other-applications/"
    yield from (world.posting.get_absolute_url(), "/accounts/password/set/", "/accounts/email/", "/accounts/2fa/")
    yield from ("/saved/", f"/saved/searches/{world.saved_search.pk}/alert/")
    yield from (f"/postings/{world.posting.pk}/reports/", world.on_campus.get_absolute_url())
    yield from (world.closed.get_absolute_url(), HOSTS_ONLY, NOWHERE)
    yield from ("/calendar/", f"/applications/{world.proposed.application_id}/")
    yield from (f"/interviews/{world.interview.pk}/{page}/" for page in ("request", "cancellation"))


def classmate_pages(world):
    yield from (
        "/applications/",
        f"/postings/{world.unanswered.pk}/apply/",
        "/authorization/",
        "/saved/",
        "/documents/",
        "/placements/",
    )


def host_pages(world):
    yield from ("/host/postings/", "/postings/new/", f"/postings/{world.posting.pk}/edit/", "/profile/")
    yield from (f"/postings/{world.draft.pk}/preview/", f"/host/postings/{world.posting.pk}/applications/")
    yield from (world.application.get_absolute_url(), f"/applications/{world.waiting.pk}/non-selection/")
    yield from (world.offer.get_absolute_url(), f"/offers/{world.offer.pk}/extension/")
    yield f"/offers/{world.offer.pk}/letter/"
    yield f"/offers/{world.offer.pk}/more-time/refusal/"
    yield f"/applications/{world.waiting.pk}/interview/"
    yield f"/applications/{world.waiting.pk}/offer/"
    yield world.interview.application.get_absolute_url()
    yield from (f"/interviews/{world.interview.pk}/{page}/" for page in ("times", "place"))
    own = f"/host/postings/{world.posting.pk}/applications"
    chosen = f"?a={world.application.pk}&a={world.waiting.pk}"
    yield from (f"{own}/compare/{chosen}", f"{own}/non-selection/{chosen}", f"/applications/{world.waiting.pk}/notes/")
    yield from ("/placements/", world.placement.get_absolute_url(), world.hours.placement.get_absolute_url())
    yield from (f"/placements/{world.hours.placement_id}/{page}/" for page in ("dates", "ending"))
    yield from ("/organizations/", world.organization.get_absolute_url(), "/organizations/new/")


def moderator_pages(world):
    yield from (reverse("admin:index"), admin(Posting, "changelist"), admin(Posting, "change", world.submitted.pk))
    yield from (admin(Posting, "action", world.submitted.pk, name) for name in ("approval", "changes", "preview"))
    yield from (admin(type(world.revision), "change", world.revision.pk), admin(Application, "changelist"))
    yield from (admin(PostingReport, "changelist"), admin(PostingReport, "change", world.report.pk))
    yield from (admin(SilentPosting, "changelist"), admin(SilentPosting, "change", world.silent.pk))
    yield admin(PostingReport, "action", world.report.pk, "outcome")
    yield from (admin(OfferRequest, "changelist"), admin(OfferRequest, "change", world.request.pk))
    yield from (admin(Case, "changelist"), admin(Case, "change", world.case.pk))
    yield admin(Case, "action", world.case.pk, "look")
    yield from (admin(Placement, "changelist"), admin(Placement, "change", world.hours.placement_id))
    yield admin(Placement, "action", world.placement.pk, "cancellation")
    yield from (admin(Program, "changelist"), admin(Program, "change", world.partner.pk), admin(Program, "add"))
    yield from (admin(Program, "action", world.partner.pk, "manager"), admin(ProgramStep, "changelist"))


def international_pages(world):
    yield from (reverse("admin:index"), admin(type(world.record), "changelist"))
    yield admin(type(world.record), "change", world.record.pk)
    yield from (admin(type(world.record), "action", world.record.pk, name) for name in ("approval", "question"))
    yield from (world.denied.get_absolute_url(), admin(type(world.record), "change", world.denied.pk))
    yield from (admin(Route, "changelist"), admin(Route, "change", Route.objects.first().pk))
    yield from (admin(RouteStep, "changelist"), admin(RouteStep, "change", world.step.pk))


def program_pages(world):
    yield from (reverse("admin:index"), admin(type(world.abroad), "changelist"), world.abroad.get_absolute_url())
    yield admin(type(world.abroad), "change", world.abroad.pk)
    yield from (admin(type(world.abroad), "action", world.abroad.pk, name) for name in ("clearance", "refusal"))
    yield from (admin(Program, "changelist"), admin(Program, "change", world.partner.pk), admin(Posting, "changelist"))


def superuser_pages(world):
    yield from (reverse("admin:index"), reverse("admin:campus_closure_import"))
    yield from (admin(model, "changelist") for model in (User, Host, Organization, type(world.offer), OutboxMail))
    yield from (admin(type(world.offer), "change", world.offer.pk), admin(User, "change", world.theo.user.pk))
    yield from (admin(Host, "change", world.omar.pk), admin(Organization, "change", world.organization.pk))
    yield from (reverse("admin:campus_programsettings_change", args=[1]), reverse("admin:postings_label_add"))
    yield from (reverse("admin:postings_opportunitytype_change", args=[1]), "/admin/nothing/")


PAGES = {
    "visitor": public_pages,
    "student": student_pages,
    "classmate": classmate_pages,
    "host": host_pages,
    "moderator": moderator_pages,
    "international": international_pages,
    "program": program_pages,
    "superuser": superuser_pages,
}


@pytest.mark.parametrize("roles", [("visitor", "student", "classmate"), tuple(PAGES)[3:]], ids="-".join)
def test_every_page_can_be_used_by_everybody(open_page, site, world, roles):
    faults, refusals = [], REFUSALS | world.gone
    for role in roles:
        page = open_page(world.people[role])
        for address in PAGES[role](world):
            status = page.goto(address).status
            faults += [f"{address} to {role}, {fault}" for fault in look(page)]
            if (page.url.removeprefix(site), status) != (address, refusals.get((role, address), 200)):
                faults.append(f"{address} to {role}: {page.url} answers {status}")
    assert not faults, "\n".join(faults)


def look(page):
    """A page lies differently on each screen, and is the same one: it is loaded once."""
    for width, scheme in ((NARROW, "dark"), (WIDE, "light")):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")  # colors fade over
        yield from (f"{width} and {scheme}: {fault}" for fault in faults_of(page))


def faults_of(page):
    yield from violations(page)
    if overflow(page):
        yield f"{overflow(page)} pixels too wide"
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} headings of the first level"
