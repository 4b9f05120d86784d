from applications.models.application import Application, ApplicationEvent, ApplicationQuerySet
from applications.models.document import DOCUMENT_KINDS, Document, DocumentVersion, MaterialKind
from applications.models.guidelines import Acknowledgment, GuidelinesQuerySet, GuidelinesText
from applications.models.interview import Interview, InterviewMode
from applications.models.letter import OfferLetter
from applications.models.material import Material, MaterialAccess, MaterialQuerySet
from applications.models.offer import Offer, OfferEvent, OfferExtension, OfferQuerySet, positions_left
from applications.models.request import OfferRequest, OfferRequestQuerySet, RequestKind, RequestOutcome, wished_day

__all__ = [
    "DOCUMENT_KINDS",
    "Acknowledgment",
    "Application",
    "ApplicationEvent",
    "ApplicationQuerySet",
    "Document",
    "DocumentVersion",
    "GuidelinesQuerySet",
    "GuidelinesText",
    "Interview",
    "InterviewMode",
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
