import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.models import Application, ApplicationEvent
from applications.wording import kind_words, plain_text
from applications.workflow import ApplicationStatus
from authorization.actions import declare
from campus.models import Closure
from notifications.delivery import drain
from notifications.models import OutboxMail
from tests.applications.making import host_of, make_application, make_draft, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db

A = ApplicationStatus
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def posting():
    return make_posting(
        host=make_host("Omar Haddad"), title="Churn analysis", questions=["Which tool?"], answer_within=10
    )


@pytest.fixture
def omar(client, posting):
    client.force_login(posting.host.user)
    return posting.host.user


def apply(posting, name, *, now=NOW, answer="A spreadsheet."):
    draft = make_draft(posting, make_student(name), now=now)
    by = draft.student.user
    actions.keep_text(draft, kind="cover_letter", text=f"I am {name}.", by=by, now=now)
    for question in posting.questions:
        actions.keep_text(draft, kind="answer", question=question, text=answer, by=by, now=now)
    return actions.submit(draft, by=by, now=now)


def url_of(posting, rest=""):
    return f"/host/postings/{posting.pk}/applications/{rest}"


def shown(client, posting, **chosen):
    return [row.application.pk for row in client.get(url_of(posting), chosen).context["rows"]]


def news(client, response):
    """What the next page says has happened."""
    page = client.get(response.headers["Location"])
    return [str(message) for message in page.context["messages"]]


# The list.


def test_applicants_stand_in_the_order_of_arrival_whatever_is_asked(client, posting, omar):
    made = [apply(posting, name, now=NOW + hour * dt.timedelta(hours=1)) for hour, name in enumerate("CAB")]
    keys = [one.pk for one in made]
    assert shown(client, posting) == keys
    for order in ("name", "-submitted_at", "authorization", "gpa", "student__level"):
        assert shown(client, posting, sort=order, ordering=order, o=order) == keys


def test_those_not_read_yet(client, posting, omar):
    read, unread = apply(posting, "Sana"), apply(posting, "Theo")
    actions.review(read, by=omar)
    assert shown(client, posting) == [read.pk, unread.pk]
    assert shown(client, posting, unread="on") == [unread.pk]
    assert shown(client, posting, unread="on", status="in_review") == []


def test_documents_are_one_click_away(client, posting, omar):
    application = apply(posting, "Sana")
    resume = application.materials.get(kind="resume")
    assert f'<a href="{resume.get_absolute_url()}">Resume' in client.get(url_of(posting)).content.decode()
    response = client.get(resume.get_absolute_url())
    assert b"".join(response.streaming_content).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("promise", "days", "said"),
    [
        (10, 4, "Waiting 2 of 10 business days"),  # Monday to Friday, with two days closed
        (10, 0, "Waiting 0 of 10 business days"),
        (None, 4, "Waiting 2 business days"),
        (None, 3, "Waiting 1 business day<"),
        (5, 20, "<strong>Waiting 12 of 5 business days</strong>"),
    ],
)
def test_the_page_says_how_long_somebody_waits(client, omar, posting, promise, days, said):
    Closure.objects.create(name="Founders Days", first_day=dt.date(2026, 3, 3), last_day=dt.date(2026, 3, 4))
    posting.answer_within = promise
    posting.save(update_fields=["answer_within"])
    application = apply(posting, "Sana")
    with time_machine.travel(NOW + days * DAY, tick=False):
        client.force_login(omar)
        assert said in client.get(url_of(posting)).content.decode()
        actions.not_select(application, by=omar)
        assert "aiting" not in client.get(url_of(posting)).content.decode()


def test_nothing_is_shown_or_sorted_by_authorization(client, posting, omar):
    students = [apply(posting, name).student for name in ("Sana", "Theo")]
    keys = "&".join(f"a={one.pk}" for one in posting.applications.all())
    urls = [url_of(posting), url_of(posting, f"compare/?{keys}"), url_of(posting, f"non-selection/?{keys}")]

    def pages():
        client.force_login(omar)
        return [re.sub(r'value="\w{64}"', "", client.get(url).content.decode()) for url in urls]

    before = pages()
    for needs, route in (("yes", "cpt"), ("no", "")):
        for student, (said, how) in zip(students, ((needs, route), ("no", "")), strict=True):
            declare(student, needs=said, route=how, by=student.user)
        assert pages() == before
    assert not re.search(r"visa|authoriz|sponsor|citizen|CPT|OPT\b", "".join(before))


def test_staff_look_at_the_list_and_move_nothing(client, posting):
    application = apply(posting, "Sana")
    for role in ("adviser", "moderator"):
        client.force_login(make_staff(role))
        page = client.get(url_of(posting)).content.decode()
        assert "Sana" in page
        assert 'name="do"' not in page
        assert client.post(url_of(posting, "selection/"), {"a": application.pk, "do": "review"}).status_code == 404
        assert client.post(url_of(posting, "non-selection/"), {"a": application.pk}).status_code == 404
    application.refresh_from_db()
    assert application.status == A.SUBMITTED


def test_others_get_404_everywhere(client, posting):
    application = apply(posting, "Sana")
    keys = f"?a={application.pk}"
    people = [application.student.user, make_host().user, make_staff("international_adviser"), make_student().user]
    for person in people:
        client.force_login(person)
        gets = [
            client.get(url_of(posting, rest)).status_code for rest in ("", f"compare/{keys}", f"non-selection/{keys}")
        ]
        posts = [
            client.post(url_of(posting, rest), {"a": application.pk, "do": "review"}).status_code
            for rest in ("selection/", "non-selection/")
        ]
        assert (gets, posts) == ([404] * 3, [404] * 2)
    application.refresh_from_db()
    assert application.status == A.SUBMITTED


# Side by side.


def test_letters_and_answers_stand_beside_each_other_in_the_order_of_arrival(client, posting, omar):
    sana, theo, noa = (apply(posting, name, answer=f"{name}'s tool") for name in ("Sana", "Theo", "Noa"))
    page = client.get(url_of(posting, f"compare/?a={theo.pk}&a={sana.pk}"))
    assert [row.application.pk for row in page.context["rows"]] == [sana.pk, theo.pk]
    parts = {title: [material.text for _, material in cells] for title, cells in page.context["texts"]}
    assert parts == {"Cover letter": ["I am Sana.", "I am Theo."], "Which tool?": ["Sana's tool", "Theo's tool"]}
    text = page.content.decode()
    for application in (sana, theo):
        assert application.materials.get(kind="resume").get_absolute_url() in text
    assert noa.get_absolute_url() not in text


def test_what_one_has_not_written_stays_empty(client, posting, omar):
    sana = apply(posting, "Sana")
    posting.questions = []
    posting.save(update_fields=["questions"])
    theo = apply(posting, "Theo")
    page = client.get(url_of(posting, f"compare/?a={sana.pk}&a={theo.pk}"))
    parts = {title: [bool(material) for _, material in cells] for title, cells in page.context["texts"]}
    assert parts == {"Cover letter": [True, True], "Which tool?": [True, False]}
    assert "Nothing here." in page.content.decode()


def test_at_most_four_and_only_of_this_posting(client, posting, omar):
    made = [apply(posting, f"Student {number}") for number in range(5)]
    other, draft = make_application(make_posting()), make_draft(posting)
    keys = "&".join(f"a={one.pk}" for one in (other, draft, *made))
    page = client.get(url_of(posting, f"compare/?{keys}&a=x&a=-1&a={'9' * 30}"))
    assert [row.application.pk for row in page.context["rows"]] == [one.pk for one in made[:4]]
    assert "4 fit beside each other" in page.content.decode()
    assert "Nobody is chosen" in client.get(url_of(posting, f"compare/?a={other.pk}")).content.decode()


# Several at once.


def test_several_reviews_begin_at_once_and_what_cannot_be_moved_is_named(client, posting, omar):
    sana, theo, wes = (apply(posting, name) for name in ("Sana Iqbal", "Theo Marsh", "Wes Lin"))
    actions.withdraw(wes, by=wes.student.user)
    data = {"a": [one.pk for one in (sana, theo, wes)], "do": "review"}
    response = client.post(url_of(posting, "selection/"), data)
    assert news(client, response) == [
        "Not moved. Wes Lin: This application is withdrawn now, so that is no longer possible.",
        "The review of Sana Iqbal and Theo Marsh has begun. The students see it on their pages.",
    ]
    statuses = dict(Application.objects.values_list("pk", "status"))
    assert statuses == {sana.pk: A.IN_REVIEW, theo.pk: A.IN_REVIEW, wes.pk: A.WITHDRAWN}
    assert ApplicationEvent.objects.filter(move="review", by=omar).count() == 2


def test_the_buttons_lead_on_with_what_was_chosen(client, posting, omar):
    sana, theo = apply(posting, "Sana"), apply(posting, "Theo")
    keys = f"a={sana.pk}&a={theo.pk}"
    for wanted, place in (("compare", "compare/"), ("not_select", "non-selection/")):
        response = client.post(url_of(posting, "selection/"), {"a": [theo.pk, sana.pk], "do": wanted})
        assert response.headers["Location"] == url_of(posting, f"{place}?{keys}")
    assert news(client, client.post(url_of(posting, "selection/"), {"do": "review"})) == [
        "Choose one applicant or more first."
    ]
    assert client.get(url_of(posting, "selection/")).status_code == 405
    client.post(url_of(posting, "selection/"), {"a": sana.pk, "do": "accept"})
    assert set(Application.objects.values_list("status", flat=True)) == {A.SUBMITTED}


def test_another_postings_applicant_is_not_moved(client, posting, omar):
    elsewhere, own = make_application(make_posting()), make_application(make_posting(host=posting.host))
    data = {"a": [elsewhere.pk, own.pk], "do": "review"}
    assert news(client, client.post(url_of(posting, "selection/"), data)) == ["Choose one applicant or more first."]
    assert set(Application.objects.values_list("status", flat=True)) == {A.SUBMITTED}


def test_a_suspended_host_moves_nobody(client, posting, omar):
    application = apply(posting, "Sana Iqbal")
    assert 'name="do"' in client.get(url_of(posting)).content.decode()
    actions.suspend_organization(posting.organization, by=make_staff(), reason="A report")
    assert 'name="do"' not in client.get(url_of(posting)).content.decode()
    (said,) = news(client, client.post(url_of(posting, "selection/"), {"a": application.pk, "do": "review"}))
    assert "is suspended" in said
    assert client.get(url_of(posting, f"non-selection/?a={application.pk}")).status_code == 302
    client.post(url_of(posting, "non-selection/"), {"a": application.pk})
    application.refresh_from_db()
    assert application.status == A.SUBMITTED


# The kind mail.


def letter_to(application):
    mail.outbox.clear()
    drain()
    return next(
        one
        for one in mail.outbox
        if "bout your application" in one.subject and application.student.user.email in one.to
    )


def test_the_mail_says_our_kind_words_when_they_are_left_alone(client, posting, omar):
    application = apply(posting, "Sana")
    url = f"{application.get_absolute_url()}non-selection/"
    ours = client.get(url).context["form"]["words"].value()
    assert ours == kind_words("Churn analysis", posting.organization.name)
    client.post(url, {"words": ours.replace("\n", "\r\n")})
    assert application.events.get(move="not_select").note == ""
    assert ours in letter_to(application).body


def test_the_host_edits_the_mail(client, posting, omar):
    application = apply(posting, "Sana")
    words = "Dear Sana,\r\n\r\n<b>Your</b> letter stayed with us.\x07\u202e Do write again in May."
    client.post(f"{application.get_absolute_url()}non-selection/", {"words": words})
    kept = "Dear Sana,\n\n<b>Your</b> letter stayed with us. Do write again in May."
    assert application.events.get(move="not_select").note == kept
    letter = letter_to(application)
    assert kept in letter.body
    assert "go ahead with somebody else" not in letter.body
    html = letter.alternatives[0][0]
    assert "&lt;b&gt;Your&lt;/b&gt; letter" in html
    client.force_login(application.student.user)
    assert "Do write again in May." in client.get(application.get_absolute_url()).content.decode()


def test_words_that_are_too_many_come_back(client, posting, omar):
    application = apply(posting, "Sana")
    for url, data in (
        (f"{application.get_absolute_url()}non-selection/", {}),
        (url_of(posting, "non-selection/"), {"a": application.pk}),
    ):
        response = client.post(url, {"words": "x" * 2001, **data})
        assert (response.status_code, response.context["form"]["words"].value()) == (422, "x" * 2001)
        assert "Shorten “What the mail says” to 2000 characters" in response.content.decode()
    application.refresh_from_db()
    assert application.status == A.SUBMITTED


def test_several_are_told_in_one_go_each_in_a_mail_of_their_own(client, posting, omar):
    sana, theo, wes = (apply(posting, name) for name in ("Sana Iqbal", "Theo Marsh", "Wes Lin"))
    make_offer(wes)
    keys = "&".join(f"a={one.pk}" for one in (sana, theo, wes))
    page = client.get(url_of(posting, f"non-selection/?{keys}"))
    text = page.content.decode()
    assert "Do not select Sana Iqbal and Theo Marsh?" in text
    assert "These stay as they are: Wes Lin (offered)." in text
    assert [int(key) for key in re.findall(r'name="a" value="(\d+)"', text)] == [sana.pk, theo.pk, wes.pk]
    data = {"a": [sana.pk, theo.pk, wes.pk], "words": "Thank you. It is somebody else."}
    response = client.post(url_of(posting, "non-selection/"), data)
    assert news(client, response) == [
        "Not moved. Wes Lin: This application is offered now, so that is no longer possible.",
        "Sana Iqbal and Theo Marsh will be told kindly.",
    ]
    rows = OutboxMail.objects.filter(kind="application.not_selected")
    assert sorted(rows.values_list("subject_id", flat=True)) == [sana.pk, theo.pk]
    for application in (sana, theo):
        letter = letter_to(application) if application is sana else None
        assert letter is None or "It is somebody else." in letter.body
    assert Application.objects.get(pk=wes.pk).status == A.OFFERED


def test_the_edited_mail_stays_when_nobody_can_be_told_any_more(client, posting, omar):
    sana, theo = apply(posting, "Sana Iqbal"), apply(posting, "Theo Marsh")
    actions.suspend_organization(posting.organization, by=make_staff(), reason="A report")
    data = {"a": [sana.pk, theo.pk], "words": "Thank you both."}
    response = client.post(url_of(posting, "non-selection/"), data)
    assert (response.status_code, response.context["form"]["words"].value()) == (422, "Thank you both.")
    (said,) = response.context["form"].non_field_errors()
    assert (said.startswith("Nobody was told. Sana Iqbal: "), said.count("is suspended")) == (True, 2)
    assert list(response.context["messages"]) == []
    assert not OutboxMail.objects.filter(kind="application.not_selected").exists()


def test_nobody_who_waits_is_a_calm_word(client, posting, omar):
    application = apply(posting, "Sana")
    actions.not_select(application, by=omar)
    said = ["Nobody whom you chose is waiting for a decision. Choose others."]
    for ask in (
        lambda: client.get(url_of(posting, f"non-selection/?a={application.pk}")),
        lambda: client.get(url_of(posting, "non-selection/")),
        lambda: client.post(url_of(posting, "non-selection/"), {"a": application.pk}),
    ):
        response = ask()
        assert (response.status_code, news(client, response)) == (302, said)
    assert OutboxMail.objects.filter(kind="application.not_selected").count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        (" a \n\n\n\nb\t ", "a\n\nb"),
        ("a\0\x1b[31mb", "a[31mb"),
        ("\u202eevil\u2066", "evil"),
        ("Zoë 👩‍💻", "Zoë 👩‍💻"),
        (" \r\n ", ""),
    ],
)
def test_plain_text_keeps_letters_and_line_ends(typed, kept):
    assert plain_text(typed) == kept


# However many apply.


def test_the_pages_ask_the_same_for_one_and_for_fifty(client, posting, omar):
    def queries(url):
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def add(name):
        application = apply(posting, name)
        actions.add_note(application, by=omar, text="Asked good questions.")
        return application

    posting.positions = 60
    posting.save(update_fields=["positions"])
    first = add("Sana")
    offer = make_offer(add("Theo"))
    actions.accept_offer(offer, by=student_of(offer))
    list_at_one, one_beside = queries(url_of(posting)), queries(url_of(posting, f"compare/?a={first.pk}"))
    keys = [add(f"Student {number}").pk for number in range(50)]
    assert queries(url_of(posting)) == list_at_one
    beside = "&".join(f"a={key}" for key in keys[:4])
    assert queries(url_of(posting, f"compare/?{beside}")) == one_beside
    assert host_of(first) == omar
