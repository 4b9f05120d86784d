import pytest
import time_machine

from tests.placements.making import FIRST_DAY


@pytest.fixture(autouse=True)
def uploads_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def on_the_first_day():
    with time_machine.travel(FIRST_DAY, tick=False) as clock:
        yield clock
