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


@pytest.fixture
def bench(empty_database, tmp_path):
    def run(script, *options):
        file, path = tmp_path / "measured.json", Path(settings.BASE_DIR) / "bench" / script
        command = [sys.executable, path, *options, "--json", file]
        command += ["--database", empty_database, "--redis", settings.REDIS_URL]
        done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603  ours
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(file.read_text())

    return run


def test_the_bench_writes_a_row_for_each_page(bench):
    rows = bench("search.py", "--sizes", "100", "--requests", "3", "--workers", "1")
    assert [row["page"] for row in rows] == PAGES
    assert all(row.keys() >= COLUMNS and row["size"] == 100 for row in rows)


def test_the_bench_of_reminders_sends_each_once_and_the_same_again_bare(bench):
    figures = bench("reminders.py", "--offers", "120", "--due", "40", "--workers", "2")
    assert figures.keys() >= {"mails_per_s", "bare_per_s", "ratio", "workers"}
    assert (figures["offers"], figures["mails"], figures["workers"]) == (120, 40, 2)
    assert 0 < figures["ratio"] == pytest.approx(figures["mails_per_s"] / 2 / figures["bare_per_s"], abs=0.01)


@pytest.mark.django_db
def test_the_bench_fills_no_database_that_people_use():
    make_user()
    with pytest.raises(CommandError, match=r"^There are people in this database; the bench fills an empty one\.$"):
        Command().handle(size=100)
    assert Posting.objects.count() == 0
