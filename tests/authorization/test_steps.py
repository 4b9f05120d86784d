"""The way of a record in steps: ticks, questions, attempts, and what each of them tells."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse

from authorization import actions
from authorization.models import AuthorizationQuestion, AuthorizationRecord, RouteStep
from authorization.steps import attempts, steps_of, ticks
from authorization.workflow import RouteKind, Status
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.factories import make_student, make_user

from .conftest import END, NOW, START

LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def sign_in(client):
    def as_(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def text(response):
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def step_of(kind, name):
    return RouteStep.objects.get(kind=kind, name=name)


def letter(kind="cpt"):
    return step_of(kind, "Have the offer letter ready")


def receipt():
    return step_of("opt", "Receive the receipt notice")


def states(record):
    record = AuthorizationRecord.objects.get(pk=record.pk)
    return [one.state for one in steps_of(record, list(RouteStep.objects.all()), list(record.events.all()))]


def told(record):
    return sorted(OutboxMail.objects.filter(subject_id=record.pk).values_list("kind", "recipient"))


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (Status.NOT_STARTED, ["current", "todo", "todo", "todo", "todo"]),
        (Status.ADVISED, ["done", "current", "todo", "todo", "todo"]),
        (Status.FILED, ["done", "current", "todo", "done", "todo"]),
        (Status.APPROVED, ["done", "unsaid", "unsaid", "done", "done"]),
        (Status.DENIED, ["done", "todo", "todo", "done", "stopped"]),
    ],
)
def test_the_steps_of_the_route_follow_the_record(open_record, status, found):
    assert states(open_record(status)) == found


@pytest.mark.parametrize("kind", [RouteKind.OPT, RouteKind.AT, RouteKind.VISA, RouteKind.UNSURE])
def test_every_route_has_its_own_steps(open_record, kind):
    record = open_record(route=kind)
    way = steps_of(record, list(RouteStep.objects.all()), [])
    assert {one.step.kind for one in way} == {kind}
    assert [one.step.settled_by for one in way if one.step.settled_by != "tick"] == ["advise", "file", "approve"]


def test_a_student_ticks_and_an_advisor_verifies(open_record, sana, ines):
    record = open_record(Status.ADVISED)
    actions.tick(record, step=letter(), by=sana.user, now=NOW)
    actions.tick(record, step=letter(), by=ines, now=LATER)
    tick = ticks(record, record.events.all())[letter().pk]
    assert (tick.said.by, tick.said.at, tick.verified.by, tick.verified.at) == (sana.user, NOW, ines, LATER)
    assert states(record)[2] == "done"
    actions.untick(record, step=letter(), by=sana.user, now=LATER)
    assert ticks(record, record.events.all()) == {}
    with pytest.raises(MoveRefused, match="not ticked"):
        actions.untick(record, step=letter(), by=sana.user, now=LATER)


def test_a_tick_may_carry_a_number_and_a_day(open_record, sana):
    record = open_record(Status.FILED, route=RouteKind.OPT)
    actions.tick(record, step=receipt(), number=" IOE1 ", day=NOW.date(), by=sana.user, now=NOW)
    tick = ticks(record, record.events.all())[receipt().pk]
    assert (tick.number, tick.day) == ("IOE1", NOW.date())
    actions.tick(record, step=receipt(), number="IOE2", day=START, by=sana.user, now=LATER)
    assert ticks(record, record.events.all())[receipt().pk].number == "IOE2"


def test_what_is_filed_and_decided_is_not_ticked(open_record, sana):
    record = open_record(Status.ADVISED)
    for step in RouteStep.objects.filter(kind="cpt").exclude(settled_by="tick"):
        with pytest.raises(MoveRefused, match="not by a tick"):
            actions.tick(record, step=step, by=sana.user, now=NOW)


@pytest.mark.parametrize("who", ["classmate", "superuser"])
def test_nobody_else_ticks_comments_asks_or_answers(open_record, ines, who):
    record = open_record()
    question = actions.ask(record, note="Which course?", by=ines, now=NOW)
    person = make_student().user if who == "classmate" else make_user(is_staff=True, is_superuser=True)
    for verb in (
        lambda: actions.tick(record, step=letter(), by=person),
        lambda: actions.comment(record, note="x", by=person),
        lambda: actions.ask(record, note="x", by=person),
        lambda: actions.answer(question, words="x", by=person),
    ):
        with pytest.raises(MoveRefused, match="You cannot do that"):
            verb()


def test_student_and_advisor_each_have_their_part(open_record, sana, ines):
    record = open_record()
    question = actions.ask(record, note="Which course?", by=ines, now=NOW)
    for verb in (
        lambda: actions.comment(record, note="x", by=sana.user),
        lambda: actions.ask(record, note="x", by=sana.user),
        lambda: actions.answer(question, words="x", by=ines),
    ):
        with pytest.raises(MoveRefused, match="You cannot do that"):
            verb()


def test_a_closed_record_takes_no_word(open_record, sana, ines):
    record = open_record()
    question = actions.ask(record, note="Which course?", by=ines, now=NOW)
    actions.close_record(record, by=ines, now=NOW)
    for verb in (
        lambda: actions.tick(record, step=letter(), by=sana.user),
        lambda: actions.comment(record, note="x", by=ines),
        lambda: actions.ask(record, note="x", by=ines),
        lambda: actions.answer(question, words="x", by=sana.user),
    ):
        with pytest.raises(MoveRefused, match="is closed"):
            verb()


def test_a_question_stays_open_until_it_is_answered_once(open_record, sana, ines):
    record = open_record()
    OutboxMail.objects.all().delete()
    question = actions.ask(record, note="Which course?", by=ines, now=NOW)
    assert told(record) == [("item.changed", sana.user.pk)]
    with pytest.raises(MoveRefused, match="Write a sentence"):
        actions.answer(question, words=" ", by=sana.user, now=LATER)
    actions.answer(question, words="ECON 399", by=sana.user, now=LATER)
    assert told(record) == sorted([("item.changed", sana.user.pk), ("item.changed", ines.pk)])
    question.refresh_from_db()
    assert (question.answer, question.answered_at) == ("ECON 399", LATER)
    with pytest.raises(MoveRefused, match="answered already"):
        actions.answer(question, words="Another", by=sana.user, now=LATER)


def test_a_comment_is_read_by_the_student(sign_in, open_record, sana, ines):
    record = open_record()
    OutboxMail.objects.all().delete()
    actions.comment(record, note="Bring the syllabus", by=ines, now=NOW)
    assert told(record) == [("item.changed", sana.user.pk)]
    assert "Bring the syllabus" in text(sign_in(sana.user).get(record.get_absolute_url()))


def test_an_open_question_stands_where_people_look(sign_in, open_record, sana, ines):
    record = open_record()
    actions.ask(record, note="Which course?", by=ines, now=NOW)
    queue = reverse("admin:authorization_authorizationrecord_changelist")
    own = record.get_absolute_url()
    assert "Not answered yet" in sign_in(ines).get(queue).content.decode()
    assert "Questions not answered yet" in text(sign_in(ines).get(own))
    assert "A question for you" in text(sign_in(sana.user).get(reverse("authorization_home")))
    assert "Questions for you Which course?" in text(sign_in(sana.user).get(own))
    question = AuthorizationQuestion.objects.get()
    url = reverse("authorization_question", args=[record.pk, question.pk])
    empty = sign_in(sana.user).post(url, {})
    assert (empty.status_code, "Write an answer first." in text(empty)) == (422, True)
    assert sign_in(sana.user).post(url, {f"question-{question.pk}-words": "ECON 399"}).status_code == 302
    page = text(sign_in(sana.user).get(own))
    assert ("Questions for you" in page, "ECON 399" in page) == (False, True)
    assert "Not answered yet" not in sign_in(ines).get(queue).content.decode()


def test_a_question_of_another_record_is_not_found(sign_in, open_record, sana, ines):
    mine, other = open_record(), open_record(student=make_student())
    question = actions.ask(other, note="Which course?", by=ines, now=NOW)
    url = reverse("authorization_question", args=[mine.pk, question.pk])
    assert sign_in(sana.user).post(url, {f"question-{question.pk}-words": "x"}).status_code == 404


def test_a_student_ticks_on_the_page(sign_in, open_record, sana, ines):
    record, client = open_record(Status.FILED, route=RouteKind.OPT), sign_in(sana.user)
    url = reverse("authorization_step", args=[record.pk, receipt().pk])
    name = f"step-{receipt().pk}"
    wrong = client.post(url, {f"{name}-number": "IOE77", f"{name}-day": "soon"})
    assert wrong.status_code == 422
    assert 'value="IOE77"' in wrong.content.decode()
    assert client.post(url, {f"{name}-number": "IOE77", f"{name}-day": "2024-11-18"}).status_code == 302
    page = text(client.get(record.get_absolute_url()))
    assert "Number IOE77, dated Mon, Nov 18, 2024 Ticked by Sana Iyer" in page
    assert "I have seen it" not in page
    client.post(url, {"undone": "1"})
    assert "IOE77" not in text(client.get(record.get_absolute_url())).partition("What happened")[0]


def test_an_advisor_verifies_on_the_page(sign_in, open_record, sana, ines):
    record = open_record(Status.ADVISED)
    actions.tick(record, step=letter(), by=sana.user, now=NOW)
    url = reverse("authorization_step", args=[record.pk, letter().pk])
    assert "I have seen it" in text(sign_in(ines).get(record.get_absolute_url()))
    assert sign_in(ines).post(url).status_code == 302
    assert "Verified by Ines Duarte" in text(sign_in(sana.user).get(record.get_absolute_url()))


def test_a_step_of_another_route_is_not_found(sign_in, open_record, sana):
    record = open_record()
    url = reverse("authorization_step", args=[record.pk, letter("at").pk])
    assert sign_in(sana.user).post(url).status_code == 404


def denied(open_record, sana):
    record = open_record(Status.DENIED)
    return record, sana.user


def test_a_denial_leads_to_what_can_be_done(sign_in, open_record, sana):
    record, person = denied(open_record, sana)
    client = sign_in(person)
    with time_machine.travel(NOW):
        page = client.get(record.get_absolute_url()).content.decode()
        options = text(client.get(reverse("authorization_options", args=[record.pk])))
    assert reverse("authorization_options", args=[record.pk]) in page
    assert "The request by the route F-1 CPT was denied." in options
    assert "J-1 Academic Training In time" in options
    assert "F-1 CPT In time" not in options
    # 90 federal and calendar days from here: a start in January is too early for premium processing.
    assert "F-1 pre-completion OPT, premium processing: " in options


@time_machine.travel(NOW)
def test_another_route_is_tried_and_the_first_is_kept(sign_in, open_record, sana, ines):
    record, person = denied(open_record, sana)
    client, url = sign_in(person), reverse("authorization_advising", args=[record.pk])
    wrong = client.post(url, {"route": "green"})
    assert (wrong.status_code, "Choose one of the routes listed." in text(wrong)) == (422, True)
    assert client.post(url, {"route": "at"}).status_code == 302
    record.refresh_from_db()
    assert (record.status, record.route, record.filed_on) == (Status.ADVISED, RouteKind.AT, "")
    actions.file(record, by=ines, filed_on=NOW.date(), now=LATER)
    actions.approve(record, by=ines, valid_from=START, valid_until=END, now=LATER)
    found = [(one.route, one.filed_on, one.outcome) for one in attempts(record.events.all())]
    assert found == [("F-1 CPT", NOW.date(), "Denied"), ("J-1 Academic Training", NOW.date(), "Approved")]
    page = text(client.get(record.get_absolute_url()))
    assert "F-1 CPT Mon, Nov 18, 2024 Denied, Nov 18, 2024 J-1 Academic Training" in page


def test_the_same_route_again_begins_with_no_ticks(open_record, sana, ines):
    record = open_record(Status.ADVISED)
    actions.tick(record, step=letter(), by=sana.user, now=NOW)
    actions.file(record, by=ines, filed_on=NOW.date(), now=NOW)
    actions.deny(record, by=ines, note="x", now=NOW)
    assert states(record)[2] == "done"
    actions.advise(record, by=sana.user, now=LATER)
    assert states(record) == ["done", "current", "todo", "todo", "todo"]


def test_saying_the_same_again_does_not_undo_another_attempt(open_record, sana):
    record = open_record(Status.DENIED)
    actions.advise(record, by=sana.user, route=RouteKind.AT, now=LATER)
    actions.declare(sana, needs="yes", route=RouteKind.CPT, by=sana.user, now=LATER)
    assert AuthorizationRecord.objects.get(pk=record.pk).route == RouteKind.AT
    actions.declare(sana, needs="yes", route=RouteKind.OPT, by=sana.user, now=LATER)
    assert AuthorizationRecord.objects.get(pk=record.pk).route == RouteKind.OPT


@pytest.mark.parametrize("route", ["none", "green"])
def test_only_a_route_is_agreed_on(open_record, sana, route):
    with pytest.raises(MoveRefused, match="Choose one of the routes"):
        actions.advise(open_record(), by=sana.user, route=route, now=NOW)


def test_who_was_not_sure_says_what_was_agreed_on(sign_in, open_record, sana):
    record = open_record(route=RouteKind.UNSURE)
    client = sign_in(sana.user)
    assert "Which route have you agreed on" in text(client.get(record.get_absolute_url()))
    client.post(reverse("authorization_advising", args=[record.pk]), {"route": "opt"})
    record.refresh_from_db()
    assert (record.route, record.status) == (RouteKind.OPT, Status.ADVISED)


def test_there_is_nothing_to_decide_once_it_is_approved(sign_in, open_record, sana):
    record = open_record(Status.APPROVED)
    response = sign_in(sana.user).get(reverse("authorization_options", args=[record.pk]))
    assert (response.status_code, response.url) == (302, record.get_absolute_url())
