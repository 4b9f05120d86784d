"""The pages on which a time to talk is found, from both sides."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from icalendar import Calendar

from applications import actions
from applications.forms import InterviewForm
from applications.models import Application, Interview
from applications.timeline import Steps, with_steps
from applications.workflow import InterviewStatus
from tests.applications.making import host_of, make_application, make_interview, make_offer, pick
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

I = InterviewStatus  # noqa: E741
DAY = dt.timedelta(days=1)
TALK = {"time_1": "2026-03-05T10:00", "minutes": "30", "mode": "video", "note": "Bring a pen."}


@pytest.fixture(autouse=True)
def at_ten():
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def sides(interview):
    return client_of(interview.application.student.user), client_of(host_of(interview.application))


def page_of(client, interview):
    return client.get(f"/applications/{interview.application_id}/").content.decode()


def test_from_five_times_to_the_calendars_of_both():
    application = make_application()
    host, student = client_of(host_of(application)), client_of(application.student.user)
    address = f"/applications/{application.pk}/interview/"
    assert "One to 5, in New York time (EST)." in host.get(address).content.decode()
    times = {f"time_{number}": f"2026-03-{4 + number:02}T14:30" for number in range(1, 6)}
    response = host.post(address, TALK | times)
    interview = Interview.objects.get()
    assert response.headers["Location"] == f"/applications/{application.pk}/#interview-{interview.pk}"
    page = page_of(student, interview)
    assert page.count("Pick this time") == 5
    assert "Monday, March 9, 2026, 2:30 p.m. New York time (EDT)" in page  # the clocks went forward on Sunday
    assert "Pick this time" not in page_of(host, interview)
    fifth = interview.times.get(number=5)
    assert student.post(f"/interviews/{interview.pk}/choice/", {"time": fifth.pk}).status_code == 302
    for client in (student, host):
        page = page_of(client, interview)
        assert "<strong>Monday, March 9, 2026, 2:30 p.m. New York time (EDT)</strong>" in page
        assert "Time for the interview picked" in page
        response = client.get(f"/interviews/{interview.pk}/calendar.ics")
        (event,) = Calendar.from_ical(response.content).walk("VEVENT")
        assert event.decoded("dtstart") == dt.datetime(2026, 3, 9, 18, 30, tzinfo=dt.UTC)
        assert (response.headers["X-Robots-Tag"], response.headers["Cache-Control"]) == ("noindex", "private, no-cache")


def test_asking_for_others_and_proposing_anew():
    interview = make_interview()
    student, host = sides(interview)
    address = f"/interviews/{interview.pk}/request/"
    assert student.get(address).status_code == 200
    assert student.post(address, {"reason": ""}).status_code == 422
    assert student.post(address, {"reason": "Any Friday <after> three"}).status_code == 302
    assert "Any Friday &lt;after&gt; three" in page_of(host, interview)
    address = f"/interviews/{interview.pk}/times/"
    form = host.get(address)
    assert "Any Friday &lt;after&gt; three" in form.content.decode()
    assert form.context["form"]["minutes"].value() == 30
    assert host.post(address, TALK | {"minutes": "45"}).status_code == 302
    interview.refresh_from_db()
    assert (interview.status, interview.minutes, interview.reason) == (I.PROPOSED, 45, "")
    assert page_of(student, interview).count("Pick this time") == 1


@pytest.mark.parametrize("side", ["student", "host"])
def test_either_side_cancels_with_a_reason(side):
    interview = pick(make_interview())
    client = dict(zip(("student", "host"), sides(interview), strict=True))[side]
    address = f"/interviews/{interview.pk}/cancellation/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "Flu"}).status_code == 302
    assert client.get(address).status_code == 302
    page = page_of(client, interview)
    assert "Why it was canceled:" in page
    assert "Cancel the interview" not in page
    response = client.get(f"/interviews/{interview.pk}/calendar.ics")
    assert Calendar.from_ical(response.content)["method"] == "CANCEL"


def test_without_a_picked_time_there_is_no_file():
    interview = make_interview()
    student, _ = sides(interview)
    assert student.get(f"/interviews/{interview.pk}/calendar.ics").status_code == 404


NOUNS = ("times", "place", "choice", "request", "cancellation", "calendar.ics")


def test_strangers_get_404_everywhere():
    interview = pick(make_interview())
    strangers = [make_student().user, make_host().user, make_staff("moderator"), make_staff("international_adviser")]
    for user in strangers:
        client = client_of(user)
        for noun in NOUNS:
            address = f"/interviews/{interview.pk}/{noun}{'' if '.' in noun else '/'}"
            found = client.get(address).status_code, client.post(address).status_code
            assert found == {"choice": (405, 404), "calendar.ics": (404, 405)}.get(noun, (404, 404)), (user, noun)


def test_each_side_has_its_own_pages():
    interview = make_interview()
    student, host = sides(interview)
    assert student.post(f"/interviews/{interview.pk}/times/", TALK).status_code == 404
    assert student.post(f"/applications/{interview.application_id}/interview/", TALK).status_code == 404
    time = {"time": interview.times.get(number=1).pk}
    assert host.post(f"/interviews/{interview.pk}/choice/", time).status_code == 404
    assert host.post(f"/interviews/{interview.pk}/request/", {"reason": "x"}).status_code == 404
    assert student.post(f"/interviews/{interview.pk}/choice/", time).status_code == 302
    interview.refresh_from_db()
    assert interview.is_picked


def test_what_cannot_be_picked_any_longer_says_so():
    posting = make_posting()
    interview, other = (make_interview(make_application(posting), times=(1, 2, 3)) for _ in range(2))
    pick(other, number=2)
    student, host = sides(interview)
    with time_machine.travel(NOW + DAY, tick=False):
        page = page_of(student, interview)
        assert (page.count("(has passed)"), page.count("(is taken)"), page.count("Pick this time")) == (1, 1, 1)
        assert "None of these times" not in page
        taken = {"time": interview.times.get(number=2).pk}
        answer = student.post(f"/interviews/{interview.pk}/choice/", taken, follow=True)
        assert "Somebody else has just picked that time." in answer.content.decode()
    with time_machine.travel(NOW + 3 * DAY, tick=False):
        assert "None of these times can be picked any longer. Ask for others." in page_of(student, interview)
        assert "None of these times can be picked any longer. Propose others." in page_of(host, interview)


@pytest.mark.parametrize("time", ["", "0", "x", "9" * 5000])
def test_a_time_that_is_none_is_a_calm_message(time):
    interview = make_interview()
    student, _ = sides(interview)
    answer = student.post(f"/interviews/{interview.pk}/choice/", {"time": time}, follow=True)
    assert "That time is not proposed any longer." in answer.content.decode()
    assert Interview.objects.get().status == I.PROPOSED


def test_while_one_is_arranged_the_form_for_another_is_not_shown():
    interview = make_interview()
    _, host = sides(interview)
    assert host.get(f"/applications/{interview.application_id}/interview/").status_code == 302
    pick(interview)
    assert host.get(f"/applications/{interview.application_id}/interview/").status_code == 200


def test_while_another_is_arranged_other_times_for_the_picked_one_are_neither_offered_nor_taken():
    interview = pick(make_interview())
    student, host = sides(interview)
    tries = (
        (student, "Ask for other times", "request", {"reason": "Only Fridays"}),
        (host, "Propose other times", "times", TALK),
    )
    assert [page_of(client, interview).count(word) for client, word, _, _ in tries] == [1, 1]
    make_interview(interview.application, times=(9,))
    for client, word, noun, typed in tries:
        page = page_of(client, interview)
        assert (page.count(word), page.count("Cancel the interview")) == (1, 2)  # for the one that is being arranged
        address = f"/interviews/{interview.pk}/{noun}/"
        assert "being arranged already" in client.get(address, follow=True).content.decode()
        answer = client.post(address, typed)
        assert (answer.status_code, "being arranged already" in answer.content.decode()) == (422, True)
    interview.refresh_from_db()
    assert interview.is_picked


def test_a_talk_that_is_over_is_not_canceled_by_its_address():
    interview = pick(make_interview())
    address = f"/interviews/{interview.pk}/cancellation/"
    with time_machine.travel(interview.starts_at, tick=False):
        for client in sides(interview):
            assert "can no longer be moved or canceled" in client.get(address, follow=True).content.decode()
            answer = client.post(address, {"reason": "Flu"})
            assert (answer.status_code, "can no longer be moved" in answer.content.decode()) == (422, True)
    interview.refresh_from_db()
    assert interview.is_picked


def test_staff_see_the_interview_and_no_buttons():
    interview = pick(make_interview())
    page = page_of(client_of(make_staff("moderator")), interview)
    assert "Wednesday" not in page
    assert f"<strong>{interview.shown}</strong>" in page
    assert [word for word in ("Cancel the interview", "Add to your calendar", "Propose other") if word in page] == []


def test_after_an_offer_nothing_is_arranged():
    interview = make_interview()
    make_offer(interview.application)
    for client in sides(interview):
        assert "Times proposed" not in page_of(client, interview)


def test_after_an_offer_a_time_that_was_picked_can_still_be_called_off():
    interview = pick(make_interview())
    make_offer(interview.application)
    student, host = sides(interview)
    for client in (student, host):
        page = page_of(client, interview)
        shown = [word for word in ("Cancel the interview", "Ask for other", "Propose other") if word in page]
        assert shown == ["Cancel the interview"]
    assert host.post(f"/interviews/{interview.pk}/cancellation/", {"reason": "We know enough"}).status_code == 302
    assert "We know enough" in page_of(student, interview)


def test_what_comes_next():
    interview = make_interview()
    application = interview.application

    def words():
        step = Steps(NOW).next(with_steps(Application.objects.all(), NOW).get())
        return step.text, step.by_when

    assert words() == ("Pick a time for your interview", "")
    pick(interview)
    assert words() == ("Your interview", "Tuesday, March 3, 2026, 10:00 a.m. New York time (EST)")
    actions.refuse_times(interview, by=application.student.user, reason="Exam", now=NOW)
    assert words() == ("The host proposes other times for your interview", "")
    actions.cancel_interview(interview, by=application.student.user, reason="Exam", now=NOW)
    assert words() == ("The host decides how to go on", "")


# The form


def errors(**fields):
    form = InterviewForm(TALK | fields)
    return form.errors


def test_a_time_that_clocks_skip_or_show_twice_is_refused_with_words():
    assert errors(time_1="2026-03-08T02:30") == {
        "time_1": ["Clocks go forward over this time, so it does not exist on that day. Choose another."]
    }
    assert errors(time_2="2026-11-01T01:30") == {
        "time_2": ["Clocks go back on that day and show this time twice. Choose one before or after that hour."]
    }
    assert errors(time_2="2026-03-08T03:00", time_3="2026-11-01T02:00") == {}


@pytest.mark.parametrize("wrong", ["2026-03-01T10:00", "2026-03-02T10:00", "2027-03-05T10:00", "9999-12-30T23:59"])
def test_a_time_is_still_to_come_and_within_a_year(wrong):
    assert errors(time_3=wrong) == {"time_3": ["Choose a time that is still to come, within a year."]}


def test_times_that_are_no_times():
    for wrong in ("0001-01-01T00:00", "9999-12-31T23:59", "tomorrow"):
        assert list(errors(time_1=wrong)) == ["time_1"], wrong


def test_one_time_is_enough_and_none_is_too_few():
    assert errors() == {}
    assert list(errors(time_1="")) == ["time_1"]


def test_a_time_stands_once():
    assert errors(time_4=TALK["time_1"]) == {
        "time_4": ["This time stands here already. Choose another, or leave it empty."]
    }


@pytest.mark.parametrize("minutes", ["9", "241", "", "x"])
def test_the_length_is_believable(minutes):
    assert list(errors(minutes=minutes)) == ["minutes"]


def test_an_invalid_form_keeps_what_was_typed():
    application = make_application()
    host = client_of(host_of(application))
    answer = host.post(f"/applications/{application.pk}/interview/", TALK | {"time_2": "2026-03-08T02:30"})
    assert answer.status_code == 422
    assert answer.context["form"]["time_2"].value() == "2026-03-08T02:30"
    assert answer.context["form"]["note"].value() == "Bring a pen."
    assert not Interview.objects.exists()
