"""The words of an application and the offer letter are in the student's log too, whoever else reads them."""

import datetime as dt

import pytest
import time_machine
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications import actions
from applications.models import Application, MaterialAccess
from tests.applications.making import host_of, make_application, make_draft, make_offer
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
LETTER = "Quaxolotl, I count them."


@pytest.fixture
def posting():
    asked = {"questions": ["Which tool?", "Which lot?"], "extra_materials": ["portfolio", "short_answers"]}
    return make_posting(host=make_host("Omar Haddad"), **asked)


def apply(posting, name="Sana Iqbal", *, now=NOW):
    draft = make_draft(posting, make_student(name), now=now)
    by = draft.student.user
    actions.keep_text(draft, kind="cover_letter", text=LETTER, by=by, now=now)
    actions.keep_text(draft, kind="portfolio", text="https://sana.example/", by=by, now=now)
    for question in posting.questions:
        actions.keep_text(draft, kind="answer", question=question, text="A sheet.", by=by, now=now)
    return actions.submit(draft, by=by, now=now)


def visit(client, user, address, *, at=NOW, method="get"):
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        return getattr(client, method)(address)


def log(application):
    return [(str(row.user), row.name, row.at) for row in application.accesses.order_by("at", "pk")]


def test_words_are_noted_once_a_day_for_each_reader(client, posting):
    application = apply(posting)
    host, staff = posting.host.user, make_staff("adviser", "Dev Mehta")
    place = application.get_absolute_url()
    visit(client, application.student.user, place)
    visit(client, host, place, method="head")
    visit(client, make_host("Lena Voss").user, place)
    assert log(application) == []
    for hours in (0, 1, 2):
        visit(client, host, place, at=NOW + hours * DAY / 24)
    visit(client, staff, place, at=NOW + DAY / 8)
    visit(client, host, place, at=NOW + DAY)
    words = "Cover letter, portfolio and 2 answers"
    assert log(application) == [
        ("Omar Haddad", words, NOW),
        ("Dev Mehta", words, NOW + DAY / 8),
        ("Omar Haddad", words, NOW + DAY),
    ]
    page = " ".join(visit(client, application.student.user, place).content.decode().split())
    assert f"Omar Haddad: {words}, on 2 days, last <time" in page
    assert f"Dev Mehta: {words}, <time" in page


def test_a_day_ends_at_midnight_on_the_boards_clock(client, posting):
    application = apply(posting)
    for at in (dt.datetime(2026, 3, 4, 4, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 4, 5, tzinfo=dt.UTC)):
        visit(client, posting.host.user, application.get_absolute_url(), at=at)
    days = MaterialAccess.objects.order_by("day").values_list("day", flat=True)
    assert list(days) == [dt.date(2026, 3, 3), dt.date(2026, 3, 4)]


def test_side_by_side_each_of_those_who_are_shown(client, posting):
    made = [apply(posting, f"Student {number}", now=NOW + number * DAY / 24) for number in range(5)]
    keys = "&".join(f"a={one.pk}" for one in made)
    address = f"/host/postings/{posting.pk}/applications/compare/?{keys}"
    for user in (posting.host.user, make_staff("moderator")):
        for _ in range(2):
            visit(client, user, address, at=NOW + DAY)
    assert [len(log(one)) for one in made] == [2, 2, 2, 2, 0]
    visit(client, posting.host.user, made[0].get_absolute_url(), at=NOW + DAY)
    assert len(log(made[0])) == 2


def test_the_list_shows_no_words_and_notes_nothing(client, posting):
    application = apply(posting)
    page = visit(client, posting.host.user, f"/host/postings/{posting.pk}/applications/").content.decode()
    assert (LETTER in page, log(application)) == (False, [])


def test_files_alone_are_noted_when_they_are_opened(client):
    application = make_application()
    application.materials.filter(kind="cover_letter").delete()
    visit(client, host_of(application), application.get_absolute_url())
    assert log(application) == []


def test_the_letter_of_the_offer_is_noted_each_time(client):
    host = make_host("Omar Haddad")
    offer = make_offer(make_application(make_posting(host=host), make_student("Sana Iqbal")))
    address = f"/offers/{offer.pk}/letter.pdf"
    said = visit(client, host.user, address)
    assert (said.status_code, log(offer.application)) == (302, [])  # something is missing, so there is no letter
    facts = {"supervisor_name": "Ana Mentor", "supervisor_email": "ana@fenwick.example", "address": "12 Mill Street"}
    actions.complete_letter(offer, by=host.user, facts=facts, now=NOW)
    visit(client, offer.student, address)
    visit(client, host.user, address, method="head")
    assert log(offer.application) == []
    for user in (host.user, host.user, make_staff("moderator", "Mo Castellanos")):
        assert visit(client, user, address)["Content-Type"] == "application/pdf"
    assert log(offer.application) == [("Omar Haddad", "Offer letter", NOW)] * 2 + [
        ("Mo Castellanos", "Offer letter", NOW)
    ]


def test_the_admin_shows_the_log_and_nothing_that_would_belong_in_it(client, posting):
    application = apply(posting)
    visit(client, posting.host.user, application.get_absolute_url())
    staff = make_staff("moderator")
    page = visit(client, staff, reverse("admin:applications_application_change", args=[application.pk]))
    text = page.content.decode()
    assert "Omar Haddad opened Cover letter, portfolio and 2 answers" in text
    assert [words for words in (LETTER, "A sheet.", "https://sana.example/") if words in text] == []
    assert "Material" not in {model.__name__ for model in admin.site._registry}
    assert [user for user, _, _ in log(application)] == ["Omar Haddad"]


def test_two_readings_at_once_are_one_line(posting):
    application = Application.objects.prefetch_related("materials").get(pk=apply(posting).pk)
    for _ in range(2):
        actions.open_words([application], by=posting.host.user, now=NOW)
    row = MaterialAccess.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        MaterialAccess.objects.create(
            application=application, user=row.user, name=row.name, day=row.day, at=NOW + dt.timedelta(hours=1)
        )
    MaterialAccess.objects.create(application=application, user=row.user, name=row.name, at=NOW)
