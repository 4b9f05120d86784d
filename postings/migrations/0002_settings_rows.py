"""The rows the board ships with. They are settings: staff edit them in the admin, and say where each comes from."""

from decimal import Decimal

from django.db import migrations

TYPES = [
    {
        "slug": "micro-internship",
        "name": "Micro-internship",
        "plural": "Micro-internships",
        "weeks_min": 2,
        "weeks_max": 4,
        "hours_week_min": 10,
        "hours_week_max": 35,
        "total_hours_min": 5,
        "total_hours_max": 40,
        "offer_days_least": 5,
        "offer_days_recommended": 7,
        "pay_low": Decimal(15),
        "pay_high": Decimal(25),
        "source": "Career office student page (terms, 5–7 business days); career-services handout (total hours, pay).",
    },
    {
        "slug": "internship",
        "name": "Internship",
        "plural": "Internships",
        "weeks_min": 8,
        "weeks_max": 16,
        "hours_week_min": 10,
        "hours_week_max": 40,
        "offer_days_least": 20,
        "offer_days_recommended": 20,
        "source": "Career office recruiting guidelines (20 business days); length and hours are program defaults.",
    },
    {
        "slug": "full-time-job",
        "name": "Full-time job",
        "plural": "Full-time jobs",
        "hours_week_min": 35,
        "hours_week_max": 40,
        "offer_days_least": 20,
        "offer_days_recommended": 20,
        "source": "Career office recruiting guidelines (20 business days); hours are program defaults.",
    },
]

ENGAGEMENT_TYPES = [
    (
        "project-intern",
        "Project intern",
        True,
        "The student does a defined learning project with a mentor and is neither a direct hire nor a contractor. "
        "The host pays the fee or hourly rate that the posting states.",
    ),
    (
        "temporary-employee",
        "Temporary employee",
        True,
        "The student is on the host's payroll for the length of the project, with the usual tax forms.",
    ),
    (
        "university-payroll",
        "Paid through the university",
        True,
        "The host funds the project, and the university or its partner program pays the student.",
    ),
    (
        "contractor",
        "Independent contractor",
        False,
        "The student invoices the host. Students are not classed as contractors by default, so talk to the career "
        "office first. With CPT it is a question for the international office.",
    ),
]

STREAMS = [
    ("research-analysis", "Research & analysis"),
    ("data-analytics", "Data & analytics"),
    ("software-engineering", "Software & engineering"),
    ("marketing-content", "Marketing & content"),
    ("social-media", "Social media"),
    ("sales-business-development", "Sales & business development"),
    ("strategy-market-research", "Strategy & market research"),
    ("finance-accounting", "Finance & accounting"),
    ("human-resources", "Human resources"),
    ("operations-administration", "Operations & administration"),
    ("design-creative", "Design & creative"),
    ("policy-education-social-impact", "Policy, education & social impact"),
]

# slug, name, plural, public, rule
LABELS = [
    ("micro-internship", "Micro-internship", "Micro-internships", True, "opportunity_type"),
    ("alumni-host", "Alumni host", "Alumni host", True, "alumni_host"),
    ("iap", "IAP", "", True, "by_hand"),
    ("fall", "Fall", "", True, "by_hand"),
    ("spring", "Spring", "", True, "by_hand"),
    ("summer", "Summer", "", True, "by_hand"),
    ("global", "Global", "", True, "abroad"),
    ("first-year-friendly", "First-year friendly", "", True, "by_hand"),
    ("social-impact", "Social impact", "", True, "by_hand"),
    ("new-host", "New host", "", False, "by_hand"),
    ("needs-pay-review", "Needs pay review", "", False, "by_hand"),
    ("needs-international-review", "Needs international review", "", False, "by_hand"),
    ("third-party", "Third party", "", False, "by_hand"),
]


def add_rows(apps, schema_editor):
    def model(name):
        return apps.get_model("postings", name).objects

    for order, row in enumerate(TYPES, 1):
        model("OpportunityType").create(order=order, **row)
    for order, (slug, name, allowed, explanation) in enumerate(ENGAGEMENT_TYPES, 1):
        model("EngagementType").create(
            slug=slug,
            name=name,
            allowed=allowed,
            explanation=explanation,
            order=order,
            source="Career-services handout: the engagement type is stated, and is a policy of the career office.",
        )
    for order, (slug, name) in enumerate(STREAMS, 1):
        model("Stream").create(slug=slug, name=name, order=order)
    micro = model("OpportunityType").get(slug="micro-internship")
    for order, (slug, name, plural, public, rule) in enumerate(LABELS, 1):
        model("Label").create(
            slug=slug,
            name=name,
            plural=plural,
            public=public,
            rule=rule,
            opportunity_type=micro if rule == "opportunity_type" else None,
            order=order,
        )
    model("PayFloor").create(
        hourly=Decimal(15),
        currency="USD",
        source="Career-services handout: a fixed fee is typically $15–$25 an hour. Measured by the effective rate.",
    )


class Migration(migrations.Migration):
    dependencies = [("postings", "0001_initial")]

    operations = [migrations.RunPython(add_rows, migrations.RunPython.noop)]
