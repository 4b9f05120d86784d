import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from postings.workflow import Status as PostingStatus
from programs import actions
from programs.models import Program, ProgramRecord
from programs.workflow import Status
from tests.factories import make_posting, make_staff, make_student, make_user

from .conftest import END, NOW, START, settle

pytestmark = pytest.mark.django_db
QUEUE = "/admin/programs/programrecord/"
PROGRAMS = "/admin/programs/program/"
POSTINGS = "/admin/postings/posting/"


def as_(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def verb(record, name):
    return reverse("admin:programs_programrecord_action", args=[record.pk, name])


def change(row):
    return reverse(f"admin:programs_{row._meta.model_name}_change", args=[row.pk])


def listed(response):
    return [row.pk for row in response.context["cl"].result_list]


@time_machine.travel(NOW)
def test_the_queue_runs_from_the_most_to_the_least_pressing(open_record, iberia, kenji):
    later = open_record(starts=START + dt.timedelta(days=3))
    sooner = open_record()
    passed = open_record(starts=NOW.date() - dt.timedelta(days=1))
    short = open_record(Status.CLEARED)
    actions.move_dates(short, starts=START - dt.timedelta(days=7), ends=END, by=kenji)
    refused, cleared, closed = (open_record(status) for status in (Status.NOT_CLEARED, Status.CLEARED, Status.CLOSED))
    client = as_(kenji)
    assert listed(client.get(QUEUE)) == [passed.pk, short.pk, sooner.pk, later.pk]
    everything = client.get(QUEUE, {"state": "all"})
    assert listed(everything) == [one.pk for one in (passed, short, sooner, later, refused, cleared, closed)]
    assert "The cleared dates do not cover the work" in everything.content.decode()
    assert 'Projects abroad</a></th><td class="front__number">4<' in client.get(reverse("admin:index")).content.decode()


def test_the_queue_asks_the_same_for_few_and_for_many(open_record, iberia, kenji):
    client, counts = as_(kenji), []
    for number in (1, 15):
        for _ in range(number):
            open_record(student=make_student())
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as queries:
            client.get(QUEUE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@time_machine.travel(NOW)
def test_each_verb_has_its_button_and_form(open_record, iberia, kenji):
    record, client = open_record(), as_(kenji)
    days = {"cleared_from": str(START), "cleared_until": str(END)}
    page = client.get(change(record)).content.decode()
    assert [verb(record, name) in page for name in ("clearance", "refusal", "reopening")] == [True, True, False]
    assert client.post(verb(record, "clearance"), days).status_code == 422  # steps are open
    settle(record, by=kenji)
    assert client.get(verb(record, "clearance")).status_code == 200
    assert (
        client.post(verb(record, "clearance"), {"cleared_from": str(END), "cleared_until": str(START)}).status_code
        == 422
    )
    moves = [
        ("clearance", days, Status.CLEARED),
        ("amendment", days | {"cleared_until": str(START)}, Status.CLEARED),
        ("refusal", {"note": "No insurance."}, Status.NOT_CLEARED),
        ("reopening", {"note": "It came."}, Status.OPEN),
    ]
    for name, data, target in moves:
        assert client.post(verb(record, name), data).status_code == 302
        assert ProgramRecord.objects.get(pk=record.pk).status == target


def test_no_link_of_a_record_leads_a_manager_where_she_may_not_go(open_record, iberia, kenji):
    client = as_(kenji)
    page = client.get(change(open_record())).content.decode()
    links = {link for link in re.findall(r'href="(/[^"]+)"', page) if not link.startswith("/static/")}
    assert change(iberia) in links
    assert {link for link in links if client.get(link).status_code not in {200, 302}} == set()


@pytest.mark.parametrize("who", ["other manager", "moderator", "superuser"])
def test_a_record_of_a_program_is_not_there_for_others(open_record, iberia, nordic, kenji, mo, who):
    record = open_record()
    settle(record, by=kenji)
    person = {"other manager": nordic.managers.get().user, "moderator": mo}.get(who)
    client = as_(person or make_user(is_staff=True, is_superuser=True))
    assert listed(client.get(QUEUE)) == []
    assert client.get(change(record)).status_code == 302  # to the admin's first page: it is not there
    data = {"cleared_from": str(START), "cleared_until": str(END)}
    assert client.post(verb(record, "clearance"), data).status_code == 404
    assert ProgramRecord.objects.get(pk=record.pk).status == Status.OPEN
    assert as_(kenji).post(verb(record, "clearance"), data).status_code == 302


@pytest.mark.parametrize("who", ["student", "host", "international"])
def test_the_queue_is_a_place_for_some(iberia, sana, who):
    person = {"student": sana.user, "international": make_staff(Role.INTERNATIONAL_ADVISER)}.get(who)
    assert as_(person or make_user()).get(QUEUE).status_code in {302, 403}


def test_career_staff_hold_what_no_program_administers(open_record, iberia, mo):
    record = open_record(country="JP")
    client = as_(mo)
    assert listed(client.get(QUEUE)) == [record.pk]
    assert client.post(verb(record, "assignment"), {"program": iberia.pk}).status_code == 302
    assert ProgramRecord.objects.get(pk=record.pk).program == iberia
    assert listed(client.get(QUEUE)) == []


def program_form(program, *countries, **more):
    rows = list(program.countries.all())
    form = {
        "name": program.name,
        "contact_email": program.contact_email,
        "countries-TOTAL_FORMS": len(rows) + len(countries),
        "countries-INITIAL_FORMS": len(rows),
        "managers-TOTAL_FORMS": 0,
        "managers-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(rows):
        form |= {f"countries-{number}-id": row.pk, f"countries-{number}-program": program.pk}
        form |= {f"countries-{number}-country": row.country}
    for number, country in enumerate(countries, len(rows)):
        form |= {f"countries-{number}-country": country, f"countries-{number}-program": program.pk}
    return form | more


def test_a_moderator_keeps_the_rows_and_what_waits_is_taken_over(open_record, iberia, nordic, mo):
    record, client = open_record(country="JP"), as_(mo)
    taken = client.post(change(iberia), program_form(iberia, "SE"))
    assert taken.status_code == 200
    assert "Another program administers this country." in taken.content.decode()
    assert client.post(change(iberia), program_form(iberia, "JP")).status_code == 302
    assert iberia.country_names == "Japan, Portugal, Spain"
    assert ProgramRecord.objects.get(pk=record.pk).program == iberia


def test_managers_are_named_and_taken_away_by_moderators(iberia, kenji, mo):
    client, astrid = as_(mo), make_staff(Role.PROGRAM_MANAGER, "Astrid Holm")
    name, away = (
        reverse("admin:programs_program_action", args=[iberia.pk, one]) for one in ("manager", "manager-removal")
    )
    assert client.post(name, {"user": mo.pk}).status_code == 422
    assert client.post(name, {"user": astrid.pk}).status_code == 302
    assert client.post(away, {"user": kenji.pk}).status_code == 302
    assert [row.user for row in iberia.managers.filter(revoked_at=None)] == [astrid]
    assert as_(kenji).post(name, {"user": kenji.pk}).status_code == 404
    assert as_(astrid).post(name, {"user": kenji.pk}).status_code == 403


def test_a_manager_reads_her_program_alone_and_changes_nothing(iberia, nordic, kenji):
    client = as_(kenji)
    assert listed(client.get(PROGRAMS)) == [iberia.pk]
    assert client.get(change(iberia)).status_code == 200
    assert client.get(change(nordic)).status_code == 302
    assert client.post(change(iberia), program_form(iberia, name="Mine")).status_code == 403
    assert set(Program.objects.values_list("name", flat=True)) == {"Iberia Program", "Nordic Program"}


def test_a_retired_program_has_a_button_back(iberia, mo):
    client = as_(mo)
    retire, restore = (
        reverse("admin:programs_program_action", args=[iberia.pk, one]) for one in ("retirement", "restoration")
    )
    assert client.post(retire).status_code == 302
    assert (Program.objects.get().active, iberia.countries.count()) == (False, 0)
    assert client.post(restore).status_code == 302
    assert Program.objects.get().active is True


def test_a_manager_sees_the_postings_of_the_program_alone(iberia, nordic, kenji, mo):
    abroad = {country: make_posting(PostingStatus.SUBMITTED, country=country) for country in ("PT", "SE", "US")}
    open_one = make_posting(country="SE")
    draft = make_posting(PostingStatus.DRAFT, country="PT")
    client = as_(kenji)
    assert listed(client.get(POSTINGS, {"queue": "all"})) == [abroad["PT"].pk]
    pages = {name: client.get(posting.get_absolute_url()).status_code for name, posting in abroad.items()}
    assert pages == {"PT": 200, "SE": 404, "US": 404}
    assert client.get(open_one.get_absolute_url()).status_code == 200  # as everybody
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert len(listed(as_(mo).get(POSTINGS, {"queue": "all"}))) == 4
