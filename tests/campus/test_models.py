import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.template import RequestContext, Template
from django.test import RequestFactory

from campus.calendar import campus_calendar
from campus.context_processors import program
from campus.models import Closure, ProgramSettings, Term

DAY = dt.date(2026, 12, 24)


@pytest.mark.parametrize(
    ("first", "last", "constraint"),
    [
        (DAY, DAY - dt.timedelta(days=1), "closure_ends_after_it_begins"),
        (DAY, DAY.replace(year=2206), "closure_is_not_endless"),
    ],
)
def test_the_database_refuses_a_slip_of_the_pen(db, first, last, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Closure.objects.create(name="Winter closing", first_day=first, last_day=last)


def test_a_closure_is_listed_once_and_may_overlap_others(db):
    Closure.objects.create(name="Winter closing", first_day=DAY, last_day=DAY)
    Closure.objects.create(name="Snow", first_day=DAY, last_day=DAY)
    twin = Closure(name="Snow", first_day=DAY, last_day=DAY)
    with pytest.raises(ValidationError, match="already listed"):
        twin.full_clean()


def test_a_term_ends_after_it_begins(db):
    with pytest.raises(IntegrityError, match="term_ends_after_it_begins"), transaction.atomic():
        Term.objects.create(name="Fall", first_day=DAY, last_day=DAY - dt.timedelta(days=1))


def test_the_calendar_is_read_in_one_query(db, django_assert_num_queries):
    for n in range(3):
        Closure.objects.create(
            name=f"Closure {n}", first_day=DAY + dt.timedelta(days=n), last_day=DAY + dt.timedelta(days=n)
        )
    with django_assert_num_queries(1):
        calendar = campus_calendar()
        assert calendar.closed_by(DAY) == "Closure 0"
        assert calendar.add(DAY - dt.timedelta(days=1), 1) == dt.date(2026, 12, 28)


def test_there_is_one_row_of_settings_and_it_stays(db):
    assert ProgramSettings.objects.count() == 1
    with pytest.raises(IntegrityError, match="program_settings_is_one_row"), transaction.atomic():
        ProgramSettings.objects.create(pk=2)
    with pytest.raises(ValidationError, match="cannot be deleted"):
        ProgramSettings.load().delete()


def test_without_its_row_the_defaults_stand_in(db):
    ProgramSettings.objects.all().delete()
    assert ProgramSettings.load().program_name == "Micro-internships"
    assert not ProgramSettings.objects.exists()


@pytest.mark.parametrize(
    ("address", "is_student"),
    [
        ("sana@student.example.edu", True),
        ("sana@CS.student.EXAMPLE.edu", True),
        ("sana@example.edu", False),
        ("sana@evilstudent.example.edu", False),
        ("sana@student.example.edu.evil.com", False),
    ],
)
def test_student_addresses_are_those_of_the_listed_domains(address, is_student):
    settings = ProgramSettings(student_email_domains=["student.example.edu"])
    assert settings.is_student_address(address) is is_student


def test_domains_are_kept_as_they_are_compared(db):
    settings = ProgramSettings.load()
    settings.student_email_domains = ["Student.Example.EDU"]
    settings.full_clean()
    assert settings.student_email_domains == ["student.example.edu"]


def render(request, source):
    return Template(source).render(RequestContext(request, processors=[program]))


def test_templates_read_the_settings_once_a_request(db, django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(1):
        assert (
            render(request, "{{ program.program_name }} {{ program.office_name }}") == "Micro-internships Career Office"
        )
        assert render(request, "{{ program.program_name }}") == "Micro-internships"


def test_a_page_that_does_not_name_the_program_does_not_ask(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert render(RequestFactory().get("/"), "hello") == "hello"


def test_with_the_database_down_a_page_still_has_a_name(db):
    def down(execute, sql, params, many, context):
        raise OperationalError("gone")

    with connection.execute_wrapper(down):
        assert render(RequestFactory().get("/"), "{{ program.program_name }}") == "Micro-internships"


def test_a_closure_is_named_with_its_days():
    one = Closure(name="Snow", first_day=DAY, last_day=DAY)
    many = Closure(name="Recess", first_day=DAY, last_day=DAY + dt.timedelta(days=2))
    assert [str(one), str(many)] == ["Snow, 2026-12-24", "Recess, 2026-12-24 to 2026-12-26"]
