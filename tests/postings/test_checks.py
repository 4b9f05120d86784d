"""Each check with a posting that trips it and some that nearly do; the good posting trips none."""

import time
from decimal import Decimal

import pytest

from postings import checks
from postings.checks import CHECKS, Rows, Severity
from postings.models import EngagementType, OpportunityType, PayFloor, Posting
from tests.postings.written import FLOOR, a_posting

WASHINGTON = PayFloor(country="US", region="WA", hourly=Decimal("17.13"), currency="USD")
BANDED = OpportunityType(
    name="Micro-internship",
    weeks_min=2,
    weeks_max=4,
    hours_week_min=10,
    pay_low=Decimal(18),
    pay_high=Decimal(25),
    pk=8,
)
CONTRACTOR = EngagementType(name="Independent contractor", slug="contractor", allowed=False, pk=4)
JOB = OpportunityType(name="Full-time job", hours_week_min=35, hours_week_max=40, pk=3)
ON_SITE = {"location_mode": "on_site", "place": "Boston", "street_address": "1 Main St"}
UNPAID = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "Grant", "travel_costs_covered": True}


def names(floors=(FLOOR, WASHINGTON), **fields):
    return [failure.name for failure in checks.failed(a_posting(**fields), Rows(floors))]


def brief(*texts):
    return [{"brief": text} for text in texts]


# What trips a check, and trips no other; then what nearly does, or says the opposite in the same words.
TABLE = {
    "incomplete": ([{"deliverable": ""}], [{"learning_goals": "SQL."}]),
    "weeks": ([{"weeks_max": 5}], [{"weeks_max": 4}, {"weeks_max": None, "opportunity_type": JOB}]),
    "hours_week": (
        [{"hours_week_min": 9, "hours_week_max": 15}],
        [{"hours_week_min": 10, "hours_week_max": 15}, {"weeks_min": 3, "weeks_max": 3, "hours_week_min": 9}],
    ),
    "total_long": (
        [{"opportunity_type": OpportunityType(name="Sprint", total_hours_max=40, pk=9), "weeks_min": 4, "weeks_max": 4,
          "hours_week_min": 11}],
        [{"weeks_min": 4, "weeks_max": 4, "hours_week_min": 10, "hours_week_max": 10}],
    ),
    "total_short": (
        [{"opportunity_type": OpportunityType(name="Sprint", total_hours_min=40, pk=9)}],
        [{"opportunity_type": OpportunityType(name="Sprint", total_hours_min=36, pk=9)}],
    ),
    "total_differs": ([{"total_hours": 37}, {"total_hours": 19}], [{"total_hours": 36}, {"total_hours": 20}]),
    "ongoing": (
        [
            *brief("This is an ongoing role.", "We seek help until further notice.", "An open-ended position."),
            *brief("The role is ongoing.", "The work runs as long as you like it."),
            {"deliverable": "No end date."},
        ],
        [
            *brief("Study an ongoing debate.", "It can lead to a permanent role.", "This is not an ongoing role."),
            *brief("Not a permanent position but one project.", "Map the city's permanent collection."),
            {"feedback_plan": "Comments on an ongoing basis."},
            {"brief": "A permanent position.", "opportunity_type": JOB, "weeks_min": None, "weeks_max": None},
        ],
    ),
    "under_floor": (
        [{"pay_amount": Decimal("14.99")}, {"pay_kind": "fixed_fee", "pay_amount": Decimal(539)}],
        [{"pay_amount": Decimal(15)}, {"pay_kind": "fixed_fee", "pay_amount": Decimal(540)}],
    ),
    "under_wage": (
        [
            {"region": "WA", "pay_amount": Decimal("17.12")},
            {"region": "Washington", "pay_amount": Decimal(12)},
            {"region": " wa ", "pay_amount": Decimal(16)},
        ],
        [
            {"region": "WA", "pay_amount": Decimal("17.13")},
            {"region": "DC", "place": "Washington", "pay_amount": Decimal(16)},
            {"region": "OR", "pay_amount": Decimal(16)},
        ],
    ),
    "under_band": (
        [{"opportunity_type": BANDED, "pay_amount": Decimal("17.99")}],
        [{"opportunity_type": BANDED, "pay_amount": Decimal(18)}, {"pay_amount": Decimal("14.99")}],
    ),
    "no_floor": ([{"currency": "EUR", "country": "DE"}], [{"country": "DE"}, UNPAID | {"currency": "EUR"}]),
    "pay_odd": ([{"pay_amount": Decimal(76)}], [{"pay_amount": Decimal(75)}]),
    "unpaid": ([UNPAID], [{"brief": "Interview unpaid carers."}]),
    "no_pay": (
        [
            *brief("This internship is unpaid at first.", "An unpaid trial week comes first.", "Commission only."),
            *brief("You are paid in equity.", "You get paid once we raise our seed round.", "A volunteer role."),
            *brief("We give exposure instead of pay.", "Compensation is made by gift cards."),
        ],
        [
            *brief("Collect unpaid invoices.", "A study of unpaid internships.", "This is not an unpaid internship."),
            *brief("Schedule the volunteers of a food bank.", "Compare commission rates of brokers."),
            *brief("Survey students about unpaid work."),
            UNPAID | {"brief": "An unpaid internship."},
        ],
    ),
    "fee": (
        [
            *brief("There is a training fee.", "A refundable deposit holds your place.", "You must purchase our kit."),
            *brief("Students are required to buy a uniform.", "You will pay for the certification exam."),
            {"supplies_note": "A laptop at your own expense"},
            {"questions": ["You must buy the kit: is that fine?"]},
        ],
        [
            *brief("Compare the fees of museums.", "The student pays nothing.", "There is no application fee."),
            *brief("You will pay attention to detail.", "You will never have to pay a fee."),
            *brief("Find out how much students will pay for lunch.", "We cover the registration fee of the workshop."),
            *brief("No training fee, no deposit.", "Compare the application fees of ten grant portals."),
            {"questions": ["What would you buy first?"]},
            {"supplies_note": "A laptop of our own"},
        ],
    ),
    "engagement": (
        [{"engagement_type": CONTRACTOR}],
        [{"engagement_type": EngagementType(name="Temporary employee", allowed=True, pk=2)}],
    ),
    "contractor_words": (
        [
            *brief("You are paid on a 1099.", "You work as an independent contractor.", "You will invoice us."),
            *brief("Fill out a W-9 first.", "You are responsible for your own taxes."),
        ],
        [
            *brief("You are not an independent contractor.", "Read how courts treat independent contractors."),
            *brief("Sort 1099 invoices of vendors.", "Chart the trade of Genoa since 1099."),
        ],
    ),
    "third_party": (
        [
            *brief("We are a boutique staffing agency.", "We are hiring on behalf of our client in Chicago."),
            *brief("Our client is looking for an intern.", "You will be placed with one of our partner companies."),
            *brief("A confidential client needs a model.", "Your resume is forwarded to our client."),
        ],
        [
            *brief("Write case studies of our clients.", "A market study of staffing agencies."),
            *brief("We are no staffing agency: you work with us.", "Our client list is what you clean."),
            *brief("Our clients are looking for clearer invoices."),
        ],
    ),
    "offer_terms": (
        [
            *brief("You must accept the offer within 24 hours.", "We make same-day offers.", "There is a non-compete."),
            *brief("A penalty is due if you leave early.", "If you quit early you will not be paid."),
        ],
        [
            *brief("Answer customers within 24 hours of their mail.", "There is no penalty if you leave early."),
            *brief("Model which subscribers leave and what penalties do.", "Read 40 non-compete clauses for a memo."),
        ],
    ),
    "fraud": (
        [
            *brief("Deposit the check and buy gift cards.", "Earn $900 weekly from home.", "Send your bank details."),
            *brief("You receive packages and reship them.", "Recruit your friends and build your team."),
        ],
        [
            *brief("Detect checks that scammers deposit.", "Packages of R are what you compare."),
            *brief("Never send money to strangers: a campaign.", "Reconcile the bank statements of a small nonprofit."),
        ],
    ),
    "unsafe": (
        [
            *brief("Operating a forklift in the depot.", "Packing cannabis for shops.", "Stay overnight with a child."),
        ],
        [
            *brief("A market study of cannabis.", "Simulate driving a forklift.", "You do not work with firearms."),
        ],
    ),
    "citizens": (
        [
            *brief("U.S. citizens only.", "US citizens only", "Only citizens may apply.", "Only U.S. citizens."),
            *brief("Applicants must be American citizens.", "U.S. citizenship is required.", "Must be a U.S. person."),
            *brief("No international students, please.", "If you are not a U.S. citizen, do not apply."),
            {"questions": ["Are you a permanent resident?"]},
            {"questions": ["What is your visa status?"]},
            {"questions": ["Do you hold a green card?"]},
            {"questions": ["Which citizenship do you have?"]},
            {"questions": ["Are you an American citizen?"]},
            {"questions": ["Do you need a visa?"]},
            {"feedback_plan": "No F-1 students, please."},
        ],
        [
            *brief("A survey of citizens of Boston.", "What citizens say of parks.", "A history of citizenship."),
            *brief("We have Visa card data.", "You ask citizens about U.S. national parks."),
            *brief("You need not be a U.S. citizen.", "Open to all, regardless of citizenship or visa status."),
            *brief("A survey of U.S. citizens about trust.", "International students are welcome."),
            *brief("You do not have to be a permanent resident.", "Citizens' assemblies: a guide."),
            *brief("Help families applying for citizenship.", "No green card needed."),
            {"title": "Citizen science in Boston"},
            {"skills": "Green design, index cards"},
            {"questions": ["Who are the residents?"]},
            {"questions": ["Do you need sponsorship now or later?"]},
            {"questions": ["Are you authorized to work in the United States?"]},
        ],
    ),
    "discriminatory": (
        [
            *brief("Female candidates only.", "We prefer males.", "You must be young.", "A native English speaker."),
            *brief("Please attach a photo.", "Young people wanted."),
        ],
        [
            *brief("A history of female candidates.", "All genders and ages are welcome.", "Fluent Spanish helps."),
            *brief("A program for young people in Lowell.", "Tag the photos that visitors attach."),
            *brief("You do not have to be a native speaker."),
        ],
    ),
    "gpa": (
        [
            *brief("We ask for a GPA 3.5 or higher.", "Computer science with a GPA of 3.0.", "A strong GPA is a plus."),
            {"skills": "GPA 3.5"},
            {"learning_goals": "Minimum GPA: 3.2."},
            {"questions": ["What is your GPA?"]},
        ],
        [
            *brief("GPA not considered.", "We do not look at your GPA.", "No minimum GPA.", "GPA does not matter."),
            *brief("We look beyond GPA and majors.", "We grade gravel by size, 3.5 or higher."),
            *brief("Predict first-year GPA from at least three surveys."),
            {"skills": "Grading exams"},
            {"questions": ["What have you built?"]},
        ],
    ),
    "majors": (
        [
            *brief("Only computer science majors.", "You must major in economics.", "Students majoring in law only."),
            {"skills": "Statistics majors preferred"},
            {"questions": ["You must be a finance major: are you?"]},
            {"title": "Data, limited to biology majors"},
        ],
        [
            *brief("Open to all majors, and not only to ours.", "You must look at major roads."),
            *brief("If you are majoring in law, use it here.", "Not limited to biology majors."),
            {"skills": "Statistics; no major is preferred"},
            {"questions": ["What is your major?"]},
            {"title": "The only major river of Ohio"},
        ],
    ),
    "no_goals": ([{"learning_goals": ""}, {"learning_goals": "TBD"}], [{"learning_goals": "SQL."}]),
    "no_mentor": (
        [{"mentor_name": "TBD"}, {"mentor_name": "HR Team"}, {"mentor_name": "To be determined"}],
        [{"mentor_name": "N. A. Teng"}, {"mentor_name": "Hr. Olsen"}],
    ),
    "unsupervised": (
        [
            *brief("You work without supervision.", "We have no time to train anybody.", "Minimal guidance is given."),
        ],
        [
            *brief("Compare unsupervised clustering methods.", "You never work without supervision."),
            *brief("Independent work, with a call each day."),
        ],
    ),
    "no_feedback": ([{"feedback_plan": ""}, {"feedback_plan": "n/a"}], [{"feedback_plan": "Weekly."}]),
    "no_mentor_email": ([{"mentor_email": ""}], [{"mentor_email": "a@b.example"}]),
    "contact": (
        [
            *brief("Write to hr@fenwick.example.", "Call +1 (617) 555-0148 today.", "See https://fenwick.example/jobs"),
            *brief("Apply at fenwick.com today.", "hr (at) fenwick (dot) com", "WhatsApp me first.", "bit.ly/3xYz"),
            {"feedback_plan": "Write to ana@fenwick.example."},
            {"supplies_note": "See www.fenwick.example"},
            {"mentor_title": "Lead, +1 617 555 0148"},
        ],
        [
            *brief("Find out @ what hour riders leave.", "Trips of 2024 and 2025, 1,200,000 rows."),
            *brief("See the http status codes.", "Years: 2022 2023 2024 2025", "From 2026-01-15 2026-02-20 on."),
            *brief("Clean ISBN 978-0-13-468599-1 records.", "Node.js, ASP.NET and Booking.com data."),
            {"feedback_plan": "Write every Friday."},
            {"supplies_note": "A badge"},
            {"mentor_title": "Lead since 2019"},
        ],
    ),
    "residential": (
        [
            ON_SITE | {"street_address": "12 Elm St, Apt 4B"},
            ON_SITE | {"brief": "You work at my house."},
            ON_SITE | {"brief": "We meet in the founder's home."},
        ],
        [
            ON_SITE | {"street_address": "12 Elm St, Suite 4B"},
            ON_SITE | {"brief": "Write in our house style for our home page."},
            {"brief": "I work from my home, you from yours."},
        ],
    ),
    "no_address": ([{"location_mode": "on_site", "place": "Boston"}], [ON_SITE]),
}  # fmt: skip


def test_the_good_posting_trips_nothing_and_every_check_has_its_line():
    assert names() == []
    assert list(TABLE) == [check.name for check in CHECKS]


@pytest.mark.parametrize("name", TABLE)
def test_each_check_trips_alone_and_spares_what_nearly_does(name):
    trips, nearly = TABLE[name]
    assert [(fields, found) for fields in trips if (found := names(**fields)) != [name]] == []
    assert [fields for fields in nearly if name in names(**fields)] == []


def test_every_check_says_why_how_to_mend_it_and_who_says_so():
    for check in CHECKS:
        assert all([check.why, check.mend, check.source.document]), check.name
        assert check.source.url.startswith(("https://", "/for-hosts/")), check.name


def test_none_declines_and_the_gravest_come_first():
    failures = checks.failed(a_posting(brief="US citizens only. GPA 3.5. We are a staffing agency."), Rows([FLOOR]))
    grouped = [(severity, [one.name for one in group]) for severity, group in checks.by_severity(failures)]
    assert grouped == [
        (Severity.MEND, ["citizens"]),
        (Severity.STAFF, ["third_party"]),
        (Severity.WARN, ["gpa"]),
    ]


def test_the_words_that_tripped_are_shown_with_their_field():
    long = "We sort " + "trip after trip " * 20 + "for U.S. citizens only and so on, " + "day after day " * 20
    posting = a_posting(brief=f"Fine. {long}.", questions=["Fine?", "Are you a permanent resident?"])
    (failure,) = checks.failed(posting, Rows([FLOOR]))
    first, second = failure.places
    assert (first.field, second.field, second.words) == ("brief", "questions", "Are you a permanent resident?")
    assert "U.S. citizens" in first.words
    assert (first.words[0], first.words[-1], len(first.words) < 130) == ("…", "…", True)


def test_an_unfinished_draft_hears_of_what_is_written_alone():
    draft = Posting(title="U.S. citizens only", location_mode="on_site")
    assert [failure.name for failure in checks.failed_so_far(draft, Rows([FLOOR]))] == ["citizens"]
    assert {"incomplete", "no_goals", "no_feedback"} <= {one.name for one in checks.failed(draft, Rows([FLOOR]))}


@pytest.mark.parametrize("words", ["a ", "no ", "paid ", "our client ", "you must be ", "w.w-w", "a.b", "a@b-", "3.5 "])
def test_words_that_send_a_search_back_and_forth_are_read_in_no_time(words):
    before = time.process_time()
    checks.failed(a_posting(brief=words * (8000 // len(words))), Rows([FLOOR]))
    assert time.process_time() - before < 2  # 0.3 at most; without its bounds a search took ten times that


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
    assert names(**fields) == found


@pytest.mark.parametrize(("hours", "found"), [(4, ["total_short"]), (5, []), (40, []), (41, ["total_long"])])
def test_a_type_that_names_a_total_alone_is_measured_by_it(hours, found):
    kind = OpportunityType(name="Sprint", total_hours_min=5, total_hours_max=40, pk=9)
    assert names(opportunity_type=kind, **terms(1, 1, hours, hours)) == found


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
    floor = checks.floor_for(a_posting(**place), floors)
    assert (floor and floor.hourly) == hourly


def test_what_is_missing_is_named_in_the_forms_order():
    bare = Posting(title="Something", location_mode="on_site")
    assert list(checks.missing(bare)) == [
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
    assert checks.missing(a_posting()) == {}


def test_a_job_without_an_end_needs_no_weeks():
    assert checks.missing(a_posting(opportunity_type=JOB, weeks_min=None, weeks_max=None)) == {}


def test_unpaid_work_needs_a_basis_and_travel_costs():
    unpaid = a_posting(pay_kind="unpaid", pay_amount=None)
    assert list(checks.missing(unpaid)) == ["unpaid_basis", "travel_costs_covered"]
