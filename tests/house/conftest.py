import logging

import pytest
from django.template import Template

from tests.house.world import World


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = settings.MAILBOX_DIR = tmp_path
    # What is asked for here are answers, by the thousand: Django would copy each template's context beside them.
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
    return World()


@pytest.fixture
def quiet():
    """Most answers are refusals, and each would be written down with its traceback."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
