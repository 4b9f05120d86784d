import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from postings.forms import PostingForm
from postings.models import OpportunityType, Posting
from postings.workflow import Status
from tests.factories import make_host, make_posting, make_staff, make_student, make_user
from tests.postings.viewing import answers, signed_in

pytestmark = pytest.mark.django_db

# Writing


def test_a_host_writes_previews_and_submits(omar):
    client = signed_in(omar.user)
    response = client.post("/postings/new/", answers(then="preview"))
    posting = Posting.objects.get()
    assert response.headers["Location"] == f"/postings/{posting.pk}/preview/"
    preview = client.get(response.headers["Location"])
    assert b"<strong>who leaves</strong>" in preview.content
    response = client.post(f"/postings/{posting.pk}/submission/", {"expectations_read": "on"})
    assert response.headers["Location"] == "/host/postings/"
    posting.refresh_from_db()
    assert (posting.status, posting.organization, posting.host) == (
        Status.SUBMITTED,
        omar.user.memberships.get().organization,
        omar,
    )
    assert (posting.country, posting.pay_amount, posting.levels) == ("US", Decimal(20), ["undergraduate", "graduate"])


def test_the_expectations_stand_above_the_box_and_on_the_page_for_hosts(omar):
    posting = make_posting(Status.DRAFT, host=omar)
    client = signed_in(omar.user)
    preview = client.get(f"/postings/{posting.pk}/preview/").content.decode()
    for expectation in ("A project, not a job.", "A student never pays anything", "5–7 for a micro-internship"):
        assert 0 < preview.index(expectation) < preview.index('name="expectations_read"')
        assert expectation in client.get("/for-hosts/").content.decode()


def test_submission_asks_for_the_expectations(omar):
    posting = make_posting(Status.DRAFT, host=omar)
    response = signed_in(omar.user).post(f"/postings/{posting.pk}/submission/", {})
    assert response.status_code == 422
    assert b"Read the expectations for hosts, and confirm" in response.content
    assert Posting.objects.get().status == Status.DRAFT


def test_a_draft_needs_a_title_alone(omar):
    client = signed_in(omar.user)
    refused = client.post("/postings/new/", {"then": "draft"})
    assert (refused.status_code, Posting.objects.count()) == (422, 0)
    client.post("/postings/new/", {"then": "draft", "title": "An idea"})
    assert Posting.objects.get().title == "An idea"


def test_what_was_typed_is_kept_and_every_gap_is_named(omar):
    response = signed_in(omar.user).post(
        "/postings/new/",
        answers(brief="", pay_amount="", levels=None, weeks_max="", title="Kept & safe", skills="SQL, R"),
    )
    assert (response.status_code, Posting.objects.count()) == (422, 0)
    assert {name: errors.as_text() for name, errors in response.context["form"].errors.items()} == {
        "brief": "* Describe the project.",
        "levels": "* Choose who may apply: undergraduates, graduate students or both.",
        "weeks_max": "* Enter the greatest number of weeks.",
        "pay_amount": "* Enter the amount.",
    }
    html = response.content.decode()
    assert 'value="Kept &amp; safe"' in html
    assert 'value="SQL, R"' in html
    assert "<title>Error: " in html
    assert 'href="#id_levels_0"' in html


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weeks_min": 4, "weeks_max": 2}, "weeks_max"),
        ({"hours_week_min": 30, "hours_week_max": 20}, "hours_week_max"),
        ({"hours_week_max": 99}, "hours_week_max"),
        ({"start_latest": "2020-01-01"}, "start_latest"),
        ({"start_latest": "9999-12-31"}, "start_latest"),
        ({"apply_by": "2020-01-01"}, "apply_by"),
        ({"apply_by": "soon"}, "apply_by"),
        ({"opens_at": "2080-01-01", "apply_by": "2079-01-01"}, "apply_by"),
        ({"pay_amount": "0"}, "pay_amount"),
        ({"pay_amount": "-3"}, "pay_amount"),
        ({"pay_kind": "unpaid", "pay_amount": ""}, "unpaid_basis"),
        ({"country": "USA"}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "XX"}, "country"),
        ({"location_mode": "on_site"}, "place"),
        ({"extra_materials": ["short_answers"]}, "questions"),
        ({"questions": "a\nb\nc\nd"}, "questions"),
        ({"positions": 0}, "positions"),
        ({"stream": 999999}, "stream"),
        ({"levels": ["postdoc"]}, "levels"),
        ({"mentor_email": "not an address"}, "mentor_email"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"total_hours": "99999999999999"}, "total_hours"),
    ],
)
def test_each_slip_is_told_beside_its_field(omar, changes, field):
    response = signed_in(omar.user).post("/postings/new/", answers(**changes))
    assert (response.status_code, Posting.objects.count()) == (422, 0)
    assert field in response.context["form"].errors


def test_the_last_day_to_apply_counts_to_its_end_on_the_boards_clock(omar, settings):
    client = signed_in(omar.user)
    client.post("/postings/new/", answers(apply_by="2090-06-01", opens_at="2090-05-01"))
    posting = Posting.objects.get()
    assert posting.apply_by == dt.datetime(2090, 6, 2, 4, tzinfo=dt.UTC)
    assert posting.opens_at == dt.datetime(2090, 5, 1, 4, tzinfo=dt.UTC)
    page = client.get(f"/postings/{posting.pk}/edit/").content.decode()
    assert 'value="2090-06-01"' in page
    assert 'value="2090-05-01"' in page


def test_questions_are_written_one_a_line(omar):
    signed_in(omar.user).post("/postings/new/", answers(questions="Why this?\n\n What have you built? "))
    posting = Posting.objects.get()
    assert posting.questions == ["Why this?", "What have you built?"]
    assert posting.extra_materials == ["transcript", "short_answers"]


def test_what_is_usual_is_read_from_the_rows(omar):
    OpportunityType.objects.filter(slug="micro-internship").update(weeks_min=3, weeks_max=6, total_hours_max=44)
    OpportunityType.objects.filter(slug="internship").update(active=False)
    fields = signed_in(omar.user).get("/postings/new/").context["form"].fields
    assert [fields[name].help_text for name in ("weeks_min", "hours_week_min", "total_hours")] == [
        "Usual: Micro-internship 3–6. Leave weeks empty for a job without an end.",
        "Usual: Micro-internship 10–35, Full-time job 35–40.",
        "Usual: Micro-internship 5–44. Leave it empty to reckon it from weeks and hours a week.",
    ]


def test_a_host_without_an_organization_makes_one_first():
    host = make_host()
    host.user.memberships.all().delete()
    response = signed_in(host.user).get("/postings/new/")
    assert response.headers["Location"] == reverse("organization_new")


def test_nobody_posts_for_an_organization_of_others(omar):
    other = make_host().user.memberships.get().organization
    signed_in(omar.user).post("/postings/new/", answers(organization=other.pk))
    assert list(Posting.objects.filter(organization=other)) == []


def test_cohosts_come_from_the_same_organization(omar):
    priya = make_host("Priya", organization=omar.user.memberships.get().organization)
    stranger = make_host("Lena")
    client = signed_in(omar.user)
    assert client.post("/postings/new/", answers(cohosts=[stranger.pk])).status_code == 422
    client.post("/postings/new/", answers(cohosts=[priya.pk]))
    assert list(Posting.objects.get().cohosts.all()) == [priya]


def test_cohosts_are_of_the_postings_own_organization_though_the_host_has_two(omar):
    fenwick = omar.user.memberships.get().organization
    lena = make_host("Lena")
    harbor = lena.user.memberships.get().organization
    Membership.objects.create(user=omar.user, organization=harbor)
    client = signed_in(omar.user)
    refused = client.post("/postings/new/", answers(organization=fenwick.pk, cohosts=[lena.pk]))
    assert refused.context["form"].errors["cohosts"] == [f"Lena does not belong to {fenwick}."]
    client.post("/postings/new/", answers(organization=harbor.pk, cohosts=[lena.pk]))
    assert list(Posting.objects.get().cohosts.all()) == [lena]
    posting = make_posting(Status.DRAFT, host=make_host(organization=fenwick), title="Of Fenwick")
    assert lena not in client.get(f"/postings/{posting.pk}/edit/").context["form"].fields["cohosts"].queryset


def test_who_has_left_is_offered_to_be_taken_out(omar):
    posting = make_posting(Status.DRAFT, host=omar)
    gone = make_host("Gone")
    posting.cohosts.add(gone)
    client = signed_in(omar.user)
    assert list(client.get(f"/postings/{posting.pk}/edit/").context["form"].fields["cohosts"].queryset) == [gone]
    client.post(f"/postings/{posting.pk}/edit/", answers())
    assert posting.cohosts.count() == 0


@pytest.mark.parametrize(
    ("chosen", "kept", "said"),
    [
        ("", None, "Applications are read as they arrive<"),
        ("5", 5, "answered within 5 business days"),
        ("10", 10, "answered within 10 business days"),
        ("15", 15, "answered within 15 business days"),
    ],
)
def test_a_host_promises_when_to_answer_or_does_not(omar, chosen, kept, said):
    client = signed_in(omar.user)
    page = client.get("/postings/new/").context["form"].fields["answer_within"]
    assert [value for value, _ in page.choices] == ["", 5, 10, 15]
    client.post("/postings/new/", answers(answer_within=chosen))
    posting = Posting.objects.get()
    assert posting.answer_within == kept
    assert said in client.get(f"/postings/{posting.pk}/preview/").content.decode()


@pytest.mark.parametrize("typed", ["1", "7", "60", "-5", "soon"])
def test_any_other_promise_is_refused(omar, typed):
    response = signed_in(omar.user).post("/postings/new/", answers(answer_within=typed))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["answer_within"])


def test_cut_offs_by_grades_and_majors_are_warned_about_while_the_host_writes(omar):
    client = signed_in(omar.user)
    brief = "Only computer science majors with a GPA of 3.5 or higher."
    client.post("/postings/new/", answers(brief=brief, then="draft"))
    posting = Posting.objects.get()
    said = ("The text shuts out students by their major.", "The text names a grade point average.")
    for page in (f"/postings/{posting.pk}/edit/", f"/postings/{posting.pk}/preview/"):
        assert [words in client.get(page).content.decode() for words in said] == [True, True]
    posting.brief = "Curious people of any field."
    posting.save(update_fields=["brief"])
    edited = client.get(f"/postings/{posting.pk}/edit/").content.decode()
    assert [words in edited for words in (*said, "Notes from the guidelines")] == [False] * 3
    client.post(f"/postings/{posting.pk}/edit/", answers(brief=brief))  # it warns, and refuses nothing
    posting.refresh_from_db(fields=["brief"])
    assert posting.brief == brief


def test_an_edit_after_approval_says_what_waits(omar):
    posting = make_posting(host=omar)
    client = signed_in(omar.user)
    response = client.post(f"/postings/{posting.pk}/edit/", answers(title="Another title"), follow=True)
    assert b"waits for the career office" in response.content
    posting.refresh_from_db()
    assert posting.title != "Another title"
    assert 'value="Another title"' in client.get(f"/postings/{posting.pk}/edit/").content.decode()


def test_a_request_for_changes_is_read_on_the_page(omar):
    make_posting(Status.CHANGES_REQUESTED, host=omar, decision_reason="pay", decision_comment="State the rate.")
    posting = Posting.objects.get()
    page = signed_in(omar.user).get(f"/postings/{posting.pk}/edit/").content.decode()
    assert "Pay structure" in page
    assert "State the rate." in page


@pytest.mark.parametrize(
    ("noun", "before", "after"),
    [("withdrawal", Status.SUBMITTED, Status.WITHDRAWN), ("closure", Status.OPEN, Status.CLOSED)],
)
def test_hosts_end_their_postings(omar, noun, before, after):
    posting = make_posting(before, host=omar)
    client = signed_in(omar.user)
    assert client.get(f"/postings/{posting.pk}/{noun}/").status_code == 405
    client.post(f"/postings/{posting.pk}/{noun}/")
    assert Posting.objects.get().status == after


def test_a_refused_move_is_a_calm_message(omar):
    posting = make_posting(Status.CLOSED, host=omar)
    response = signed_in(omar.user).post(f"/postings/{posting.pk}/closure/", follow=True)
    assert response.status_code == 200
    assert b"is closed now, so that is no longer possible" in response.content


@pytest.mark.parametrize("path", ["edit", "preview"])
def test_the_things_of_others_are_not_there(path):
    posting = make_posting(Status.DRAFT)
    assert signed_in(make_host().user).get(f"/postings/{posting.pk}/{path}/").status_code == 404
    assert signed_in(posting.host.user).get(f"/postings/{posting.pk}/{path}/").status_code == 200


@pytest.mark.parametrize("path", ["edit", "submission", "withdrawal", "closure"])
@pytest.mark.parametrize("person", [lambda: make_host().user, lambda: make_student().user, make_staff, make_user])
def test_nobody_moves_the_postings_of_others(path, person):
    posting = make_posting(Status.OPEN)
    assert signed_in(person()).post(f"/postings/{posting.pk}/{path}/", {}).status_code == 404


@pytest.mark.parametrize("path", ["edit", "preview"])
@pytest.mark.parametrize("person", [lambda: make_student().user, make_staff, make_user])
def test_for_whoever_is_no_host_a_posting_has_no_such_page(path, person):
    posting = make_posting(Status.OPEN)
    assert signed_in(person()).get(f"/postings/{posting.pk}/{path}/").status_code == 404


@pytest.mark.parametrize(
    ("posting", "reason"),
    [
        (lambda omar: make_posting(host=omar, apply_by=dt.datetime(2026, 4, 2, 4, tzinfo=dt.UTC)), "is expired"),
        (lambda omar: make_posting(Status.CLOSED, host=omar), "is closed"),
    ],
)
def test_what_was_typed_while_the_posting_ended_is_kept(omar, posting, reason):
    posting = posting(omar)
    typed = answers(title="Typed for an hour", apply_by="2026-04-01" if posting.apply_by else "")
    response = signed_in(omar.user).post(f"/postings/{posting.pk}/edit/", typed)
    assert response.status_code == 422
    assert reason in response.context["form"].non_field_errors()[0]
    assert 'value="Typed for an hour"' in response.content.decode()


def test_a_refused_draft_keeps_what_was_typed(omar, monkeypatch):
    monkeypatch.setattr(PostingForm, "_check_cohosts", lambda self, data: None)
    lena = make_host("Lena")
    Membership.objects.create(user=omar.user, organization=lena.user.memberships.get().organization)
    fenwick = omar.user.memberships.first().organization
    response = signed_in(omar.user).post(
        "/postings/new/", answers(title="Typed for an hour", organization=fenwick.pk, cohosts=[lena.pk])
    )
    assert (response.status_code, Posting.objects.count()) == (422, 0)
    assert "cannot be a co-host" in response.context["form"].non_field_errors()[0]
    assert 'value="Typed for an hour"' in response.content.decode()


@pytest.mark.parametrize("path", ["/host/postings/", "/postings/new/"])
@pytest.mark.parametrize("person", [lambda: make_student().user, make_staff, make_user])
def test_places_for_hosts_are_a_calm_page_for_others(path, person):
    assert signed_in(person()).get(path).status_code == 403
    assert Client().get(path).status_code == 302
