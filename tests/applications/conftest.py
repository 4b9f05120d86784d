import pytest


@pytest.fixture(autouse=True)
def uploads_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path
