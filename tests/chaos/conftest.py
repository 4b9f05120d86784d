"""A database, a corner of the broker and a mail server for real worker processes, all gone after the test."""

import os
import secrets
import sys
import time
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from .kit import Site


@pytest.fixture
def chaos_database(django_db_setup, django_db_blocker):
    """A copy of the migrated template under a name of its own, in which processes may commit."""
    name = f"chaos_{secrets.token_hex(6)}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["TEST"]["TEMPLATE"]}"')
    yield name
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def site(chaos_database, tmp_path, at_length):
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{chaos_database}").geturl()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "CHAOS_PREFIX": f"{chaos_database}:",
        "PYTHONWARNINGS": "",
    }
    database = psycopg2.connect(url)
    database.autocommit = True
    site = Site(environment, tmp_path, database, seconds=at_length(300, 2400))
    yield site
    site.end()
    database.close()


@pytest.fixture
def tell(request, capsys):
    """One line with what a long story has measured."""
    begun = time.monotonic()

    def line(**figures):
        if request.config.getoption("--long"):
            text = ", ".join(f"{name} {figure:,}" for name, figure in figures.items())
            with capsys.disabled():
                sys.stdout.write(f"\n{request.node.name}: {text}, seconds {time.monotonic() - begun:.0f}\n")

    return line
