from postings.models.choices import (
    ANSWER_DAYS,
    CONTRACTOR,
    HOME_COUNTRY,
    HOME_CURRENCY,
    INTERNSHIP,
    MICRO,
    PAID,
    LabelRule,
    LocationMode,
    MaterialKind,
    PayKind,
    Supply,
)
from postings.models.desk import IDLE, Claim, PreviewLink
from postings.models.history import PostingEvent, PostingRevision
from postings.models.posting import Fold, Posting
from postings.models.querysets import PostingQuerySet, is_campus
from postings.models.report import PostingReport, ReportReason
from postings.models.rows import EngagementType, Label, OpportunityType, PayFloor, Stream
from postings.models.saved import ALERTS, NINE, Alert, Announcement, Frequency, SavedPosting, SavedSearch, Weekday
from postings.models.search import Change, Synonym, Word

__all__ = [
    "ALERTS",
    "ANSWER_DAYS",
    "CONTRACTOR",
    "HOME_COUNTRY",
    "HOME_CURRENCY",
    "IDLE",
    "INTERNSHIP",
    "MICRO",
    "NINE",
    "PAID",
    "Alert",
    "Announcement",
    "Change",
    "Claim",
    "EngagementType",
    "Fold",
    "Frequency",
    "Label",
    "LabelRule",
    "LocationMode",
    "MaterialKind",
    "OpportunityType",
    "PayFloor",
    "PayKind",
    "Posting",
    "PostingEvent",
    "PostingQuerySet",
    "PostingReport",
    "PostingRevision",
    "PreviewLink",
    "ReportReason",
    "SavedPosting",
    "SavedSearch",
    "Stream",
    "Supply",
    "Synonym",
    "Weekday",
    "Word",
    "is_campus",
]
