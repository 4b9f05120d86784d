import pytest
import time_machine

from tests.factories import NOW, make_student


@pytest.fixture(autouse=True)
def uploads_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def at_noon():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def sana(client):
    student = make_student("Sana Iqbal")
    client.force_login(student.user)
    return student
