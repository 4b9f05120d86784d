from applications.models.application import Application, ApplicationEvent, ApplicationQuerySet
from applications.models.calendar import CalendarFeed
from applications.models.document import DOCUMENT_KINDS, Document, DocumentVersion, MaterialKind
from applications.models.guidelines import Acknowledgment, GuidelinesQuerySet, GuidelinesText
from applications.models.interview import (
    MOST_TIMES,
    Interview,
    InterviewEvent,
    InterviewMode,
    InterviewQuerySet,
    InterviewTime,
)
from applications.models.letter import OfferLetter
from applications.models.material import Material, MaterialAccess, MaterialQuerySet
from applications.models.offer import Offer, OfferEvent, OfferExtension, OfferQuerySet, positions_left
from applications.models.request import OfferRequest, OfferRequestQuerySet, RequestKind, RequestOutcome, wished_day

__all__ = [
    "DOCUMENT_KINDS",
    "MOST_TIMES",
    "Acknowledgment",
    "Application",
    "ApplicationEvent",
    "ApplicationQuerySet",
    "CalendarFeed",
    "Document",
    "DocumentVersion",
    "GuidelinesQuerySet",
    "GuidelinesText",
    "Interview",
    "InterviewEvent",
    "InterviewMode",
    "InterviewQuerySet",
    "InterviewTime",
    "Material",
    "MaterialAccess",
    "MaterialKind",
    "MaterialQuerySet",
    "Offer",
    "OfferEvent",
    "OfferExtension",
    "OfferLetter",
    "OfferQuerySet",
    "OfferRequest",
    "OfferRequestQuerySet",
    "RequestKind",
    "RequestOutcome",
    "positions_left",
    "wished_day",
]
