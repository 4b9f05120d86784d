"""The tests' own databases: what migrations made is there for every test, also after one that commits."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from postings.models import Stream


def contents():
    return {model: sorted(model.objects.values_list("pk", flat=True)) for model in (Permission, Stream)}


@pytest.fixture(scope="module")
def as_migrated(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return contents()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_test_that_commits_finds_and_leaves_what_migrations_made(as_migrated, time):
    assert contents() == as_migrated
    assert as_migrated[Stream]
    Stream.objects.all().delete()


def test_a_worker_has_a_database_of_its_own(db, worker_id):
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_")
    assert worker_id == "master" or name.endswith(f"_{worker_id}")
