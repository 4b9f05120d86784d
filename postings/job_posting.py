"""A posting as schema.org's JobPosting: what search engines and job aggregators read."""

import json
from typing import Any

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from postings import checks, rules, wording
from postings.models import CONTRACTOR, MICRO, LocationMode, PayKind, Posting
from postings.templatetags.posting_tags import markdown

# The types that the board ships with; one that staff add is some other employment.
EMPLOYMENT = {MICRO: ["INTERN", "TEMPORARY"], "internship": ["INTERN"], "full-time-job": ["FULL_TIME"]}
# No end of the script element can stand in it, and no beginning of a comment.
_ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def data_block(posting: Posting, *, board: str) -> SafeString:
    """The element for a page's head. It is data and no script, so the policy has nothing to allow."""
    text = json.dumps(job_posting(posting, board=board), ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  escaped on the line above


def job_posting(posting: Posting, *, board: str) -> dict[str, Any]:
    """`board` names who gave the identifier."""
    url = settings.BASE_URL + posting.get_absolute_url()
    facts = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": posting.title,
        "description": description(posting),
        "identifier": {"@type": "PropertyValue", "name": board, "value": str(posting.pk)},
        "url": url,
        "datePosted": posting.published_at.isoformat() if posting.published_at else None,
        "validThrough": posting.apply_by.isoformat() if posting.apply_by else None,
        "employmentType": employment(posting),
        "hiringOrganization": {"@type": "Organization", "name": posting.organization.name},
        "baseSalary": base_salary(posting),
        "directApply": True,
        "jobStartDate": posting.start_earliest.isoformat() if posting.start_earliest else None,
        "totalJobOpenings": posting.positions,
        "workHours": wording.hours_week(posting),
        "skills": posting.skills,
        **location(posting),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def employment(posting: Posting) -> list[str]:
    kinds = EMPLOYMENT.get(posting.opportunity_type.slug if posting.opportunity_type else "", ["OTHER"])
    contracted = posting.engagement_type is not None and posting.engagement_type.slug == CONTRACTOR
    return [*kinds, "CONTRACTOR"] if contracted else kinds


def location(posting: Posting) -> dict[str, Any]:
    """Remote work is done by students here, wherever the host is. Hybrid work has a place to be at."""
    if posting.location_mode == LocationMode.REMOTE:
        country = {"@type": "Country", "name": "USA"}
        return {"jobLocationType": "TELECOMMUTE", "applicantLocationRequirements": country}
    address = {
        "@type": "PostalAddress",
        "addressLocality": posting.place,
        "addressRegion": posting.region,
        "addressCountry": posting.country,
    }
    return {"jobLocation": {"@type": "Place", "address": {name: value for name, value in address.items() if value}}}


def base_salary(posting: Posting) -> dict[str, Any] | None:
    """By the hour: a fixed fee has no unit of its own, and an hour is what compares."""
    span = rules.effective_pay(posting)
    if span is None or posting.pay_kind == PayKind.UNPAID:
        return None
    least, most = float(span.least), float(span.most)
    amount = {"value": least} if span.exact else {"minValue": least, "maxValue": most}
    value = {"@type": "QuantitativeValue", **amount, "unitText": "HOUR"}
    return {"@type": "MonetaryAmount", "currency": posting.currency, "value": value}


def description(posting: Posting) -> str:
    """The brief as the page shows it, and in plain paragraphs what stands beside it."""
    beside = [
        ("What you hand over", posting.deliverable),
        ("What you learn", posting.learning_goals),
        ("Helpful skills", posting.skills),
        ("Length", wording.terms(posting)),
        ("Pay", ", ".join(filter(None, [wording.pay(posting), wording.effective_pay(posting)]))),
        ("Open to", wording.levels(posting)),
        ("Mentor", wording.mentor(posting)),
    ]
    lines = [
        f"<p><strong>{name}:</strong> {escape(checks.without_contacts(text))}</p>" for name, text in beside if text
    ]
    return "\n".join([str(markdown(checks.without_contacts(posting.brief))).strip(), *lines])
