"""Somebody finds something wrong with a posting, and a moderator looks at it."""

import re

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from core.workflow import MoveRefused
from notifications.delivery import drain
from notifications.models import OutboxMail
from postings import actions
from postings.models import Posting, PostingReport
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
ADMIN = "/admin/postings/postingreport/"


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def reports_of(posting):
    return f"/postings/{posting.pk}/reports/"


@pytest.fixture
def posting():
    return make_posting(title="Mystery shopper", now=NOW)


@pytest.fixture
def sana():
    return make_student("Sana").user


@pytest.fixture
def mo():
    return make_staff(Role.MODERATOR, "Mo")


@pytest.fixture
def reported(posting, sana, mo):
    return actions.report(posting, by=sana, reason="money", note="They want a deposit of $200.", now=NOW)


# Reporting


def moderators():
    """All that a posting brings with it too: somebody approved it."""
    return User.objects.filter(staff_roles__role=Role.MODERATOR, staff_roles__revoked_at=None, is_active=True)


def test_it_is_kept_with_who_and_when_and_told_to_the_moderators_alone(reported, posting, sana, mo):
    assert (reported.reported_by, reported.reported_at, reported.is_open) == (sana, NOW, True)
    event = posting.events.get()
    assert (event.move, event.by, event.from_status, event.to_status, event.note) == (
        "report",
        None,
        "open",
        "open",
        "It asks the student for money",
    )
    rows = OutboxMail.objects.values_list("kind", "recipient", "subject_id", "must_arrive")
    assert set(rows) == {("posting.reported", moderator.pk, reported.pk, True) for moderator in moderators()}
    assert mo in moderators()


def test_the_mail_says_what_is_wrong_and_where_it_stands(reported, mo, settings):
    drain()
    letter = next(letter for letter in mail.outbox if letter.to == [mo.email])
    assert letter.subject == "Reported: Mystery shopper"
    assert "They want a deposit of $200." in letter.body
    assert f"{settings.BASE_URL}{ADMIN}{reported.pk}/change/" in letter.body
    assert "Sana" not in letter.body


def test_a_report_that_is_handled_is_no_news(reported, mo):
    actions.handle_report(reported, by=mo, outcome="Put on hold.", now=NOW)
    drain()
    assert mail.outbox == []


def test_former_moderators_are_not_told(posting, sana):
    former, gone = make_staff(Role.MODERATOR), make_staff(Role.MODERATOR)
    former.staff_roles.update(revoked_at=NOW)
    gone.is_active = False
    gone.save()
    actions.report(posting, by=sana, reason="fraud", now=NOW)
    told = set(OutboxMail.objects.values_list("recipient", flat=True))
    assert told == {moderator.pk for moderator in moderators()}
    assert told & {former.pk, gone.pk} == set()


@pytest.mark.parametrize("person", [lambda: make_student().user, lambda: make_host().user, make_staff, make_user])
def test_whoever_is_signed_in_can_report(posting, person):
    user = person()
    response = signed_in(user).post(reports_of(posting), {"reason": "fraud", "note": ""}, follow=True)
    assert "Thank you. The career office looks at it." in response.content.decode()
    assert list(PostingReport.objects.values_list("reason", "reported_by")) == [("fraud", user.pk)]


def test_a_visitor_signs_in_first(client, posting):
    assert client.get(reports_of(posting)).headers["Location"] == f"/accounts/login/?next={reports_of(posting)}"
    assert client.post(reports_of(posting), {"reason": "fraud"}).status_code == 302
    assert PostingReport.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "post"])
def test_its_own_people_do_not_report_it(posting, method):
    colleague = make_host(organization=posting.organization).user
    response = getattr(signed_in(colleague), method)(reports_of(posting), {"reason": "fraud"}, follow=True)
    assert "is your organization&#x27;s own" in response.content.decode()
    assert PostingReport.objects.count() == 0


def test_a_second_report_hears_calmly_that_there_is_one(reported, posting, sana):
    client = signed_in(sana)
    for ask in (client.get, client.post):
        response = ask(reports_of(posting), {"reason": "fraud"})
        assert response.headers["Location"] == posting.get_absolute_url()
        page = client.get(posting.get_absolute_url()).content.decode()
        assert page.count("You have reported this posting already.") == 1
    assert PostingReport.objects.get() == reported
    with pytest.raises(MoveRefused, match="already"):
        actions.report(posting, by=sana, reason="fraud")


def test_the_database_keeps_to_one_open_report_a_person(reported, posting, sana):
    values = {"posting": posting, "reported_by": sana, "reported_at": NOW, "reason": "fraud"}
    with pytest.raises(IntegrityError, match="report_open_once_a_person"), transaction.atomic():
        PostingReport.objects.create(**values)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("report_handled_by_someone", {"handled_at": NOW}),
        ("report_handled_by_someone", {"outcome": "Nothing."}),
        ("report_says_what_else", {"reason": "other", "note": ""}),
    ],
)
def test_the_database_refuses_what_the_code_forgot(reported, constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PostingReport.objects.filter(pk=reported.pk).update(**fields)


def test_after_it_is_handled_there_may_be_another(reported, posting, sana, mo):
    actions.handle_report(reported, by=mo, outcome="They took it out.", now=NOW)
    again = actions.report(posting, by=sana, reason="money", now=NOW)
    assert list(PostingReport.objects.order_by("pk")) == [reported, again]


def test_nobody_fills_the_moderators_mailboxes(sana, monkeypatch):
    monkeypatch.setattr("postings.actions.reports.MOST_WAITING", 2)
    for _ in range(2):
        actions.report(make_posting(), by=sana, reason="fraud")
    with pytest.raises(MoveRefused, match="2 of your reports are waiting"):
        actions.report(make_posting(), by=sana, reason="fraud")
    assert actions.report(make_posting(), by=make_user(), reason="fraud").is_open


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"note": "A deposit & more"}, {"reason": ["Choose what is wrong."]}),
        ({"reason": "other", "note": "  "}, {"note": ["Say what is wrong."]}),
        ({"reason": "fraud", "note": "x" * 2001}, {"note": ["Ensure this value has at most 2000 characters"]}),
        ({"reason": "nonsense", "note": "A deposit & more"}, {"reason": ["Select a valid choice."]}),
    ],
)
def test_nothing_typed_is_lost(posting, sana, typed, errors):
    response = signed_in(sana).post(reports_of(posting), typed)
    found = response.context["form"].errors
    assert (response.status_code, set(found)) == (422, set(errors))
    assert [found[name][0].startswith(text) for name, (text,) in errors.items()] == [True]
    page = response.content.decode()
    if typed.get("note", "").strip():
        assert typed["note"].replace("&", "&amp;") in page
    if typed.get("reason") == "fraud":
        assert re.search(r'<input type="radio"[^>]*value="fraud"[^>]*checked', page)
    assert PostingReport.objects.count() == 0


@pytest.mark.parametrize("status", [Status.CLOSED, Status.EXPIRED])
def test_what_is_over_can_still_be_reported(sana, status):
    posting = make_posting(status)
    client = signed_in(sana)
    assert reports_of(posting) in client.get(posting.get_absolute_url()).content.decode()
    client.post(reports_of(posting), {"reason": "misleading"})
    assert PostingReport.objects.get().posting == posting


def test_what_one_does_not_see_one_does_not_report(sana):
    held, campus = make_posting(Status.ON_HOLD), make_posting(campus_only=True)
    assert signed_in(sana).post(reports_of(held), {"reason": "fraud"}).status_code == 404
    assert signed_in(make_host().user).post(reports_of(campus), {"reason": "fraud"}).status_code == 404


def test_the_host_is_not_told(reported, posting):
    client = signed_in(posting.host.user)
    for path in (posting.get_absolute_url(), "/host/postings/", f"/postings/{posting.pk}/edit/"):
        page = client.get(path).content.decode()
        assert [word for word in ("/reports/", "eported", "deposit", "for money") if word in page] == []


# Handling


def test_handling_names_who_when_and_what_came_of_it(reported, posting, mo):
    actions.handle_report(reported, by=mo, outcome="Spoke with the host.", now=NOW)
    reported.refresh_from_db()
    assert (reported.handled_by, reported.handled_at, reported.outcome) == (mo, NOW, "Spoke with the host.")
    assert [event.move for event in posting.events.all()] == ["report", "handle_report"]


def test_a_report_is_handled_once_and_by_moderators(reported, mo, sana):
    for person in (sana, make_staff(Role.ADVISER), reported.posting.host.user):
        with pytest.raises(MoveRefused):
            actions.handle_report(reported, by=person, outcome="Fine.")
    actions.handle_report(reported, by=mo, outcome="Fine.")
    with pytest.raises(MoveRefused, match="Mo has handled this report already"):
        actions.handle_report(reported, by=make_staff(), outcome="Not fine.")
    reported.refresh_from_db()
    assert reported.outcome == "Fine."


def test_moderators_find_what_waits_the_oldest_first(reported, mo):
    handled = actions.report(make_posting(), by=make_user(), reason="fraud")
    actions.handle_report(handled, by=mo, outcome="Nothing in it.")
    newer = actions.report(make_posting(), by=make_user(), reason="contact")
    client = signed_in(mo)
    listed = {
        query: list(client.get(ADMIN + query).context["cl"].result_list)
        for query in ("", "?state=handled", "?state=all")
    }
    assert listed == {"": [reported, newer], "?state=handled": [handled], "?state=all": [reported, handled, newer]}


def test_a_moderator_handles_it_in_the_admin(reported, posting, mo):
    client = signed_in(mo)
    of_posting, of_report = f"/admin/postings/posting/{posting.pk}/change/", f"{ADMIN}{reported.pk}/change/"
    page = client.get(of_report).content.decode()
    assert ["They want a deposit of $200." in page, of_posting in page] == [True, True]
    assert of_report in client.get(of_posting).content.decode()
    action = f"{ADMIN}{reported.pk}/action/outcome/"
    assert client.post(action, {"outcome": ""}).status_code == 422
    assert client.post(action, {"outcome": "Put on hold."}).headers["Location"] == of_report
    assert PostingReport.objects.get().outcome == "Put on hold."
    page = client.get(of_posting).content.decode()
    assert ["Report handled" in page, of_report in page] == [True, False]


def test_a_moderator_puts_the_posting_on_hold(reported, posting, mo):
    signed_in(mo).post(f"/admin/postings/posting/{posting.pk}/action/hold/", {"note": "We look at a report."})
    assert Posting.objects.get(pk=posting.pk).status == Status.ON_HOLD
    assert Client().get(posting.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("role", [Role.ADVISER, Role.PROGRAM_MANAGER, Role.INTERNATIONAL_ADVISER])
def test_other_staff_do_not_read_reports(reported, posting, role):
    client = signed_in(make_staff(role))
    assert client.get(ADMIN).status_code == 403
    if role != Role.INTERNATIONAL_ADVISER:
        page = client.get(f"/admin/postings/posting/{posting.pk}/change/").content.decode()
        assert ["They want a deposit" in page, f"{ADMIN}{reported.pk}/" in page] == [False, False]
