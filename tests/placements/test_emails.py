import pytest

from authorization import actions as authorizing
from notifications.mail import MAILS
from notifications.models import OutboxMail
from placements import actions
from placements.workflow import Status
from tests.factories import make_staff
from tests.placements.making import DAY, FIRST_DAY, NOW, START, clear, host_of, make_placement, record_of

pytestmark = pytest.mark.django_db


def queued():
    """Which of our mails wait for whom."""
    rows = OutboxMail.objects.filter(kind__startswith="placement").order_by("pk")
    return [(row.kind, row.recipient) for row in rows]


def rendered(kind):
    row = OutboxMail.objects.filter(kind=kind).latest("pk")
    return MAILS[kind].render(row.subject_id, row.recipient, row.version)


def test_a_clearance_is_told_to_student_and_hosts():
    placement = make_placement()
    host = host_of(placement)
    clear(placement)
    assert set(queued()) == {
        ("placement.ready", placement.student),
        ("placement.ready_host", host),
    }
    letter = rendered("placement.ready_host")
    assert letter.subject == f"{placement.student.display_name} is cleared to begin from Mon, May 4, 2026"
    assert "Monday, May 4, 2026" in rendered("placement.ready").text


def test_a_clearance_taken_back_is_told_to_the_hosts_before_and_in_the_work():
    for status in (Status.READY, Status.ACTIVE):
        placement = make_placement(status)
        OutboxMail.objects.all().delete()
        ines = make_staff("international_adviser")
        authorizing.revoke(record_of(placement), by=ines, note="Dropped", now=FIRST_DAY)
        assert queued() == [("placement.held_back", host_of(placement))]
        letter = rendered("placement.held_back")
        assert letter.subject == f"{placement.student.display_name} is not cleared to begin yet"
        assert "Dropped" not in letter.text
        authorizing.file(record_of(placement), filed_on=NOW.date(), by=ines, now=FIRST_DAY)
        authorizing.approve(
            record_of(placement), valid_from=START, valid_until=placement.ends_on, by=ines, now=FIRST_DAY
        )
        assert rendered("placement.held_back") is None


def test_what_is_no_longer_so_is_not_sent():
    placement = make_placement()
    clear(placement)
    authorizing.revoke(record_of(placement), by=make_staff("international_adviser"), note="Dropped", now=NOW + DAY)
    assert rendered("placement.ready") is rendered("placement.ready_host") is None


def test_whoever_begins_tells_the_other_side():
    placement = make_placement(Status.READY)
    student, host = placement.student, host_of(placement)
    OutboxMail.objects.all().delete()
    actions.begin(placement, by=student, now=FIRST_DAY)
    assert queued() == [("placement.begun", host)]
    assert rendered("placement.begun").subject == f"“{placement.posting.title}” has begun"
    other = make_placement(Status.READY)
    OutboxMail.objects.all().delete()
    actions.begin(other, by=host_of(other), now=FIRST_DAY)
    assert queued() == [("placement.begun", other.student)]


def test_the_end_is_told_to_the_other_side_without_its_reason():
    placement = make_placement(Status.DELIVERABLE_SUBMITTED)
    assert queued()[-1] == ("placement.deliverable", host_of(placement))
    OutboxMail.objects.all().delete()
    actions.complete(placement, by=host_of(placement), now=FIRST_DAY + DAY)
    assert queued() == [("placement.completed", placement.student)]
    ended = make_placement(Status.ENDED_EARLY)
    assert queued()[-1] == ("placement.ended_early", ended.student)
    assert "The budget is gone." not in rendered("placement.ended_early").text


def test_staff_who_end_it_tell_both():
    placement = make_placement(Status.ACTIVE)
    OutboxMail.objects.all().delete()
    actions.end_early(placement, by=make_staff(), reason="Both agreed", now=FIRST_DAY)
    assert set(queued()) == {
        ("placement.ended_early", placement.student),
        ("placement.ended_early", host_of(placement)),
    }


def test_a_host_who_left_reads_no_more():
    placement = make_placement()
    clear(placement)
    host = host_of(placement)
    host.memberships.all().delete()
    assert rendered("placement.ready_host") is None
