"""Closures change under many offers: what was shown before is what happens, and is what counting one by one gives."""

import datetime as dt
from collections import Counter

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from applications import rules
from applications.actions import extend_offer, recounting
from applications.models import Offer, OfferEvent
from applications.wording import shown
from applications.workflow import OfferStatus
from campus import actions
from campus.calendar import campus_calendar
from campus.models import Closure
from notifications.models import OutboxMail
from tests.applications.making import MINUTE, make_application, make_offer, student_of
from tests.applications.test_rules import ODD
from tests.factories import NOW, make_posting, make_staff

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = NOW.date()
STATES = (OfferStatus.OPEN, OfferStatus.ON_HOLD, OfferStatus.DECLINED)
STANDING = ("status", "status_at", "written_at", "policy_days", "days", "zone", "held_at")


def closure(ahead, length, name):
    first = TODAY + ahead * DAY
    return Closure(name=name, first_day=first, last_day=first + length * DAY)


def snow():
    return closure(2, 1, "Snow")


ranges = st.lists(st.tuples(st.integers(-10, 20), st.integers(0, 6)), max_size=3)
offers = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(["America/New_York", *ODD]),
        "ago": st.one_of(st.integers(0, 4 * DAY // MINUTE), st.integers(0, 20 * DAY // MINUTE)),
        "days": st.one_of(st.integers(1, 3), st.integers(4, 15)),
        "later": st.sampled_from([0, 0, 1, 4]),
        "status": st.sampled_from([OfferStatus.OPEN, *STATES]),
    }
)
# Over since Friday, open with more time, on hold past its last day, declined; all with Friday in their days.
EACH = [
    {"zone": zone, "ago": 5 * DAY // MINUTE, "days": 2, "later": later, "status": status}
    for zone, later, status in [
        ("America/New_York", 0, OfferStatus.OPEN),
        ("Pacific/Apia", 4, OfferStatus.OPEN),
        ("Africa/Casablanca", 0, OfferStatus.ON_HOLD),
        ("Etc/GMT-14", 0, OfferStatus.DECLINED),
    ]
]


def written(pk, spec):
    """As it would stand under the closures of now, with its deadline extended by so many days of the calendar."""
    at, zone, calendar = NOW - spec["ago"] * dt.timedelta(minutes=1), spec["zone"], campus_calendar()
    last_day = rules.deadline(at, spec["days"], calendar, zone).last_day + spec["later"] * DAY
    Offer.objects.filter(pk=pk).update(
        written_at=at,
        deadline_set_at=at,
        status=spec["status"],
        held_at=at if spec["status"] == OfferStatus.ON_HOLD else None,
        zone=zone,
        days=max(spec["days"], rules.days_until(at, last_day, calendar, zone)),
        last_day=last_day,
        deadline=rules.end_of_day(last_day, zone),
    )


def by_one(offer, calendar):
    """The rule, for this offer alone."""
    over = offer.status == OfferStatus.OPEN and offer.deadline <= NOW
    if over or offer.status not in (OfferStatus.OPEN, OfferStatus.ON_HOLD):
        return offer.last_day
    return max(offer.last_day, rules.deadline(offer.written_at, offer.days, calendar, offer.zone).last_day)


def stored():
    return {offer.pk: offer for offer in Offer.objects.with_people()}


def reminded():
    return dict(OutboxMail.objects.filter(kind="offer.reminder").values_list("subject_id", "state"))


@pytest.fixture
def several():
    posting = make_posting(positions=9)
    return [make_offer(make_application(posting)).pk for _ in range(4)]


def test_what_is_previewed_is_what_happens_and_what_each_alone_comes_to(several):
    staff = make_staff()

    @settings(max_examples=40, deadline=None)
    @example(EACH, [], [(-3, 0)], 0)
    @example(EACH, [(-3, 0)], [(9, 0)], 1)
    @given(st.lists(offers, min_size=4, max_size=4), ranges, ranges, st.integers(0, 2))
    def check(specs, first, then, changes):
        with transaction.atomic():
            listed = [closure(*pair, f"First {number}") for number, pair in enumerate(first)]
            actions.change_closures(added=listed, by=staff, now=NOW - 30 * DAY)
            for pk, spec in zip(several, specs, strict=True):
                written(pk, spec)
            added = [closure(*pair, f"Then {number}") for number, pair in enumerate(then)]
            changed = listed[:changes]
            for one in changed:
                one.last_day += DAY
            compare(staff, {"added": added, "changed": changed})
            transaction.set_rollback(True)

    check()


def compare(staff, change):
    OutboxMail.objects.all().delete()
    OfferEvent.objects.all().delete()
    before = stored()
    OutboxMail.objects.bulk_create(
        OutboxMail(kind="offer.reminder", subject_id=pk, recipient=staff, created=NOW, due=NOW, next_try=NOW)
        for pk in before
    )
    preview = actions.preview_closures(**change, now=NOW)
    assert stored_days(stored()) == stored_days(before)
    total = actions.change_closures(**change, by=staff, now=NOW)
    after, calendar = stored(), campus_calendar()
    assert {pk: offer.last_day for pk, offer in after.items()} == {pk: by_one(o, calendar) for pk, o in before.items()}
    moved = {pk: (before[pk].last_day, offer.last_day) for pk, offer in after.items() if differ(before[pk], offer)}
    assert preview.total == total == len(moved)
    assert preview.counts == Counter(moved.values())
    assert {one.row.pk: (one.before, one.after) for one in preview.first} == moved
    assert [one.after for one in preview.first] == sorted(day for _, day in moved.values())
    told(staff, {pk: after[pk] for pk in moved})
    assert reminded() == {pk: "superseded" if pk in moved else "pending" for pk in before}
    for pk, offer in after.items():
        assert [getattr(offer, name) for name in STANDING] == [getattr(before[pk], name) for name in STANDING]
        assert offer.deadline == rules.end_of_day(offer.last_day, offer.zone)
        assert offer.deadline_set_at == (NOW if pk in moved else before[pk].deadline_set_at)


def stored_days(offers):
    return {pk: (offer.last_day, offer.deadline, offer.deadline_set_at) for pk, offer in offers.items()}


def differ(one, other):
    return one.last_day != other.last_day


def told(staff, moved):
    """One event and one mail for each that moved, and none besides."""
    events = OfferEvent.objects.values_list("offer", "at", "by", "move", "from_status", "to_status", "note")
    words = "The university is closed on more days. Until {}."
    assert sorted(events) == [
        (pk, NOW, staff.pk, "recount", offer.status, offer.status, words.format(shown(offer.last_day, offer.zone)))
        for pk, offer in sorted(moved.items())
    ]
    fields = ("subject_id", "recipient", "offset", "version", "due", "expires", "state", "must_arrive")
    mails = OutboxMail.objects.filter(kind="offer.deadline_moved").values_list(*fields)
    assert sorted(mails) == [
        (pk, student_of(offer).pk, "", offer.version, NOW, offer.deadline, "pending", True)
        for pk, offer in sorted(moved.items())
    ]


def test_more_than_are_written_at_once_all_move(several, monkeypatch):
    monkeypatch.setattr(recounting, "AT_ONCE", 3)
    assert actions.change_closures(added=[snow()], by=make_staff(), now=NOW) == 4
    assert set(Offer.objects.values_list("last_day", flat=True)) == {TODAY + 9 * DAY}
    assert OfferEvent.objects.filter(move="recount").count() == 4
    assert OutboxMail.objects.filter(kind="offer.deadline_moved").count() == 4


def test_an_extended_offer_among_others_moves_from_its_own_last_day(several):
    extended = Offer.objects.get(pk=several[0])
    extend_offer(extended, by=make_staff(), last_day=TODAY + 11 * DAY, now=NOW)
    preview = actions.preview_closures(added=[snow()], now=NOW)
    monday, wednesday = TODAY + 7 * DAY, TODAY + 9 * DAY
    assert preview.groups == [(monday, wednesday, 3), (TODAY + 11 * DAY, TODAY + 15 * DAY, 1)]
    assert [one.row.pk for one in preview.first] == [*several[1:], several[0]]


def asked(call):
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        call()
        transaction.set_rollback(True)
    return len(captured)


def test_fifty_offers_are_counted_with_as_many_statements_as_one():
    staff, posting = make_staff(), make_posting(positions=50)
    calls = (
        lambda: actions.preview_closures(added=[snow()], now=NOW),
        lambda: actions.change_closures(added=[snow()], by=staff, now=NOW),
    )
    make_offer(make_application(posting))
    alone = [asked(call) for call in calls]
    for _ in range(49):
        make_offer(make_application(posting))
    assert actions.preview_closures(added=[snow()], now=NOW).total == 50
    assert [asked(call) for call in calls] == alone


def test_a_preview_reads_and_a_change_that_closes_nothing_new_reads_no_offer(several):
    with CaptureQueriesContext(connection) as captured:
        assert actions.preview_closures(added=[snow()], now=NOW).total == 4
    assert {query["sql"].split()[0] for query in captured} <= {"SELECT", "DECLARE"}
    assert not any("FOR NO KEY UPDATE" in query["sql"] for query in captured)
    weekend = closure(5, 1, "Fair")
    with CaptureQueriesContext(connection) as captured:
        actions.change_closures(added=[weekend], by=make_staff(), now=NOW)
    assert not any("applications_offer" in query["sql"] for query in captured)
