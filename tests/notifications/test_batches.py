"""Mails are taken, looked up and announced by the dozen, and each is still sent, closed and answered for by itself."""

import datetime as dt
import email
import re
import smtplib
import socket
import threading
from contextlib import contextmanager

import pytest
from django.core.mail import EmailMultiAlternatives

from notifications import delivery
from notifications.delivery import End, claim, drain, reclaim
from notifications.mail import Attachment, one_of
from notifications.models import OutboxMail
from notifications.smtp import Letter
from notifications.workflow import State

from .conftest import NOW

LEASE = dt.timedelta(seconds=50)
SECOND = dt.timedelta(seconds=1)


def queue(mail, person, count):
    for number in range(count):
        mail.queue(to=person, subject_id=number, now=NOW)


def rows():
    return list(OutboxMail.objects.order_by("pk"))


def test_a_few_are_claimed_at_once_and_the_rest_is_left(notice, sana):
    queue(notice, sana, 5)
    assert [row.subject_id for row in claim(NOW, most=3)] == [0, 1, 2]
    assert [row.state for row in rows()] == [State.CLAIMED] * 3 + [State.PENDING] * 2
    assert [row.subject_id for row in claim(NOW, most=3)] == [3, 4]


def test_what_was_claimed_knows_what_its_row_says(notice, sana):
    queue(notice, sana, 2)
    names = ("state", "attempts", "lease_until", "lease_token")
    assert [[getattr(row, name) for name in names] for row in claim(NOW)] == [
        [getattr(row, name) for name in names] for row in rows()
    ]


def test_a_mail_that_was_in_hand_at_a_kill_takes_no_other_with_it_again(notice, sana):
    queue(notice, sana, 3)
    claim(NOW, most=2)
    reclaim(NOW + LEASE)
    batches = [[row.subject_id for row in claim(NOW + LEASE)] for _ in range(4)]
    assert batches == [[2], [0], [1], []]


def test_the_rest_goes_back_untried_when_told_to_stop(notice, sana, post_office, clock):
    queue(notice, sana, 4)
    assert drain(clock=clock, stop=lambda: len(post_office.mails) == 2) == delivery.Drained(2, End.STOPPED)
    found = [(row.state, row.attempts, row.lease_token) for row in rows()]
    assert [state for state, *_ in found] == [State.SENT] * 2 + [State.PENDING] * 2
    assert found[2:] == [(State.PENDING, 0, None)] * 2


def test_what_was_looked_up_long_ago_is_looked_up_again(declare, notice, sana, post_office, clock):
    """A slow server has taken one mail when the others are no longer wanted, and something urgent came."""
    wanted, asked = [{"number": 1}], []

    def contexts(asks):
        asked.append(len(asks))
        return wanted * len(asks)

    many = declare("test.many", context=one_of(contexts), contexts=contexts)
    queue(many, sana, 3)
    tell = post_office.handle_DATA

    async def slowly(*conversation):
        clock.forward(seconds=3)
        return await tell(*conversation)

    post_office.handle_DATA = slowly
    with delivery.MailServer() as server:
        assert delivery.deliver_some(claim(NOW), server, clock, lambda: False) == (1, False)
    wanted[:] = [None]
    notice.queue(to=sana, subject_id=9, now=NOW)
    drain(clock=clock)
    states = {(row.kind, row.subject_id): row.state for row in rows()}
    assert asked == [3, 2]
    assert [email.message_from_bytes(mail.content)["Subject"] for mail in post_office.mails] == ["Letter 1", "Letter 9"]
    assert states == {
        ("test.many", 0): State.SENT,
        ("test.many", 1): State.SUPERSEDED,
        ("test.many", 2): State.SUPERSEDED,
        ("test.notice", 9): State.SENT,
    }


def test_a_kind_is_looked_up_once_for_many_and_each_gets_its_own(declare, sana, theo, post_office, clock):
    asked = []

    def contexts(asks):
        asked.append([ask.subject_id for ask in asks])
        return [{"number": f"{ask.recipient.name} {ask.subject_id}"} if ask.subject_id else None for ask in asks]

    mail = declare(context=one_of(contexts), contexts=contexts)
    queue(mail, sana, 2)
    mail.queue(to=theo, subject_id=2, now=NOW)
    drain(clock=clock)
    subjects = [email.message_from_bytes(kept.content)["Subject"] for kept in post_office.mails]
    assert (asked, subjects) == ([[0, 1, 2]], ["Letter Sana Rahman 1", "Letter Theo Marsh 2"])
    assert [row.state for row in rows()] == [State.SUPERSEDED, State.SENT, State.SENT]


def test_one_that_cannot_be_looked_up_does_not_hold_up_its_kind(declare, sana, post_office, clock, caplog):
    def contexts(asks):
        return [{"number": 1 / ask.subject_id} for ask in asks]

    queue(declare(context=one_of(contexts), contexts=contexts), sana, 3)
    drain(clock=clock)
    assert [row.state for row in rows()] == [State.PENDING, State.SENT, State.SENT]
    assert [record.levelname for record in caplog.records if record.exc_info] == ["ERROR", "ERROR"]


def test_what_may_be_sent_again_is_not_marked_while_its_lease_is_young(notice, digest, sana):
    queue(notice, sana, 1)
    queue(digest, sana, 1)
    old, young = claim(NOW)
    assert delivery.may_send(old, NOW + 2 * SECOND)
    assert [row.state for row in rows()] == [State.CLAIMED] * 2
    assert delivery.may_send(young, NOW + 2 * SECOND)
    assert [row.state for row in rows()] == [State.CLAIMED, State.SENDING]
    assert delivery.may_send(old, NOW + 3 * SECOND)
    assert [row.state for row in rows()] == [State.SENDING] * 2


@pytest.mark.parametrize("kind", ["notice", "digest"])
def test_nothing_is_sent_under_an_old_lease_that_another_holds(request, sana, kind):
    queue(request.getfixturevalue(kind), sana, 1)
    (mine,) = claim(NOW)
    reclaim(NOW + LEASE)
    claim(NOW + LEASE)
    assert not delivery.may_send(mine, NOW + LEASE)


# On the line


def test_a_line_that_broke_between_two_mails_costs_neither_a_try_nor_a_doubt(
    digest, sana, post_office, clock, monkeypatch
):
    queue(digest, sana, 3)
    take, announce = post_office.handle_DATA, delivery.MailServer.announce

    async def and_hang_up(server, *conversation):
        server.loop.call_later(0.05, server.transport.abort)
        return await take(server, *conversation)

    def when_it_is_gone(server, letter):
        if conversation := server._conversation():
            assert conversation.sock.recv(1, socket.MSG_PEEK) == b""
        announce(server, letter)

    post_office.handle_DATA = and_hang_up
    monkeypatch.setattr(delivery.MailServer, "announce", when_it_is_gone)
    drain(clock=clock)
    assert [(row.state, row.attempts) for row in rows()] == [(State.SENT, 1)] * 3
    assert post_office.sessions == 3


def test_a_digest_whose_recipient_was_never_named_is_not_perhaps_sent(digest, sana, post_office, clock):
    async def hang_up(server, *_):
        server.transport.abort()

    post_office.handle_RCPT = hang_up
    queue(digest, sana, 1)
    drain(clock=clock)
    (row,) = rows()
    assert (row.state, row.last_error) == (State.PENDING, "The mail server hung up.")


def test_a_refused_recipient_leaves_the_line_clear_for_the_next(notice, sana, theo, post_office, clock):
    post_office.rcpt_answers[sana.email] = "550 5.1.1 No such person"
    queue(notice, sana, 2)
    queue(notice, theo, 2)
    drain(clock=clock)
    assert [row.state for row in rows()] == [State.FAILED] * 2 + [State.SENT] * 2
    assert (post_office.recipients, post_office.sessions) == ([theo.email] * 2, 1)


@pytest.fixture
def pipelining(post_office):
    async def handle_EHLO(server, session, envelope, hostname, responses):
        post_office.sessions += 1
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    post_office.handle_EHLO = handle_EHLO
    return post_office


@pytest.fixture
def said(monkeypatch):
    """Each thing that goes over the line in one piece, by its verbs."""
    found, send = [], smtplib.SMTP.send

    def listen(line, piece):
        text = piece if isinstance(piece, str) else piece.decode()
        found.append(re.findall(r"^(EHLO|ehlo|MAIL|RCPT|DATA|rset|Subject|\.(?=\r)|QUIT|quit)", text, re.MULTILINE))
        send(line, piece)

    monkeypatch.setattr(smtplib.SMTP, "send", listen)
    return found


def test_a_server_that_takes_several_commands_at_once_is_waited_for_once_a_mail(notice, sana, pipelining, clock, said):
    queue(notice, sana, 3)
    drain(clock=clock)
    content, names = ["Subject", "."], ["MAIL", "RCPT", "DATA"]
    assert said == [["ehlo"], names, [*content, *names], [*content, *names], content, ["quit"]]
    assert (pipelining.recipients, [row.state for row in rows()]) == ([sana.email] * 3, [State.SENT] * 3)


def test_one_that_is_refused_when_announced_leaves_its_neighbors_alone(notice, sana, theo, pipelining, clock, said):
    pipelining.rcpt_answers[sana.email] = "550 5.1.1 No such person"
    for number, person in enumerate([theo, sana, theo]):
        notice.queue(to=person, subject_id=number, now=NOW)
    drain(clock=clock)
    assert [row.state for row in rows()] == [State.SENT, State.FAILED, State.SENT]
    assert (pipelining.recipients, pipelining.sessions) == ([theo.email] * 2, 1)
    assert [piece for piece in said if "rset" in piece] == [["rset"]]


def test_one_that_was_announced_and_is_late_by_then_is_not_sent(notice, sana, pipelining, clock):
    tell = pipelining.handle_DATA

    async def slowly(*conversation):
        clock.forward(seconds=1)
        return await tell(*conversation)

    pipelining.handle_DATA = slowly
    for number in range(3):
        expires = NOW + SECOND if number == 1 else None
        notice.queue(to=sana, subject_id=number, now=NOW, expires=expires)
    drain(clock=clock)
    assert [row.state for row in rows()] == [State.SENT, State.EXPIRED, State.SENT]
    assert [email.message_from_bytes(kept.content)["Subject"] for kept in pipelining.mails] == ["Letter 0", "Letter 2"]
    assert pipelining.sessions == 2


def test_a_server_that_wants_a_content_for_nobody_is_hung_up_on(notice, sana, theo, no_post_office, clock):
    """It refuses the recipient and asks for the content all the same; on a new line it takes the next."""
    first, second = ["250 ok", "550 no such person", "354 go ahead"], ["250 ok", "250 ok", "354 go ahead", "250 ok"]
    notice.queue(to=sana, subject_id=0, now=NOW)
    notice.queue(to=theo, subject_id=1, now=NOW)
    with scripted([first, second]) as (port, lines):
        no_post_office.EMAIL_PORT = port
        drain(clock=clock)
    assert [row.state for row in rows()] == [State.FAILED, State.SENT]
    assert [sum(line.startswith(b"Subject") for line in heard) for heard in lines] == [0, 1]


@contextmanager
def scripted(conversations):
    """A server that gives these answers to these conversations, one after the other, and keeps what it hears."""
    heard = [[] for _ in conversations]

    def listen(server):
        for lines, answers in zip(heard, conversations, strict=True):
            with server.accept()[0] as line, line.makefile("rwb", buffering=0) as file:
                file.write(b"220 scripted\r\n")
                waits, in_content = iter(answers), False
                for said in file:
                    lines.append(said)
                    if said.startswith(b"ehlo"):
                        file.write(b"250-scripted\r\n250 PIPELINING\r\n")
                    elif not in_content or said == b".\r\n":
                        answer = next(waits, "221 bye")
                        in_content = answer.startswith("354")
                        file.write(answer.encode() + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, args=[server], daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(timeout=10)


LONG = "A subject that is longer than a line of a mail may be, so that it has to be folded somewhere in its middle"


@pytest.mark.parametrize("subject", ["Letter 7", "Café ’s", LONG, "x" * 200])
@pytest.mark.parametrize("file", [None, Attachment("talk.ics", "SUMMARY:Café\r\n", "text/calendar; method=PUBLISH")])
def test_a_letter_reads_as_django_would_have_written_it(subject, file):
    headers = {"Message-ID": "<outbox-7@example.edu>", "Date": "Mon, 02 Mar 2026 15:00:00 -0000"}
    letters = [kind(subject, "Hello\n.\nBye", "jobs@x.example", ["a@x.example"], headers=headers) for kind in KINDS]
    for letter in letters:
        letter.attach_alternative("<p>Hello</p>", "text/html")
        if file:
            letter.attach(file.name, file.content, file.kind)
    ours, theirs = letters[0].sealed().content, letters[1].message().as_bytes(linesep="\r\n")
    assert nameless(ours) == nameless(theirs)


KINDS = (Letter, EmailMultiAlternatives)


def nameless(content):
    for number, part in enumerate(email.message_from_bytes(content).walk()):
        if boundary := part.get_boundary():
            content = content.replace(boundary.encode(), b"boundary %d" % number)
    return content


def test_of_a_slow_server_s_mails_only_those_are_taken_that_stay_fresh(notice, sana, post_office, clock, monkeypatch):
    queue(notice, sana, 60)
    tell, claimed = post_office.handle_DATA, []

    async def slowly(*conversation):
        clock.forward(seconds=1)
        return await tell(*conversation)

    def counted(now, most):
        claimed.append(most)
        return claim(now, most)

    post_office.handle_DATA = slowly
    monkeypatch.setattr(delivery, "claim", counted)
    drain(clock=clock)
    assert (len(post_office.mails), claimed[:3], set(claimed[3:])) == (60, [100, 6, 6], {6})


def test_a_fault_in_closing_one_leaves_no_other_in_hand(notice, sana, post_office, clock, monkeypatch):
    queue(notice, sana, 3)
    monkeypatch.setattr(delivery, "close_sent", lambda row, now: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        drain(clock=clock)
    assert [(row.state, row.attempts) for row in rows()] == [(State.CLAIMED, 1), (State.PENDING, 0), (State.PENDING, 0)]
