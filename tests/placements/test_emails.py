import pytest
import time_machine

from authorization import actions as authorizing
from core.workflow import MoveRefused
from notifications.mail import MAILS
from notifications.models import OutboxMail
from notifications.workflow import State
from placements import actions
from placements.workflow import Status
from tests.factories import make_staff
from tests.placements.making import DAY, FIRST_DAY, NOW, START, clear, host_of, make_placement, record_of
from tests.placements.test_pages import client_of, page_of

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
        told = "placement.go_on" if status == Status.ACTIVE else "placement.ready_host"
        assert (told, host_of(placement)) in queued()
        with time_machine.travel(FIRST_DAY):
            words = f"{placement.student.display_name} is cleared to begin from Mon, May 4, 2026"
            assert rendered(told).subject.startswith(words)


def amend(placement, last, *, first=START, now=FIRST_DAY):
    ines = make_staff("international_adviser")
    OutboxMail.objects.all().delete()
    authorizing.amend(record_of(placement), valid_from=first, valid_until=last, by=ines, note="Dropped", now=now)
    return queued()


@time_machine.travel(FIRST_DAY)
def test_an_approval_cut_short_in_the_work_is_told_to_the_hosts_once_and_not_why():
    placement = make_placement(Status.ACTIVE)
    host, last = host_of(placement), placement.ends_on
    assert amend(placement, START + 7 * DAY) == [("placement.stop_after", host)]
    letter = rendered("placement.stop_after")
    assert letter.subject == f"Work on “{placement.posting.title}” must stop after May 11, 2026"
    assert ("Dropped" in letter.text, "uthoriz" in letter.text) == (False, False)
    assert amend(placement, START + 7 * DAY) == []
    assert amend(placement, START + 8 * DAY) == [("placement.stop_after", host)]
    assert amend(placement, last) == [("placement.go_on", host)]
    assert "until Friday, May 29, 2026" in rendered("placement.go_on").text
    assert amend(placement, last + DAY) == []
    assert amend(placement, last, first=START + 2 * DAY) == [("placement.held_back", host)]
    assert rendered("placement.held_back").subject.endswith("is cleared to begin from Wed, May 6, 2026")
    assert [event.move for event in placement.events.order_by("pk")][-4:] == [
        "stop_after",
        "stop_after",
        "go_on",
        "stop",
    ]


@time_machine.travel(FIRST_DAY)
def test_a_clearance_that_was_too_short_from_the_start_is_told_as_the_work_begins():
    placement = make_placement()
    clear(placement, START, START + 7 * DAY)
    OutboxMail.objects.all().delete()
    actions.begin(placement, by=host_of(placement))
    assert queued() == [("placement.begun", placement.student), ("placement.stop_after", host_of(placement))]


def test_a_first_day_that_comes_too_early_reads_as_one_thing():
    placement = make_placement()
    clear(placement, START + DAY, placement.ends_on)
    host = host_of(placement)
    with time_machine.travel(FIRST_DAY):
        letter = MAILS["placement.start_must_move"].render(placement.pk, host, START.isoformat())
    assert "May 4, 2026, can no longer be met: the start date must move." in letter.text
    assert "may begin from Tuesday, May 5, 2026." in letter.text
    for by, words in ((host, f"{placement.student.get_short_name()} may begin"), (placement.student, "You may begin")):
        page = page_of(placement, by)
        assert page.context["status_text"] == "Not cleared for the first day"
        assert page.context["next"].startswith(f"{words} from Tuesday, May 5, 2026. The first day has to move")
        assert ("Wait until" in page.content.decode(), "Get cleared" in page.content.decode()) == (False, False)
    with pytest.raises(MoveRefused, match="may begin from Tuesday, May 5, 2026, so the first day has to move"):
        actions.begin(placement, by=host, now=FIRST_DAY + DAY)


def test_the_outbox_of_a_moderator_never_shows_who_was_cleared_or_was_not():
    """Every mail that tells of a clearance or of a record, in each of its states; the others are there."""
    placement = make_placement(Status.ACTIVE)
    amend(placement, START + 7 * DAY)
    OutboxMail.objects.all().delete()
    restricted = {kind for kind, mail in MAILS.items() if mail.restricted_to}
    assert {kind.partition(".")[0] for kind in restricted} == {"item", "placement"}
    states = (State.PENDING, State.SENT, State.DEAD)
    for state in states:
        for kind in (*restricted, "placement.begun"):
            MAILS[kind].queue(to=placement.student, subject_id=placement.pk, version=state, now=NOW)
        sent_at = NOW if state == State.SENT else None
        OutboxMail.objects.filter(version=state).update(state=state, sent_at=sent_at, last_error="452 Mailbox full")
    client = client_of(make_staff())
    for query in ("", "?kind__exact=placement.stop_after", f"?q={placement.student.email}"):
        page = client.get(f"/admin/notifications/outboxmail/{query}")
        assert page.status_code == 200
        listed = {row.kind for row in page.context["cl"].result_list}
        assert listed <= {"placement.begun"}
        assert [kind for kind in restricted if f">{kind}<" in page.content.decode()] == []
    assert OutboxMail.objects.filter(kind__in=restricted).count() == len(restricted) * len(states)


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
