import datetime as dt
from decimal import Decimal

import pytest

from postings import rules
from postings.models import EngagementType, OpportunityType, PayFloor, Posting

KIND = OpportunityType(
    slug="micro-internship",
    name="Micro-internship",
    plural="Micro-internships",
    weeks_min=2,
    weeks_max=4,
    hours_week_min=10,
    hours_week_max=35,
    total_hours_min=5,
    total_hours_max=40,
    offer_days_least=5,
    offer_days_recommended=7,
    pay_low=Decimal(15),
    pay_high=Decimal(25),
    pk=1,
)
FLOOR = PayFloor(hourly=Decimal(15), currency="USD")


def a_posting(**fields):
    values = {
        "opportunity_type": KIND,
        "stream_id": 1,
        "engagement_type": EngagementType(name="Project intern", allowed=True, pk=1),
        "title": "Churn analysis for a bike-share",
        "brief": "Two years of trips: who leaves, and when?",
        "deliverable": "A notebook and a memo.",
        "learning_goals": "Survival analysis.",
        "skills": "Python",
        "levels": ["undergraduate"],
        "weeks_min": 2,
        "weeks_max": 3,
        "hours_week_min": 10,
        "hours_week_max": 12,
        "start_earliest": dt.date(2026, 6, 1),
        "start_latest": dt.date(2026, 6, 15),
        "pay_kind": "hourly",
        "pay_amount": Decimal(20),
        "mentor_name": "Omar",
        "mentor_email": "omar@fenwick.example",
        "feedback_plan": "A call every Friday.",
    }
    return Posting(**(values | fields))


def codes(floors=(FLOOR,), **fields):
    return [caution.code for caution in rules.guideline_checks(a_posting(**fields), floors)]


def test_a_good_posting_trips_nothing():
    assert codes() == []


@pytest.mark.parametrize(
    ("code", "trips", "nearly"),
    [
        ("weeks", {"weeks_max": 5, "hours_week_min": 10}, {"weeks_max": 4}),
        ("hours_week", {"hours_week_min": 9, "hours_week_max": 15}, {"hours_week_min": 10, "hours_week_max": 15}),
        ("total_differs", {"total_hours": 37}, {"total_hours": 36}),
        (
            "no_floor",
            {"currency": "EUR", "country": "DE"},
            {"country": "DE"},
        ),
        ("under_floor", {"pay_amount": Decimal("14.99")}, {"pay_amount": Decimal(15)}),
        (
            "under_floor",
            {"pay_kind": "fixed_fee", "pay_amount": Decimal(539)},
            {"pay_kind": "fixed_fee", "pay_amount": Decimal(540)},
        ),
        ("pay_odd", {"pay_amount": Decimal(76)}, {"pay_amount": Decimal(75)}),
        ("unpaid", {"pay_kind": "unpaid", "pay_amount": None}, {}),
        (
            "engagement",
            {"engagement_type": EngagementType(name="Independent contractor", allowed=False)},
            {"engagement_type": EngagementType(name="Temporary employee", allowed=True)},
        ),
        ("no_goals", {"learning_goals": ""}, {"learning_goals": "SQL."}),
        ("no_feedback", {"feedback_plan": ""}, {"feedback_plan": "Weekly."}),
        ("no_mentor_email", {"mentor_email": ""}, {"mentor_email": "a@b.example"}),
        ("contact", {"brief": "Write to hr@fenwick.example."}, {"brief": "Find out @ what hour riders leave."}),
        ("contact", {"brief": "Call +1 (617) 555-0148 today."}, {"brief": "Trips of 2024 and 2025, 1,200,000 rows."}),
        ("contact", {"brief": "See https://fenwick.example/jobs"}, {"brief": "See the http status codes."}),
        ("citizens", {"brief": "U.S. citizens only."}, {"brief": "A survey of citizens of Boston."}),
        ("gpa", {"skills": "GPA 3.5"}, {"skills": "Grading exams"}),
        ("gpa", {"brief": "We ask for a GPA 3.5 or higher."}, {"brief": "We grade gravel by size, 3.5 or higher."}),
        ("gpa", {"learning_goals": "Minimum GPA: 3.2."}, {"learning_goals": "The minimum of a function."}),
        ("majors", {"brief": "Only computer science majors."}, {"brief": "Open to all majors, and not only to ours."}),
        ("majors", {"brief": "You must major in economics."}, {"brief": "You must look at major roads."}),
        ("majors", {"skills": "Statistics majors preferred"}, {"skills": "Statistics; no major is preferred"}),
        ("majors", {"questions": ["You must be a finance major: are you?"]}, {"questions": ["What is your major?"]}),
        ("majors", {"title": "Data, limited to biology majors"}, {"title": "The only major river of Ohio"}),
        ("majors", {"brief": "Students majoring in law only."}, {"brief": "If you are majoring in law, use it here."}),
        ("citizens", {"brief": "Only citizens may apply."}, {"brief": "What citizens say of parks."}),
        ("citizens", {"brief": "Only U.S. citizens."}, {"brief": "A history of citizenship."}),
        ("citizens", {"questions": ["Are you a permanent resident?"]}, {"questions": ["Who are the residents?"]}),
        ("citizens", {"questions": ["What is your visa status?"]}, {"brief": "We have Visa card data."}),
        ("citizens", {"questions": ["Do you hold a green card?"]}, {"skills": "Green design, index cards"}),
        ("citizens", {"questions": ["Which citizenship do you have?"]}, {"title": "Citizen science in Boston"}),
        (
            "citizens",
            {"questions": ["Are you an American citizen?"]},
            {"brief": "You ask citizens about U.S. national parks."},
        ),
        ("citizens", {"questions": ["Do you need a visa?"]}, {"questions": ["Do you need sponsorship now or later?"]}),
        (
            "citizens",
            {"feedback_plan": "No F-1 students, please."},
            {"questions": ["Are you authorized to work in the United States?"]},
        ),
        ("gpa", {"questions": ["What is your GPA?"]}, {"questions": ["What have you built?"]}),
        ("contact", {"feedback_plan": "Write to ana@fenwick.example."}, {"feedback_plan": "Write every Friday."}),
        ("contact", {"supplies_note": "See www.fenwick.example"}, {"supplies_note": "A badge"}),
        ("contact", {"mentor_title": "Lead, +1 617 555 0148"}, {"mentor_title": "Lead since 2019"}),
        ("fee", {"supplies_note": "A laptop at your own expense"}, {"supplies_note": "A laptop of our own"}),
        ("fee", {"questions": ["You must buy the kit: is that fine?"]}, {"questions": ["What would you buy first?"]}),
        ("ongoing", {"deliverable": "No end date."}, {"feedback_plan": "Comments on an ongoing basis."}),
        ("fee", {"brief": "There is a training fee."}, {"brief": "Compare the fees of museums."}),
        ("ongoing", {"brief": "This is an ongoing role."}, {"brief": "Study an ongoing debate."}),
        (
            "no_address",
            {"location_mode": "on_site", "place": "Boston"},
            {"location_mode": "on_site", "place": "Boston", "street_address": "1 Main St"},
        ),
    ],
)
def test_each_check_trips_and_spares_what_nearly_does(code, trips, nearly):
    assert codes(**trips) == [code]
    assert code not in codes(**nearly)


def terms(least, most, hours_least, hours_most):
    return {"weeks_min": least, "weeks_max": most, "hours_week_min": hours_least, "hours_week_max": hours_most}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (terms(2, 4, 10, 35), []),
        (terms(3, 3, 14, 14), []),
        (terms(1, 1, 5, 40), []),
        (terms(1, 1, 4, 4), ["weeks", "hours_week", "total_short"]),
        (terms(1, 1, 4, 5), ["weeks", "hours_week"]),
        (terms(1, 1, 41, 41), ["weeks", "hours_week", "total_long"]),
        (terms(5, 5, 8, 8), ["weeks", "hours_week"]),
        (terms(5, 5, 10, 10), ["weeks", "total_long"]),
    ],
)
def test_terms_fit_by_weeks_and_hours_or_in_total(fields, found):
    assert codes(**fields) == found


@pytest.mark.parametrize(("hours", "found"), [(4, ["total_short"]), (5, []), (40, []), (41, ["total_long"])])
def test_a_type_that_names_a_total_alone_is_measured_by_it(hours, found):
    kind = OpportunityType(name="Sprint", total_hours_min=5, total_hours_max=40, pk=9)
    assert codes(opportunity_type=kind, **terms(1, 1, hours, hours)) == found


def test_every_caution_says_how_to_mend_it():
    cautions = rules.guideline_checks(a_posting(pay_kind="unpaid", pay_amount=None, learning_goals=""), [FLOOR])
    assert all(caution.text and caution.mend for caution in cautions)


@pytest.mark.parametrize(
    ("fields", "least", "most"),
    [
        ({}, 20, 36),
        ({"total_hours": 30}, 30, 30),
        ({"weeks_min": None}, None, None),
    ],
)
def test_total_hours_are_stated_or_reckoned(fields, least, most):
    span = rules.total_hours(a_posting(**fields))
    assert (span and (span.least, span.most)) == (least and (least, most))


def test_a_fixed_fee_is_spread_over_the_hours():
    span = rules.effective_pay(a_posting(pay_kind="fixed_fee", pay_amount=Decimal(500)))
    assert (span.least, span.most) == (Decimal("13.89"), Decimal("25.00"))


@pytest.mark.parametrize(
    ("place", "hourly"),
    [
        ({"country": "US", "region": "MA"}, 17),
        ({"country": "US", "region": "TX"}, 15),
        ({"country": "US", "place": "Seattle", "region": "WA"}, 21),
        ({"country": "US", "region": " MA "}, 17),
        ({"country": "US", "place": "NEW  York "}, 18),
        ({"country": "DE", "currency": "EUR"}, None),
    ],
)
def test_the_highest_floor_of_the_place_holds(place, hourly):
    floors = [
        FLOOR,
        PayFloor(country="US", hourly=Decimal("7.25"), currency="USD"),
        PayFloor(country="US", region="ma", hourly=Decimal(17), currency="USD"),
        PayFloor(country="US", region=" New York", hourly=Decimal(18), currency="USD"),
        PayFloor(country="US", region="Seattle", hourly=Decimal(21), currency="USD"),
    ]
    floor = rules.floor_for(a_posting(**place), floors)
    assert (floor and floor.hourly) == hourly


def test_what_is_missing_is_named_in_the_forms_order():
    bare = Posting(title="Something", location_mode="on_site")
    assert list(rules.missing(bare)) == [
        "opportunity_type",
        "stream",
        "brief",
        "deliverable",
        "levels",
        "weeks_min",
        "weeks_max",
        "hours_week_min",
        "hours_week_max",
        "start_earliest",
        "start_latest",
        "place",
        "pay_kind",
        "engagement_type",
        "mentor_name",
    ]
    assert rules.missing(a_posting()) == {}


def test_a_job_without_an_end_needs_no_weeks():
    job = OpportunityType(name="Full-time job", hours_week_min=35, hours_week_max=40, pk=3)
    assert rules.missing(a_posting(opportunity_type=job, weeks_min=None, weeks_max=None)) == {}


def test_unpaid_work_needs_a_basis_and_travel_costs():
    unpaid = a_posting(pay_kind="unpaid", pay_amount=None)
    assert list(rules.missing(unpaid)) == ["unpaid_basis", "travel_costs_covered"]
