"""Where the checks are read: by the host on the saved draft and before submitting, by staff beside the posting."""

from decimal import Decimal

import pytest

from postings import checks
from postings.models import PayFloor, Posting
from postings.workflow import Status
from tests.factories import make_posting
from tests.postings.viewing import answers, signed_in

pytestmark = pytest.mark.django_db

HEADING = "Notes from the guidelines"
ASKED = "The text asks for a citizenship, a residency or an immigration status."


def read(client, address):
    return " ".join(client.get(address).content.decode().split())


def test_a_host_reads_them_on_the_saved_draft_and_before_submitting(omar):
    client = signed_in(omar.user)
    client.post("/postings/new/", {"then": "draft", "title": "U.S. citizens only", "pay_kind": "hourly"})
    posting = Posting.objects.get()
    draft = read(client, f"/postings/{posting.pk}/edit/")
    assert [words in draft for words in (HEADING, ASKED, "No learning goals are stated.")] == [True, True, False]
    assert draft.count('class="checks__item"') == 1
    assert '<a href="#id_title">Title</a>: “U.S. citizens only”' in draft
    assert 'Source: <a href="https://www.justice.gov/' in draft
    whole = answers(brief="Send mail to hr@fenwick.example.", learning_goals="", pay_kind="unpaid", pay_amount=None)
    client.post(f"/postings/{posting.pk}/edit/", whole | {"unpaid_basis": "Credit", "travel_costs_covered": "on"})
    preview = read(client, f"/postings/{posting.pk}/preview/")
    assert [words in preview for words in (ASKED, "No learning goals are stated.", HEADING)] == [False, True, True]
    assert f'<a href="/postings/{posting.pk}/edit/#id_brief">Project brief</a>: “Send mail to' in preview
    assert f'<a href="/postings/{posting.pk}/edit/#id_pay_kind_0">How is it paid?</a>' in preview
    assert 'name="expectations_read"' in preview  # they stop nobody


def test_staff_read_them_beside_the_posting_with_nothing_to_edit(mo, omar):
    posting = make_posting(Status.SUBMITTED, host=omar, brief="U.S. citizens only", mentor_email="ana@lab.example")
    client = signed_in(mo)
    page = read(client, f"/admin/postings/posting/{posting.pk}/change/")
    assert [words in page for words in (ASKED, "Project brief: “U.S. citizens only”", "#id_brief")] == [
        True,
        True,
        False,
    ]
    Posting.objects.update(brief="Count the parked cars.")
    page = read(client, f"/admin/postings/posting/{posting.pk}/change/")
    assert [words in page for words in (HEADING, "The posting fits the guidelines.")] == [False, True]


def test_unpaid_work_has_a_worksheet_for_host_and_staff(mo, omar):
    unpaid = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "A grant is applied for."}
    posting = make_posting(Status.DRAFT, host=omar, travel_costs_covered=True, **unpaid)
    host = read(signed_in(omar.user), f"/postings/{posting.pk}/preview/")
    Posting.objects.update(
        status=Status.SUBMITTED, submitted_at=posting.created_at, submitted_by=omar.user, travel_costs_covered=False
    )
    staff = read(signed_in(mo), f"/admin/postings/posting/{posting.pk}/change/")
    for page in (host, staff):
        assert page.count('data-label="Question"') == 14
        assert page.count("A grant is applied for.</td>") == 1
        assert page.count("To talk about") == 6
        assert "The talk has not been noted yet." in page
    agreed = "the host covers them, and the contract says so"
    assert (agreed in host, agreed in staff) == (True, False)
    posting = make_posting(Status.DRAFT, host=omar)
    assert "Worksheet" not in read(signed_in(omar.user), f"/postings/{posting.pk}/preview/")


def test_the_worksheet_leaves_blank_what_the_posting_does_not_say(omar):
    bare = make_posting(Status.DRAFT, host=omar, learning_goals="TBD", feedback_plan="", skills="", supplies=[])
    assert [[bool(line.says) for line in sheet.lines] for sheet in checks.worksheets(bare)] == [
        [False, False, True, False, False, False, False],
        [False, False, False, True, True, False, False],
    ]
    full = make_posting(Status.DRAFT, host=omar, mentor_title="Analyst", supplies=["laptop"], credit_possible=True)
    assert [[bool(line.says) for line in sheet.lines] for sheet in checks.worksheets(full)] == [
        [False, True, True, True, True, True, True],
        [False, True, True, True, True, False, False],
    ]


def test_minimum_wages_of_places_ship_above_the_floor_and_unverified(omar):
    floors = list(PayFloor.objects.all())
    assert {floor.last_verified for floor in floors if floor.region} == {None}
    assert min(floor.hourly for floor in floors if floor.region) > Decimal(15)
    there = make_posting(Status.DRAFT, host=omar, place="New York", region="NY", pay_amount=Decimal("16.50"))
    (failure,) = [one for one in checks.failed(there, checks.Rows(floors)) if one.name == "under_wage"]
    assert failure.text == (
        "An hour comes to 16.50 USD at the least, under the minimum wage of 17.00 (New York City, US)."
    )


def test_rows_are_read_once_however_many_they_are(omar, django_assert_num_queries):
    posting = Posting.objects.for_page().get(pk=make_posting(Status.DRAFT, host=omar).pk)
    with django_assert_num_queries(1):
        checks.failed(posting, checks.Rows.load())
