"""Postings that no database knows, for what is said of their facts and words alone."""

import datetime as dt
from decimal import Decimal

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
