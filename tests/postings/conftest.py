import pytest

from accounts.roles import Role
from tests.factories import make_host, make_staff, make_student


@pytest.fixture
def mo():
    return make_staff(Role.MODERATOR, "Mo")


@pytest.fixture
def omar():
    return make_host("Omar")


@pytest.fixture
def sana():
    return make_student("Sana Iyer")


@pytest.fixture
def theo():
    return make_student("Theo Marsh")


@pytest.fixture
def moderator():
    return make_staff(Role.MODERATOR)
