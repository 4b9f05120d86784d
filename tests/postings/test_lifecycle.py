"""Postings that end, are held, and follow the clock."""

import pytest

from core.workflow import MoveRefused
from postings import actions
from postings.models import Label, Posting
from postings.workflow import HoldCause, RevisionStatus, Status
from tests.factories import NOW, make_host, make_posting, make_student
from tests.postings.acting import HOUR, edited, mails, suspend

pytestmark = pytest.mark.django_db

# Ending


def test_closing_and_withdrawing_note_who_and_when():
    closed = make_posting(Status.OPEN)
    closed = actions.close(closed, by=closed.host.user, now=NOW)
    withdrawn = make_posting(Status.SUBMITTED)
    withdrawn = actions.withdraw(withdrawn, by=withdrawn.host.user, now=NOW)
    assert (closed.status, closed.ended_at, closed.ended_by) == (Status.CLOSED, NOW, closed.host.user)
    assert (withdrawn.status, withdrawn.ended_at, withdrawn.ended_by) == (Status.WITHDRAWN, NOW, withdrawn.host.user)


def test_a_revision_ends_with_its_posting():
    posting = make_posting(Status.OPEN)
    actions.write(edited(posting, title="New"), by=posting.host.user, now=NOW)
    actions.close(posting, by=posting.host.user, now=NOW)
    assert posting.revisions.get().status == RevisionStatus.REPLACED


def test_filling_names_the_person_whose_acceptance_it_was_and_happens_once():
    sana = make_student("Sana").user
    posting = actions.fill(make_posting(Status.OPEN), by=sana, now=NOW)
    assert (posting.status, posting.ended_at, posting.events.get().by) == (Status.FILLED, NOW, sana)
    assert actions.fill(posting, by=sana, now=NOW).events.count() == 1


@pytest.mark.parametrize("status", [Status.CLOSED, Status.EXPIRED])
def test_filling_what_has_ended_changes_nothing(status):
    posting = actions.fill(make_posting(status), now=NOW)
    assert posting.status == status


# Holds


def test_a_hold_hides_and_resuming_shows_again(mo):
    posting = make_posting(Status.OPEN, host=make_host("Omar"))
    held = actions.hold(posting, by=mo, note="Two reports.", now=NOW)
    assert (held.status, held.held_by, held.hold_note) == (Status.ON_HOLD, mo, "Two reports.")
    back = actions.resume(posting, by=mo, now=NOW)
    assert (back.status, back.held_by, back.hold_note) == (Status.OPEN, None, "")
    assert mails() == [("posting.held", "Omar"), ("posting.resumed", "Omar")]


def test_resuming_before_the_opening_schedules_again(mo):
    posting = make_posting(Status.SCHEDULED, opens_at=NOW + HOUR)
    actions.hold(posting, by=mo, note="A report.", now=NOW)
    assert actions.resume(posting, by=mo, now=NOW).status == Status.SCHEDULED


def test_resuming_after_the_deadline_expires(mo):
    posting = make_posting(Status.OPEN, apply_by=NOW + HOUR)
    actions.hold(posting, by=mo, note="A report.", now=NOW)
    posting = actions.resume(posting, by=mo, now=NOW + 2 * HOUR)
    assert (posting.status, posting.ended_at) == (Status.EXPIRED, NOW + HOUR)


def test_a_suspension_holds_all_and_lifting_it_resumes_what_it_held(mo):
    reported = make_posting(Status.OPEN)
    organization = reported.organization
    opened = make_posting(Status.OPEN, host=reported.host)
    scheduled = make_posting(Status.SCHEDULED, host=reported.host)
    closed = make_posting(Status.CLOSED, host=reported.host)
    other = make_posting(Status.OPEN)
    actions.hold(reported, by=mo, note="A report.", now=NOW)

    suspend(organization, mo)
    assert actions.hold_for_suspension(organization, by=mo, now=NOW) == 2
    rows = [reported, opened, scheduled, closed, other]
    assert states(*rows) == [Status.ON_HOLD] * 3 + [Status.CLOSED, Status.OPEN]
    with pytest.raises(MoveRefused, match="suspended"):
        actions.resume(reported, by=mo, now=NOW)

    organization.suspended_at = organization.suspended_by = None
    organization.suspended_reason = ""
    organization.save()
    assert actions.resume_after_suspension(organization, by=mo, now=NOW) == 2
    assert states(*rows) == [Status.ON_HOLD, Status.OPEN, Status.SCHEDULED, Status.CLOSED, Status.OPEN]
    assert Posting.objects.get(pk=reported.pk).hold_cause == HoldCause.REVIEW


def states(*postings):
    return [Posting.objects.get(pk=posting.pk).status for posting in postings]


# The clock


def test_the_clock_opens_and_expires_what_is_due_and_nothing_else():
    opening = make_posting(Status.SCHEDULED, opens_at=NOW)
    later = make_posting(Status.SCHEDULED, opens_at=NOW + HOUR)
    expiring = make_posting(Status.OPEN, apply_by=NOW)
    running = make_posting(Status.OPEN, apply_by=NOW + HOUR)
    rolling = make_posting(Status.OPEN)
    missed = make_posting(Status.SCHEDULED, opens_at=NOW - 2 * HOUR, apply_by=NOW - HOUR)
    rows = [opening, later, expiring, running, rolling, missed]
    assert actions.tick(NOW) == 3
    assert states(*rows) == ["open", "scheduled", "expired", "open", "open", "expired"]
    assert Posting.objects.get(pk=missed.pk).ended_at == NOW - HOUR
    assert list(expiring.events.values_list("move", "by")) == [("expire", None)]
    assert actions.tick(NOW) == 0


def test_a_move_starts_from_the_true_state_though_the_clock_was_late(mo):
    posting = make_posting(Status.OPEN, apply_by=NOW)
    with pytest.raises(MoveRefused, match="expired"):
        actions.close(posting, by=posting.host.user, now=NOW)
    scheduled = make_posting(Status.SCHEDULED, opens_at=NOW)
    assert actions.close(scheduled, by=scheduled.host.user, now=NOW).status == Status.CLOSED


def test_search_follows_an_organization_that_changed_its_name(mo):
    posting = make_posting(Status.OPEN)
    actions.set_labels(posting, labels=Label.objects.filter(slug="iap"), by=mo, now=NOW)
    assert actions.refresh_search_contexts() == 0
    posting.organization.name = "Pedal & Co."
    posting.organization.save()
    assert actions.refresh_search_contexts() == 1
    context = Posting.objects.get(pk=posting.pk).search_context
    assert context == "Pedal & Co. · Data & analytics · Micro-internship · Remote · IAP"


def test_search_follows_a_label_that_changed_its_name_or_went(mo):
    given = Label.objects.filter(slug__in=["iap", "summer", "new-host"])
    posting = actions.set_labels(make_posting(location_mode="hybrid", place="Boston"), labels=given, by=mo, now=NOW)
    assert actions.refresh_search_contexts() == 0
    Label.objects.filter(slug="summer").update(name="Summer 2026")
    assert actions.refresh_search_contexts() == 1
    names = f"{posting.organization} · Data & analytics · Micro-internship · Hybrid · Boston · IAP · Summer 2026"
    assert Posting.objects.get().search_context == names
    Label.objects.filter(slug="iap").delete()
    assert actions.refresh_search_contexts() == 1
    assert Posting.objects.get().search_context == names.replace(" · IAP", "")


def test_derived_labels_are_never_stored(mo):
    posting = actions.set_labels(make_posting(), labels=Label.objects.all(), by=mo, now=NOW)
    assert set(posting.labels.values_list("slug", flat=True)) & {"micro-internship", "alumni-host", "global"} == set()
    assert posting.labels.count() == 10


def test_hosts_give_no_labels():
    posting = make_posting()
    with pytest.raises(MoveRefused):
        actions.set_labels(posting, labels=Label.objects.all(), by=posting.host.user, now=NOW)
