"""People and things for tests: each complete and believable, with only what matters spelled out."""

import datetime as dt
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.text import slugify

from accounts.actions import set_staff_roles
from accounts.models import Host, Level, Membership, Organization, StudentProfile, User
from accounts.roles import Role
from postings.models import EngagementType, OpportunityType, Posting, Stream
from postings.workflow import ENDED, UNSUBMITTED, HoldCause, Status

NOW = dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC)
_numbers = count(1)


def make_user(name: str = "", *, email: str = "", verified: bool = True, **fields: Any) -> User:
    name = name or f"Person {next(_numbers)}"
    email = email or f"{slugify(name)}-{next(_numbers)}@example.org"
    user = User.objects.create_user(email, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def make_student(name: str = "", *, level: str = Level.UNDERGRADUATE, **fields: Any) -> StudentProfile:
    name = name or f"Student {next(_numbers)}"
    email = fields.pop("email", f"{slugify(name)}-{next(_numbers)}@student.example.edu")
    return StudentProfile.objects.create(user=make_user(name, email=email, **fields), level=level)


def make_organization(name: str = "", *, by: User | None = None, **fields: Any) -> Organization:
    name = name or f"Organization {next(_numbers)}"
    return Organization.objects.create(name=name, created_by=by or make_user(), **fields)


def make_host(
    name: str = "", *, organization: Organization | None = None, alumnus: bool = False, **fields: Any
) -> Host:
    """A host who belongs to an organization, a new one unless it is given; `alumnus` is verified."""
    host = Host.objects.create(user=make_user(name, **fields))
    organization = organization or make_organization(by=host.user)
    Membership.objects.create(user=host.user, organization=organization)
    if alumnus:
        host.alumnus_verified_at, host.alumnus_verified_by = NOW, make_user()
        host.save()
    return host


def make_staff(role: str = Role.MODERATOR, name: str = "", **fields: Any) -> User:
    user = make_user(name or f"{Role(role).label} {next(_numbers)}", **fields)
    return set_staff_roles(user, roles=[role], by=None)


def make_posting(
    status: str = Status.OPEN, *, host: Host | None = None, now: dt.datetime = NOW, **fields: Any
) -> Posting:
    """A complete posting in that state, with the who and the when that the state needs."""
    host = host or make_host()
    values: dict[str, Any] = {
        "organization": host.user.memberships.get().organization if "organization" not in fields else None,
        "host": host,
        "created_by": host.user,
        "opportunity_type": OpportunityType.objects.get(slug="micro-internship"),
        "stream": Stream.objects.get(slug="data-analytics"),
        "engagement_type": EngagementType.objects.filter(allowed=True).first(),
        "title": f"Survey of parking habits {next(_numbers)}",
        "brief": "Read two years of parking counts and say which lots fill first.",
        "deliverable": "A ten-page report with charts.",
        "learning_goals": "Cleaning real data.",
        "skills": "Spreadsheets, writing",
        "weeks_min": 2,
        "weeks_max": 4,
        "hours_week_min": 10,
        "hours_week_max": 15,
        "total_hours": 40,
        "start_earliest": now.date() + dt.timedelta(days=60),
        "start_latest": now.date() + dt.timedelta(days=90),
        "pay_kind": "hourly",
        "pay_amount": 20,
        "levels": [Level.UNDERGRADUATE, Level.GRADUATE],
        "mentor_name": "Ana Mentor",
        "feedback_plan": "A call every Friday.",
    }
    posting = Posting(status=status, **(values | _status_fields(status, host.user, now) | fields))
    posting.save()
    return posting


def _status_fields(status: str, host: User, now: dt.datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if status not in UNSUBMITTED:
        fields |= {"submitted_at": now, "submitted_by": host}
    if status in (Status.CHANGES_REQUESTED, Status.DECLINED):
        fields |= {"decided_at": now, "decided_by": make_staff(), "decision_reason": "pay"}
    elif status not in (*UNSUBMITTED, Status.SUBMITTED):
        fields |= {"approved_at": now, "approved_by": make_staff(), "published_at": now}
    if status == Status.SCHEDULED:
        fields |= {"opens_at": now + dt.timedelta(days=7)}
    if status == Status.ON_HOLD:
        fields |= {"held_at": now, "held_by": make_staff(), "hold_cause": HoldCause.REVIEW, "hold_note": "A report."}
    if status in ENDED:
        fields |= {"ended_at": now, "ended_by": host}
    return fields
