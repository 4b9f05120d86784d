"""What leaves by mail, and what other staff read of it, depends on nothing in a record."""

import datetime as dt
from itertools import product

import pytest
from django.urls import reverse

from accounts.roles import Role
from authorization import actions, emails
from authorization.rules import World, standing, version, versions
from authorization.workflow import Needs, RouteKind, Status
from notifications.mail import MAILS
from notifications.models import OutboxMail
from tests.factories import make_staff, make_student, make_user

from .conftest import END, NOW, START

OUTBOX = "admin:notifications_outboxmail_changelist"
# At the offer there is no record yet: see test_reminders.
KINDS = sorted(kind for kind in MAILS if kind.startswith("item.") and kind != "item.offered")
WHEN_SENT = {
    "item.changed": set(Status),
    "item.waiting": {Status.NOT_STARTED, Status.ADVISED},
    "item.stuck": {Status.NOT_STARTED, Status.ADVISED, Status.FILED, Status.DENIED},
    "item.date": {Status.APPROVED, Status.NOT_NEEDED},
    "item.moved": {Status.APPROVED},
}


def fresh_version(kind, record):
    if kind == "item.date":
        return version(record.pk, START, END)
    if kind == "item.moved":
        return emails.moved_version(record)
    one = standing(record, World.load())
    return {"item.waiting": versions(one)[1], "item.stuck": emails.stuck_version(one), "item.changed": "1"}[kind]


@pytest.fixture
def records(open_record):
    """One of every route in every status, each of a student of another name."""
    made = []
    for number, (route, status) in enumerate(product(["", *RouteKind], Status)):
        needs = Needs.YES if route not in ("", RouteKind.NONE) else Needs.UNSAID
        student = make_student(f"Student Number{number:03}")
        made.append(open_record(status, student=student, needs=needs, route=route if needs == Needs.YES else ""))
    # One more, whose work has moved away from what was approved; the rest are covered, or wait.
    student = make_student("Student Number999")
    record = open_record(Status.APPROVED, student=student)
    made.append(actions.move_dates(record, starts=START, ends=END + dt.timedelta(days=1), by=student.user, now=NOW))
    return made


def test_every_mail_reads_the_same_whatever_the_route_and_the_status(records):
    letters, sent = set(), {kind: set() for kind in KINDS}
    for kind, record in product(KINDS, records):
        user = record.student.user
        letter = MAILS[kind].render(record.pk, user, fresh_version(kind, record))
        if letter is None:
            continue
        sent[kind].add(record.status)
        parts = (letter.subject, letter.text, letter.html)
        assert [f"/items/{record.pk}/" in part for part in parts] == [False, True, True]
        letters.add(tuple(p.replace(f"/items/{record.pk}/", "LINK").replace(user.name, "NAME") for p in parts))
    assert sent == WHEN_SENT
    assert len(letters) == 1


def kinds_seen(client, person):
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(reverse(OUTBOX))
    page = answer.content.decode()
    return {row.kind for row in answer.context["cl"].result_list}, "item." in page


def test_staff_do_not_see_who_gets_such_mails(client, open_record, sana):
    record = open_record(now=NOW + dt.timedelta(days=30))
    actions.advise(record, by=make_staff(Role.INTERNATIONAL_ADVISER), now=NOW)
    assert {kind for kind in OutboxMail.objects.values_list("kind", flat=True) if kind.startswith("item.")}
    assert kinds_seen(client, make_staff(Role.MODERATOR)) == (set(), False)
    assert kinds_seen(client, make_user(is_staff=True, is_superuser=True)) == (set(), False)
    both = make_staff(Role.MODERATOR)
    both.staff_roles.create(role=Role.INTERNATIONAL_ADVISER)
    assert kinds_seen(client, both) == ({"item.changed", "item.stuck"}, True)
