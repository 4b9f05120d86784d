"""What was promised when an application was sent is kept, and a better promise means everybody."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from applications import actions, reminders, waiting
from applications.models import Application
from applications.timeline import Steps
from notifications.mail import MAILS
from postings.models import Posting
from tests.applications.making import host_of, make_application, make_draft
from tests.applications.test_waiting import at, planned, silent
from tests.factories import NOW, make_posting

pytestmark = pytest.mark.django_db

# Promised when it was sent, promised now, and what counts.
KEPT = [(5, 10, 5), (10, 5, 5), (5, None, 5), (None, 5, 5), (10, 10, 10), (None, None, None)]


def sent_under(promise, now_promised):
    application = make_application(make_posting(answer_within=promise))
    return promised_now(application, now_promised)


def promised_now(application, days):
    Posting.objects.filter(pk=application.posting_id).update(answer_within=days)
    return waiting.with_since(Application.objects.with_people()).get(pk=application.pk)


@pytest.mark.parametrize(("before", "after", "counts"), KEPT)
def test_the_sooner_of_the_two_counts_everywhere(before, after, counts):
    application = sent_under(before, after)
    assert application.answer_within == counts
    assert waiting.waiting().get().promise == counts
    with time_machine.travel(at(4), tick=False):
        wait = waiting.wait(application, Steps(at(4)).calendar, at(4))
        step = Steps(at(4)).next(application)
    assert (wait.days, wait.promised) == (2, counts)
    days = {5: "March 9, 2026", 10: "March 16, 2026"}
    assert step.by_when == (f"answer promised by {days[counts]}" if counts else "")
    nudges = {5: ["Thu 05 14:00", "Mon 09 13:00"], 10: ["Thu 12 13:00", "Mon 16 13:00"], None: []}
    assert [due for _, due in planned()] == nudges[counts]
    silent_from = {5: 10, 10: 17, None: 24}[counts]
    assert (silent(at(silent_from) - dt.timedelta(days=1)), silent(at(silent_from))) == ([], [application.pk])


def test_each_applicant_has_their_own(client):
    first = sent_under(5, 10)
    second = make_application(first.posting, now=NOW)
    assert (first.answer_within, second.promised_days) == (5, 10)
    host, nudge = host_of(first), MAILS["applicants.waiting"]
    with time_machine.travel(at(9), tick=False):
        letter = nudge.render(first.posting_id, host, "2026-03-09")
        client.force_login(host)
        page = client.get(f"/host/postings/{first.posting_id}/applications/").content.decode()
    assert "promised those who applied an answer within 5 business days" in letter.text
    assert "1 applicant has waited 5 business days or more." in letter.text
    assert ["Waiting 5 of 5 business days" in page, "Waiting 5 of 10 business days" in page] == [True, True]
    with time_machine.travel(at(12), tick=False):
        letter = nudge.render(first.posting_id, host, "2026-03-12")
    assert "an answer within 5 or 10 business days" in letter.text
    assert "1 applicant has waited 5 or 10 business days or more, the longest 8." in letter.text


def test_the_promise_is_copied_when_it_is_sent_and_anew_when_it_is_sent_again():
    draft = make_draft(make_posting(answer_within=5))
    student = draft.student.user
    assert draft.promised_days is None
    sent = actions.submit(draft, by=student, now=NOW)
    assert sent.promised_days == 5
    withdrawn = actions.withdraw(sent, by=student, now=NOW)
    promised_now(withdrawn, 15)
    again = actions.start_again(withdrawn, by=student, now=NOW)
    assert again.promised_days is None
    again = Application.objects.get(pk=actions.submit(again, by=student, now=NOW).pk)
    assert again.promised_days == 15


def test_a_draft_holds_no_promise():
    draft = make_draft(make_posting(answer_within=5))
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=draft.pk).update(promised_days=5)
    actions.submit(draft, by=draft.student.user, now=NOW)
    assert list(reminders.plan_nudges(NOW, NOW + dt.timedelta(days=4)))
