import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from postings import actions
from postings.models import Label, Posting, PostingRevision
from postings.workflow import Status
from programs.actions import grant_manager
from programs.models import Program
from tests.factories import NOW, make_host, make_posting, make_staff

pytestmark = pytest.mark.django_db
QUEUE = "/admin/postings/posting/"


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


@pytest.fixture
def mo(client):
    client.force_login(make_staff(Role.MODERATOR, "Mo"), backend="accounts.backends.RoleBackend")
    return client


def address(posting, name, version=True):
    path = reverse("admin:postings_posting_action", args=[posting.pk, name])
    return f"{path}?version={posting.version}" if version else path


def titles(response):
    return [row.title for row in response.context["cl"].result_list]


def test_the_queue_is_what_waits_oldest_first(mo):
    make_posting(Status.SUBMITTED, title="Second", submitted_at=NOW.replace(day=3))
    make_posting(Status.SUBMITTED, title="First", submitted_at=NOW.replace(day=2))
    make_posting(Status.OPEN, title="Open")
    make_posting(Status.DRAFT, title="Draft")
    assert titles(mo.get(QUEUE)) == ["First", "Second"]
    assert titles(mo.get(QUEUE, {"queue": "open"})) == ["Open"]
    assert sorted(titles(mo.get(QUEUE, {"queue": "all"}))) == ["First", "Open", "Second"]


def test_the_posting_stands_beside_the_checks_and_its_history(mo):
    host = make_host("Omar")
    posting = make_posting(Status.DRAFT, host=host, brief="**Bold** words", pay_amount=5)
    actions.submit(posting, by=host.user, expectations_read=True)
    page = mo.get(f"{QUEUE}{posting.pk}/change/").content.decode()
    assert "<strong>Bold</strong> words" in page
    assert "under the floor of 15" in page
    assert "Submit for review" in page
    assert page.count("<h1") == 1


def test_the_admin_has_the_sheet_of_each_component_that_it_shows(mo):
    css = Path(settings.BASE_DIR) / "static" / "css"
    page = mo.get(f"{QUEUE}{make_posting(Status.SUBMITTED, pay_amount=20).pk}/change/").content.decode()
    blocks = {
        name.split("__")[0].split("--")[0] for names in re.findall('class="([^"]+)"', page) for name in names.split()
    }
    sheets = {sheet.stem for sheet in (css / "components").glob("*.css")} - {"breadcrumbs"}  # Django's own
    assert "pay-band" in blocks & sheets
    assert blocks & sheets - set(re.findall(r"components/([\w-]+)\.css", (css / "admin.css").read_text())) == set()


def test_every_decision_goes_through_its_page(mo):
    posting = make_posting(Status.SUBMITTED)
    page = mo.get(f"{QUEUE}{posting.pk}/change/").content.decode()
    for name in ("approval", "changes", "refusal"):
        assert address(posting, name) in page
        assert mo.get(address(posting, name)).status_code == 200
    assert Posting.objects.get().status == Status.SUBMITTED


def test_a_request_for_changes_needs_a_reason_and_words(mo):
    posting = make_posting(Status.SUBMITTED)
    refused = mo.post(address(posting, "changes"), {"comment": "", "reason": "", "version": posting.version})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"reason", "comment"}
    mo.post(address(posting, "changes"), {"comment": "State it.", "reason": "pay", "version": posting.version})
    posting.refresh_from_db()
    assert (posting.status, posting.decision_reason, posting.decision_comment) == (
        Status.CHANGES_REQUESTED,
        "pay",
        "State it.",
    )


def test_approving(mo):
    posting = make_posting(Status.SUBMITTED)
    mo.post(address(posting, "approval"), {"version": posting.version})
    assert Posting.objects.get().status == Status.OPEN


def test_a_decision_on_an_old_version_is_refused_on_the_form(mo):
    posting = make_posting(Status.SUBMITTED)
    actions.write(posting, by=posting.host.user, now=NOW)
    response = mo.post(address(posting, "approval"), {"version": posting.version})
    assert response.status_code == 422
    assert b"has changed since you opened it" in response.content
    assert Posting.objects.get().status == Status.SUBMITTED


def test_unpaid_work_is_approved_after_the_talk(mo):
    posting = make_posting(
        Status.SUBMITTED, pay_kind="unpaid", pay_amount=None, unpaid_basis="Charity", travel_costs_covered=True
    )
    page = mo.get(f"{QUEUE}{posting.pk}/change/").content.decode()
    assert address(posting, "approval") not in page
    assert mo.post(address(posting, "approval-unpaid"), {"version": 1}).status_code == 422
    mo.post(address(posting, "approval-unpaid"), {"version": 1, "unpaid_talk": "on"})
    assert Posting.objects.get().status == Status.OPEN


@pytest.mark.parametrize(
    ("name", "data", "before", "after"),
    [
        ("refusal", {"reason": "fraud", "comment": "No."}, Status.SUBMITTED, Status.DECLINED),
        ("hold", {"note": "Reports."}, Status.OPEN, Status.ON_HOLD),
        ("resumption", {}, Status.ON_HOLD, Status.OPEN),
        ("closure", {"comment": "Asked by mail."}, Status.OPEN, Status.CLOSED),
    ],
)
def test_the_other_verbs(mo, name, data, before, after):
    posting = make_posting(before)
    mo.post(address(posting, name), data)
    assert Posting.objects.get().status == after


def test_labels_are_given_here_and_the_derived_ones_are_not_offered(mo):
    posting = make_posting(Status.OPEN)
    path = f"{QUEUE}{posting.pk}/change/"
    offered = mo.get(path).context["adminform"].form.fields["labels"].queryset
    assert set(offered.filter(slug__in=["micro-internship", "alumni-host", "global"])) == set()
    mo.post(path, {"labels": [Label.objects.get(slug="iap").pk]})
    assert list(posting.labels.values_list("slug", flat=True)) == ["iap"]
    posting.refresh_from_db()
    assert posting.status == Status.OPEN
    assert posting.search_context.endswith("· IAP")


@pytest.fixture
def revision():
    posting = make_posting(title="Old title")
    posting.title = "New title"
    actions.write(posting, by=posting.host.user, now=NOW)
    return PostingRevision.objects.get()


def test_a_revision_is_shown_beside_what_stands_and_approved(mo, revision):
    queue = mo.get("/admin/postings/postingrevision/")
    assert list(queue.context["cl"].result_list) == [revision]
    page = mo.get(f"/admin/postings/postingrevision/{revision.pk}/change/").content.decode()
    assert "taken out: </span>Old</del> title" in page
    assert "put in: </span>New</ins> title" in page
    mo.post(reverse("admin:postings_postingrevision_action", args=[revision.pk, "approval"]), {})
    assert Posting.objects.get().title == "New title"


def test_a_revision_is_declined_for_a_reason(mo, revision):
    path = reverse("admin:postings_postingrevision_action", args=[revision.pk, "refusal"])
    assert mo.post(path, {}).status_code == 422
    mo.post(path, {"reason": "not_enough", "comment": "Why?"})
    revision.refresh_from_db()
    assert (revision.status, revision.reason, revision.comment) == ("declined", "not_enough", "Why?")
    assert Posting.objects.get().title == "Old title"


@pytest.mark.parametrize("role", [Role.ADVISER, Role.PROGRAM_MANAGER])
def test_others_of_the_office_read_and_decide_nothing(role, revision):
    person = make_staff(role)
    staff = signed_in(person)
    posting = make_posting(Status.SUBMITTED, country="PT")
    if role == Role.PROGRAM_MANAGER:
        program = Program.objects.create(name="Iberia Program", contact_email="iberia@example.edu")
        program.countries.create(country="PT")
        grant_manager(program, user=person, by=person)
    page = staff.get(f"{QUEUE}{posting.pk}/change/")
    assert page.status_code == 200
    assert address(posting, "approval") not in page.content.decode()
    assert staff.post(address(posting, "approval"), {"version": 1}).status_code == 403
    assert staff.post(f"{QUEUE}{posting.pk}/change/", {"labels": []}).status_code == 403
    assert staff.get("/admin/postings/postingrevision/").status_code == 403
    assert Posting.objects.get(pk=posting.pk).status == Status.SUBMITTED


def test_international_advisors_have_no_business_here():
    assert signed_in(make_staff(Role.INTERNATIONAL_ADVISER)).get(QUEUE).status_code == 403


@pytest.mark.parametrize("model", ["opportunitytype", "engagementtype", "stream", "label", "payfloor"])
def test_moderators_keep_the_settings(mo, model):
    assert mo.get(f"/admin/postings/{model}/").status_code == 200
    assert mo.get(f"/admin/postings/{model}/add/").status_code == 200
    first = mo.get(f"/admin/postings/{model}/").context["cl"].result_list[0]
    assert mo.get(f"/admin/postings/{model}/{first.pk}/change/").status_code == 200


def test_queries_of_the_queue_do_not_grow(mo):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            mo.get(QUEUE)
        return len(captured)

    make_posting(Status.SUBMITTED)
    one = queries()
    for _ in range(49):
        make_posting(Status.SUBMITTED)
    assert queries() == one


def test_a_decision_on_the_page_of_a_revision_leads_to_the_next(mo, revision):
    other = make_posting(title="Another")
    other.title = "Another title"
    actions.write(other, by=other.host.user, now=NOW)
    following = other.revisions.get()
    approval = reverse("admin:postings_postingrevision_action", args=[revision.pk, "approval"])
    assert f'action="{approval}"' in mo.get(f"/admin/postings/postingrevision/{revision.pk}/change/").content.decode()
    page = f"/admin/postings/postingrevision/{following.pk}/change/"
    assert mo.post(approval, {"next": 1})["Location"] == page
    refusal = reverse("admin:postings_postingrevision_action", args=[following.pk, "refusal"])
    assert mo.post(refusal, {"next": 1, "reason": "pay", "comment": "No."})["Location"] == page
