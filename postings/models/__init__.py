from postings.models.choices import (
    CONTRACTOR,
    HOME_COUNTRY,
    HOME_CURRENCY,
    MICRO,
    PAID,
    LabelRule,
    LocationMode,
    MaterialKind,
    PayKind,
    Supply,
)
from postings.models.history import PostingEvent, PostingRevision
from postings.models.posting import Fold, Posting
from postings.models.querysets import PostingQuerySet
from postings.models.rows import EngagementType, Label, OpportunityType, PayFloor, Stream

__all__ = [
    "CONTRACTOR",
    "HOME_COUNTRY",
    "HOME_CURRENCY",
    "MICRO",
    "PAID",
    "EngagementType",
    "Fold",
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
    "PostingRevision",
    "Stream",
    "Supply",
]
