import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse

from accounts.roles import Role
from authorization.models import AuthorizationRecord, Declaration
from authorization.rules import World, lead_time_checks, record_checks
from authorization.workflow import Needs, RouteKind, Status
from core.management.commands.reencrypt import encrypted_columns
from tests.factories import make_host, make_staff, make_student, make_user

from .conftest import END, NOW, PURPOSE, START


@pytest.fixture
def sign_in(client):
    def as_(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def strangers():
    yield "visitor", None
    yield "classmate", lambda: make_student().user
    yield "host", lambda: make_host().user
    for role in (Role.MODERATOR, Role.ADVISER, Role.PROGRAM_MANAGER):
        yield role.value, lambda role=role: make_staff(role)
    yield "superuser", lambda: make_user(is_staff=True, is_superuser=True)


STRANGERS = dict(strangers())


def text(response):
    """What is read on the page."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_the_offices_information_comes_first(sign_in, sana, routes):
    response = sign_in(sana.user).get(reverse("authorization_home"))
    words = text(response)
    places = [words.index(part) for part in ("First, read and ask", "Your projects", "What you need")]
    assert places == sorted(places)
    assert "Confirm with the international office" in words
    assert "no-store" in response["Cache-Control"]


def test_a_student_declares_and_changes_it(sign_in, sana):
    client, url = sign_in(sana.user), reverse("authorization_home")
    for data, kept in [
        ({"needs": "yes", "route": "cpt"}, ("yes", "cpt")),
        ({"needs": "unsaid", "route": ""}, ("unsaid", "")),
        ({"needs": "no", "route": "cpt"}, ("no", "none")),
    ]:
        assert client.post(url, data).status_code == 302
        declaration = Declaration.objects.get(student=sana)
        assert (declaration.needs, declaration.route) == kept


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"needs": "yes"}, "Choose a route, or “Not sure”."),
        ({}, "Choose Yes, No or Prefer not to say."),
        ({"needs": "yes", "route": "none"}, "Choose one of the answers listed"),
        ({"needs": "green"}, "Choose one of the answers listed"),
    ],
)
def test_an_unfinished_declaration_is_given_back(sign_in, sana, data, message):
    response = sign_in(sana.user).post(reverse("authorization_home"), data)
    assert response.status_code == 422
    assert message in text(response)
    assert not Declaration.objects.exists()


@pytest.mark.parametrize("who", ["host", Role.MODERATOR, Role.ADVISER, Role.PROGRAM_MANAGER])
def test_the_page_is_for_students(sign_in, db, who):
    assert sign_in(STRANGERS[who]()).get(reverse("authorization_home")).status_code == 403


def test_an_international_advisor_is_led_to_the_queue(sign_in, ines):
    response = sign_in(ines).get(reverse("authorization_home"))
    assert response.url == reverse("admin:authorization_authorizationrecord_changelist")


@pytest.mark.parametrize("who", [name for name in STRANGERS if name != "visitor"])
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("authorization_record", "get"),
        ("authorization_advising", "post"),
        ("authorization_filing", "post"),
        ("item", "get"),
    ],
)
def test_a_record_is_not_found_by_others(sign_in, open_record, who, name, method):
    record = open_record()
    url = reverse(name, args=[record.pk])
    assert getattr(sign_in(STRANGERS[who]()), method)(url).status_code == 404
    assert AuthorizationRecord.objects.get(pk=record.pk).status == Status.NOT_STARTED


def test_a_visitor_is_asked_to_sign_in(client, open_record):
    response = client.get(open_record().get_absolute_url())
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@time_machine.travel(NOW)
def test_a_student_goes_their_part_of_the_way(sign_in, open_record, sana):
    record = open_record()
    client = sign_in(sana.user)
    page = text(client.get(record.get_absolute_url()))
    assert "Start filing by Wed, Dec 4, 2024 (campus business days)." in page
    assert "Latest safe filing: Wed, Dec 11, 2024 (campus business days)." in page
    assert "I have met the advisor" in page
    client.post(reverse("authorization_advising", args=[record.pk]))
    assert "I have filed" in text(client.get(record.get_absolute_url()))
    client.post(reverse("authorization_filing", args=[record.pk]), {"filed_on": "2024-11-18"})
    page = text(client.get(record.get_absolute_url()))
    assert "Filed on Mon, Nov 18, 2024" in page
    assert "Your request is filed, and the office that decides has it." in page
    assert "I have filed" not in page
    record = AuthorizationRecord.objects.get(pk=record.pk)
    assert (record.status, record.filed_on) == (Status.FILED, "2024-11-18")


@time_machine.travel(NOW)
@pytest.mark.parametrize("filed_on", ["", "soon", "2024-11-19"])
def test_a_wrong_filing_date_is_given_back(sign_in, open_record, sana, filed_on):
    record = open_record(Status.ADVISED)
    response = sign_in(sana.user).post(reverse("authorization_filing", args=[record.pk]), {"filed_on": filed_on})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert AuthorizationRecord.objects.get(pk=record.pk).status == Status.ADVISED


def test_a_move_that_is_no_longer_possible_is_told_calmly(sign_in, open_record, sana):
    record = open_record(Status.FILED)
    response = sign_in(sana.user).post(
        reverse("authorization_filing", args=[record.pk]), {"filed_on": "2024-11-18"}, follow=True
    )
    assert response.status_code == 200
    assert "no longer possible" in response.content.decode()


@time_machine.travel(dt.datetime(2024, 9, 1, 15, tzinfo=dt.UTC))
def test_the_empty_window_of_opt_is_explained(sign_in, open_record, sana):
    page = text(sign_in(sana.user).get(open_record(route=RouteKind.OPT, now=NOW).get_absolute_url()))
    assert "No safe window" in page
    assert "by Sat, Sep 7, 2024 (calendar days), and filing opens on Tue, Oct 8, 2024" in page
    assert "No day lies between the two, nor with the typical 90 days." in page
    assert "First possible filing day: Tue, Oct 8, 2024" in page
    assert "90 calendar days end on Mon, Jan 6, 2025. 120 calendar days end on Wed, Feb 5, 2025." in page
    assert "F-1 pre-completion OPT, premium processing In time" in page


@pytest.mark.parametrize("status", Status)
def test_every_state_has_its_page(sign_in, open_record, sana, ines, status):
    record = open_record(status)
    for person in (sana.user, ines):
        response = sign_in(person).get(record.get_absolute_url())
        assert response.status_code == 200
        assert status.label in text(response)


def test_a_mails_link_leads_each_reader_to_their_page(sign_in, open_record, sana, ines):
    record = open_record()
    url = reverse("item", args=[record.pk])
    assert sign_in(sana.user).get(url).url == record.get_absolute_url()
    assert sign_in(ines).get(url).url == reverse("admin:authorization_authorizationrecord_change", args=[record.pk])


def test_the_home_page_asks_the_same_for_one_project_and_for_many(
    sign_in, open_record, sana, django_assert_num_queries
):
    client, url = sign_in(sana.user), reverse("authorization_home")
    open_record()
    client.get(url)
    with connection.execute_wrapper(counted := Counter()):
        client.get(url)
    one = counted.calls
    for _ in range(20):
        open_record(needs=None)
    with django_assert_num_queries(one):
        client.get(url)


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self, execute, *args):
        self.calls += 1
        return execute(*args)


def outcomes(student, **more):
    return [check.outcome for check in lead_time_checks(student, starts=START, ends=END, today=NOW.date(), **more)]


def test_a_posting_is_checked_by_what_the_student_declared(open_record, sana, theo):
    open_record(needs=Needs.NO, student=theo, route="")
    open_record(route=RouteKind.CPT)
    assert (outcomes(None), outcomes(make_student()), outcomes(theo), outcomes(sana)) == ([], [], [], ["in time"])
    assert outcomes(sana, contractor=True) == ["ask the international office"]


def test_only_an_approval_for_any_employer_covers_another_project(open_record, sana):
    open_record(Status.APPROVED, route=RouteKind.CPT)
    assert outcomes(sana) == ["in time"]
    open_record(Status.APPROVED, route=RouteKind.OPT)
    assert outcomes(sana) == ["already authorized", "already authorized"]


def record_outcomes(record):
    return [check.outcome for check in record_checks(record, world=World.load(), today=NOW.date())]


@pytest.mark.parametrize(("kind", "outcome"), [(RouteKind.OPT, "already authorized"), (RouteKind.CPT, "in time")])
def test_a_record_says_what_its_posting_said_of_an_approval_for_any_employer(open_record, sana, kind, outcome):
    open_record(Status.APPROVED, route=kind)
    second = open_record(route=kind)
    assert outcomes(sana) == record_outcomes(second) == [outcome] * len(outcomes(sana)) != []


def test_cpt_as_a_contractor_is_a_question_after_acceptance_too(open_record, sign_in, sana):
    contractor, direct = open_record(contractor=True), open_record()
    assert record_outcomes(contractor) == ["ask the international office"]
    assert record_outcomes(direct) == ["in time"]
    page = text(sign_in(sana.user).get(contractor.get_absolute_url()))
    assert "Whether work as a contractor fits with CPT is a question for that office." in page


CANARIES = ("academic training", "j-1", "i-765", "i-20", "cpt", "opt", "visa", "authoriz", "immigra", "canary")


def test_mails_tell_nothing(open_record, sana, ines, client):
    from authorization import actions, emails
    from notifications.mail import MAILS

    record = open_record()
    actions.advise(record, by=ines, note="canary note")
    for mail_ in (emails.item_changed, emails.item_waiting, emails.item_date, emails.item_stuck):
        assert MAILS[mail_.kind] is mail_
        assert [word for word in CANARIES if word in mail_.kind] == []
    letter = emails.item_changed.render(record.pk, sana.user, "1")
    for part in (letter.subject, letter.text, letter.html):
        assert [word for word in CANARIES if word in part.lower().replace("adopt", "")] == []
    assert PURPOSE not in letter.text
    assert mail.outbox == []


def test_what_is_written_about_a_student_never_stands_in_the_tables(open_record, sana, ines):
    from authorization import actions

    canary = "canary7431"
    record = open_record(Status.ADVISED, route=RouteKind.AT)
    actions.file(record, by=ines, filed_on=dt.date(2024, 11, 17), note=canary)
    actions.deny(record, by=ines, note=canary)
    dump = "\n".join(raw_rows())
    assert f"|{record.pk}|" in f"|{dump}|".replace("\n", "|")
    assert str(START) in dump  # the dump shows what is in the clear
    secrets = [canary, "2024-11-17", "not_started", "advised", "filed", "denied", '"at"', "|at|", "|yes|"]
    assert [secret for secret in secrets if secret in dump] == []


def raw_rows():
    own = {model._meta for model, _ in encrypted_columns() if model._meta.app_label == "authorization"}
    tables = sorted(options.db_table for options in own)
    assert [table.removeprefix("authorization_") for table in tables] == [
        "authorizationdocument",
        "authorizationevent",
        "authorizationquestion",
        "authorizationrecord",
        "declaration",
        "documentopening",
    ]
    with connection.cursor() as cursor:
        for table in [*tables, "notifications_outboxmail", "django_admin_log"]:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  our own table names
            for row in cursor.fetchall():
                yield "|" + "|".join(map(str, row)) + "|"
