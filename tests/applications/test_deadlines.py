import datetime as dt

import pytest

from applications import actions
from applications.models import Offer, OfferEvent
from applications.workflow import ApplicationStatus, OfferStatus
from campus.actions import change_closures
from campus.models import Closure
from core.workflow import MoveRefused
from notifications.models import OutboxMail
from tests.applications.making import MINUTE, host_of, make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff

pytestmark = pytest.mark.django_db

# NOW is Monday, March 2, 2026; five business days end on Monday, March 9.
DAY = dt.timedelta(days=1)


def day(text):
    return dt.date.fromisoformat(text)


def close(first, last="", *, now=NOW, name="Snow"):
    closure = Closure(name=name, first_day=day(first), last_day=day(last or first))
    change_closures(added=[closure], by=make_staff(), now=now)
    return closure


def last_day(offer):
    return Offer.objects.get(pk=offer.pk).last_day


def test_a_new_closure_moves_an_open_deadline_and_the_student_is_told():
    offer = make_offer()
    close("2026-03-04", "2026-03-05")
    moved = Offer.objects.get(pk=offer.pk)
    assert (moved.last_day, moved.deadline) == (day("2026-03-11"), dt.datetime(2026, 3, 12, 4, tzinfo=dt.UTC))
    assert (moved.days, moved.policy_days, moved.deadline_set_at) == (5, 5, NOW)
    assert OfferEvent.objects.get(move="recount").note == (
        "The university is closed on more days. Until Wednesday, March 11, 2026, 23:59 New York time (EDT)."
    )
    mail = OutboxMail.objects.get(kind="offer.deadline_moved")
    assert (mail.recipient, mail.version, mail.expires) == (student_of(offer), "2026-03-11", moved.deadline)


def test_a_closure_that_goes_away_takes_no_day_back():
    offer = make_offer()
    closure = close("2026-03-04")
    change_closures(removed=[closure], by=make_staff(), now=NOW)
    assert last_day(offer) == day("2026-03-10")


def test_a_day_already_past_that_is_entered_late_counts_too():
    offer = make_offer()
    close("2026-03-03", now=NOW + 3 * DAY)
    assert last_day(offer) == day("2026-03-10")


def test_a_past_deadline_does_not_move():
    offer = make_offer()
    close("2026-03-04", now=offer.deadline)
    assert last_day(offer) == day("2026-03-09")
    actions.expire_offer(offer, now=offer.deadline)
    close("2026-03-05", now=offer.deadline + DAY)
    assert last_day(offer) == day("2026-03-09")


def test_a_decided_offer_does_not_move():
    offer = make_offer()
    actions.accept_offer(offer, by=student_of(offer), now=NOW)
    close("2026-03-04")
    assert last_day(offer) == day("2026-03-09")


def test_an_offer_keeps_its_zone_when_the_board_moves(settings):
    offer = make_offer()
    settings.TIME_ZONE = "Asia/Tokyo"
    close("2026-03-04")
    moved = Offer.objects.get(pk=offer.pk)
    assert (moved.zone, moved.deadline) == ("America/New_York", dt.datetime(2026, 3, 11, 4, tzinfo=dt.UTC))


@pytest.mark.parametrize("who", ["host", "adviser", "moderator"])
def test_the_host_or_staff_extend_an_open_offer(who):
    offer = make_offer()
    by = host_of(offer.application) if who == "host" else make_staff(who)
    extended = actions.extend_offer(offer, by=by, last_day=day("2026-03-12"), reason="Exams", now=NOW + MINUTE)
    assert (extended.status, extended.last_day, extended.days) == (OfferStatus.OPEN, day("2026-03-12"), 8)
    record = extended.extensions.get()
    assert (record.granted_by, record.granted_at, record.last_day_before, record.last_day, record.reason) == (
        by,
        NOW + MINUTE,
        day("2026-03-09"),
        day("2026-03-12"),
        "Exams",
    )
    assert OutboxMail.objects.get(kind="offer.extended").expires == extended.deadline


@pytest.mark.parametrize("named", ["2026-03-09", "2026-03-06", "2020-01-01", "0001-01-01"])
def test_an_extension_names_a_later_day(named):
    offer = make_offer()
    with pytest.raises(MoveRefused, match="after March 9, 2026"):
        actions.extend_offer(offer, by=make_staff(), last_day=day(named), now=NOW)


@pytest.mark.parametrize("named", ["2027-03-04", "9999-12-31"])
def test_an_extension_stays_within_a_year(named):
    with pytest.raises(MoveRefused, match="within a year"):
        actions.extend_offer(make_offer(), by=make_staff(), last_day=day(named), now=NOW)


def test_the_student_and_other_hosts_extend_nothing():
    offer = make_offer()
    for by in (student_of(offer), make_host().user, make_staff("international_adviser")):
        with pytest.raises(MoveRefused):
            actions.extend_offer(offer, by=by, last_day=day("2026-03-12"), now=NOW)


def test_an_extension_moves_with_later_closures_likewise():
    offer = make_offer()
    actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-12"), now=NOW)
    close("2026-03-11", now=NOW + DAY)
    assert last_day(offer) == day("2026-03-13")
    close("2026-03-20", now=NOW + DAY)  # after the deadline: nothing to count
    assert last_day(offer) == day("2026-03-13")


def test_an_extension_to_a_day_that_does_not_count_is_kept():
    offer = make_offer()
    extended = actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-15"), now=NOW)
    assert (extended.last_day, extended.days) == (day("2026-03-15"), 9)
    close("2026-06-01")
    assert last_day(offer) == day("2026-03-15")


def test_silence_lets_the_offer_expire_and_both_sides_are_told():
    offer, later = make_offer(), make_offer(days=7)
    assert actions.expire_offers(now=offer.deadline - MINUTE) == 0
    assert actions.expire_offers(now=offer.deadline) == 1
    offer.refresh_from_db()
    assert (offer.status, offer.status_at, offer.status_by) == (OfferStatus.EXPIRED, offer.deadline, None)
    assert offer.application.status == ApplicationStatus.OFFER_EXPIRED
    later.refresh_from_db()
    assert (later.status, later.application.status) == (OfferStatus.OPEN, ApplicationStatus.OFFERED)
    told = OutboxMail.objects.filter(kind__startswith="offer.expired").values_list("kind", "recipient")
    assert sorted(told) == [
        ("offer.expired", student_of(offer).pk),
        ("offer.expired_host", host_of(offer.application).pk),
    ]
    assert actions.expire_offers(now=offer.deadline) == 0


@pytest.mark.parametrize("swept", [True, False])
def test_staff_alone_extend_after_expiry_which_reopens_the_offer(swept):
    """Also in the minute before the clock's task has come by."""
    offer = make_offer()
    after = offer.deadline + MINUTE
    if swept:
        actions.expire_offers(now=after)
    with pytest.raises(MoveRefused):
        actions.extend_offer(offer, by=host_of(offer.application), last_day=day("2026-03-12"), now=after)
    reopened = actions.extend_offer(offer, by=make_staff("adviser"), last_day=day("2026-03-12"), now=after)
    assert (reopened.status, reopened.application.status) == (OfferStatus.OPEN, ApplicationStatus.OFFERED)
    assert actions.accept_offer(reopened, by=student_of(offer), now=after + DAY).status == OfferStatus.ACCEPTED


def test_a_reopened_offer_names_a_day_that_is_not_over():
    offer = make_offer()
    with pytest.raises(MoveRefused, match="after March 19, 2026"):
        actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-19"), now=NOW + 18 * DAY)


def test_all_open_offers_are_extended_at_once():
    offers = [make_offer(), make_offer(days=7)]
    decided, past = make_offer(), make_offer(make_application(now=NOW - 20 * DAY), now=NOW - 20 * DAY)
    actions.decline_offer(decided, by=student_of(decided), now=NOW)
    with pytest.raises(MoveRefused):
        actions.extend_all_open_offers(by=host_of(offers[0].application), days=2, reason="Outage", now=NOW)
    with pytest.raises(MoveRefused):
        actions.extend_all_open_offers(by=make_staff(), days=2, reason="", now=NOW)
    assert actions.extend_all_open_offers(by=make_staff(), days=2, reason="Outage", now=NOW) == 2
    assert [last_day(offer).isoformat() for offer in offers] == ["2026-03-11", "2026-03-13"]
    assert last_day(decided) == day("2026-03-09")
    assert last_day(past) == past.last_day


def suspend(offer, now):
    return actions.suspend_organization(
        offer.application.posting.organization, by=make_staff(), reason="A report", now=now
    )


def test_a_suspension_puts_offers_on_hold():
    offer, other = make_offer(), make_offer()
    posting = offer.application.posting
    suspend(offer, NOW + MINUTE)
    offer.refresh_from_db()
    posting.refresh_from_db()
    assert (offer.status, offer.held_at, posting.status) == (OfferStatus.ON_HOLD, NOW + MINUTE, "on_hold")
    with pytest.raises(MoveRefused, match="on hold"):
        actions.accept_offer(offer, by=student_of(offer), now=NOW + 2 * MINUTE)
    assert actions.expire_offers(now=offer.deadline + DAY) == 1
    other.refresh_from_db()
    offer.refresh_from_db()
    assert (offer.status, other.status) == (OfferStatus.ON_HOLD, OfferStatus.EXPIRED)
    assert OutboxMail.objects.get(kind="offer.on_hold").recipient == student_of(offer)


def test_reinstatement_adds_the_business_days_lost():
    offer = make_offer()
    organization = suspend(offer, NOW + 2 * DAY)  # Wednesday
    actions.reinstate_organization(organization, by=make_staff(), now=NOW + 7 * DAY)  # the Monday after
    offer.refresh_from_db()
    assert (offer.status, offer.held_at, offer.days) == (OfferStatus.OPEN, None, 9)
    assert offer.last_day == day("2026-03-13")  # Wednesday, Thursday, Friday and Monday were lost
    assert OutboxMail.objects.get(kind="offer.deadline_moved").recipient == student_of(offer)
    assert actions.accept_offer(offer, by=student_of(offer), now=NOW + 8 * DAY).status == OfferStatus.ACCEPTED


def test_a_closure_during_a_hold_moves_the_deadline_too():
    offer = make_offer()
    organization = suspend(offer, NOW + 2 * DAY)
    close("2026-03-06", now=NOW + 20 * DAY)
    assert last_day(offer) == day("2026-03-10")
    actions.reinstate_organization(organization, by=make_staff(), now=NOW + 7 * DAY)
    assert last_day(offer) == day("2026-03-13")


def test_an_offer_that_was_over_before_the_suspension_stays_over():
    offer = make_offer()
    suspend(offer, offer.deadline)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN
    assert actions.expire_offers(now=offer.deadline) == 1


def test_an_offer_that_expired_is_not_reopened_while_the_organization_is_suspended():
    """Or it would stand open, and be accepted, beside others that are on hold."""
    offer = make_offer()
    after = offer.deadline + MINUTE
    actions.expire_offers(now=after)
    organization = suspend(offer, after)
    with pytest.raises(MoveRefused, match="is suspended"):
        actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-20"), now=after)
    offer.refresh_from_db()
    assert (offer.status, offer.application.status) == (OfferStatus.EXPIRED, ApplicationStatus.OFFER_EXPIRED)
    actions.reinstate_organization(organization, by=make_staff(), now=after + DAY)
    reopened = actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-20"), now=after + DAY)
    assert actions.accept_offer(reopened, by=student_of(offer), now=after + DAY).status == OfferStatus.ACCEPTED


def test_an_offer_that_expired_unswept_is_not_extended_during_a_suspension():
    offer = make_offer()
    suspend(offer, offer.deadline)
    with pytest.raises(MoveRefused, match="is suspended"):
        actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-20"), now=offer.deadline)


def test_a_reopened_offer_is_held_by_a_later_suspension():
    offer = make_offer()
    after = offer.deadline + MINUTE
    actions.extend_offer(offer, by=make_staff(), last_day=day("2026-03-20"), now=after)
    suspend(offer, after)
    with pytest.raises(MoveRefused, match="on hold"):
        actions.accept_offer(offer, by=student_of(offer), now=after)


def test_nothing_is_accepted_of_a_suspended_organization_whatever_the_offer_says():
    offer = make_offer()
    organization = suspend(offer, NOW)
    Offer.objects.filter(pk=offer.pk).update(status=OfferStatus.OPEN, held_at=None)
    with pytest.raises(MoveRefused, match="on hold"):
        actions.accept_offer(offer, by=student_of(offer), now=NOW)
    actions.reinstate_organization(organization, by=make_staff(), now=NOW)
    assert actions.accept_offer(offer, by=student_of(offer), now=NOW).status == OfferStatus.ACCEPTED


def test_a_suspended_host_moves_nothing_along():
    application = make_application()
    host, organization = host_of(application), application.posting.organization
    moves = [
        lambda: actions.review(application, by=host, now=NOW),
        lambda: actions.invite_to_interview(application, by=host, times=[NOW + DAY], mode="video", now=NOW),
        lambda: make_offer(application),
        lambda: actions.not_select(application, by=host, now=NOW),
    ]
    actions.suspend_organization(organization, by=make_staff(), reason="A report", now=NOW)
    for move in moves:
        with pytest.raises(MoveRefused, match="is suspended"):
            move()
    application.refresh_from_db()
    assert application.status == ApplicationStatus.SUBMITTED
    actions.reinstate_organization(organization, by=make_staff(), now=NOW)
    for move in moves[:2]:
        move()
    application.refresh_from_db()
    assert application.status == ApplicationStatus.INTERVIEW


def test_a_suspension_needs_a_moderator_and_a_reason_and_happens_once():
    organization = make_posting().organization
    for by, reason in ((make_staff("adviser"), "A report"), (make_host().user, "A report"), (make_staff(), " ")):
        with pytest.raises(MoveRefused):
            actions.suspend_organization(organization, by=by, reason=reason, now=NOW)
    with pytest.raises(MoveRefused, match="is not suspended"):
        actions.reinstate_organization(organization, by=make_staff(), now=NOW)
    suspended = actions.suspend_organization(organization, by=make_staff(), reason="A report", now=NOW)
    with pytest.raises(MoveRefused, match="suspended already"):
        actions.suspend_organization(suspended, by=make_staff(), reason="A report", now=NOW)
