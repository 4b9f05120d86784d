"""What the tests of pages share."""

import datetime as dt

from django.test import Client

from core import clock
from postings.models import EngagementType, OpportunityType, Stream


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def answers(**changes):
    """What a host types into the form."""
    today = clock.today()
    values = {
        "opportunity_type": OpportunityType.objects.get(slug="micro-internship").pk,
        "stream": Stream.objects.get(slug="data-analytics").pk,
        "title": "Churn analysis for a bike-share",
        "brief": "Two years of trips: **who leaves**, and when?",
        "deliverable": "A notebook and a memo.",
        "learning_goals": "Survival analysis.",
        "skills": "Python",
        "levels": ["undergraduate", "graduate"],
        "weeks_min": 2,
        "weeks_max": 3,
        "hours_week_min": 10,
        "hours_week_max": 12,
        "start_earliest": (today + dt.timedelta(days=30)).isoformat(),
        "start_latest": (today + dt.timedelta(days=60)).isoformat(),
        "location_mode": "remote",
        "country": "US",
        "supplies": ["laptop"],
        "pay_kind": "hourly",
        "pay_amount": "20",
        "currency": "USD",
        "engagement_type": EngagementType.objects.get(slug="project-intern").pk,
        "mentor_name": "Omar",
        "feedback_plan": "A call every Friday.",
        "positions": 1,
        "extra_materials": ["transcript"],
    }
    values |= changes
    return {name: value for name, value in values.items() if value is not None}
