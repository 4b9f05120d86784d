"""One migrated database to copy, one cache for each worker, and no network."""

import hashlib
import os
from contextlib import suppress
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parent.parent
LOCK = 20_260_701  # any number, the same in every worker


def pytest_configure(config):
    """Each xdist worker has a Redis database of its own: the broker's queues and the cache are not shared."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number:
        parts = urlsplit(settings.REDIS_URL)
        url = parts._replace(path=f"/{int(parts.path.strip('/') or 0) + int(number)}").geturl()
        os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = url
        settings.CACHES["default"]["LOCATION"] = url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Workers copy one migrated database instead of migrating each."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()


def migrated_template():
    """Named by what it was made from, so that the next run on the same server finds it."""
    prefix = f"template_{connection.settings_dict['NAME']}_"
    name = prefix + fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        known = {row[0] for row in cursor.fetchall()}
        if name not in known:
            migrate_into(f"{name}_unfinished")
            cursor.execute(f'ALTER DATABASE "{name}_unfinished" RENAME TO "{name}"')
        for old in known - {name, f"{name}_unfinished"}:
            with suppress(Error):  # in use by a run of another checkout
                cursor.execute(f'DROP DATABASE "{old}"')
    return name


def fingerprint():
    sources = [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def migrate_into(name):
    original, test_settings = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    wanted = test_settings["NAME"]
    test_settings["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = original
        test_settings["NAME"] = wanted


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test that commits, the rows that migrations made are put back: Django would leave the tables empty."""
    with django_db_blocker.unblock():
        tables = connection.introspection.django_table_names(only_existing=True)
        rows = {table: copy_out(table) for table in tables}

    def restore(self):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
            for table, text in rows.items():
                if text:
                    cursor.copy_expert(f'COPY "{table}" FROM STDIN', StringIO(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield


def copy_out(table):
    text = StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" TO STDOUT', text)
    return text.getvalue()


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Rate limits count in the cache: what one test or an earlier run has used up is no concern of the next."""
    cache.clear()
