"""Hours in term over all of a student's placements: cleared over the cap with a reason alone, held at the gate, and
told to the student and the international advisors, to nobody else."""

import datetime as dt
from dataclasses import replace

import pytest

from accounts.roles import Role
from authorization import actions as authorizing
from authorization.models import AuthorizationRecord, Route
from campus.models import Term
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from placements import actions
from placements.models import HoursEntry
from placements.workflow import Status
from tests.applications.making import TERMS
from tests.factories import NOW, make_staff, make_student
from tests.placements.making import (
    DAY,
    END,
    FIRST_DAY,
    START,
    clear,
    file,
    fresh,
    host_of,
    log,
    make_placement,
    record_of,
)
from tests.placements.test_pages import client_of, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_first_day", "spring")]
WHY = "The dean wrote that both count as one course."
HELD = "more than the hours that are cleared in term, in the week of May 4, 2026: 24 hours"
WEEK = 7 * DAY


@pytest.fixture
def spring(db):
    """Two weeks of the work lie in term, and two after it. The cap is 20 hours, and each placement has 12 of them."""
    Route.objects.update(weekly_cap=20)
    return Term.objects.create(name="Spring 2026", first_day=dt.date(2026, 2, 2), last_day=dt.date(2026, 5, 15))


@pytest.fixture
def sana():
    return make_student("Sana Iyer")


@pytest.fixture
def two(sana):
    """The first begun before the second was accepted, and cleared within the cap; the second is filed."""
    first = make_placement(Status.ACTIVE, student=sana)
    second = make_placement(student=sana)
    file(second)
    return first, second


def approve(placement, first=START, last=END, move="approve", **how):
    ines = make_staff(Role.INTERNATIONAL_ADVISER)
    dates = {"valid_from": first, "valid_until": last}
    return getattr(authorizing, move)(record_of(placement), by=ines, now=NOW, **dates, **how)


def test_over_the_cap_is_approved_with_a_written_reason_alone(two):
    _, second = two
    with pytest.raises(MoveRefused) as refusal:
        approve(second, still_cleared=" ")
    assert refusal.value.message == (
        "With the student’s other work this is over the cap of 20 hours a week in term, in the week of May 4, 2026: "
        "24 hours; the week of May 11, 2026: 24 hours. Approve fewer hours, or write why it is still cleared."
    )
    assert fresh(second).status == Status.AWAITING_AUTHORIZATION
    record = approve(second, still_cleared=WHY)
    assert (fresh(second).status, record.over_cap) == (Status.READY, "24")
    event = record.events.latest("pk")
    assert (event.move, event.note.startswith(WHY)) == ("over_cap", True)
    assert actions.begin(second, by=second.student).status == Status.ACTIVE


@pytest.mark.parametrize(
    ("how", "needed"),
    [
        ({}, True),
        ({"hours_week": 8}, False),
        ({"hours_week": 9}, True),
        ({"extent": "full_time"}, True),  # the other is part-time
        ({"hours_week": 8, "extent": "full_time"}, False),
        ({"first": START + 2 * WEEK}, False),
        ({"first": START + 2 * WEEK - DAY}, True),  # a Sunday after the term, in a week of it
    ],
)
def test_what_is_approved_is_what_counts(two, how, needed):
    _, second = two
    if needed:
        with pytest.raises(MoveRefused, match="over the cap"):
            approve(second, **how)
    else:
        assert approve(second, **how).status == "approved"


def test_what_is_accepted_counts_before_it_is_cleared_and_what_is_over_no_more(sana):
    first, second = (make_placement(student=sana) for _ in range(2))
    file(first)
    with pytest.raises(MoveRefused, match="over the cap"):
        approve(first)
    actions.cancel(second, by=make_staff(), reason="Ill", now=NOW)
    assert approve(first).over_cap == ""


def test_nothing_is_over_out_of_term_or_without_a_cap(two):
    _, second = two
    Term.objects.update(in_session=False)
    assert approve(second).status == "approved"
    third = make_placement(student=make_student())
    Term.objects.update(in_session=True)
    Route.objects.update(weekly_cap=None)
    file(third)
    make_placement(student=third.offer.application.student)
    assert approve(third).status == "approved"


def moved_into_term(sana):
    """One cleared at home in term, the other for the weeks after it; then this one moves into the term."""
    first, second = make_placement(student=sana), make_placement(student=sana, terms=LATER)
    clear(first)
    clear(second, START, LATER.ends_on)
    assert fresh(second).status == Status.READY
    actions.move_dates(second, by=make_staff(), starts_on=START, ends_on=END, reason="Both asked", now=NOW)
    return first, second


LATER = replace(TERMS, starts_on=START + 2 * WEEK, ends_on=END + 2 * WEEK)


def test_dates_that_move_into_the_term_hold_what_has_not_begun_and_an_advisor_frees_it(sana):
    first, second = moved_into_term(sana)
    for placement in (first, second):
        assert fresh(placement).status == Status.AWAITING_AUTHORIZATION
        for by in (placement.student, host_of(placement)):
            with pytest.raises(MoveRefused, match="Not cleared to begin yet"):
                actions.begin(placement, by=by)
    assert OutboxMail.objects.filter(kind="placement.held_back").count() == 2
    approve(second, move="amend", last=LATER.ends_on, still_cleared=WHY)
    assert {fresh(one).status for one in (first, second)} == {Status.READY}
    actions.move_dates(
        second, by=make_staff(), starts_on=LATER.starts_on, ends_on=LATER.ends_on, reason="Back", now=NOW
    )
    assert {fresh(one).status for one in (first, second)} == {Status.READY}


def test_what_is_taken_back_elsewhere_frees_what_was_held(sana):
    first, second = moved_into_term(sana)
    authorizing.revoke(record_of(second), by=make_staff(Role.INTERNATIONAL_ADVISER), note="Dropped", now=NOW)
    assert [fresh(one).status for one in (first, second)] == [Status.READY, Status.AWAITING_AUTHORIZATION]


def test_a_term_that_is_entered_later_is_met_at_the_gate(two):
    Term.objects.update(in_session=False)
    _, second = two
    approve(second)
    Term.objects.update(in_session=True)
    with pytest.raises(MoveRefused, match=HELD):
        actions.begin(second, by=second.student)
    with pytest.raises(MoveRefused, match="Not cleared to begin yet") as refusal:
        actions.begin(second, by=host_of(second))
    assert "hours" not in refusal.value.message


def test_hours_keep_to_the_cap_in_term_over_all_placements(two):
    first, second = two
    approve(second, hours_week=8)
    actions.begin(second, by=second.student)
    late = FIRST_DAY + 20 * DAY
    log(first, START, "12", now=late)
    log(second, START + DAY, "8", now=late)
    with pytest.raises(MoveRefused, match=r"cleared for 20 hours a week .* would come to 20\.25\."):
        log(first, START + DAY, "0.25", now=late)
    log(first, START + WEEK, "0.25", now=late)  # another week
    log(first, START + 2 * WEEK, "24", now=late)  # out of term
    assert HoursEntry.objects.count() == 4


def test_what_was_cleared_over_the_cap_is_the_new_limit(two):
    first, second = two
    approve(second, still_cleared=WHY)
    actions.begin(second, by=second.student)
    late = FIRST_DAY + 20 * DAY
    log(first, START, "12", now=late)
    log(second, START, "12", now=late)
    with pytest.raises(MoveRefused, match="cleared for 24 hours a week"):
        log(second, START + DAY, "0.25", now=late)


def test_what_is_held_from_the_acceptance_on_was_never_ready(sana):
    clear(make_placement(student=sana))
    second = make_placement(student=sana, needs="no")
    assert second.status == Status.AWAITING_AUTHORIZATION
    assert [event.to_status for event in second.events.all()] == [Status.AWAITING_AUTHORIZATION]
    assert not OutboxMail.objects.filter(kind="placement.held_back", subject_id=second.pk).exists()


def test_the_student_and_the_advisor_read_it_and_hosts_read_nothing_of_it(sana):
    _, second = moved_into_term(sana)
    ines = client_of(make_staff(Role.INTERNATIONAL_ADVISER))
    own = client_of(sana.user).get(record_of(second).get_absolute_url())
    assert (own.context["over"], "More hours in term than are cleared" in own.content.decode()) == ("held", True)
    assert "hours in term cleared" in page_of(second, sana.user).context["next"]
    admin = f"/admin/authorization/authorizationrecord/{record_of(second).pk}"
    page = ines.get(f"{admin}/change/").content.decode()
    assert ("More than 20 hours in the week of May 4, 2026: 24 hours" in page, "Over the hours" in page) == (True, True)
    queue = ines.get("/admin/authorization/authorizationrecord/").content.decode()
    assert queue.count("Over the hours a week in term") == 2
    data = {"valid_from": str(START), "valid_until": str(LATER.ends_on), "still_cleared": ""}
    refused = ines.post(f"{admin}/action/amendment/", data)
    assert (refused.status_code, "over the cap of 20 hours" in refused.content.decode()) == (422, True)
    assert ines.post(f"{admin}/action/amendment/", data | {"still_cleared": WHY}).status_code == 302
    own = client_of(sana.user).get(record_of(second).get_absolute_url()).content.decode()
    assert ("Cleared over the hours a week in term" in own, WHY in own) == (True, True)
    for by in (host_of(second), make_staff(), make_staff(Role.ADVISER)):
        page = page_of(second, by).content.decode()
        assert (WHY in page, "in term" in page, " cap" in page) == (False, False, False)


def test_while_it_is_held_a_host_reads_not_cleared_and_no_date(sana):
    _, second = moved_into_term(sana)
    page = page_of(second, host_of(second))
    seen = page.context["clearance"], page.context["status_text"], page.context["may_begin"]
    assert seen == ("not cleared to begin yet", "Not cleared yet", False)
    application = client_of(host_of(second)).get(second.offer.application.get_absolute_url())
    assert application.context["clearance"] == "not cleared to begin yet"
    applicants = client_of(host_of(second)).get(f"/host/postings/{second.posting.pk}/applications/")
    assert [row.gate for row in applicants.context["rows"]] == ["not cleared to begin yet"]


def test_of_work_that_has_begun_the_application_says_what_the_placement_does(two):
    first, second = two
    approve(second, still_cleared=WHY)
    Route.objects.update(weekly_cap=10)
    AuthorizationRecord.objects.update(over_cap="")
    application = client_of(host_of(first)).get(first.offer.application.get_absolute_url())
    sentence = "cleared to begin from Mon, May 4, 2026"
    assert (application.context["clearance"], page_of(first, host_of(first)).context["clearance"]) == (sentence,) * 2


def test_what_an_approval_says_of_hours_is_ciphertext_and_goes_with_it(two):
    _, second = two
    record = approve(second, hours_week=19, still_cleared=WHY)
    own = client_of(second.student).get(record.get_absolute_url()).content.decode()
    assert ("19" in own, "Part-time" in own) == (True, True)
    stored = AuthorizationRecord.objects.filter(pk=record.pk).extra(
        select={"raw": "authorized_hours || ' ' || extent || ' ' || over_cap"}
    )
    assert [word.startswith("gAAAA") for word in stored.values_list("raw", flat=True)[0].split()] == [True] * 3
    record = authorizing.revoke(record, by=make_staff(Role.INTERNATIONAL_ADVISER), note="Dropped", now=NOW)
    assert (record.authorized_hours, record.extent, record.over_cap, record.hours) == ("", "", "", 12)


def test_the_form_of_a_correction_begins_with_what_was_approved(two):
    _, second = two
    record = approve(second, hours_week=8)
    ines = client_of(make_staff(Role.INTERNATIONAL_ADVISER))
    url = f"/admin/authorization/authorizationrecord/{record.pk}/action/amendment/"
    form = ines.get(url).context["form"]
    assert (form["hours_week"].value(), form["extent"].value(), form["valid_from"].value()) == ("8", "part_time", START)
    bad = {"valid_from": str(START), "valid_until": str(END), "hours_week": "81"}
    assert ines.post(url, bad).status_code == 422


def test_two_that_are_authorized_full_time_have_no_cap(sana):
    first, second = (make_placement(student=sana) for _ in range(2))
    for placement in (first, second):
        file(placement)
    with pytest.raises(MoveRefused, match="over the cap"):
        approve(first, extent="full_time")
    approve(first, extent="full_time", still_cleared=WHY)
    assert approve(second, extent="full_time").over_cap == ""
