from applications.forms.applying import ApplyForm
from applications.forms.asking import GoingBackForm, MoreTimeForm, OthersForm, TalkForm, TalkNoteForm
from applications.forms.documents import DocumentForm, NameForm, VersionForm
from applications.forms.interviewing import InterviewForm, PlaceForm, TimeForm
from applications.forms.letters import LetterForm
from applications.forms.offering import ExtensionForm, OfferForm
from applications.forms.reasons import NoQuestion, ReasonForm
from applications.forms.reviewing import NonSelectionForm, NoteForm

__all__ = [
    "ApplyForm",
    "DocumentForm",
    "ExtensionForm",
    "GoingBackForm",
    "InterviewForm",
    "LetterForm",
    "MoreTimeForm",
    "NameForm",
    "NoQuestion",
    "NonSelectionForm",
    "NoteForm",
    "OfferForm",
    "OthersForm",
    "PlaceForm",
    "ReasonForm",
    "TalkForm",
    "TalkNoteForm",
    "TimeForm",
    "VersionForm",
]
