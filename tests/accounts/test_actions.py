from io import StringIO

import pytest
from django.core.management import call_command

from accounts import actions
from accounts.models import Host, Membership, Organization, User
from accounts.roles import Role
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.factories import NOW, make_host, make_organization, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db


def mails(**fields):
    return sorted(OutboxMail.objects.filter(**fields).values_list("kind", "recipient__email"))


def test_whoever_founds_an_organization_belongs_to_it():
    user = make_user()
    organization = actions.found_organization(Organization(name="Fenwick Labs"), by=user, now=NOW)
    assert list(organization.memberships.values_list("user", "since")) == [(user.pk, NOW)]
    assert organization.created_by == user


def test_an_invitation_is_answered_once():
    host, guest = make_host(), make_host()
    organization = host.user.memberships.get().organization
    invitation = actions.invite(organization, email=guest.user.email.upper(), by=host.user, now=NOW)
    assert mails() == [("organization.invitation", guest.user.email)]
    membership = actions.accept_invitation(invitation, by=guest.user, now=NOW)
    assert (membership.organization, membership.added_by) == (organization, host.user)
    with pytest.raises(MoveRefused, match="no longer open"):
        actions.accept_invitation(invitation, by=guest.user, now=NOW)
    with pytest.raises(MoveRefused, match="no longer open"):
        actions.withdraw_invitation(invitation, by=host.user, now=NOW)


def test_an_invitation_stands_once_and_not_for_members():
    host = make_host()
    organization = host.user.memberships.get().organization
    actions.invite(organization, email="new@example.org", by=host.user)
    with pytest.raises(MoveRefused, match="an open invitation already"):
        actions.invite(organization, email="New@example.org", by=host.user)
    with pytest.raises(MoveRefused, match="a member of"):
        actions.invite(organization, email=host.user.email, by=host.user)


def test_a_withdrawn_invitation_opens_no_door():
    host, guest = make_host(), make_host()
    invitation = actions.invite(make_organization(by=host.user), email=guest.user.email, by=host.user)
    actions.withdraw_invitation(invitation, by=host.user)
    with pytest.raises(MoveRefused):
        actions.accept_invitation(invitation, by=guest.user)
    assert Membership.objects.filter(user=guest.user).count() == 1


def test_a_verification_is_given_and_taken_back_with_a_trace():
    host, mo = make_host(), make_staff(Role.MODERATOR)
    actions.verify_alumnus(host, by=mo, note="Registrar's list", now=NOW)
    host = Host.objects.get(pk=host.pk)
    assert (host.is_verified_alumnus, host.alumnus_verified_by, host.alumnus_note) == (True, mo, "Registrar's list")
    assert mails() == [("host.alumnus_verified", host.user.email)]
    with pytest.raises(MoveRefused, match="verified already"):
        actions.verify_alumnus(host, by=mo, note="Again")
    actions.take_back_verification(host, by=mo, note="A mix-up of names", now=NOW)
    host = Host.objects.get(pk=host.pk)
    assert host.is_verified_alumnus is False
    assert list(host.events.values_list("verified", "note", "by")) == [
        (True, "Registrar's list", mo.pk),
        (False, "A mix-up of names", mo.pk),
    ]


def test_the_admins_door_follows_the_roles_and_rows_stay():
    user, admin = make_user(), make_user()
    user = actions.set_staff_roles(user, roles=[Role.MODERATOR, Role.ADVISER], by=admin, now=NOW)
    assert (user.is_staff, user.staff_role_names) == (True, {"moderator", "adviser"})
    user = actions.set_staff_roles(user, roles=[], by=admin, now=NOW)
    assert (user.is_staff, user.staff_role_names) == (False, frozenset())
    assert set(user.staff_roles.values_list("role", "granted_by", "revoked_by")) == {
        ("adviser", admin.pk, admin.pk),
        ("moderator", admin.pk, admin.pk),
    }


def test_the_role_that_opens_immigration_data_is_not_given_or_taken_in_the_admin():
    root, ines = make_user(is_superuser=True), make_staff(Role.INTERNATIONAL_ADVISER)
    with pytest.raises(MoveRefused, match="set_roles"):
        actions.set_staff_roles(root, roles=[Role.INTERNATIONAL_ADVISER], by=root)
    with pytest.raises(MoveRefused, match="set_roles"):
        actions.set_staff_roles(ines, roles=[], by=root)
    call_command("set_roles", root.email, "international_adviser", verbosity=0, stdout=StringIO())
    assert User.objects.get(pk=root.pk).staff_role_names == {"international_adviser"}


def test_a_student_joins_no_organization():
    host, student = make_host(), make_student()
    invitation = actions.invite(host.user.memberships.get().organization, email=student.user.email, by=host.user)
    with pytest.raises(MoveRefused, match="Only hosts"):
        actions.accept_invitation(invitation, by=student.user)


def test_members_leave_and_let_go_but_not_the_last():
    omar, lena = make_host(), make_host()
    organization = omar.user.memberships.get().organization
    priya = make_host(organization=organization)
    with pytest.raises(MoveRefused, match="Only members"):
        actions.end_membership(priya.user.memberships.get(), by=lena.user)
    actions.end_membership(priya.user.memberships.get(), by=omar.user)
    assert priya.user.memberships.count() == 0
    with pytest.raises(MoveRefused, match="the last member"):
        actions.end_membership(omar.user.memberships.get(), by=omar.user)


def test_a_suspended_organization_invites_nobody():
    host = make_host()
    organization = host.user.memberships.get().organization
    organization.suspended_at, organization.suspended_by, organization.suspended_reason = NOW, make_user(), "Fraud"
    organization.save()
    with pytest.raises(MoveRefused, match="is suspended"):
        actions.invite(organization, email="new@example.org", by=host.user)
