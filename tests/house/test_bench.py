"""The bench runs and says what it promises to say; what it measures is no concern of a test."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from bench.management.commands.load_bench import Command
from postings.models import Posting
from tests.factories import make_user

PAGES = ["floor", "newest", "newest-again", "filters", "rare", "common", "posting"]
COLUMNS = {"page", "size", "median_ms", "p95_ms", "rps", "queries", "bytes", "ratio"}
NAME = f"bench_{os.getpid()}"


@pytest.fixture
def empty_database(db):
    """A copy of the migrated one, on the same server."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{NAME}" TEMPLATE "{connection.settings_dict["TEST"]["TEMPLATE"]}"')
    yield parts._replace(path=f"/{NAME}").geturl()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{NAME}"')


def test_the_bench_writes_a_row_for_each_page(empty_database, tmp_path):
    file = tmp_path / "rows.json"
    script = Path(settings.BASE_DIR) / "bench" / "search.py"
    short = ["--sizes", "100", "--requests", "3", "--workers", "1", "--json", file]
    command = [sys.executable, script, *short, "--database", empty_database, "--redis", settings.REDIS_URL]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  ours
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(file.read_text())
    assert [row["page"] for row in rows] == PAGES
    assert all(row.keys() >= COLUMNS and row["size"] == 100 for row in rows)


@pytest.mark.django_db
def test_the_bench_fills_no_database_that_people_use():
    make_user()
    with pytest.raises(CommandError, match=r"^There are people in this database; the bench fills an empty one\.$"):
        Command().handle(size=100)
    assert Posting.objects.count() == 0
