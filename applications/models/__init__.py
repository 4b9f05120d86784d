from applications.models.application import Application, ApplicationEvent, ApplicationQuerySet
from applications.models.calendar import CalendarFeed
from applications.models.case import Case, CaseLook
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
from applications.models.note import LONGEST_NOTE, ApplicationNote, NoteQuerySet
from applications.models.offer import (
    Offer,
    OfferEvent,
    OfferExtension,
    OfferQuerySet,
    Side,
    deadline_version,
    positions_left,
    positions_taken,
)
from applications.models.request import (
    OfferRequest,
    OfferRequestQuerySet,
    RequestKind,
    RequestOutcome,
    office,
    wished_day,
)
from applications.models.silence import SilentPosting

__all__ = [
    "DOCUMENT_KINDS",
    "LONGEST_NOTE",
    "MOST_TIMES",
    "Acknowledgment",
    "Application",
    "ApplicationEvent",
    "ApplicationNote",
    "ApplicationQuerySet",
    "CalendarFeed",
    "Case",
    "CaseLook",
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
    "NoteQuerySet",
    "Offer",
    "OfferEvent",
    "OfferExtension",
    "OfferLetter",
    "OfferQuerySet",
    "OfferRequest",
    "OfferRequestQuerySet",
    "RequestKind",
    "RequestOutcome",
    "Side",
    "SilentPosting",
    "deadline_version",
    "office",
    "positions_left",
    "positions_taken",
    "wished_day",
]
