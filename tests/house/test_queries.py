"""A list asks the database as often for fifty rows as for one. Equal, not "at most": fewer would be a bug as well."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import invite
from accounts.models import Membership
from applications import actions
from applications.models import GuidelinesText, MaterialKind, OfferEvent
from authorization.actions import open_record
from authorization.models import AuthorizationRecord, Route, RouteStep
from campus.models import Closure, ProgramSettings, Term
from core.uploads import PDF, Upload
from microintern.demo.paper import pdf
from placements.actions import accept_offer
from postings.actions import report, save_posting, save_search, write
from postings.models import EngagementType, Label, OpportunityType, PayFloor, Posting, Stream, Synonym
from postings.views.crawlers import PART
from postings.workflow import Status
from programs.actions import open_record as open_abroad
from programs.models import Program, ProgramRecord, ProgramStep
from tests.factories import make_host, make_organization, make_posting, make_student
from tests.house.world import World

MORE = 49
SETTINGS = (
    OpportunityType,
    EngagementType,
    Stream,
    Label,
    PayFloor,
    Route,
    RouteStep,
    GuidelinesText,
    Synonym,
    Program,
    ProgramStep,
)


def lists(world: World) -> list[tuple[str, str]]:
    own = f"/host/postings/{world.posting.pk}/applications/"
    site = [
        ("visitor", "/"),
        ("visitor", "/postings/"),
        ("student", "/postings/"),
        ("student", "/postings/?q=parking&label=micro-internship&label=alumni-host&sort=match"),
        ("visitor", world.posting.get_absolute_url()),
        ("student", world.posting.get_absolute_url()),
        ("visitor", "/postings/feed/"),
        ("visitor", "/labels/micro-internship/feed/"),
        ("visitor", f"/sitemaps/postings-{world.posting.pk // PART}.xml"),
        ("visitor", f"/calendar/{world.feed.secret}.ics"),
        ("student", "/saved/"),
        ("student", "/applications/"),
        ("student", f"/offers/{world.accepted.pk}/other-applications/"),
        ("student", "/documents/"),
        ("student", "/placements/"),
        ("host", "/placements/"),
        ("classmate", f"/postings/{world.posting.pk}/apply/"),
        ("student", "/authorization/"),
        ("student", "/plan/?start=2030-03-04"),
        ("visitor", "/global/"),
        ("student", "/global/"),
        ("visitor", world.partner.get_absolute_url()),
        ("student", world.abroad.get_absolute_url()),
        ("host", "/host/postings/"),
        ("host", own),
        ("moderator", own),
        ("host", "/organizations/"),
        ("host", f"/organizations/{world.organization.pk}/"),
    ]
    ours = {model: f"/admin/{model._meta.label_lower.replace('.', '/')}/" for model in admin.site._registry}
    del ours[ProgramSettings]  # there is one row, and its list leads to it
    whose = dict.fromkeys((AuthorizationRecord, Route, RouteStep), "international") | {ProgramRecord: "program"}
    return [*site, *((whose.get(model, "superuser"), place) for model, place in ours.items())]


def measured(clients: dict[str, Client], places: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, int]]:
    """For each list how often it asked, and how long the page was."""
    found = {}
    for role, path in places:
        client = clients[role]
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200, (role, path)
        found[role, path] = (len(captured), len(response.content))
    return found


def grow(world: World) -> None:
    for number in range(MORE):
        host = make_host(organization=make_organization(f"Lab {number}"), alumnus=True)
        offer = world.offered(world.sent(world.sana, make_posting(host=host, now=world.now)))
        actions.ask_for_talk(offer, by=world.sana.user, words="Is it fair?")
        OfferEvent.objects.create(offer=offer, move="rescind", by=host.user, at=world.now, note="Budget")
        student = make_student()
        actions.acknowledge_guidelines(student.user)
        world.sent(student, world.posting)
        world.left_waiting(student, make_posting(host=host, now=world.now))
        report(world.posting, by=student.user, reason="fraud")
        save_posting(make_posting(host=host, now=world.now), by=world.sana.user)
        save_search(f"q=word{number}", by=world.sana.user, frequency="weekly")
        grow_libraries(world, number)
        grow_host_side(world, host, number)
        grow_campus(world, number)
    for number in range(MORE):  # last: new guidelines ask everybody to read them again
        for model in SETTINGS:
            another(model, number)


def grow_libraries(world: World, number: int) -> None:
    for student in (world.sana, world.theo):
        upload = Upload(pdf([student.user.name, str(number)], title="Resume"), f"Resume {number}.pdf", PDF)
        version = actions.add_document(kind=MaterialKind.RESUME, upload=upload, by=student.user)
        actions.add_version(version.document, upload=replace(upload, name="Second.pdf"), by=student.user)


def grow_host_side(world: World, host: Any, number: int) -> None:
    own = {"host": world.omar, "organization": world.organization, "now": world.now}
    make_posting(Status.SUBMITTED, **own)
    accept_offer(world.offered(world.sent(world.sana, make_posting(**own))), by=world.sana.user)
    edited = Posting.objects.defer("search").get(pk=make_posting(**own).pk)
    edited.pay_amount = 30
    write(edited, by=world.omar.user)
    Membership.objects.create(user=world.omar.user, organization=make_organization(f"Shop {number}"))
    make_host(organization=world.organization)
    invite(world.organization, email=f"new{number}@fenwick.example", by=world.omar.user)
    invite(host.user.memberships.get().organization, email=world.omar.user.email, by=host.user)


def grow_campus(world: World, number: int) -> None:
    day = dt.date(2031, 1, 1) + dt.timedelta(days=number)
    open_record(world.sana, purpose=f"Project {number}", starts=day, ends=day, by=world.sana.user)
    stretch = {"country": "PT", "purpose": f"Project {number}", "starts": day, "ends": day}
    open_abroad(world.sana, **stretch, by=world.sana.user)
    world.abroad.steps.create(name=f"Step {number}")
    world.partner.steps.create(name=f"Step {number}")
    Closure.objects.create(name=f"Recess {number}", first_day=day, last_day=day)
    Term.objects.create(name=f"Term {number}", first_day=day, last_day=day)


def another(model: Any, number: int) -> None:
    row = model.objects.first()
    row.pk, row._state.adding = None, True
    for field in model._meta.concrete_fields:
        if field.name in {"name", "slug", "region", "words"}:
            setattr(row, field.name, f"row-{number}")
        elif field.name == "version":
            row.version += number + 1
    row.save()


@pytest.mark.django_db
def test_lists_ask_the_same_for_one_row_and_for_fifty(world, monkeypatch):
    places = lists(world)
    clients = {role: world.client(role) for role, _ in places}
    measured(clients, places)  # what a process reads once, it has read
    few = measured(clients, places)
    # What becomes of all her other placements whenever Sana accepts an offer: none of them moves.
    monkeypatch.setattr("placements.actions.making.follow_clearance", lambda record, **_: None)
    grow(world)
    measured(clients, [(role, path) for role, path in places if path.startswith("/postings/")])  # as the board is now
    many = measured(clients, places)
    assert {at: queries for at, (queries, _) in many.items()} == {at: queries for at, (queries, _) in few.items()}
    assert [at for at in few if not many[at][1] > few[at][1]] == [], "the rows are not on the page"


@pytest.mark.django_db
def test_the_mailbox_reads_files_alone(client, settings, tmp_path):
    settings.ROOT_URLCONF, settings.MAILBOX_DIR = "tests.notifications.mailbox_site", tmp_path
    page = {}
    for mails in (0, MORE):
        for number in range(mails):
            mail = f"Subject: Mail {number}\r\nTo: sana@student.example.edu\r\n\r\nHello.\r\n"
            (tmp_path / f"{10**18 + number}-{number:08x}.eml").write_text(mail)
        with CaptureQueriesContext(connection) as captured:
            page[mails] = (client.get("/mailbox/").content.count(b"Mail 4"), [query["sql"] for query in captured])
    assert [found for found, _ in page.values()] == [0, 10]
    assert page[0][1] == page[MORE][1]
    assert [sql.split('"')[1] for sql in page[0][1]] == ["campus_programsettings"]  # the university's name, on any page
