"""Staff without a second factor are led to set one up; those who idle are signed out; nobody else is."""

import datetime as dt
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.roles import STAFF_ROLES
from tests.factories import NOW, make_host, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LIST = "/admin/postings/posting/"
SET_UP = "/accounts/2fa/totp/activate/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def with_password(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def code(secret=SECRET):
    *_, counter = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, counter))


def sign_in(user, going=LIST):
    client = Client()
    response = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, "next": going})
    return client, response.headers["Location"]


def signed_in_with_code(user):
    TOTP.activate(user, SECRET)
    client, location = sign_in(user)
    assert location == "/accounts/2fa/authenticate/"
    assert client.post(location, {"code": code()}).headers["Location"] == LIST
    return client


def test_staff_without_a_second_factor_set_one_up_and_come_back():
    user = with_password(make_staff())
    client, location = sign_in(user)
    assert location == LIST
    assert client.get(f"{LIST}?q=tea").headers["Location"] == SET_UP
    page = client.get(SET_UP)
    assert (page.status_code, page.context["is_needed"]) == (200, True)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    done = client.post(SET_UP, {"code": code(page.context["form"].secret)})
    assert done.headers["Location"] == "/accounts/2fa/recovery-codes/"
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert f'href="{LIST}?q=tea"' in codes
    assert client.get(f"{LIST}?q=tea").status_code == 200
    assert set(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == {"totp", "recovery_codes"}


def test_nothing_behind_the_sign_in_opens_without_it_to_any_role_of_staff():
    superuser = make_user(is_staff=True, is_superuser=True)
    for user in [superuser, *(make_staff(role) for role in STAFF_ROLES)]:
        client, _ = sign_in(with_password(user))
        asked = [client.get(address) for address in ("/admin/", LIST, "/dashboard/", "/profile/", "/admin/jsi18n/")]
        sent = [client.post(address) for address in ("/admin/", f"{LIST}add/", "/profile/")]
        assert {response.headers.get("Location") for response in [*asked, *sent]} == {SET_UP}
        assert client.get("/").status_code == 200, "what anybody sees is open"
        assert client.get("/accounts/logout/").status_code == 200


def test_students_and_hosts_need_none():
    for user in (make_student().user, make_host().user):
        client, location = sign_in(with_password(user), going="/profile/")
        assert (location, client.get("/profile/").status_code) == ("/profile/", 200)


def test_the_code_is_asked_for_at_every_sign_in_and_a_recovery_code_does():
    user = with_password(make_staff())
    client = signed_in_with_code(user)
    assert client.get(LIST).status_code == 200
    client.get("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/recovery-codes/generate/")
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    other, location = sign_in(user)
    assert other.get(LIST).headers["Location"] == f"/accounts/login/?next={LIST}", "the password alone opens nothing"
    assert other.post(location, {"code": "111111"}).status_code == 200
    assert other.post(location, {"code": codes[0]}).headers["Location"] == LIST
    assert other.get(LIST).status_code == 200


def test_a_session_from_before_the_second_factor_proves_it_once():
    user = with_password(make_staff())
    client, _ = sign_in(user)
    TOTP.activate(user, SECRET)
    assert client.get(LIST).headers["Location"] == f"/accounts/2fa/reauthenticate/?next={LIST.replace('/', '%2F')}"
    there = client.post(f"/accounts/2fa/reauthenticate/?next={LIST}", {"code": code(), "next": LIST})
    assert (there.headers["Location"], client.get(LIST).status_code) == (LIST, 200)


def test_staff_keep_their_second_factor_and_students_may_let_theirs_go():
    staff, student = with_password(make_staff()), with_password(make_student().user)
    clients = [signed_in_with_code(user) for user in (staff, student)]
    for client in clients:
        client.post("/accounts/2fa/totp/deactivate/")
    assert list(Authenticator.objects.values_list("user", flat=True)) == [staff.pk]


def test_who_lost_it_sets_up_another():
    user = with_password(make_staff())
    TOTP.activate(user, SECRET)
    out = StringIO()
    call_command("forget_second_factor", user.email, stdout=out)
    client, _ = sign_in(user)
    assert (out.getvalue(), client.get(LIST).headers["Location"]) == (f"{user.email}: forgotten\n", SET_UP)


def test_staff_who_idle_sign_in_again_and_come_back(clock):
    client = signed_in_with_code(with_password(make_staff()))
    for _ in range(3):
        clock.shift(dt.timedelta(minutes=59))
        assert client.get(LIST).status_code == 200
    clock.shift(dt.timedelta(minutes=61))
    response = client.get(f"{LIST}?q=tea", follow=True)
    assert response.redirect_chain == [(f"/accounts/login/?next={LIST}%3Fq%3Dtea", 302)]
    told = "60 minutes had passed without a request, so you were signed out. Sign in to go on where you were."
    assert [str(message) for message in response.context["messages"]] == [told]
    assert "_auth_user_id" not in client.session


def test_what_was_typed_when_the_session_ended_is_shown_and_not_saved(clock):
    user = with_password(make_staff())
    client = signed_in_with_code(user)
    client.get("/profile/")
    clock.shift(dt.timedelta(minutes=61))
    typed = {"name": "A <new> name", "csrfmiddlewaretoken": "x", "password": "secret", "_save": "Save", "empty": ""}
    response = client.post("/profile/", typed, headers={"referer": "http://testserver/profile/?from=tea"})
    assert (response.status_code, response.context["sent"]) == (403, [("name", "A <new> name")])
    assert response.context["sign_in"] == "/accounts/login/?next=%2Fprofile%2F%3Ffrom%3Dtea"
    assert "A &lt;new&gt; name" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert User.objects.get(pk=user.pk).name == user.name


def test_students_and_hosts_may_idle(clock):
    client, _ = sign_in(with_password(make_student().user), going="/profile/")
    clock.shift(dt.timedelta(days=3))
    assert client.get("/profile/").status_code == 200


def test_a_page_writes_the_session_once_a_minute_at_most(clock, django_assert_num_queries):
    client = signed_in_with_code(with_password(make_staff()))
    client.get("/profile/")
    with django_assert_num_queries(5):
        client.get("/profile/")
    clock.shift(dt.timedelta(minutes=2))
    with django_assert_num_queries(8):
        client.get("/profile/")


def test_the_code_of_the_demo_passes_in_development_alone(settings):
    user = with_password(make_staff())
    TOTP.activate(user, SECRET)
    settings.MFA_TOTP_INSECURE_BYPASS_CODE, settings.DEBUG = "246810", True
    client, location = sign_in(user)
    assert "<strong>246810</strong>" in client.get(location).content.decode()
    assert client.post(location, {"code": "246810"}).headers["Location"] == LIST
    settings.DEBUG = False
    client, location = sign_in(user)
    with pytest.raises(ImproperlyConfigured):
        client.post(location, {"code": "246810"})
