"""A posting for the campus only: students, staff and its own organization see it, and nobody else learns of it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from accounts.roles import Role
from postings import actions
from postings.models import Posting, is_campus
from postings.workflow import Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
STAFF = {Role.ADVISER: True, Role.MODERATOR: True, Role.PROGRAM_MANAGER: True, Role.INTERNATIONAL_ADVISER: False}


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def status_for(user, posting):
    return signed_in(user).get(posting.get_absolute_url()).status_code


@pytest.fixture
def posting():
    return make_posting(campus_only=True)


def test_students_and_those_who_look_after_postings_are_of_the_campus():
    assert is_campus(make_student().user) is True
    assert {role: is_campus(make_staff(role)) for role in STAFF} == STAFF
    assert [is_campus(user) for user in (AnonymousUser(), make_user(), make_host().user)] == [False] * 3


@pytest.mark.parametrize("status", [Status.OPEN, Status.CLOSED, Status.FILLED, Status.EXPIRED])
def test_who_sees_it(status):
    posting = make_posting(status, campus_only=True)
    colleague = make_host(organization=posting.organization)
    others = [AnonymousUser(), make_user(), make_host().user, make_staff(Role.INTERNATIONAL_ADVISER)]
    campus = [make_student().user, posting.host.user, colleague.user, make_staff(), make_staff(Role.ADVISER)]
    assert [list(Posting.objects.visible_to(user, NOW)) for user in others] == [[]] * len(others)
    assert [list(Posting.objects.visible_to(user, NOW)) for user in campus] == [[posting]] * len(campus)


def test_the_page_by_its_address(client, posting):
    answers = {
        "student": status_for(make_student().user, posting),
        "its host": status_for(posting.host.user, posting),
        "adviser": status_for(make_staff(Role.ADVISER), posting),
        "another host": status_for(make_host().user, posting),
        "somebody": status_for(make_user(), posting),
    }
    assert answers == {"student": 200, "its host": 200, "adviser": 200, "another host": 404, "somebody": 404}
    response = signed_in(make_student().user).get(posting.get_absolute_url())
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "Campus only" in response.content.decode()


def test_a_visitor_is_asked_to_sign_in_and_comes_back(client, posting):
    path = f"{posting.get_absolute_url()}?from=mail"
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next=/postings/{posting.pk}/%3Ffrom%3Dmail"
    assert response.headers["X-Robots-Tag"] == "noindex"
    sana = make_student(password="long-enough-to-be-hers")
    answers = {"login": sana.user.email, "password": "long-enough-to-be-hers"}
    assert client.post(response.headers["Location"], answers).headers["Location"] == path


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.ON_HOLD, Status.WITHDRAWN])
def test_what_is_not_up_on_campus_is_not_there_for_visitors(client, status):
    assert client.get(make_posting(status, campus_only=True).get_absolute_url()).status_code == 404


def test_a_public_posting_says_nothing_of_the_campus(client):
    response = client.get(make_posting().get_absolute_url())
    assert "X-Robots-Tag" not in response.headers
    assert "Campus only" not in response.content.decode()


def test_over_it_is_gone_for_students_and_a_sign_in_for_visitors(client):
    posting = make_posting(Status.CLOSED, campus_only=True)
    assert status_for(make_student().user, posting) == 410
    assert client.get(posting.get_absolute_url()).status_code == 302


def test_what_is_like_a_closed_one_is_not_told_to_visitors(client):
    closed = make_posting(Status.CLOSED)
    make_posting(title="For the campus", campus_only=True)
    make_posting(title="For everybody")
    public = client.get(closed.get_absolute_url()).content.decode()
    campus = signed_in(make_student().user).get(closed.get_absolute_url()).content.decode()
    assert ["For the campus" in page for page in (public, campus)] == [False, True]
    assert ["For everybody" in page for page in (public, campus)] == [True, True]


def test_its_host_changes_it_at_once(posting):
    edited = Posting.objects.defer("search").get(pk=posting.pk)
    edited.campus_only = False
    actions.write(edited, by=posting.host.user)
    posting.refresh_from_db()
    assert posting.campus_only is False
    assert posting.revisions.count() == 0
    assert list(posting.events.values_list("move", flat=True)) == ["edit"]


def test_the_form_asks_for_it(posting):
    page = signed_in(posting.host.user).get(f"/postings/{posting.pk}/edit/").content.decode()
    assert "Show it on campus only" in page
    assert "stays out of the public list" in page


def test_moderators_see_it_and_can_list_them(posting):
    make_posting(title="For everybody")
    mo = signed_in(make_staff())
    page = mo.get(f"/admin/postings/posting/{posting.pk}/change/").content.decode()
    assert "Campus only" in page
    listed = mo.get("/admin/postings/posting/?queue=open&campus_only__exact=1").context["cl"].queryset
    assert list(listed) == [posting]
