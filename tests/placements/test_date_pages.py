"""The pages on which new dates are proposed and answered, and where each side can go from a placement."""

import re

import pytest
from django.test import Client

from accounts.roles import Role
from notifications.mail import MAILS
from placements import actions
from placements.models import DateProposal
from placements.workflow import Status
from programs.actions import grant_manager
from programs.models import Program
from tests.factories import NOW, make_host, make_staff, make_student, make_user
from tests.placements.making import DAY, END, FIRST_DAY, START, clear, decide, fresh, host_of, make_placement
from tests.placements.test_proposals import LATER, propose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_first_day")]
NEW = {"starts_on": "2026-05-18", "ends_on": "2026-06-12", "reason": "The lab moves."}


def client_of(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_the_story_by_forms_and_buttons():
    placement = make_placement()
    page = placement.get_absolute_url()
    sana, omar, dev = map(client_of, (placement.student, host_of(placement), make_staff(Role.ADVISER)))
    shown = omar.get(page)
    assert f'href="{page}dates/"' in shown.content.decode()
    assert (shown.context["must_move"], "The start date must move" in text(shown)) == (True, True)
    assert "The start date must move" not in text(sana.get(page))
    assert 'value="2026-05-04"' in omar.get(f"{page}dates/").content.decode()
    assert omar.post(f"{page}dates/", NEW).headers["Location"] == page

    # Waiting: told to both and to staff, each with the buttons that are theirs; the dates stay.
    proposal = DateProposal.objects.get()
    forms = {
        name: re.findall(r'(?:action|href)="(/dates/[^"]*)"', client.get(page).content.decode())
        for name, client in {"sana": sana, "omar": omar, "dev": dev}.items()
    }
    own = f"/dates/{proposal.pk}"
    assert forms == {"sana": [f"{own}/agreement/", f"{own}/refusal/"], "omar": [f"{own}/withdrawal/"], "dev": []}
    assert "Monday, May 18, 2026" in text(dev.get(page))
    assert "You are not cleared to begin yet. Ask whether" in text(sana.get(page))
    assert [one.get(page).context["proposal_means"] for one in (omar, dev)] == ["", ""]
    lists = [text(client.get("/placements/")) for client in (sana, omar)]
    assert ["Answer the new dates" in lists[0], "wait for the answer" in lists[1]] == [True, True]
    admin = dev.get(f"/admin/placements/placement/{placement.pk}/change/").content.decode()
    assert "Monday, May 18, 2026 to Friday, June 12, 2026" in admin
    assert omar.get(f"{page}dates/").headers["Location"] == page
    again = omar.post(f"{page}dates/", NEW)
    assert (again.status_code, "proposed already" in text(again)) == (422, True)

    # No, with a word; then other dates, and yes.
    assert sana.get(f"{own}/refusal/").status_code == 200
    assert sana.post(f"{own}/refusal/", {"reason": ""}).status_code == 422
    sana.post(f"{own}/refusal/", {"reason": "My exams"})
    assert "My exams" in text(omar.get(page))
    assert sana.get(f"{own}/refusal/").headers["Location"] == page
    omar.post(f"{page}dates/", NEW | {"ends_on": "2026-06-19"})
    latest = DateProposal.objects.latest("pk")
    assert sana.post(f"/dates/{latest.pk}/agreement/").headers["Location"] == page
    assert str(fresh(placement).ends_on) == "2026-06-19"
    assert [entry.text for entry in sana.get(page).context["timeline"]] == [
        "Offer accepted",
        *["New dates proposed", "New dates not agreed", "New dates proposed", "New dates agreed"],
    ]


def test_what_was_typed_is_kept_and_the_error_stands_at_its_field():
    placement = make_placement()
    omar = client_of(host_of(placement))
    for data, field, words in [
        ({"starts_on": "2026-05-03"}, "starts_on", "cannot lie in the past"),
        ({"ends_on": "2026-05-17"}, "ends_on", "must not be before the first"),
        ({"starts_on": "2026-05-04", "ends_on": "2026-05-29"}, "ends_on", "its dates already"),
        ({"ends_on": ""}, "ends_on", ""),
        ({"reason": ""}, "reason", ""),
    ]:
        page = omar.post(f"{placement.get_absolute_url()}dates/", NEW | {"reason": "Kept words"} | data)
        assert (page.status_code, [*page.context["form"].errors]) == (422, [field])
        assert words in page.context["form"].errors[field][0]
        html = page.content.decode()
        assert (data.get("reason", "Kept words") in html, "<title>Error: " in html) == (True, True)


def test_of_work_that_has_begun_the_last_day_alone_is_asked_for():
    placement = make_placement(Status.ACTIVE)
    omar, page = client_of(host_of(placement)), f"{placement.get_absolute_url()}dates/"
    assert "starts_on" not in omar.get(page).context["form"].fields
    assert omar.post(page, {"ends_on": END + LATER, "reason": "More data came"}).status_code == 302
    sana = client_of(placement.student)
    assert "does not cover all of these days" in text(sana.get(placement.get_absolute_url()))
    sana.post(f"/dates/{DateProposal.objects.get().pk}/agreement/")
    assert (fresh(placement).starts_on, fresh(placement).ends_on) == (START, END + LATER)


def test_strangers_find_nothing():
    placement = make_placement()
    own = f"/dates/{propose(placement, now=FIRST_DAY).pk}"
    strangers = [make_student().user, make_host().user, make_user(is_staff=True, is_superuser=True)]
    strangers += [make_staff(role) for role in (Role.ADVISER, Role.INTERNATIONAL_ADVISER, Role.PROGRAM_MANAGER)]
    doors = [f"{placement.get_absolute_url()}dates/", f"{own}/agreement/", f"{own}/refusal/", f"{own}/withdrawal/"]
    for user in strangers:
        assert [client_of(user).post(door).status_code for door in doors] == [404] * 4
    assert [client_of(placement.student).post(door).status_code for door in (doors[0], doors[3])] == [404] * 2
    assert [client_of(host_of(placement)).post(door).status_code for door in doors[1:3]] == [404] * 2


def test_dates_that_can_no_longer_be_kept_are_not_offered(on_the_first_day):
    placement = make_placement()
    proposal = propose(placement, now=FIRST_DAY)
    on_the_first_day.move_to(FIRST_DAY + 30 * DAY, tick=False)
    html = client_of(placement.student).get(placement.get_absolute_url()).content.decode()
    assert ("Nobody can agree to these dates anymore" in html, "/agreement/" in html) == (True, False)
    assert f"/dates/{proposal.pk}/refusal/" in html


def test_the_mail_of_a_start_that_must_move_leads_to_the_form():
    placement = make_placement()
    letter = MAILS["placement.start_must_move"].render(placement.pk, host_of(placement), START.isoformat())
    door = f"/placements/{placement.pk}/dates/"
    assert (door in letter.text, door in letter.html) == (True, True)
    assert client_of(host_of(placement)).get(door).status_code == 200


@pytest.mark.parametrize("status", [Status.AWAITING_AUTHORIZATION, Status.ACTIVE, Status.COMPLETED])
def test_every_link_on_the_page_opens_for_whoever_reads_it(status):
    kenji, mo = make_staff(Role.PROGRAM_MANAGER), make_staff()
    program = Program.objects.create(name="Iberia Program", contact_email="iberia@example.edu")
    program.countries.create(country="PT")
    grant_manager(program, user=kenji, by=mo, now=NOW)
    placement = made(status, kenji)
    readers = {
        "student": placement.student,
        "host": host_of(placement),
        "adviser": make_staff(Role.ADVISER),
        "moderator": mo,
        "manager": kenji,
        "superuser": make_user(is_staff=True, is_superuser=True),
    }
    closed = []
    for name, user in readers.items():
        client = client_of(user)
        main = client.get(placement.get_absolute_url()).content.decode().partition("<main")[2].partition("</main>")[0]
        links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', main))
        assert len(links) > 1
        answers = {link: client.get(link.replace("&amp;", "&"), follow=True).status_code for link in links}
        closed += [(name, link) for link, code in answers.items() if code != 200]
    assert closed == []


def made(status, manager):
    """For a host abroad, with dates proposed where that can be."""
    placement = make_placement(country="PT")
    if status != Status.AWAITING_AUTHORIZATION:
        clear(placement)
        decide(placement, by=manager)
    if status in (Status.ACTIVE, Status.COMPLETED):
        actions.begin(placement, by=placement.student, now=FIRST_DAY)
    if status == Status.COMPLETED:
        actions.submit_deliverable(placement, by=placement.student, deliverable="A report", now=FIRST_DAY)
        actions.complete(placement, by=host_of(placement), now=FIRST_DAY)
    else:
        propose(placement, START, END + LATER, now=FIRST_DAY)
    return fresh(placement)
