import datetime as dt
from decimal import Decimal

import pytest
from django.core import mail

from accounts.roles import Role
from core.workflow import MoveRefused
from notifications.delivery import drain
from postings import actions, wording
from postings.admin.revisions import changes_of
from postings.models import Posting, PostingRevision
from postings.workflow import Reason, RevisionStatus, Status
from tests.factories import NOW, make_host, make_posting, make_staff, make_student
from tests.postings.acting import HOUR, edited, mails, suspend, text

pytestmark = pytest.mark.django_db


def test_a_draft_belongs_to_its_host_and_is_found_by_its_names():
    omar = make_host("Omar")
    blank = make_posting(Status.DRAFT, host=omar)
    organization = blank.organization
    new = Posting(title="Churn analysis", organization=organization, stream=blank.stream)
    posting = actions.draft(new, by=omar.user, now=NOW)
    assert (posting.host, posting.created_by, posting.status) == (omar, omar.user, Status.DRAFT)
    assert posting.search_context == f"{organization.name} · {blank.stream.name} · Remote"
    assert [event.move for event in posting.events.all()] == ["draft"]


def test_nobody_posts_for_an_organization_of_others():
    omar, lena = make_host(), make_host()
    organization = omar.user.memberships.get().organization
    with pytest.raises(MoveRefused):
        actions.draft(Posting(title="X", organization=organization), by=lena.user, now=NOW)


def test_submitting_notes_who_when_and_that_the_expectations_were_read():
    draft = make_posting(Status.DRAFT)
    posting = actions.submit(draft, by=draft.host.user, expectations_read=True, now=NOW)
    assert posting.status == Status.SUBMITTED
    assert (posting.submitted_by, posting.submitted_at, posting.expectations_read_at) == (draft.host.user, NOW, NOW)
    event = posting.events.get()
    assert (event.move, event.from_status, event.to_status, event.by, event.at) == (
        "submit",
        "draft",
        "submitted",
        draft.host.user,
        NOW,
    )


@pytest.mark.parametrize(
    ("fields", "read"), [({}, False), ({"brief": ""}, True), ({"pay_kind": "", "pay_amount": None}, True)]
)
def test_submitting_is_refused_while_something_is_missing(fields, read):
    draft = make_posting(Status.DRAFT, **fields)
    with pytest.raises(MoveRefused):
        actions.submit(draft, by=draft.host.user, expectations_read=read, now=NOW)
    assert Posting.objects.get(pk=draft.pk).status == Status.DRAFT


def test_a_suspended_organization_submits_nothing(mo):
    draft = make_posting(Status.DRAFT)
    suspend(draft.organization, mo)
    with pytest.raises(MoveRefused, match="suspended"):
        actions.submit(draft, by=draft.host.user, expectations_read=True, now=NOW)


@pytest.mark.parametrize(
    ("verb", "status", "mail_kind"),
    [
        (actions.request_changes, Status.CHANGES_REQUESTED, "posting.changes_requested"),
        (actions.decline, Status.DECLINED, "posting.declined"),
    ],
)
def test_reason_and_comment_reach_the_host_and_the_cohosts(mo, verb, status, mail_kind):
    posting = make_posting(Status.SUBMITTED, host=make_host("Omar"))
    posting.cohosts.add(make_host("Priya"))
    posting = verb(posting, by=mo, reason=Reason.PAY, comment="State the pay an hour.", now=NOW)
    assert (posting.status, posting.decision_reason, posting.decision_comment, posting.decided_by) == (
        status,
        Reason.PAY,
        "State the pay an hour.",
        mo,
    )
    assert sorted(mails()) == [(mail_kind, "Omar"), (mail_kind, "Priya")]
    drain(clock=lambda: NOW)
    assert ["Pay structure" in sent.body and "State the pay an hour." in sent.body for sent in mail.outbox] == [
        True
    ] * 2


def test_a_request_that_was_met_already_is_not_mailed_any_more(mo):
    posting = make_posting(Status.SUBMITTED)
    actions.request_changes(posting, by=mo, reason=Reason.PAY, comment="Please.", now=NOW)
    actions.submit(posting, by=posting.host.user, expectations_read=True, now=NOW)
    drain(clock=lambda: NOW)
    assert mail.outbox == []


def test_approval_opens_at_once(mo):
    posting = actions.approve(make_posting(Status.SUBMITTED, host=make_host("Omar")), by=mo, now=NOW)
    assert (posting.status, posting.approved_by, posting.approved_at, posting.published_at) == (
        Status.OPEN,
        mo,
        NOW,
        NOW,
    )
    assert mails() == [("posting.approved", "Omar")]


def test_unpaid_work_that_leaves_the_travel_to_the_student_is_sent_back(mo):
    posting = make_posting(
        Status.SUBMITTED, pay_kind="unpaid", pay_amount=None, unpaid_basis="A charity", travel_costs_covered=False
    )
    with pytest.raises(MoveRefused, match="local travel costs"):
        actions.approve(posting, by=mo, unpaid_talk=True, now=NOW)
    posting.refresh_from_db()
    assert posting.status == Status.SUBMITTED


def test_approval_waits_for_a_later_opening(mo):
    posting = actions.approve(make_posting(Status.SUBMITTED, opens_at=NOW + HOUR), by=mo, now=NOW)
    assert (posting.status, posting.published_at) == (Status.SCHEDULED, NOW + HOUR)


def test_unpaid_work_is_approved_only_after_a_talk(mo):
    posting = make_posting(
        Status.SUBMITTED, pay_kind="unpaid", pay_amount=None, unpaid_basis="A charity", travel_costs_covered=True
    )
    with pytest.raises(MoveRefused, match="Talk with the host"):
        actions.approve(posting, by=mo, now=NOW)
    posting = actions.approve(posting, by=mo, unpaid_talk=True, now=NOW)
    assert (posting.status, posting.unpaid_talk_by, posting.unpaid_talk_at) == (Status.OPEN, mo, NOW)


def test_a_deadline_in_the_past_is_not_approved(mo):
    with pytest.raises(MoveRefused, match="deadline has passed"):
        actions.approve(make_posting(Status.SUBMITTED, apply_by=NOW), by=mo, now=NOW)


def test_a_moderator_decides_on_what_they_read(mo):
    posting = make_posting(Status.SUBMITTED)
    seen = posting.version
    actions.write(edited(posting, brief="Something else"), by=posting.host.user, now=NOW)
    with pytest.raises(MoveRefused, match="has changed since"):
        actions.approve(posting, by=mo, version=seen, now=NOW)
    assert actions.approve(posting, by=mo, version=seen + 1, now=NOW).status == Status.OPEN


@pytest.mark.parametrize("role", [Role.ADVISER, Role.INTERNATIONAL_ADVISER, Role.PROGRAM_MANAGER])
def test_only_moderators_decide(role):
    with pytest.raises(MoveRefused):
        actions.approve(make_posting(Status.SUBMITTED), by=make_staff(role), now=NOW)


def test_a_host_cannot_approve_their_own():
    posting = make_posting(Status.SUBMITTED)
    with pytest.raises(MoveRefused):
        actions.approve(posting, by=posting.host.user, now=NOW)


@pytest.mark.parametrize("stranger", [lambda: make_host().user, lambda: make_student().user])
@pytest.mark.parametrize("verb", [actions.withdraw, actions.close])
def test_strangers_end_nothing(verb, stranger):
    with pytest.raises(MoveRefused):
        verb(make_posting(Status.OPEN), by=stranger(), now=NOW)


# Editing


def test_before_approval_an_edit_changes_the_posting_at_once():
    posting = make_posting(Status.SUBMITTED)
    saved = actions.write(edited(posting, brief="New", skills="R"), by=posting.host.user, now=NOW)
    assert (saved.brief, saved.skills, saved.version) == ("New", "R", 2)
    assert PostingRevision.objects.count() == 0


def test_after_approval_reviewed_fields_wait_and_the_others_go_up():
    posting = make_posting(Status.OPEN, pay_amount=Decimal(20), skills="Python")
    actions.write(edited(posting, pay_amount=Decimal("22.50"), skills="R", weeks_max=3), by=posting.host.user, now=NOW)
    standing = Posting.objects.get(pk=posting.pk)
    assert (standing.pay_amount, standing.weeks_max, standing.skills) == (Decimal(20), 4, "R")
    assert standing.revisions.get().changes == {"weeks_max": 3, "pay_amount": "22.50"}


def test_new_questions_wait_for_a_moderator(mo):
    posting = make_posting(Status.OPEN, questions=["Why this?"])
    change = edited(posting, questions=["Why this?", "Why now?"], extra_materials=["short_answers"])
    actions.write(change, by=posting.host.user, now=NOW)
    revision = posting.revisions.get()
    assert list(revision.changes) == ["questions"]
    assert Posting.objects.get(pk=posting.pk).questions == ["Why this?"]
    [change] = changes_of(revision, Posting.objects.get())
    assert change.name == "questions"
    assert (text(change.before), text(change.after)) == ("Why this?", "Why this?\nWhy now?")
    assert actions.approve_revision(revision, by=mo, now=NOW).questions == ["Why this?", "Why now?"]


def test_short_answers_are_announced_once_their_questions_are_up():
    posting = make_posting(Status.OPEN)
    change = edited(posting, questions=["Why?"], extra_materials=["portfolio", "short_answers"])
    saved = actions.write(change, by=posting.host.user, now=NOW)
    assert wording.materials(saved) == "Resume, cover letter and portfolio"
    saved.questions = ["Why?"]
    assert wording.materials(saved) == "Resume, cover letter, portfolio and short answers"


def test_an_edit_that_touches_nothing_reviewed_makes_no_revision():
    posting = make_posting(Status.OPEN)
    actions.write(edited(posting, positions=3), by=posting.host.user, now=NOW)
    assert PostingRevision.objects.count() == 0


def test_a_second_proposal_replaces_the_first_and_taking_it_back_leaves_none():
    posting = make_posting(Status.OPEN, title="Old")
    host = posting.host.user
    actions.write(edited(posting, title="New"), by=host, now=NOW)
    actions.write(edited(posting, title="Newer"), by=host, now=NOW)
    assert list(posting.revisions.values_list("changes__title", "status")) == [
        ("New", RevisionStatus.REPLACED),
        ("Newer", RevisionStatus.WAITING),
    ]
    actions.write(edited(posting), by=host, now=NOW)
    assert set(posting.revisions.values_list("status", flat=True)) == {RevisionStatus.REPLACED}


def test_saving_twice_keeps_the_place_in_the_queue():
    posting = make_posting(Status.OPEN)
    actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW)
    actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW + HOUR)
    assert posting.revisions.get().proposed_at == NOW


def test_an_approved_revision_goes_up_with_all_its_kinds_of_values(mo):
    posting = make_posting(Status.OPEN, host=make_host("Omar"))
    engagement = type(posting.engagement_type).objects.get(slug="temporary-employee")
    start = dt.date(2026, 8, 3)
    changes = {
        "pay_kind": "fixed_fee",
        "pay_amount": Decimal("800.00"),
        "engagement_type": engagement,
        "start_latest": start,
        "location_mode": "hybrid",
        "place": "Boston",
        "total_hours": None,
    }
    actions.write(edited(posting, **changes), by=posting.host.user, now=NOW)
    saved = actions.approve_revision(posting.revisions.get(), by=mo, now=NOW)
    fresh = Posting.objects.get(pk=saved.pk)
    assert {name: getattr(fresh, name) for name in changes} == changes
    assert posting.revisions.get().status == RevisionStatus.APPROVED
    assert mails() == [("posting.revision_approved", "Omar")]


def test_a_declined_revision_leaves_the_approved_version(mo):
    posting = make_posting(Status.OPEN, host=make_host("Omar"), title="Old")
    actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW)
    revision = posting.revisions.get()
    actions.decline_revision(revision, by=mo, reason=Reason.PAY, comment="No.", now=NOW)
    assert Posting.objects.get(pk=posting.pk).title == "Old"
    assert mails() == [("posting.revision_declined", "Omar")]
    with pytest.raises(MoveRefused):
        actions.approve_revision(revision, by=mo, now=NOW)


def test_a_revision_to_unpaid_needs_the_talk_too(mo):
    posting = make_posting(Status.OPEN)
    change = edited(posting, pay_kind="unpaid", pay_amount=None, unpaid_basis="Charity", travel_costs_covered=True)
    actions.write(change, by=posting.host.user, now=NOW)
    revision = posting.revisions.get()
    with pytest.raises(MoveRefused, match="conversation with the career office"):
        actions.approve_revision(revision, by=mo, now=NOW)
    assert actions.approve_revision(revision, by=mo, unpaid_talk=True, now=NOW).pay_kind == "unpaid"


def test_hosts_decide_on_no_revision():
    posting = make_posting(Status.OPEN)
    actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW)
    with pytest.raises(MoveRefused):
        actions.approve_revision(posting.revisions.get(), by=posting.host.user, now=NOW)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.FILLED, Status.EXPIRED, Status.DECLINED, Status.WITHDRAWN])
def test_what_is_over_is_not_edited(status):
    posting = make_posting(status)
    with pytest.raises(MoveRefused):
        actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW)


def test_a_posting_in_review_stays_complete():
    posting = make_posting(Status.SUBMITTED)
    with pytest.raises(MoveRefused):
        actions.write(edited(posting, brief=""), by=posting.host.user, now=NOW)


def test_a_scheduled_posting_moves_its_opening():
    posting = make_posting(Status.SCHEDULED, opens_at=NOW + HOUR)
    saved = actions.write(edited(posting, opens_at=NOW + 2 * HOUR), by=posting.host.user, now=NOW)
    assert (saved.opens_at, saved.published_at) == (NOW + 2 * HOUR, NOW + 2 * HOUR)


def test_an_opening_that_is_past_is_history():
    posting = make_posting(Status.OPEN, opens_at=NOW - HOUR)
    saved = actions.write(edited(posting, opens_at=NOW + HOUR, positions=2), by=posting.host.user, now=NOW)
    assert (saved.opens_at, saved.positions) == (NOW - HOUR, 2)


# Co-hosts


def colleague_of(posting, name, **fields):
    return make_host(name, organization=posting.organization, **fields)


def test_a_named_cohost_is_told_and_it_is_on_record():
    posting = make_posting(Status.OPEN, host=make_host("Omar"))
    priya = colleague_of(posting, "Priya")
    saved = actions.write(edited(posting), by=posting.host.user, cohosts=[priya], now=NOW)
    event = posting.events.get()
    assert (list(saved.cohosts.all()), saved.version, saved.updated_at) == ([priya], 2, NOW)
    assert (event.move, event.by, event.note) == ("cohosts", posting.host.user, "Co-hosts: Priya")
    assert mails() == [("posting.cohost_named", "Priya")]
    drain(clock=lambda: NOW)
    assert f"/postings/{posting.pk}/edit/" in mail.outbox[0].body


def test_the_same_cohosts_again_are_no_change():
    posting = make_posting(Status.OPEN)
    priya = colleague_of(posting, "Priya")
    posting.cohosts.add(priya)
    saved = actions.write(edited(posting), by=posting.host.user, cohosts=[priya], now=NOW)
    assert (saved.version, posting.events.count(), mails()) == (1, 0, [])


def test_cohosts_take_themselves_out_and_are_not_told_then():
    posting = make_posting(Status.OPEN)
    priya = colleague_of(posting, "Priya")
    actions.write(edited(posting), by=posting.host.user, cohosts=[priya], now=NOW)
    saved = actions.write(edited(posting), by=priya.user, cohosts=[], now=NOW + HOUR)
    assert (list(saved.cohosts.all()), saved.version) == ([], 3)
    assert posting.events.last().note == "Co-hosts: none"
    drain(clock=lambda: NOW + HOUR)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "outsider",
    [
        lambda posting: make_host("Lena"),
        lambda posting: make_host("Grace", alumnus=True),
        lambda posting: colleague_of(posting, "Gone", is_active=False),
    ],
)
def test_nobody_from_outside_becomes_a_cohost(outsider):
    posting = make_posting(Status.OPEN)
    host = posting.host.user
    stranger = outsider(posting)
    with pytest.raises(MoveRefused, match="cannot be a co-host"):
        actions.write(edited(posting, skills="R"), by=host, cohosts=[stranger], now=NOW)
    with pytest.raises(MoveRefused, match="cannot be a co-host"):
        actions.draft(Posting(title="X", organization=posting.organization), by=host, cohosts=[stranger], now=NOW)
    standing = Posting.objects.get()
    assert (list(standing.cohosts.all()), standing.skills, mails()) == ([], posting.skills, [])


def test_a_cohost_who_left_the_organization_can_be_taken_out_and_does_not_block_edits():
    posting = make_posting(Status.OPEN)
    gone = make_host("Gone")
    posting.cohosts.add(gone)
    kept = actions.write(edited(posting, skills="R"), by=posting.host.user, cohosts=[gone], now=NOW)
    assert (kept.skills, list(kept.cohosts.all())) == ("R", [gone])
    assert list(actions.write(edited(posting), by=posting.host.user, cohosts=[], now=NOW).cohosts.all()) == []


def test_a_refused_edit_leaves_the_cohosts_as_they_were():
    posting = make_posting(Status.SUBMITTED)
    priya = colleague_of(posting, "Priya")
    with pytest.raises(MoveRefused, match="complete"):
        actions.write(edited(posting, brief=""), by=posting.host.user, cohosts=[priya], now=NOW)
    assert (posting.cohosts.count(), mails()) == (0, [])


def test_a_draft_names_its_cohosts():
    posting = make_posting(Status.DRAFT, host=make_host("Omar"))
    priya = colleague_of(posting, "Priya")
    new = Posting(title="X", organization=posting.organization)
    saved = actions.draft(new, by=posting.host.user, cohosts=[priya], now=NOW)
    assert [event.move for event in saved.events.all()] == ["draft", "cohosts"]
    assert mails() == [("posting.cohost_named", "Priya")]
