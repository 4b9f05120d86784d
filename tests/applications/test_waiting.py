import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from applications import actions, reminders, rules, waiting
from applications.models import Application, SilentPosting
from campus.calendar import BusinessCalendar, ClosedDays, campus_calendar
from campus.models import Closure, ProgramSettings
from core import clock
from notifications.delivery import drain
from notifications.mail import MAILS
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from postings.actions import close, tick
from postings.models import Posting
from tests.applications.making import host_of, make_application, make_draft, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
AHEAD = 40 * DAY  # the longest promise is over in 21
BOARD = "America/New_York"
MONDAY = NOW.date()  # March 2, 2026


def at(day, hour=15):
    """A moment of March 2026 on the clock of the tests, in UTC."""
    return dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)


def promising(days=5, **fields):
    return make_posting(answer_within=days, **fields)


def planned(since=NOW - DAY, until=NOW + AHEAD, **who):
    return [(one.subject_id, one.due.strftime("%a %d %H:%M")) for one in reminders.plan_nudges(since, until, **who)]


days = st.dates(dt.date(2025, 12, 1), dt.date(2026, 6, 30))
closures = st.lists(
    st.builds(lambda day, n: ClosedDays(day, day + n * DAY, "Closed"), days, st.integers(0, 9)), max_size=6
)


@given(closures=closures, day=days, since=days, hour=st.integers(0, 23), number=st.sampled_from([3, 5, 8, 10, 13, 15]))
def test_the_moments_say_what_counting_each_day_says(closures, day, since, hour, number):
    calendar = BusinessCalendar(closures)
    moment = dt.datetime.combine(since, dt.time(hour), ZoneInfo(BOARD)).astimezone(dt.UTC)
    waited = calendar.count(since, day) if since < day else 0
    if calendar.is_open(day):
        first, end = rules.began_to_wait(day, number, calendar, BOARD)
        assert (first <= moment < end) is (waited == number)
    assert (moment < rules.past_before(day, number, calendar, BOARD)) is (waited > number)


def test_a_host_is_nudged_two_business_days_before_and_on_the_day_at_nine():
    posting = make_application(promising(5)).posting
    found = planned(until=NOW + 365 * DAY)
    assert found == [(posting.pk, "Thu 05 14:00"), (posting.pk, "Mon 09 13:00")]  # the clocks went forward


def test_closures_do_not_count():
    Closure.objects.create(name="Founders Day", first_day=dt.date(2026, 3, 4), last_day=dt.date(2026, 3, 5))
    make_application(promising(5))
    assert [due for _, due in planned()] == ["Mon 09 13:00", "Wed 11 13:00"]


def test_without_a_promise_nobody_is_nudged():
    make_application(make_posting(answer_within=None))
    assert planned() == []


@pytest.mark.parametrize("promise", [5, 10, 15])
def test_each_promise_has_its_days(promise):
    make_application(promising(promise))
    found = [clock.today(one.due) for one in reminders.plan_nudges(NOW, NOW + AHEAD)]
    assert [campus_calendar().count(MONDAY, day) for day in found] == [promise - 2, promise]


def test_one_mail_a_day_and_posting_however_many_wait():
    posting = promising(5)
    for _ in range(3):
        make_application(posting)
    make_application(posting, now=NOW + 4 * DAY)
    other = make_application(promising(5)).posting
    assert planned(until=at(10)) == [
        (posting.pk, "Thu 05 14:00"),
        (other.pk, "Thu 05 14:00"),
        (posting.pk, "Mon 09 13:00"),
        (other.pk, "Mon 09 13:00"),
    ]


def test_a_plan_covers_what_is_due_after_since_up_to_until():
    make_application(promising(5))
    first, second = reminders.plan_nudges(NOW, NOW + AHEAD)
    assert list(reminders.plan_nudges(NOW, first.due)) == [first]
    assert list(reminders.plan_nudges(first.due, second.due)) == [second]
    assert list(reminders.plan_nudges(second.due, NOW + AHEAD)) == []


def test_host_and_cohosts_are_nudged_each():
    posting = make_application(promising(5)).posting
    cohost = make_host(organization=posting.organization)
    posting.cohosts.add(cohost)
    thursday = {one.recipient_id for one in reminders.plan_nudges(NOW, at(6))}
    assert thursday == {posting.host.user_id, cohost.user_id}
    assert len(planned(recipient_id=cohost.user_id)) == 2
    assert planned(recipient_id=make_host().user.pk) == []


def test_a_move_begins_the_wait_anew():
    application = make_application(promising(5))
    actions.review(application, by=host_of(application), now=at(4))
    assert [due for _, due in planned()] == ["Mon 09 13:00", "Wed 11 13:00"]


def invite(application, *times):
    return actions.invite_to_interview(application, by=host_of(application), times=times, mode="video", now=NOW)


def test_nobody_waits_while_an_interview_is_to_come():
    application = make_application(promising(5))
    interview = invite(application, at(9))
    assert planned(until=at(9)) == []  # the student picks a time, or does not
    student = application.student.user
    actions.pick_time(interview, by=student, time=interview.times.get(), now=NOW)
    assert [due for _, due in planned()] == ["Thu 12 13:00", "Mon 16 13:00"]
    actions.refuse_times(interview, by=student, reason="An exam. Friday?", now=at(4))
    assert [due for _, due in planned()] == ["Mon 09 13:00", "Wed 11 13:00"]


def test_once_the_last_proposed_time_has_passed_unpicked_it_is_the_hosts_turn_again():
    application = make_application(promising(5))
    invite(application, at(4), at(9))
    assert [due for _, due in planned()] == ["Thu 12 13:00", "Mon 16 13:00"]
    assert (silent(at(16)), silent(at(17))) == ([], [application.pk])
    found = waiting.with_since(Application.objects.all()).get()
    assert waiting.wait(found, campus_calendar(), at(9, 14)) is None
    assert str(waiting.wait(found, campus_calendar(), at(12))) == "waiting 3 of 5 business days"
    (nudge,) = sweep(at(12, 13))
    assert nudge.subject.startswith("1 applicant waits for your answer")


@pytest.mark.parametrize("end", ["not_select", "withdraw", "offer", "suspend"])
def test_whoever_waits_no_longer_is_not_counted(end):
    application = make_application(promising(5))
    assert len(planned()) == 2
    if end == "not_select":
        actions.not_select(application, by=host_of(application), now=NOW)
    elif end == "withdraw":
        actions.withdraw(application, by=application.student.user, now=NOW)
    elif end == "offer":
        make_offer(application)
    else:
        actions.suspend_organization(application.posting.organization, by=make_staff(), reason="A report", now=NOW)
    assert planned() == []


def sweep(moment):
    with time_machine.travel(moment, tick=False):
        plan_all(now=moment)
        drain()
        return [message for message in mail.outbox if "for your answer" in message.subject]


def test_the_nudge_names_how_many_wait_and_for_how_long(settings):
    posting = promising(5, title="Churn analysis")
    for _ in range(2):
        make_application(posting, now=NOW)
    make_application(posting, now=NOW + 2 * DAY)
    (thursday,) = sweep(at(5, 14))
    assert thursday.subject == "2 applicants wait for your answer: “Churn analysis”"
    assert "For 2 the 5 days are over in two business days or fewer." in thursday.body
    assert f"{settings.BASE_URL}/host/postings/{posting.pk}/applications/" in thursday.body
    monday = sweep(at(9, 13))[-1]
    assert monday.subject == "3 applicants wait for your answer: “Churn analysis”"
    assert "2 applicants have waited 5 business days or more." in monday.body
    assert "For 1 more the 5 days are over in two business days or fewer." in monday.body


def test_a_sweep_that_runs_again_nudges_once():
    make_application(promising(5))
    for minute in range(0, 30, 5):
        assert len(sweep(at(5, 14) + minute * dt.timedelta(minutes=1))) == 1


def test_a_nudge_is_dropped_when_everybody_was_answered_meanwhile():
    application = make_application(promising(5))
    host, nudge = host_of(application), MAILS["applicants.waiting"]
    with time_machine.travel(at(5), tick=False):
        assert nudge.render(application.posting_id, host, "2026-03-05") is not None
        assert nudge.render(application.posting_id, make_host().user, "2026-03-05") is None
        actions.review(application, by=host)
        assert nudge.render(application.posting_id, host, "2026-03-05") is None


def silent(moment):
    return list(waiting.silent(moment).values_list("pk", flat=True))


def test_an_application_is_silent_past_the_promise():
    application = make_application(promising(5))
    assert silent(at(9)) == []  # the fifth business day
    assert silent(at(10, 3)) == []  # still the ninth in New York
    assert silent(at(10)) == [application.pk]


def test_without_a_promise_the_program_says_when():
    application = make_application()
    assert silent(at(23)) == []  # the fifteenth
    assert silent(at(24)) == [application.pk]
    ProgramSettings.objects.update(silent_after=5)
    assert silent(at(10)) == [application.pk]
    Closure.objects.create(name="Snow", first_day=dt.date(2026, 3, 10), last_day=dt.date(2026, 3, 10))
    assert silent(at(10)) == []


@pytest.mark.parametrize("reason", ["review", "suspended", "filled"])
def test_nobody_is_silent_who_cannot_answer_or_did(reason):
    application = make_application(promising(5, positions=1))
    assert silent(at(10)) == [application.pk]
    if reason == "review":
        actions.review(application, by=host_of(application), now=at(9))
    elif reason == "suspended":
        actions.suspend_organization(application.posting.organization, by=make_staff(), reason="A report", now=at(9))
    else:
        offer = make_offer(make_application(application.posting))
        actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert silent(at(10)) == []


LIST = "/admin/applications/silentposting/"


def test_staff_see_postings_with_silent_applications_how_many_and_how_long(client):
    quiet = promising(5, title="A quiet one")
    for day in (0, 0, 6):
        make_application(quiet, now=NOW + day * DAY)
    make_application(promising(15, title="Still in time"))
    older = make_application(make_posting(title="An older one"), now=NOW - 30 * DAY).posting
    for role in ("moderator", "adviser"):
        with time_machine.travel(at(10), tick=False):
            client.force_login(make_staff(role))
            page = client.get(LIST)
        rows = list(page.context["cl"].result_list)
        assert [(row.pk, row.silent) for row in rows] == [(older.pk, 1), (quiet.pk, 2)]
        text = page.content.decode()
        assert "6 business days" in text
        assert f"/host/postings/{quiet.pk}/applications/" in text
        assert "Still in time" not in text
    client.force_login(make_staff("program_manager"))
    assert client.get(LIST).status_code == 403


def test_a_silent_posting_is_read_there_and_not_changed(client):
    posting = make_application(promising(5)).posting
    with time_machine.travel(at(10), tick=False):
        client.force_login(make_staff())
        page = client.get(f"{LIST}{posting.pk}/change/")
        assert (page.status_code, client.post(f"{LIST}{posting.pk}/change/", {"title": "x"}).status_code) == (200, 403)
    assert SilentPosting.objects.get(pk=posting.pk).title == posting.title


# When a posting ends.


def told(kind):
    return sorted(OutboxMail.objects.filter(kind=f"application.{kind}").values_list("subject_id", flat=True))


def everywhere(posting):
    """One application in each state that matters; those that wait, in order."""
    sent, read, met, declined, offered = (make_application(posting) for _ in range(5))
    host = host_of(sent)
    actions.review(read, by=host, now=NOW)
    invite(met, NOW + DAY)
    actions.not_select(declined, by=host, now=NOW)
    make_draft(posting)
    return [sent.pk, read.pk, met.pk], make_offer(offered)


def test_whoever_waits_hears_that_the_posting_was_closed():
    posting = make_posting()
    waits, _ = everywhere(posting)
    close(posting, by=posting.host.user, now=NOW)
    assert (told("posting_closed"), told("posting_filled")) == (waits, [])
    with time_machine.travel(NOW, tick=False):
        drain()
    subjects = [message.subject for message in mail.outbox]
    assert subjects.count(f"Closed, and your application stands: “{posting.title}”") == 3


def test_whoever_waits_hears_once_that_the_posting_has_expired():
    posting = make_posting(apply_by=NOW + DAY)
    waits, _ = everywhere(posting)
    tick(now=NOW)
    assert told("posting_closed") == []
    for minute in range(3):
        tick(now=NOW + DAY + minute * dt.timedelta(minutes=1))
    assert told("posting_closed") == waits


def test_whoever_waits_hears_that_the_last_position_was_taken():
    posting = make_posting(positions=1)
    waits, offer = everywhere(posting)
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert (told("posting_closed"), told("posting_filled")) == ([], waits)
    with time_machine.travel(NOW, tick=False):
        drain()
    subjects = [message.subject for message in mail.outbox]
    assert subjects.count(f"All positions are taken: “{posting.title}”") == 3


def test_a_position_that_is_left_closes_nothing():
    posting = make_posting(positions=2)
    _, offer = everywhere(posting)
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert (told("posting_closed"), told("posting_filled")) == ([], [])


def test_of_a_closed_posting_the_last_position_is_told_as_well_and_each_once():
    posting = make_posting(positions=1)
    waits, offer = everywhere(posting)
    close(posting, by=posting.host.user, now=NOW)
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    assert (told("posting_closed"), told("posting_filled")) == (waits, waits)
    student = Application.objects.get(pk=waits[0]).student.user
    assert MAILS["application.posting_closed"].render(waits[0], student, "") is None
    assert MAILS["application.posting_filled"].render(waits[0], student, "") is not None


def test_the_mail_is_dropped_for_whoever_was_answered_before_it_left():
    posting = make_posting()
    application = make_application(posting)
    close(posting, by=posting.host.user, now=NOW)
    closed, student = MAILS["application.posting_closed"], application.student.user
    assert closed.render(application.pk, student, "") is not None
    actions.not_select(application, by=posting.host.user, now=NOW)
    assert closed.render(application.pk, student, "") is None


def test_an_ending_that_fails_is_told_to_nobody(monkeypatch):
    posting = make_posting()
    make_application(posting)

    def broken(**_):
        raise RuntimeError

    monkeypatch.setattr(MAILS["application.posting_closed"].__class__, "queue", lambda *_, **__: broken())
    with pytest.raises(RuntimeError):
        close(posting, by=posting.host.user, now=NOW)
    assert Posting.objects.get(pk=posting.pk).status == "open"
    assert told("posting_closed") == []
