"""One migrated database to copy, one cache for each worker, and no network."""

import gc
import hashlib
import os
from contextlib import suppress
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.dispatch import receiver
from django.test import TransactionTestCase
from hypothesis import settings as steady

ROOT = Path(__file__).resolve().parent.parent
# A busy machine is no failure; and nothing is written beside the code.
steady.register_profile("steady", deadline=None, database=None)
steady.load_profile("steady")
LOCK = 20_260_701  # any number, the same in every worker
LONGEST_FIRST = {"browser": 0, "chaos": 1, "house": 2}


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="stories and races at full size: minutes instead of seconds")


@pytest.fixture
def at_length(request):
    """`at_length(8, 300)`: so many in every run, and so many with --long."""
    return lambda usually, long: long if request.config.getoption("--long") else usually


def pytest_configure(config):
    """Each xdist worker has a Redis database of its own: the broker's queues and the cache are not shared."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes half a second
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number:
        parts = urlsplit(settings.REDIS_URL)
        url = parts._replace(path=f"/{int(parts.path.strip('/') or 0) + int(number)}").geturl()
        os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = url
        settings.CACHES["default"]["LOCATION"] = url


def pytest_xdist_auto_num_workers():
    """Two more than there are cores: the tests of the browser and of killed workers wait more than they compute."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_finish():
    """What is imported by now stays: to look through it for garbage again and again takes an eighth of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The folders of long tests first, so that no worker begins one when the others are done."""
    items.sort(key=lambda item: LONGEST_FIRST.get(item.path.parent.name, len(LONGEST_FIRST)))


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
            # Keys are checked at the commit, so the order does not matter; TRUNCATE would take ten times as long.
            deletions = (f"DELETE FROM {connection.ops.quote_name(table)}" for table in tables)  # noqa: S608  our own
            cursor.execute("; ".join(deletions))
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


@receiver(user_logged_in)
def _second_factor(request, user, **kwargs):
    """`client.force_login` stands for a whole sign-in: staff have shown their second factor, and do not idle."""
    if user.is_staff and "REQUEST_METHOD" not in request.META:  # as there would be in a real sign-in
        from accounts.second_factor import count_as_proved  # models cannot be imported before Django is set up

        count_as_proved(request, user)
        request.session["staff_seen"] = 9_999_999_999


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Rate limits count in the cache: what one test or an earlier run has used up is no concern of the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _nothing_known_of_the_postings():
    """A test that rolls back takes back what the board of this process has read."""
    from postings.finding import forget  # models cannot be imported before Django is set up

    forget()
