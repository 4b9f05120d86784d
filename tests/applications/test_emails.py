import datetime as dt
import re

import pytest
import time_machine
from django.core import mail

from applications import actions
from authorization.actions import declare
from campus.models import Closure
from notifications.delivery import drain
from notifications.mail import MAILS
from tests.applications.making import host_of, make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
IMMIGRATION = re.compile(r"immigra|visa\b|F-1|J-1|CPT|OPT\b|I-20|authoriz", re.IGNORECASE)


@pytest.fixture
def posting():
    posting = make_posting(host=make_host("Omar Haddad"), title="Churn <b>analysis</b> & more", positions=1)
    posting.organization.name = "Fenwick & Labs"
    posting.organization.save()
    return posting


def everything(posting):
    """One of each mail that this app sends, in a story with several students."""

    def apply(name):
        return make_application(posting, make_student(name))

    host, staff, adviser = posting.host.user, make_staff(), make_staff("adviser")
    withdrawn, turned_down, offered = apply("Wes"), apply("Noa"), apply("Sana Iqbal")
    actions.withdraw(withdrawn, by=withdrawn.student.user, now=NOW)
    actions.not_select(turned_down, by=host, now=NOW)
    talk = {"by": host, "times": [NOW + DAY], "mode": "video", "note": "Bring a pen.", "now": NOW}
    interview = actions.invite_to_interview(offered, **talk)
    yield
    actions.pick_time(interview, by=offered.student.user, time=interview.times.get(), now=NOW)
    yield
    actions.change_place(interview, by=host, mode="phone", note="Call <555> & ask", now=NOW)
    yield
    actions.refuse_times(interview, by=offered.student.user, reason="An exam & a train", now=NOW)
    yield
    actions.propose_times(interview, **talk)
    yield
    actions.cancel_interview(interview, by=host, reason="We know enough <already>", now=NOW)
    yield
    offer = make_offer(offered)
    yield
    time = actions.ask_for_time(offer, by=student_of(offer), words="Exams.", wished_day=dt.date(2026, 3, 11), now=NOW)
    yield
    actions.take_back_request(time, by=student_of(offer), now=NOW)
    yield
    time = actions.ask_for_time(offer, by=student_of(offer), words="Exams.", wished_day=dt.date(2026, 3, 11), now=NOW)
    actions.ask_for_talk(offer, by=student_of(offer), words="Is it fair?", now=NOW)
    yield
    actions.refuse_request(time, by=host, reason="We start soon.", now=NOW)
    actions.record_talk(offer, by=adviser, note="It is.", now=NOW)
    yield
    actions.extend_offer(offer, by=host, last_day=dt.date(2026, 3, 12), now=NOW)
    yield
    actions.suspend_organization(posting.organization, by=staff, reason="A report", now=NOW)
    yield
    actions.reinstate_organization(posting.organization, by=staff, now=NOW)
    yield
    declined, taken_back, lapsed = (make_offer(apply(name)) for name in ("Dee", "Rae", "Lou"))
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    yield
    back = actions.ask_to_go_back(offer, by=student_of(offer), words="Illness.", now=NOW)
    yield
    actions.refuse_request(back, by=adviser, reason="Let us talk.", now=NOW)
    yield
    actions.withdraw_acceptance(offer, by=staff, reason="Illness", now=NOW)
    actions.decline_offer(declined, by=student_of(declined), now=NOW)
    actions.rescind_offer(taken_back, by=host, reason="Budget", now=NOW)
    actions.expire_offer(lapsed, now=lapsed.deadline)
    yield


def test_every_mail_is_warm_whole_and_silent_about_immigration(posting, settings):
    with time_machine.travel(NOW, tick=False):
        for _ in everything(posting):
            drain()
    with time_machine.travel(NOW + 10 * DAY, tick=False):
        drain()
    subjects = {message.subject for message in mail.outbox}
    assert len(subjects) >= 24
    assert f"The last position was taken: “{posting.title}”" in subjects
    for message in mail.outbox:
        html = str(message.alternatives[0][0])
        assert not IMMIGRATION.search(message.subject + message.body + html), message.subject
        assert f"{settings.BASE_URL}/" in message.body
        assert "<b>analysis" not in html
        assert "&amp;amp;" not in html
        assert "&amp;" not in message.body
        assert "None" not in message.body


def test_a_mail_is_dropped_when_it_is_no_longer_true():
    application = make_application()
    student = application.student.user
    assert MAILS["application.received"].render(application.pk, host_of(application), "") is not None
    actions.withdraw(application, by=student, now=NOW)
    assert MAILS["application.received"].render(application.pk, host_of(application), "") is None
    offer = make_offer()
    reminder = MAILS["offer.reminder"]
    assert reminder.render(offer.pk, student_of(offer), offer.version) is not None
    assert reminder.render(offer.pk, student_of(offer), "2026-03-01") is None
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert reminder.render(offer.pk, student_of(offer), offer.version) is None
    assert MAILS["offer.made"].render(offer.pk, student_of(offer), "") is None
    assert MAILS["offer.made"].render(0, student_of(offer), "") is None


def test_the_offer_mail_says_to_everybody_alike_that_an_item_may_wait(settings):
    said = []
    for needs in ("", "yes", "no"):
        offer = make_offer()
        if needs:
            declare(offer.application.student, needs=needs, route="cpt" if needs == "yes" else "", by=student_of(offer))
        text = MAILS["offer.made"].render(offer.pk, student_of(offer), "").text
        said.append([line for line in text.splitlines() if "item" in line])
    line = f"An item may need your attention before you can begin: {settings.BASE_URL}/items/"
    assert said == [[line]] * 3


def test_the_address_in_the_offer_mail_leads_to_the_students_own_page(client):
    client.force_login(make_student().user)
    assert client.get("/items/").headers["Location"] == "/authorization/"


def test_the_offer_mail_counts_the_days_and_names_the_closures():

    Closure.objects.create(name="Founders Day", first_day=dt.date(2026, 3, 4), last_day=dt.date(2026, 3, 4))
    offer = make_offer()
    rendered = MAILS["offer.made"].render(offer.pk, student_of(offer), "")
    assert (
        "You have 5 business days to decide: until Tuesday, March 10, 2026, 23:59 New York time (EDT)." in rendered.text
    )
    assert "Not counted: Founders Day (Mar 4)." in rendered.text
