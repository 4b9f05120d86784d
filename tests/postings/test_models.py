import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from accounts.roles import Role
from postings import actions, rules
from postings.models import EngagementType, Label, OpportunityType, PayFloor, Posting, PostingRevision, Stream
from postings.workflow import Status
from tests.factories import NOW, make_host, make_organization, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def test_the_board_ships_with_the_rows_of_the_program():
    assert list(Stream.objects.values_list("name", flat=True)) == [
        "Research & analysis",
        "Data & analytics",
        "Software & engineering",
        "Marketing & content",
        "Social media",
        "Sales & business development",
        "Strategy & market research",
        "Finance & accounting",
        "Human resources",
        "Operations & administration",
        "Design & creative",
        "Policy, education & social impact",
    ]
    assert list(Label.objects.filter(public=True).values_list("name", flat=True)) == [
        "Micro-internship",
        "Alumni host",
        "IAP",
        "Fall",
        "Spring",
        "Summer",
        "Global",
        "First-year friendly",
        "Social impact",
    ]
    assert list(Label.objects.filter(public=False).values_list("name", flat=True)) == [
        "New host",
        "Needs pay review",
        "Needs international review",
        "Third party",
    ]
    windows = OpportunityType.objects.values_list("name", "offer_days_least", "offer_days_recommended")
    assert list(windows) == [("Micro-internship", 5, 7), ("Internship", 20, 20), ("Full-time job", 20, 20)]
    own, *wages = PayFloor.objects.values_list("country", "region", "hourly", "currency", "last_verified")
    assert own[:4] == ("", "", Decimal(15), "USD")
    above = ["AZ", "CA", "CO", "CT", "DC", "HI", "ME", "NY", "RI", "WA"]
    assert sorted(region for _, region, *_ in wages) == sorted([*above, "New York City"])
    assert {(country, currency, verified) for country, _, _, currency, verified in wages} == {("US", "USD", None)}
    assert min(hourly for _, _, hourly, *_ in wages) > Decimal(15)
    assert list(EngagementType.objects.filter(allowed=False).values_list("slug", flat=True)) == ["contractor"]


@pytest.mark.parametrize(
    ("constraint", "status", "fields"),
    [
        ("posting_submitted_by_someone", Status.SUBMITTED, {"submitted_by": None}),
        ("posting_approved_by_someone", Status.OPEN, {"approved_at": None}),
        ("posting_answer_promised_in_days", Status.OPEN, {"answer_within": 7}),
        ("posting_judged_for_a_reason", Status.DECLINED, {"decision_reason": ""}),
        ("posting_held_by_someone", Status.ON_HOLD, {"hold_note": ""}),
        ("posting_held_by_someone", Status.OPEN, {"held_at": NOW}),
        ("posting_ended_at_some_time", Status.EXPIRED, {"ended_at": None}),
        ("posting_ended_at_some_time", Status.CLOSED, {"ended_by": None}),
        ("posting_ended_at_some_time", Status.OPEN, {"ended_at": NOW}),
        ("posting_scheduled_for_a_time", Status.SCHEDULED, {"opens_at": None}),
        ("posting_complete_when_submitted", Status.SUBMITTED, {"brief": ""}),
        ("posting_complete_when_submitted", Status.SUBMITTED, {"levels": []}),
        ("posting_complete_when_submitted", Status.SUBMITTED, {"pay_amount": None}),
        ("posting_complete_when_submitted", Status.SUBMITTED, {"location_mode": "on_site", "place": ""}),
        ("posting_pay_matches_its_kind", Status.DRAFT, {"pay_kind": "unpaid", "pay_amount": 5}),
        ("posting_pay_matches_its_kind", Status.DRAFT, {"pay_amount": 0}),
        ("posting_unpaid_after_a_talk", Status.OPEN, {"pay_kind": "unpaid", "pay_amount": None}),
        ("posting_weeks_in_order", Status.DRAFT, {"weeks_min": 5, "weeks_max": 4}),
        ("posting_weeks_in_order", Status.SUBMITTED, {"weeks_min": None}),
        ("posting_hours_in_order", Status.DRAFT, {"hours_week_min": 20, "hours_week_max": 10}),
        ("posting_total_hours_positive", Status.DRAFT, {"total_hours": 0}),
        (
            "posting_starts_in_order",
            Status.DRAFT,
            {"start_earliest": dt.date(2026, 5, 2), "start_latest": dt.date(2026, 5, 1)},
        ),
        ("posting_opens_before_it_closes", Status.DRAFT, {"opens_at": NOW, "apply_by": NOW}),
        ("posting_has_a_position", Status.DRAFT, {"positions": 0}),
        ("posting_levels_known", Status.DRAFT, {"levels": ["postdoc"]}),
    ],
)
def test_the_database_refuses_what_the_code_forgot(constraint, status, fields):
    posting = make_posting(status)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Posting.objects.filter(pk=posting.pk).update(**fields)


@pytest.mark.parametrize("status", Status.values)
def test_every_status_can_be_stored(status):
    assert Posting.objects.get(pk=make_posting(status).pk).status == status


def test_one_revision_waits_at_a_time():
    posting = make_posting()
    values = {"posting": posting, "changes": {}, "proposed_by": posting.created_by, "proposed_at": NOW}
    PostingRevision.objects.create(**values)
    with pytest.raises(IntegrityError, match="revision_waits_once"):
        PostingRevision.objects.create(**values)


@pytest.mark.parametrize(
    ("status", "opens_at", "apply_by", "open_now"),
    [
        (Status.OPEN, None, None, True),
        (Status.OPEN, None, NOW + HOUR, True),
        (Status.OPEN, None, NOW, False),
        (Status.OPEN, NOW - HOUR, NOW + HOUR, True),
        (Status.SCHEDULED, NOW, None, True),
        (Status.SCHEDULED, NOW + HOUR, None, False),
        (Status.SCHEDULED, NOW - 2 * HOUR, NOW - HOUR, False),
        (Status.SUBMITTED, None, None, False),
        (Status.ON_HOLD, None, None, False),
        (Status.FILLED, None, None, False),
    ],
)
def test_open_to_the_second_wherever_the_clocks_task_may_be(status, opens_at, apply_by, open_now):
    posting = make_posting(status, opens_at=opens_at, apply_by=apply_by)
    assert Posting.objects.open_at(NOW).filter(pk=posting.pk).exists() is open_now
    assert posting.is_open_at(NOW) is open_now


def test_a_visitor_sees_what_is_open_or_was():
    postings = {status: make_posting(status) for status in Status.values}
    seen = set(Posting.objects.visible_to(AnonymousUser(), NOW).values_list("status", flat=True))
    assert seen == {Status.OPEN, Status.CLOSED, Status.FILLED, Status.EXPIRED}
    assert len(postings) == len(Status.values)


def test_hosts_see_their_own_in_every_state_and_those_of_their_organization():
    omar = make_host()
    priya = make_host(organization=omar.user.memberships.get().organization)
    lena = make_host()
    draft = make_posting(Status.DRAFT, host=omar)
    assert list(Posting.objects.visible_to(omar.user, NOW)) == [draft]
    assert list(Posting.objects.visible_to(priya.user, NOW)) == [draft]
    assert list(Posting.objects.visible_to(lena.user, NOW)) == []


def test_staff_see_all_but_drafts():
    for status in Status.values:
        make_posting(status)
    seen = set(Posting.objects.visible_to(make_staff(Role.MODERATOR), NOW).values_list("status", flat=True))
    assert seen == set(Status.values) - {Status.DRAFT}
    student = set(Posting.objects.visible_to(make_student().user, NOW).values_list("status", flat=True))
    assert student == {Status.OPEN, Status.CLOSED, Status.FILLED, Status.EXPIRED}


def test_what_a_suspended_organization_had_is_out_of_sight():
    posting = make_posting(Status.CLOSED)
    organization = posting.organization
    organization.suspended_at, organization.suspended_by, organization.suspended_reason = NOW, make_staff(), "Fraud"
    organization.save()
    assert list(Posting.objects.visible_to(AnonymousUser(), NOW)) == []


def test_the_alumni_host_label_follows_verification_of_host_or_cohost():
    by_host = make_posting(host=make_host(alumnus=True))
    by_cohost = make_posting()
    by_cohost.cohosts.add(make_host(alumnus=True))
    claimed = make_posting()
    claimed.host.claims_alumnus = True
    claimed.host.save()
    mentor_only = make_posting(mentor_name="Grace Alumna")
    labeled = {row.pk: row.alumni_host for row in Posting.objects.with_alumni_host()}
    assert labeled == {by_host.pk: True, by_cohost.pk: True, claimed.pk: False, mentor_only.pk: False}


@pytest.mark.parametrize(
    "fields",
    [
        {"pay_kind": "hourly", "pay_amount": Decimal("17.50")},
        {"pay_kind": "fixed_fee", "pay_amount": Decimal(800), "total_hours": 40},
        {"pay_kind": "fixed_fee", "pay_amount": Decimal(1000), "total_hours": 0},
        {"pay_kind": "fixed_fee", "pay_amount": Decimal(1000), "total_hours": None},
        {
            "pay_kind": "fixed_fee",
            "pay_amount": Decimal(1000),
            "total_hours": None,
            "weeks_min": None,
            "weeks_max": None,
        },
        {"pay_kind": "unpaid", "pay_amount": None},
        {"pay_kind": "", "pay_amount": None},
    ],
)
def test_the_database_and_the_rules_reckon_the_same_pay_an_hour(fields):
    if fields.get("total_hours") == 0:
        fields = {**fields, "total_hours": 7}
    posting = Posting.objects.get(pk=make_posting(Status.DRAFT, **fields).pk)
    span = rules.effective_pay(posting)
    assert posting.effective_hourly == (span.least if span else None)


def test_a_posting_of_a_host_abroad_is_global():
    assert make_posting(country="PT", organization=make_organization()).is_global is True
    assert make_posting().is_global is False


def test_whoever_leaves_the_organization_leaves_its_postings_behind():
    host = make_host()
    posting = make_posting(Status.DRAFT, host=host)
    assert list(Posting.objects.managed_by(host.user)) == [posting]
    host.user.memberships.all().delete()
    assert list(Posting.objects.managed_by(host.user)) == []
    assert list(Posting.objects.visible_to(host.user)) == []


def test_what_ended_while_it_was_on_hold_stays_out_of_sight():
    mo, host = make_staff(), make_host()
    seen, hidden = make_posting(host=host), make_posting(host=host)
    actions.hold(hidden, by=mo, note="A report.")
    for posting in (seen, hidden):
        actions.close(posting, by=host.user)
    assert set(Posting.objects.visible_to(AnonymousUser())) == {seen}
    assert set(Posting.objects.visible_to(host.user)) == {seen, hidden}
