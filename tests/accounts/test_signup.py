import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import User
from campus.models import ProgramSettings
from notifications.delivery import drain
from tests.factories import make_student, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def program():
    ProgramSettings.objects.update_or_create(pk=1, defaults={"student_email_domains": ["student.example.edu"]})


def sign_up(client, **fields):
    data = {"kind": "host", "name": "Omar Haddad", "email": "omar@fenwick.example", "level": ""}
    return client.post("/accounts/signup/", data | {"password1": PASSWORD, "password2": PASSWORD} | fields)


def test_the_kind_of_account_is_filled_in_on_the_way(client):
    response = client.get("/signup/host/", follow=True)
    assert response.redirect_chain == [("/accounts/signup/?kind=host", 302)]
    assert response.context["form"]["kind"].value() == "host"


def test_a_host_signs_up_confirms_and_lands_at_the_organization(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_up(client).status_code == 302
    user = User.objects.get(email="omar@fenwick.example")
    assert (user.name, user.is_host, user.is_student) == ("Omar Haddad", True, False)
    drain()
    (letter,) = mail.outbox
    assert letter.to == ["omar@fenwick.example"]
    assert letter.subject == "Confirm your email address"
    link = next(word for word in letter.body.split() if "/confirm-email/" in word)
    assert client.get(link).status_code == 200
    assert EmailAddress.objects.get(user=user).verified is False, "a mail scanner that follows links confirms nothing"
    response = client.post(link, follow=True)
    assert EmailAddress.objects.get(user=user).verified is True
    assert response.redirect_chain[-1][0] == "/organizations/"


def test_an_address_that_is_not_confirmed_cannot_sign_in(client):
    sign_up(client)
    client.logout()
    client.post("/accounts/login/", {"login": "omar@fenwick.example", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_student_needs_a_university_address(client):
    response = sign_up(client, kind="student", email="theo@gmail.example", level="undergraduate")
    assert response.context["form"].errors == {
        "email": ["Students sign up with a university address, one that ends in student.example.edu."]
    }
    assert response.context["form"]["name"].value() == "Omar Haddad", "what was typed is kept"
    assert User.objects.count() == 0


def test_a_student_says_the_level(client):
    response = sign_up(client, kind="student", email="theo@student.example.edu")
    assert response.context["form"].errors == {"level": ["Choose undergraduate or graduate."]}


def test_a_student_signs_up(client):
    sign_up(client, kind="student", email="theo@student.example.edu", level="graduate")
    user = User.objects.get(email="theo@student.example.edu")
    assert (user.is_student, user.is_host, user.student.level) == (True, False, "graduate")


def test_an_address_that_has_an_account_is_not_given_away(client):
    known = make_user(email="omar@fenwick.example")
    response = sign_up(client)
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/confirm-email/")
    assert list(User.objects.all()) == [known]


def test_links_in_account_mails_lead_to_the_site_whatever_the_request_says(client, settings):
    settings.ALLOWED_HOSTS = [".example.edu"]
    make_user(email="omar@fenwick.example")
    client.post("/accounts/password/reset/", {"email": "omar@fenwick.example"}, headers={"host": "evil.example.edu"})
    drain()
    (letter,) = mail.outbox
    (link,) = [word for word in letter.body.split() if "/password/reset/" in word]
    assert link.startswith(f"{settings.BASE_URL}/accounts/password/reset/key/")
    assert "evil" not in letter.body


def test_a_student_keeps_to_university_addresses(client):
    student = make_student("Sana Iyer")
    client.force_login(student.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 9_999_999_999}]
    session.save()
    client.post("/accounts/email/", {"action_add": "", "email": "sana@gmail.example"})
    assert list(student.user.emailaddress_set.values_list("email", flat=True)) == [student.user.email]
    client.post("/accounts/email/", {"action_add": "", "email": "iyer@student.example.edu"})
    assert student.user.emailaddress_set.filter(email="iyer@student.example.edu").exists()
