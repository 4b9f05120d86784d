"""Nobody begins and nobody logs hours before an approval covers the day: every way in, by every role, through the
actions, the pages, the admin and the database itself. That each way would work otherwise is shown as well."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.roles import Role
from authorization import actions as authorizing
from core.workflow import MoveRefused
from placements import actions
from placements.models import HoursEntry, Placement
from placements.workflow import BEGUN, Status
from tests.factories import make_host, make_staff, make_student, make_user
from tests.placements.making import (
    DAY,
    END,
    FIRST_DAY,
    START,
    clear,
    file,
    fresh,
    host_of,
    log,
    make_placement,
    record_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_first_day")]

ROLES = (
    *("student", "classmate", "host", "colleague", "stranger"),
    *("adviser", "moderator", "international_adviser", "program_manager", "superuser"),
)
MAY_BEGIN = ("student", "host", "colleague")


def people_around(placement):
    """One of each role, who signs in before anything is attempted: what an attempt leaves is taken back."""
    people = {role: person(role, placement) for role in ROLES}
    for user in people.values():
        user.client = client_of(user)
    return people


def person(role, placement):
    if role == "student":
        return placement.student
    if role == "host":
        return host_of(placement)
    if role == "colleague":
        return make_host(organization=placement.posting.organization).user
    return {
        "classmate": lambda: make_student().user,
        "stranger": lambda: make_host().user,
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
    }.get(role, lambda: make_staff(Role(role)))()


def client_of(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


# Every way in which a student may not be cleared for the first day, from a placement that has just been made.
def nothing_was_done(placement):
    pass


def it_is_filed(placement):
    file(placement)


def it_was_denied(placement):
    authorizing.deny(record_of(placement), by=file(placement))


def the_approval_begins_a_day_late(placement):
    clear(placement, START + DAY, END)


def the_approval_ended_before(placement):
    clear(placement, START - 30 * DAY, START - DAY)


def the_approval_was_taken_back(placement):
    authorizing.revoke(record_of(placement), by=clear(placement), note="Entered by mistake")


def the_approval_was_moved_away(placement):
    ines = clear(placement)
    authorizing.amend(record_of(placement), valid_from=START + DAY, valid_until=END, by=ines)


def it_is_needed_after_all(placement):
    student = placement.offer.application.student
    authorizing.declare(student, needs="no", by=student.user)
    authorizing.declare(student, needs="yes", route="opt", by=student.user)


UNCLEARED = (
    nothing_was_done,
    it_is_filed,
    it_was_denied,
    the_approval_begins_a_day_late,
    the_approval_ended_before,
    the_approval_was_taken_back,
    the_approval_was_moved_away,
    it_is_needed_after_all,
)


# Every way in which somebody might begin the work or write down hours.
def begin_by_action(placement, by):
    actions.begin(placement, by=by)


def begin_by_post(placement, by):
    by.client.post(f"/placements/{placement.pk}/beginning/")


def begin_in_the_admin(placement, by):
    data = {"status": Status.ACTIVE, "began_on": START, "starts_on": START, "ends_on": END}
    by.client.post(f"/admin/placements/placement/{placement.pk}/change/", data)
    for name in ("beginning", "begin", "completion", "ending"):
        by.client.post(f"/admin/placements/placement/{placement.pk}/action/{name}/", {"reason": "Try"})


def end_or_complete(placement, by):
    """What only follows on work that has begun."""
    by.client.post(f"/placements/{placement.pk}/deliverable/", {"deliverable": "A report"})
    by.client.post(f"/placements/{placement.pk}/completion/")
    by.client.post(f"/placements/{placement.pk}/ending/", {"reason": "Try"})


def log_by_action(placement, by):
    log(placement, by=by, now=FIRST_DAY)


def log_by_post(placement, by):
    by.client.post(f"/placements/{placement.pk}/hours/", {"day": START, "hours": "2", "note": ""})


def log_in_the_admin(placement, by):
    row = {"hours_entries-TOTAL_FORMS": 1, "hours_entries-INITIAL_FORMS": 0, "hours_entries-0-day": START}
    row |= {"hours_entries-0-quarters": 8, "hours_entries-0-placement": placement.pk}
    by.client.post(f"/admin/placements/placement/{placement.pk}/change/", row)


WAYS = (
    *(begin_by_action, begin_by_post, begin_in_the_admin, end_or_complete),
    *(log_by_action, log_by_post, log_in_the_admin),
)


def attempt(way, placement, by):
    """What it came to, without leaving a trace: whether the work has begun, and how many hours are written down."""
    before = transaction.savepoint()
    with suppress(MoveRefused), transaction.atomic():
        way(placement, by)
    found = standing(placement)
    transaction.savepoint_rollback(before)
    return found


def standing(placement):
    found = Placement.objects.get(pk=placement.pk)
    return found.has_begun or found.status in BEGUN, HoursEntry.objects.filter(placement=placement).count()


@pytest.mark.parametrize("uncleared", UNCLEARED)
def test_no_way_leads_in_before_clearance(uncleared):
    placement = make_placement()
    uncleared(placement)
    people = people_around(placement)
    found = {(role, way.__name__): attempt(way, placement, by) for role, by in people.items() for way in WAYS}
    assert found == {(role, way.__name__): (False, 0) for role in ROLES for way in WAYS}
    assert {role for role, by in people.items() if "_auth_user_id" in by.client.session} == {*ROLES}  # to the last way


@pytest.mark.parametrize("way", [begin_by_action, begin_by_post])
def test_once_cleared_student_and_hosts_begin_and_nobody_else(way):
    placement = make_placement(Status.READY)
    found = {role: attempt(way, placement, by) for role, by in people_around(placement).items()}
    assert found == {role: (role in MAY_BEGIN, 0) for role in ROLES}


@pytest.mark.parametrize("way", [log_by_action, log_by_post, log_in_the_admin])
def test_once_begun_the_student_logs_hours_and_nobody_else(way):
    placement = make_placement(Status.ACTIVE)
    found = {role: attempt(way, placement, by) for role, by in people_around(placement).items()}
    may = {"student"} if way is not log_in_the_admin else set()
    assert found == {role: (True, int(role in may)) for role in ROLES}


BEGINNINGS = {
    "active": "UPDATE placements_placement SET status = 'active', status_by_id = %(by)s, began_on = %(day)s",
    "completed": "UPDATE placements_placement SET status = 'completed', status_by_id = %(by)s, began_on = %(day)s, "
    "deliverable = 'x'",
    "ended early": "UPDATE placements_placement SET status = 'ended_early', status_by_id = %(by)s, began_on = %(day)s",
    "without a day": "UPDATE placements_placement SET status = 'active', status_by_id = %(by)s",
    "a day alone": "UPDATE placements_placement SET began_on = %(day)s",
    "moved and begun": "UPDATE placements_placement SET status = 'active', status_by_id = %(by)s, "
    "starts_on = %(day)s - 40, began_on = %(day)s - 40",
    "another row": "WITH moved AS (DELETE FROM placements_placement WHERE id = %(pk)s RETURNING offer_id) "
    "INSERT INTO placements_placement (offer_id, status, status_at, status_by_id, made_at, starts_on, "
    "ends_on, began_on, deliverable) SELECT offer_id, 'active', now(), %(by)s, now(), %(day)s, %(day)s, %(day)s, '' "
    "FROM moved",
}


def run(sql, placement, **values):
    """The statement as somebody with a console would write it; whether the database took it."""
    if sql.startswith("UPDATE"):
        sql += " WHERE id = %(pk)s"
    else:
        placement.events.all().delete()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, {"pk": placement.pk, "by": placement.student.pk, "day": START, **values})
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize("uncleared", UNCLEARED)
def test_neither_the_database_nor_a_page_lets_in_what_is_not_cleared(uncleared):
    placement = make_placement()
    uncleared(placement)
    begun = {name: run(sql, placement) for name, sql in BEGINNINGS.items() if name != "another row"}
    assert begun == dict.fromkeys(begun, False)
    assert taken(placement, entry(placement)) is False
    assert standing(placement) == (False, 0)
    for by in (placement.student, host_of(placement)):
        page = client_of(by).get(placement.get_absolute_url())
        html = page.content.decode()
        assert (page.context["may_begin"], "/beginning/" in html, "/hours/" in html) == (False, False, False)


@pytest.mark.parametrize(("name", "taken"), [("active", True), ("completed", True), ("without a day", False)])
def test_the_database_takes_what_is_cleared(name, taken):
    placement = make_placement(Status.READY)
    assert run(BEGINNINGS[name], placement) is taken


def test_the_database_takes_no_new_row_that_has_begun_uncleared():
    assert run(BEGINNINGS["another row"], make_placement()) is False
    assert run(BEGINNINGS["another row"], make_placement(Status.READY)) is True


def test_a_closed_record_begins_nothing():
    placement = make_placement(Status.READY)
    authorizing.close_record(record_of(placement), by=make_staff())
    assert run(BEGINNINGS["active"], placement) is False
    assert attempt(begin_by_action, placement, placement.student) == (False, 0)


def entry(placement, day=START, **values):
    fields = {"quarters": 8, "logged_by": placement.student, "logged_at": FIRST_DAY} | values
    return HoursEntry(placement=placement, day=day, **fields)


def taken(placement, *entries):
    try:
        with transaction.atomic():
            HoursEntry.objects.bulk_create(entries)
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.READY, False),
        (Status.ACTIVE, True),
        (Status.DELIVERABLE_SUBMITTED, True),
        (Status.COMPLETED, False),
        (Status.ENDED_EARLY, False),
    ],
)
def test_the_database_takes_hours_of_work_under_way_alone(status, expected):
    placement = make_placement(status)
    assert taken(placement, entry(placement)) is expected


def test_an_entry_is_not_moved_to_a_day_that_is_not_cleared():
    placement = make_placement()
    ines = clear(placement)
    actions.begin(placement, by=placement.student)
    log(placement)
    authorizing.amend(record_of(placement), valid_from=START, valid_until=START + 7 * DAY, by=ines)
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursEntry.objects.update(day=START + 8 * DAY)
    assert HoursEntry.objects.update(day=START + 7 * DAY) == 1


@pytest.mark.parametrize("offset", [-1, 0, 7, 8])
def test_hours_keep_to_the_approved_dates(offset):
    placement = make_placement()
    clear(placement, START, START + 7 * DAY)
    actions.begin(placement, by=placement.student)
    day = START + offset * DAY
    inside = 0 <= offset <= 7
    assert taken(placement, entry(placement, day)) is inside
    HoursEntry.objects.all().delete()
    try:
        log(placement, day, now=FIRST_DAY + 20 * DAY)
    except MoveRefused:
        assert not inside
    else:
        assert inside


def test_an_approval_taken_back_stops_further_hours_and_keeps_those_written():
    placement = make_placement()
    ines = clear(placement)
    actions.begin(placement, by=placement.student)
    log(placement)
    authorizing.revoke(record_of(placement), by=ines, note="The course was dropped")
    assert fresh(placement).status == Status.ACTIVE
    with pytest.raises(MoveRefused, match="You are not cleared to work on this day"):
        log(placement, START + DAY)
    assert taken(placement, entry(placement, START + DAY)) is False
    assert HoursEntry.objects.count() == 1
    page = client_of(placement.student).get(fresh(placement).get_absolute_url())
    assert (page.context["form"], b"You are not cleared to begin yet" in page.content) == (None, True)


def test_a_first_day_that_is_moved_before_the_approval_is_refused_by_the_database():
    placement = make_placement(Status.ACTIVE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.filter(pk=placement.pk).update(starts_on=START - DAY)


def test_a_student_who_needs_none_begins_on_the_first_day():
    placement = make_placement(needs="no")
    assert placement.status == Status.READY
    actions.begin(placement, by=placement.student)
    assert log(fresh(placement), now=FIRST_DAY).hours == Decimal("2.5")
