import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Permission

from accounts.backends import RoleBackend
from accounts.models import User
from accounts.roles import PERMISSIONS, STAFF_ROLES, Role
from tests.factories import make_host, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db


def test_every_staff_role_has_its_permissions():
    assert set(PERMISSIONS) == set(STAFF_ROLES)


def test_every_permission_of_the_table_exists():
    known = {f"{perm.content_type.app_label}.{perm.codename}" for perm in Permission.objects.select_related()}
    assert set().union(*PERMISSIONS.values()) - known == set()


def test_permissions_follow_from_the_role_alone():
    moderator = make_staff(Role.MODERATOR)
    assert moderator.has_perm("postings.change_posting") is True
    assert moderator.get_all_permissions() == PERMISSIONS[Role.MODERATOR]
    assert make_user().get_all_permissions() == set()
    assert RoleBackend().get_all_permissions(AnonymousUser()) == set()


def test_what_is_not_in_the_table_is_refused_after_one_question(django_assert_num_queries):
    moderator = User.objects.get(pk=make_staff(Role.MODERATOR).pk)
    with django_assert_num_queries(1):
        assert (moderator.has_perm("postings.no_such"), moderator.has_module_perms("nothing")) == (False, False)


def test_a_person_who_is_switched_off_may_nothing():
    moderator = make_staff(Role.MODERATOR)
    moderator.is_active = False
    assert (moderator.has_perm("postings.change_posting"), moderator.roles) == (False, frozenset())


def test_immigration_data_takes_the_role_itself():
    superuser, ines = make_user(is_superuser=True, is_staff=True), make_staff(Role.INTERNATIONAL_ADVISER)
    perms = [
        f"authorization.view_{model._meta.model_name}" for model in apps.get_app_config("authorization").get_models()
    ]
    assert [perm for perm in perms if superuser.has_perm(perm)] == []
    assert superuser.has_module_perms("authorization") is False
    assert superuser.has_perm("postings.view_posting") is True
    assert ines.has_perm("authorization.view_authorizationrecord") is True
    assert ines.has_module_perms("authorization") is True


def test_no_other_role_reaches_immigration_data():
    holders = {role for role, perms in PERMISSIONS.items() if any(perm.startswith("authorization.") for perm in perms)}
    assert holders == {Role.INTERNATIONAL_ADVISER}


def test_what_a_person_is_follows_from_rows():
    assert make_student().user.roles == {"student"}
    assert make_host().user.roles == {"host"}
    assert make_user().roles == frozenset()
