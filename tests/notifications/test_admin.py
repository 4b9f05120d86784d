"""Staff see what became of every mail, change nothing, and can send again what was given up."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.workflow import MoveRefused
from notifications.actions import send_again
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.workflow import State
from tests.factories import make_staff

from .conftest import NOW

LIST = "admin:notifications_outboxmail_changelist"


@pytest.fixture
def mo(db):
    return make_staff(Role.MODERATOR, "Mo Adeyemi")


@pytest.fixture
def outbox(declare, sana, post_office, clock):
    """One mail in each of a few states, as delivering them left it."""
    mail = declare(must_arrive=True)
    mail.queue(to=sana, subject_id=1, now=NOW)
    drain(clock=clock)
    post_office.rcpt_answers[sana.email] = "550 5.1.1 No such person"
    mail.queue(to=sana, subject_id=2, now=NOW)
    drain(clock=clock)
    mail.queue(to=sana, subject_id=3, due=NOW + dt.timedelta(days=1), now=NOW)
    post_office.rcpt_answers.clear()
    return {row.subject_id: row for row in OutboxMail.objects.all()}


def test_a_moderator_sees_the_state_of_each_mail(client, mo, outbox):
    client.force_login(mo)
    answer = client.get(reverse(LIST))
    rows = {row.subject_id: row.state for row in answer.context["cl"].result_list}
    assert rows == {1: State.SENT, 2: State.FAILED, 3: State.PENDING}
    assert "550 5.1.1 No such person" in answer.content.decode()


def test_the_list_can_be_held_to_a_state(client, mo, outbox):
    client.force_login(mo)
    answer = client.get(reverse(LIST), {"state__exact": State.FAILED})
    assert [row.subject_id for row in answer.context["cl"].result_list] == [2]


def test_a_mail_is_found_by_its_recipient(client, mo, outbox, sana):
    client.force_login(mo)
    found = {
        address: len(client.get(reverse(LIST), {"q": address}).context["cl"].result_list)
        for address in (sana.email, "nobody@example.org")
    }
    assert found == {sana.email: 3, "nobody@example.org": 0}


def test_nothing_can_be_changed_added_or_deleted(client, mo, outbox):
    client.force_login(mo)
    row = outbox[2]
    change = reverse("admin:notifications_outboxmail_change", args=[row.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"state": State.SENT}).status_code == 403
    assert client.get(reverse("admin:notifications_outboxmail_add")).status_code == 403
    assert client.post(reverse("admin:notifications_outboxmail_delete", args=[row.pk])).status_code == 403
    assert OutboxMail.objects.get(pk=row.pk).state == State.FAILED


def test_what_was_given_up_is_sent_again_and_the_rest_is_left(client, mo, outbox, post_office, clock):
    client.force_login(mo)
    chosen = [row.pk for row in outbox.values()]
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": chosen})
    assert dict(OutboxMail.objects.values_list("subject_id", "state")) == {
        1: State.SENT,
        2: State.PENDING,
        3: State.PENDING,
    }
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(outbox[2].pk)]
    clock.now = OutboxMail.objects.get(subject_id=2).next_try
    drain(clock=clock)
    assert OutboxMail.objects.get(subject_id=2).state == State.SENT


def test_a_mail_past_its_expiry_is_not_sent_even_again(declare, sana, mo, post_office, clock):
    declare(must_arrive=True).queue(to=sana, subject_id=1, expires=NOW + dt.timedelta(hours=1), now=NOW)
    OutboxMail.objects.update(state=State.DEAD, last_error="452 4.2.2 Mailbox full")
    send_again(OutboxMail.objects.get(), by=mo, now=NOW)
    clock.forward(hours=1)
    drain(clock=clock)
    assert (OutboxMail.objects.get().state, post_office.mails) == (State.EXPIRED, [])


@pytest.mark.parametrize("role", [Role.ADVISER, Role.PROGRAM_MANAGER])
def test_other_staff_neither_see_the_outbox_nor_send_again(client, outbox, role):
    other = make_staff(role)
    client.force_login(other)
    assert client.get(reverse(LIST)).status_code == 403
    with pytest.raises(MoveRefused):
        send_again(outbox[2], by=other, now=NOW)
    assert OutboxMail.objects.get(subject_id=2).state == State.FAILED


@pytest.mark.parametrize("state", [State.PENDING, State.SENT, State.SUPERSEDED, State.EXPIRED])
def test_only_what_was_given_up_can_be_sent_again(declare, sana, mo, state):
    declare().queue(to=sana, subject_id=1, now=NOW)
    OutboxMail.objects.update(state=state, sent_at=NOW if state == State.SENT else None)
    with pytest.raises(MoveRefused):
        send_again(OutboxMail.objects.get(), by=mo, now=NOW)


def test_the_list_asks_no_more_questions_for_more_mails(client, mo, outbox, sana, declare):
    client.force_login(mo)
    mail = declare("test.more")
    counts = []
    for more in (1, 40):
        for number in range(more):
            mail.queue(to=sana, subject_id=100 * more + number, now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse(LIST))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_restricted_mail_is_neither_seen_nor_sent_again_by_others(client, declare, mo, sana):
    declare("test.open").queue(to=sana, subject_id=1, now=NOW)
    declare("test.restricted", restricted_to="campus.view_term").queue(to=sana, subject_id=2, now=NOW)
    declare("test.secret", restricted_to="secret.view_thing").queue(to=sana, subject_id=3, now=NOW)
    OutboxMail.objects.update(state=State.DEAD, last_error="452 4.2.2 Mailbox full")
    client.force_login(mo)
    answer = client.get(reverse(LIST))
    assert {row.kind for row in answer.context["cl"].result_list} == {"test.open", "test.restricted"}
    assert "test.secret" not in answer.content.decode()  # nor among the filters
    hidden = OutboxMail.objects.get(kind="test.secret")
    assert client.get(reverse("admin:notifications_outboxmail_change", args=[hidden.pk])).status_code == 302
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": [hidden.pk]})
    with pytest.raises(MoveRefused):
        send_again(hidden, by=mo, now=NOW)
    hidden.refresh_from_db()
    assert hidden.state == State.DEAD


def test_who_may_read_restricted_mails_looks_after_them_alone(client, declare, mo, sana, post_office, clock):
    """Those that failed are hers to send again; all others are told how many there are."""
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    for number, restricted_to in enumerate(("", "campus.change_programsettings", "authorization.view_route")):
        declare(f"test.mail{number}", restricted_to=restricted_to).queue(to=sana, subject_id=number, now=NOW)
    OutboxMail.objects.update(state=State.DEAD, last_error="452 4.2.2 Mailbox full")
    rows = {row.subject_id: row for row in OutboxMail.objects.all()}
    listed, waits = {}, {}
    for person in (mo, ines):
        client.force_login(person)
        answer = client.get(reverse(LIST), {"state__in": "failed,dead"})
        listed[person] = {row.subject_id for row in answer.context["cl"].result_list}
        waits[person] = "1 more mail did not arrive" in answer.content.decode()
        url = reverse(LIST) + "?state__in=failed,dead"
        number = len(listed[person])
        link = f'<a href="{url}">Mails that did not arrive</a></th><td class="front__number">{number}<'
        assert link in client.get("/admin/").content.decode()
    assert listed == {mo: {0, 1}, ines: {2}}
    assert waits == {mo: True, ines: False}
    queue = client.get("/admin/authorization/authorizationrecord/").content.decode()
    assert "Mails about records that did not arrive</a>: 1." in queue
    change = reverse("admin:notifications_outboxmail_change", args=[rows[0].pk])
    assert client.get(change).status_code == 302
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": [row.pk for row in rows.values()]})
    for row in (rows[0], rows[1]):
        with pytest.raises(MoveRefused):
            send_again(row, by=ines, now=NOW)
    states = dict(OutboxMail.objects.values_list("subject_id", "state"))
    assert states == {0: State.DEAD, 1: State.DEAD, 2: State.PENDING}
    clock.now = OutboxMail.objects.get(subject_id=2).next_try
    drain(clock=clock)
    assert OutboxMail.objects.get(subject_id=2).state == State.SENT
    assert "did not arrive" not in client.get("/admin/authorization/authorizationrecord/").content.decode()
