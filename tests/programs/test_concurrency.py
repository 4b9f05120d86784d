"""A program that retires while somebody accepts, or gives it a record: one comes first, and the other sees it."""

import threading

import pytest
from django.db import connection, transaction

from core.workflow import MoveRefused
from programs import actions
from programs.models import Program, ProgramRecord
from tests.programs.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def meanwhile(first, second):
    """`second` in another thread, begun before the transaction of `first` ends; what it came to."""
    outcomes = []

    def run():
        try:
            second()
            outcomes.append("done")
        except MoveRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        wait_until_blocked(thread)
    thread.join(20)
    return outcomes


def wait_until_blocked(thread):
    # Not pg_stat_activity, which stays as it was when a transaction first looked.
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
    pytest.fail("The second waited for nobody.")


def test_who_accepts_while_the_program_retires_comes_to_the_career_office(open_record, iberia, mo):
    assert meanwhile(lambda: actions.retire(iberia, by=mo), open_record) == ["done"]
    assert (Program.objects.get(pk=iberia.pk).active, ProgramRecord.objects.get().program) == (False, None)


def test_a_program_does_not_retire_while_somebody_accepts(open_record, iberia, mo):
    assert meanwhile(open_record, lambda: actions.retire(iberia, by=mo)) == ["refused"]
    assert ProgramRecord.objects.get().program == iberia


def test_a_record_is_not_given_to_a_program_that_retires(open_record, iberia, mo):
    record = open_record(country="JP")
    assert meanwhile(lambda: actions.retire(iberia, by=mo), lambda: give(record, iberia, mo)) == ["refused"]
    assert ProgramRecord.objects.get().program is None
    actions.restore(iberia, by=mo)
    assert meanwhile(lambda: give(record, iberia, mo), lambda: actions.retire(iberia, by=mo)) == ["refused"]
    assert ProgramRecord.objects.get().program == iberia


def give(record, program, by):
    actions.assign(record, program=program, by=by, now=NOW)
