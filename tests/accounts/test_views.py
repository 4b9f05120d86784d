import pytest

from accounts.actions import enroll_host, invite
from accounts.models import Membership, Organization, User
from accounts.roles import Role
from tests.factories import make_host, make_organization, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def omar(client):
    host = make_host("Omar Haddad")
    client.force_login(host.user)
    return host


def organization_of(host):
    return host.user.memberships.get().organization


def test_a_host_founds_an_organization(client):
    host = make_user("Omar Haddad")
    enroll_host(host)
    client.force_login(host)
    data = {"name": "Fenwick Labs", "kind": "startup", "website": "", "city": "Boston", "country": "US", "about": ""}
    response = client.post("/organizations/new/", data)
    assert (response.status_code, response.headers["Location"]) == (302, "/postings/new/")
    organization = Organization.objects.get()
    assert (organization.name, organization.country) == ("Fenwick Labs", "US")


def test_an_invalid_organization_keeps_what_was_typed(client, omar):
    response = client.post("/organizations/new/", {"name": "Fenwick Labs", "kind": "startup", "country": "U5"})
    assert response.status_code == 422
    assert response.context["form"]["name"].value() == "Fenwick Labs"
    assert response.context["form"].errors == {"country": ["Choose a country from the list."]}


def test_a_member_edits_the_organization_and_a_stranger_cannot_see_it(client, omar):
    organization = organization_of(omar)
    before = organization.name
    data = {"name": "Google", "kind": "startup", "country": "US", "city": "Boston"}
    assert client.post(organization.get_absolute_url(), data).status_code == 302
    organization.refresh_from_db()
    assert (organization.city, organization.name) == ("Boston", before), "staff alone change the name"
    other = make_organization("Harbor Analytics")
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.post(other.get_absolute_url(), data).status_code == 404


def test_a_colleague_joins_by_invitation(client, omar):
    organization = organization_of(omar)
    response = client.post(f"/organizations/{organization.pk}/invitations/", {"email": "priya@fenwick.example"})
    assert response.status_code == 302
    priya = make_host("Priya Nair", email="priya@fenwick.example")
    client.force_login(priya.user)
    page = client.get("/organizations/")
    (invitation,) = page.context["invitations"]
    client.post(f"/invitations/{invitation.pk}/acceptance/")
    assert Membership.objects.filter(user=priya.user, organization=organization).exists()


def test_an_invitation_is_for_its_address_alone(client, omar):
    invitation = invite(organization_of(omar), email="priya@fenwick.example", by=omar.user)
    lena = make_host("Lena Brandt")
    client.force_login(lena.user)
    assert client.post(f"/invitations/{invitation.pk}/acceptance/").status_code == 404
    assert client.post(f"/invitations/{invitation.pk}/withdrawal/").status_code == 404
    unproved = make_host("Priya Nair", email="priya@fenwick.example", verified=False)
    client.force_login(unproved.user)
    assert client.post(f"/invitations/{invitation.pk}/acceptance/").status_code == 404


def test_inviting_twice_is_a_calm_message(client, omar):
    organization = organization_of(omar)
    url = f"/organizations/{organization.pk}/invitations/"
    client.post(url, {"email": "priya@fenwick.example"})
    response = client.post(
        url,
        {"email": "priya@fenwick.example"},
        follow=True,
        headers={"referer": f"http://testserver{organization.get_absolute_url()}"},
    )
    assert [str(message) for message in response.context["messages"]][
        -1
    ] == "priya@fenwick.example has an open invitation already."
    assert organization.invitations.count() == 1


def test_the_profile_saves_the_name_and_the_rest(client):
    student = make_student("Theo Marsh")
    client.force_login(student.user)
    data = {
        "name": "Theodore Marsh",
        "level": "graduate",
        "program": "Economics",
        "program_starts": "",
        "program_ends": "",
    }
    assert client.post("/profile/", data).status_code == 302
    student.refresh_from_db()
    student.user.refresh_from_db()
    assert (student.user.name, student.level, student.program) == ("Theodore Marsh", "graduate", "Economics")


def test_a_profile_out_of_order_is_refused_with_a_sentence(client):
    student = make_student("Theo Marsh")
    client.force_login(student.user)
    data = {"name": "Theo", "level": "graduate", "program_starts": "2026-09-01", "program_ends": "2026-01-01"}
    response = client.post("/profile/", data)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == ["Expected graduation must be after the program began."]


def test_a_host_cannot_verify_themselves(client, omar):
    data = {
        "name": "Omar",
        "title": "",
        "claims_alumnus": "on",
        "class_year": "2009",
        "alumnus_verified_at": "2026-01-01",
    }
    assert client.post("/profile/", data).status_code == 302
    omar.refresh_from_db()
    assert (omar.claims_alumnus, omar.is_verified_alumnus) == (True, False)


def test_students_have_no_organizations_page(client):
    client.force_login(make_student().user)
    assert client.get("/organizations/").status_code == 403


def test_a_member_is_removed_by_a_colleague_and_by_no_stranger(client, omar):
    priya = make_host("Priya Nair", organization=organization_of(omar))
    membership = priya.user.memberships.get()
    client.force_login(make_host("Lena Brandt").user)
    assert client.post(f"/memberships/{membership.pk}/end/").status_code == 404
    client.force_login(omar.user)
    assert client.post(f"/memberships/{membership.pk}/end/").status_code == 302
    assert priya.user.memberships.count() == 0


def test_what_hangs_on_a_profile_is_not_to_be_guessed_by_a_filter(client):
    client.force_login(make_staff(Role.ADVISER))
    assert client.get("/admin/accounts/studentprofile/?level=graduate").status_code == 200
    assert client.get("/admin/accounts/studentprofile/?declaration__isnull=False").status_code == 400
    assert client.get("/admin/accounts/studentprofile/?authorization_records__isnull=False").status_code == 400


def test_an_address_is_not_changed_by_staff(client):
    root, ines = make_user(is_superuser=True, is_staff=True), make_staff(Role.INTERNATIONAL_ADVISER)
    client.force_login(root)
    data = {"email": root.email, "name": "Ines", "is_active": "on", "roles_held": ["moderator"]}
    assert client.post(f"/admin/accounts/user/{ines.pk}/change/", data).status_code == 302
    changed = User.objects.get(pk=ines.pk)
    assert (changed.email, changed.name) == (ines.email, "Ines")
    assert changed.staff_role_names == {"moderator", "international_adviser"}
