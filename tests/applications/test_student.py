"""The student's own list, what comes next, and letting other applications go."""

import datetime as dt
from dataclasses import replace

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.models import Application, Offer
from applications.timeline import Group, Steps, with_steps
from applications.workflow import ApplicationStatus, OfferStatus
from campus.models import Closure
from notifications.models import OutboxMail
from postings.models import ANSWER_DAYS, Posting
from tests.applications.making import (
    TERMS,
    host_of,
    make_application,
    make_draft,
    make_interview,
    make_offer,
    pick,
    student_of,
)
from tests.applications.test_workflow import REACH
from tests.factories import NOW, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

A = ApplicationStatus
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def sana(client):
    student = make_student("Sana Iyer")
    client.force_login(student.user)
    return student


def step(application, now=NOW):
    return Steps(now).next(with_steps(Application.objects.all(), now).get(pk=application.pk))


def said(application, now=NOW):
    found = step(application, now)
    return found.text, found.by_when


DEADLINE = "until Monday, March 9, 2026, 23:59 New York time (EDT)"
EXPECTED = {
    A.DRAFT: ("Finish and send it", "", Group.NEEDS_YOU),
    A.SUBMITTED: ("The host reads your application", "", Group.WAITING),
    A.IN_REVIEW: ("The host decides how to go on", "", Group.WAITING),
    A.INTERVIEW: ("Your interview", "Tuesday, March 3, 2026, 10:00 a.m. New York time (EST)", Group.WAITING),
    A.OFFERED: ("Decide on the offer", DEADLINE, Group.NEEDS_YOU),
    A.ACCEPTED: ("Your first day", "May 4, 2026", Group.ACCEPTED),
    A.OFFER_EXPIRED: ("If you meant to answer, write to the career office", "", Group.OVER),
    A.OFFER_RESCINDED: ("Talk to the career office if something does not seem right", "", Group.OVER),
    A.NOT_SELECTED: ("New projects are posted all year", "", Group.OVER),
    A.DECLINED: ("", "", Group.OVER),
    A.WITHDRAWN: ("", "", Group.OVER),
    A.ACCEPTANCE_WITHDRAWN: ("", "", Group.OVER),
}


@pytest.mark.parametrize("status", list(A))
def test_each_state_has_its_next_step_and_its_group(status):
    found = step(REACH[status]())
    assert (found.text, found.by_when, found.group) == EXPECTED[status]


def test_a_draft_says_until_when_it_can_be_sent():
    draft = make_draft(make_posting(apply_by=dt.datetime(2026, 3, 7, 5, tzinfo=dt.UTC)))
    assert said(draft) == ("Finish and send it", "until March 6, 2026")
    assert said(draft, NOW + 7 * DAY) == ("The posting takes no more applications", "")


def test_a_promise_to_answer_is_counted_in_business_days():
    Closure.objects.create(name="Founders Day", first_day=dt.date(2026, 3, 4), last_day=dt.date(2026, 3, 4))
    application = make_application(make_posting(answer_within=5))
    assert said(application) == ("The host reads your application", "answer promised by March 10, 2026")


def test_the_promise_is_counted_from_the_last_word_and_said_to_be_past_when_it_is():
    application = make_application(make_posting(answer_within=5))
    assert said(application, NOW + 7 * DAY)[1] == "answer promised by March 9, 2026"
    assert said(application, NOW + 8 * DAY)[1] == "answer was promised by March 9, 2026"
    actions.review(application, by=host_of(application), now=NOW + 7 * DAY)
    assert said(application, NOW + 8 * DAY)[1] == "answer promised by March 16, 2026"


def test_after_the_interview_it_is_the_hosts_turn():
    interview = pick(make_interview())
    application = interview.application
    assert said(application) == ("Your interview", "Tuesday, March 3, 2026, 10:00 a.m. New York time (EST)")
    assert said(application, interview.starts_at) == ("The host decides how to go on", "")


def test_when_no_time_is_left_to_pick_others_are_asked_for():
    application = make_interview(times=(1, 2)).application
    some = "Pick a time for your interview"
    none = "Ask for other times for your interview: those that were proposed are taken or past"
    assert said(application, NOW + 2 * DAY - dt.timedelta(seconds=1)) == (some, "")
    assert said(application, NOW + 2 * DAY) == (none, "")
    pick(make_interview(make_application(application.posting), times=(2,)))
    assert said(application, NOW + DAY - dt.timedelta(seconds=1)) == (some, "")
    assert said(application, NOW + DAY) == (none, "")
    assert step(application, NOW + DAY).group == Group.NEEDS_YOU


def test_on_hold_and_unpaid_say_so():
    offer = make_offer()
    Offer.objects.filter(pk=offer.pk).update(pay_kind="unpaid", pay_amount=None)
    assert said(offer.application)[0] == "Talk to the career office, then decide on the offer"
    actions.suspend_organization(offer.application.posting.organization, by=make_staff(), reason="A report", now=NOW)
    assert said(offer.application) == ("Wait: the offer is on hold, and you lose no days by it", "")


def test_the_list_stands_in_groups_with_the_newest_of_each_timeline(client, sana):
    gone, waiting = make_application(student=sana), make_application(student=sana)
    offered = make_offer(make_application(student=sana)).application
    actions.withdraw(gone, by=sana.user, now=NOW)
    page = client.get("/applications/")
    groups = [(label, [row[0] for row in rows]) for _, label, rows in page.context["groups"]]
    assert groups == [("Needs you", [offered]), ("Waiting for an answer", [waiting]), ("Over", [gone])]
    events = {row[0]: [entry.text for entry in row[3]] for row in page.context["rows"]}
    assert events == {
        offered: ["Offer written", "Application sent", "Draft begun"],
        waiting: ["Application sent", "Draft begun"],
        gone: ["Application withdrawn", "Application sent", "Draft begun"],
    }


def test_the_soonest_stands_first_in_its_group(client, sana):
    later = make_draft(make_posting(apply_by=NOW + 9 * DAY), sana)
    sooner = make_draft(make_posting(apply_by=NOW + 3 * DAY), sana)
    offered = make_offer(make_application(student=sana)).application
    rolling = make_draft(make_posting(), sana)
    (group,) = client.get("/applications/").context["groups"]
    assert [row[0] for row in group[2]] == [sooner, offered, later, rolling]


def test_nobody_elses_application_is_on_the_list(client, sana):
    make_application()
    assert client.get("/applications/").context["rows"] == []


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_the_student_pages_take_as_many_queries_at_fifty_as_at_one(client, sana):
    posting = make_posting(answer_within=5)
    accepted = make_offer(make_application(posting, sana))
    actions.accept_offer(accepted, by=sana.user)
    make_offer(make_application(student=sana))
    make_application(student=sana)
    urls = ("/applications/", f"/offers/{accepted.pk}/other-applications/", accepted.get_absolute_url())
    at_one = [queries(client, url) for url in urls]
    for number in range(24):
        offer = make_offer(make_application(student=sana))
        make_application(make_posting(answer_within=ANSWER_DAYS[number % 2]), sana)
        if number % 2:
            actions.accept_offer(offer, by=sana.user)
    assert [queries(client, url) for url in urls] == at_one
    assert len(client.get(urls[1]).context["side_by_side"]) > 40


# Letting others go


def accepted_offer(student, **terms):
    offer = make_offer(make_application(student=student), terms=replace(TERMS, **terms))
    return actions.accept_offer(offer, by=student.user, now=NOW)


def test_after_a_yes_the_student_is_led_to_the_others_where_some_run(client, sana):
    alone, second = make_offer(make_application(student=sana)), make_offer(make_application(student=sana))
    response = client.post(f"/offers/{alone.pk}/acceptance/")
    assert response.headers["Location"] == f"/offers/{alone.pk}/other-applications/"
    response = client.post(f"/offers/{second.pk}/acceptance/")
    assert response.headers["Location"] == second.application.get_absolute_url()
    assert "No other application is running" in client.get(f"/offers/{second.pk}/other-applications/").content.decode()


def test_others_are_let_go_together_and_their_hosts_told(client, sana):
    offer = accepted_offer(sana)
    applied, kept = make_application(student=sana), make_application(student=sana)
    offered = make_offer(make_application(student=sana))
    url = f"/offers/{offer.pk}/other-applications/"
    assert len(client.get(url).context["others"]) == 3
    assert client.post(url, {"applications": [], "reason": "x"}).status_code == 422
    data = {"applications": [f"application-{applied.pk}", f"offer-{offered.pk}"], "reason": "I found my project."}
    response = client.post(url, data)
    assert response.headers["Location"] == offer.application.get_absolute_url()
    statuses = [Application.objects.get(pk=one.pk).status for one in (applied, kept, offered.application)]
    assert statuses == [A.WITHDRAWN, A.SUBMITTED, A.DECLINED]
    assert applied.events.last().note == "I found my project."
    mails = OutboxMail.objects.filter(kind__in=["application.withdrawn", "offer.declined_host"])
    assert {row.recipient for row in mails} == {host_of(applied), host_of(offered.application)}


def test_what_became_an_offer_meanwhile_is_not_declined_unseen(client, sana):
    offer, other = accepted_offer(sana), make_application(student=sana)
    made = make_offer(other)
    data = {"applications": [f"application-{other.pk}"], "reason": ""}
    response = client.post(f"/offers/{offer.pk}/other-applications/", data)
    assert response.status_code == 422
    assert "One of them has moved in the meantime" in response.content.decode()
    made.refresh_from_db()
    assert made.status == OfferStatus.OPEN


def test_what_is_refused_is_said_and_the_rest_goes(sana):
    moved, runs = make_application(student=sana), make_application(student=sana)
    actions.not_select(moved, by=host_of(moved), now=NOW)
    (refusal,) = actions.let_go([moved, runs], [], by=sana.user, now=NOW)
    assert refusal.message == "This application is not selected now, so that is no longer possible."
    assert Application.objects.get(pk=runs.pk).status == A.WITHDRAWN


@pytest.mark.parametrize("make", [make_application, lambda: make_offer().application])
def test_of_somebody_else_nothing_is_let_go(client, sana, make):
    offer, other = accepted_offer(sana), make()
    made = other.offers.first()
    key = f"offer-{made.pk}" if made else f"application-{other.pk}"
    make_application(student=sana)
    response = client.post(f"/offers/{offer.pk}/other-applications/", {"applications": [key]})
    assert response.status_code == 422
    assert Application.objects.get(pk=other.pk).status == other.status


def test_an_offer_that_was_not_accepted_has_no_such_page(client, sana):
    offer = make_offer(make_application(student=sana))
    assert client.get(f"/offers/{offer.pk}/other-applications/").status_code == 302


def test_overlaps_are_shown_and_forbid_nothing(client, sana):
    offer = accepted_offer(sana)
    Posting.objects.filter(pk=offer.application.posting_id).update(title="Tide gauges")
    running = make_application(make_posting(title="Parking counts"), sana)
    make_application(make_posting(start_earliest=dt.date(2026, 9, 1), start_latest=dt.date(2026, 9, 1)), sana)
    page = client.get(f"/offers/{offer.pk}/other-applications/")
    ((work, (run,)),) = page.context["side_by_side"]
    assert (work.title, run.weeks, run.hours, run.certain) == ("Parking counts", 4, "22–27 hours a week", False)
    assert "with “Tide gauges”, <strong>22–27 hours a week</strong> together, if the dates fall so." in " ".join(
        page.content.decode().split()
    )
    second = make_offer(running)
    page = client.get(second.get_absolute_url())
    assert [run.hours for run in page.context["shared"]] == ["24 hours a week"]
    assert actions.accept_offer(second, by=sana.user, now=NOW).status == OfferStatus.ACCEPTED


def test_the_host_reads_nothing_of_the_students_other_work(client, sana):
    accepted_offer(sana)
    other = make_offer(make_application(student=sana))
    for user, sees in ((sana.user, True), (host_of(other.application), False), (make_staff("adviser"), False)):
        client.force_login(user)
        page = client.get(other.get_absolute_url())
        assert (bool(page.context.get("shared")), "Other work in the same weeks" in page.content.decode()) == (
            sees,
            sees,
        )


def test_the_list_leads_to_the_others(client, sana):
    offer = accepted_offer(sana)
    url = f"/offers/{offer.pk}/other-applications/"
    assert url not in client.get("/applications/").content.decode()
    make_application(student=sana)
    for page in ("/applications/", offer.get_absolute_url()):
        assert url in client.get(page).content.decode()
    assert student_of(offer) == sana.user
