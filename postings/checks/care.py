"""What a student learns, who looks after them and how, where they work; and what does not belong into a posting."""

import re
from collections.abc import Iterator

from postings.checks import sources
from postings.checks.check import Check, Found, Place, Rows, Severity
from postings.checks.wording import ALL, pattern, places, words
from postings.models import LocationMode, Posting
from postings.workflow import Reason

_NOTHING = re.compile(
    r"\W*(?:tb[adc]|to be (?:determined|announced|decided|confirmed|assigned)|n/?a|none|no|not yet|unknown|"
    r"later|various|"
    r"anyone|somebody|someone|whoever is (?:free|available|around)|x+|\?+|the team|hr(?: team| department)?|"
    r"human resources)?\W*",
    re.IGNORECASE,
)


def says_nothing(text: str) -> bool:
    """Empty, or a word put there to fill the field."""
    return _NOTHING.fullmatch(text) is not None


def _no_goals(posting: Posting, rows: Rows) -> Iterator[Found]:
    if says_nothing(posting.learning_goals):
        yield Found("No learning goals are stated.", (Place("learning_goals"),))


def _no_feedback(posting: Posting, rows: Rows) -> Iterator[Found]:
    if says_nothing(posting.feedback_plan):
        yield Found("Nothing says when and how the student gets feedback.", (Place("feedback_plan"),))


def _no_mentor(posting: Posting, rows: Rows) -> Iterator[Found]:
    """An empty field is asked for with all else that is missing."""
    if posting.mentor_name and says_nothing(posting.mentor_name):
        yield Found("The mentor is not a person with a name.", (Place("mentor_name", posting.mentor_name),))


_ALONE = pattern(
    r"\b(?:no|without|minimal|little|zero) (?:[\w-]+ ){0,2}(?:supervision|supervisor|oversight|mentor(?:ing|"
    r"ship)?|guidance|hand-?holding)\b",
    r"\b(?:unsupervised|on your own from (?:day|the start))\b|\bno time to (?:mentor|supervise|train|guide|"
    r"teach|explain)\b",
    r"\b(?:don[’']t|do not|won[’']t|will not|cannot|can[’']t) (?:have (?:the )?time to |be able to |"
    r"be available to )?"
    r"(?:mentor|supervise|train you|give (?:you )?feedback|answer questions)\b",
    r"\bno (?:regular |scheduled )?(?:feedback|check-?ins|meetings with us)\b",
)
_LEARNS_ALONE = pattern(
    r"\b(?:un|semi-|weakly )?supervised (?:learning|clustering|models?|methods?|machine)\b|"
    r"\b(?:never|not|n[’']t) (?:\w+ ){0,3}(?:without|unsupervised|on your own|alone)\b",
)


def _no_mentor_email(posting: Posting, rows: Rows) -> Iterator[Found]:
    if not posting.mentor_email:
        yield Found("The mentor has no email address.", (Place("mentor_email"),))


def _no_address(posting: Posting, rows: Rows) -> Iterator[Found]:
    if posting.location_mode != LocationMode.REMOTE and not posting.street_address:
        yield Found("On-site work has no street address.", (Place("street_address"),))


_HOME_ADDRESS = pattern(
    r"\b(?:apt|apartment|condo(?:minium)?|townhouse|basement|my (?:home|house|place)|our (?:home|house)|"
    r"private (?:home|residence)|"
    r"trailer park|dorm(?:itory)?)\b(?! (?:association|developers?|leasing|rentals))"
)
_AT_HOME = pattern(
    r"\b(?:at|in|from|to|out of) (?:my|our|the (?:host|founder|owner|family)[’']?s?) (?:own )?"
    r"(?:home(?!-| (?:page|market|city|town|state|country|base|screen|care|row|goods|delivery|school|field|"
    r"office in downtown))|"
    r"house(?!-| (?:style|rules|brand|wine))|apartment|condo|living room|garage at home|private residence)\b",
    r"\b(?:home office|garage|spare room|kitchen table) of (?:the|our|my) (?:founder|owner|host|family|director)\b",
)
_HEADQUARTERS = pattern(r"\bour home offices?\b")


def _residential(posting: Posting, rows: Rows) -> Iterator[Found]:
    found = places(posting, _HOME_ADDRESS, fields=["street_address", "place"])
    if posting.location_mode != LocationMode.REMOTE:
        found += places(posting, _AT_HOME, _HEADQUARTERS)
    if found:
        yield Found("The workplace reads like somebody's home.", found)


ADDRESS, NUMBER = r"[\w.+-]{1,64}@[\w-]{1,63}\.\w+", r"(?<!\d)(?:\+?\d[\s().-]{0,2}){9,13}\d"
LINK = r"https?://|www\."
_NO_DATES = r"(?<![\d-])(?!(?:(?:19|20)\d\d(?:[-./]\d\d){0,2}[\s().-]{1,3}){2})"
_CONTACT = pattern(
    rf"{ADDRESS}|{LINK}|{_NO_DATES}{NUMBER}",
    r"\b[\w.-]{1,64} ?(?:\(at\)|\[at\]| at ) ?[\w-]+ ?(?:\(dot\)|\[dot\]| dot ) ?\w+",
    r"\b(?:apply|visit|write|register|sign up|more|details|submit)(?: \w+){0,3} (?:at|on|via|through|under|to)?:? ?"
    r"[\w-]{1,63}\.(?:com|org|net|io|edu|co|ai|app|dev)\b",
    r"\b[\w-]{1,63}\.(?:com|org|net|io|edu|co|ai|app|me|ly|gle?)/\w",
    r"\b(?:whats ?app|telegram|signal|wechat|text|dm|message) (?:me|us|him|her)\b|\b(?:instagram|telegram|"
    r"discord|skype|twitter|linkedin):? ?@\w",
    r"\b(?:whats ?app|telegram|skype|wechat|discord):? (?:@|\+?\d|number)",
)
_NO_CONTACT = pattern(
    r"\bisbn\b|\bissn\b|\bdoi\b|\b(?:never|not|n[’']t|no)(?: \w+){0,3} (?:text|dm|message|whats ?app|"
    r"telegram) (?:me|us)\b"
)


def _contact(posting: Posting, rows: Rows) -> Iterator[Found]:
    found = places(posting, _CONTACT, _NO_CONTACT, ALL)
    if found:
        text = "The text holds contact details or a link. Students apply here, so that both sides are protected."
        yield Found(text, found)


def without_contacts(text: str) -> str:
    """Hosts are asked to leave them out; where text leaves the board, nothing depends on that."""
    return re.sub(rf"(?:{LINK})\S*|{ADDRESS}[\w.-]*|{NUMBER}", "…", text, flags=re.IGNORECASE)


CHECKS = (
    Check(
        "no_goals",
        Severity.WARN,
        _no_goals,
        "A student does this to learn, and looks for it first.",
        "Say what a student learns by doing this.",
        sources.NACE,
        Reason.NOT_ENOUGH,
        of_absence=True,
    ),
    Check(
        "no_mentor",
        Severity.MEND,
        _no_mentor,
        "The relation between mentor and student is central, and outlives the project. It needs a person.",
        "Name the person who guides the student.",
        sources.STUDENT_PAGE,
        Reason.SUPERVISION,
    ),
    Check(
        "unsupervised",
        Severity.MEND,
        words("The text reads as if nobody looked after the student.", _ALONE, but=_LEARNS_ALONE),
        "The career office answers for it that students are supervised and get feedback.",
        "Say who answers questions, and when; or take the words out if they mean that the student works independently.",
        sources.HANDOUT,
        Reason.SUPERVISION,
    ),
    Check(
        "no_feedback",
        Severity.MEND,
        _no_feedback,
        "Time and a way for regular feedback are built in from the start, or they do not happen.",
        "Name a rhythm and a method, for example a call every Friday and comments in the shared document.",
        sources.HANDOUT,
        Reason.SUPERVISION,
        of_absence=True,
    ),
    Check(
        "no_mentor_email",
        Severity.WARN,
        _no_mentor_email,
        "Students on CPT or Academic Training need a supervisor with an address in their offer letter.",
        "Add it: it is not public, and stands in the offer letter.",
        sources.ABROAD_ADVISOR,
        of_absence=True,
    ),
    Check(
        "contact",
        Severity.MEND,
        _contact,
        "Whoever is lured away from the board has no deadline, no offer in writing and nobody to turn to.",
        "Take email addresses, phone numbers and links out.",
        sources.STUDENT_PAGE,
        Reason.CONTACT,
    ),
    Check(
        "residential",
        Severity.MEND,
        _residential,
        "No student is sent to a private home. Hosts who work from home meet students online or in a public place.",
        "Give a business address, a shared office or a library; or make the project remote.",
        sources.STUDENT_PAGE,
        Reason.RESIDENTIAL,
    ),
    Check(
        "no_address",
        Severity.WARN,
        _no_address,
        "The offer letter states where the work is done, and work authorization asks for it.",
        "Add the business address: it is not public, and stands in the offer letter. No home addresses.",
        sources.ABROAD_ADVISOR,
        of_absence=True,
    ),
)
