import logging
import pickle
import shutil
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.template import Template
from django.test import override_settings

from tests.conftest import copy_out
from tests.house.world import World


@dataclass(frozen=True)
class Made:
    """The world as it was made once for this process: itself, the tables that it changed, and its files."""

    itself: bytes
    rows: dict[str, str]
    guarded: list[str]  # those among these tables that have triggers of ours
    files: Path

    def lay_out(self) -> World:
        """A copy, in tables as the migrations left them, in a fiftieth of the time that it takes to make one."""
        with transaction.atomic(), connection.cursor() as cursor:
            # Rows come in no order: what one asks of another was asked when it was made.
            for table in self.guarded:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            for table, text in self.rows.items():
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  our own
                cursor.copy_expert(f'COPY "{table}" FROM STDIN', StringIO(text))
            connection.check_constraints()
            for table in self.guarded:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        return pickle.loads(self.itself)  # noqa: S301  our own


@pytest.fixture(scope="session")
def made(django_db_setup, django_db_blocker, tmp_path_factory):
    files = tmp_path_factory.mktemp("world")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files, MAILBOX_DIR=files), transaction.atomic():
        before = rows_of_all_tables()
        world = World()
        connection.check_constraints()
        rows = {table: text for table, text in rows_of_all_tables().items() if text != before[table]}
        guarded = [table for table in tables_with_triggers() if table in rows]
        transaction.set_rollback(True)
    return Made(pickle.dumps(world), rows, guarded, files)


def rows_of_all_tables() -> dict[str, str]:
    return {table: copy_out(table) for table in connection.introspection.django_table_names(only_existing=True)}


def tables_with_triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return [table for (table,) in cursor.fetchall()]


@pytest.fixture
def world(made, db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = settings.MAILBOX_DIR = tmp_path
    shutil.copytree(made.files, tmp_path, dirs_exist_ok=True)
    # What is asked for here are answers, by the thousand: Django would copy each template's context beside them.
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
    return made.lay_out()


@pytest.fixture
def quiet():
    """Most answers are refusals, and each would be written down with its traceback."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
