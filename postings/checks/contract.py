"""Who engages the student, and on which terms: contractors, third parties, offers that explode, fraud, danger."""

from collections.abc import Iterator

from postings.checks import sources
from postings.checks.check import Check, Found, Place, Rows, Severity
from postings.checks.wording import pattern, places, words
from postings.models import CONTRACTOR, Posting
from postings.workflow import Reason


def _engagement(posting: Posting, rows: Rows) -> Iterator[Found]:
    engagement = posting.engagement_type
    if engagement and not engagement.allowed:
        yield Found(
            f"{engagement.name} is not an engagement the career office lists by default. {engagement.explanation}",
            (Place("engagement_type"),),
        )


_CONTRACTOR = pattern(
    r"\b(?:as|be|are|become|hired as) (?:an? )?(?:independent|1099|freelance) contractors?\b|"
    r"\bcontractor agreement\b",
    r"\b(?:paid|on|via|by|form|a) (?:form )?(?:a )?1099\b|\b1099(?:-nec)? (?:basis|role|position|form|contract|"
    r"worker|contractor)\b",
    r"\b(?:you|students?|the student) (?:will |must |then )?(?:send us |submit )?(?:an )?invoices? (?:us|to us|"
    r"for your hours|monthly|weekly)\b",
    r"\bfill (?:in|out) (?:a |form )?w-?9\b|\bresponsible for (?:your|their) own taxes\b",
)
_NO_CONTRACTOR = pattern(
    r"\b(?:not|never|no|n[’']t|rather than|instead of) (?:[\w-]+ ){0,4}(?:contractors?|1099|invoices?)\b",
    r"\b(?:software|tool|app|data|research|guide|stud(?:y|ies)|memo|report|how|whether|law|rules)\b.{0,60}"
    r"\b(?:contractors?|1099|invoices?)\b",
)


def _contractor_words(posting: Posting, rows: Rows) -> Iterator[Found]:
    """Where the engagement that was chosen says otherwise; of a contractor the choice itself is spoken of."""
    engagement = posting.engagement_type
    found = places(posting, _CONTRACTOR, _NO_CONTRACTOR)
    if found and engagement and engagement.slug != CONTRACTOR:
        yield Found(f"The text speaks of a contractor, but the engagement is “{engagement.name}”.", found)


_CLIENT = r"(?:clients?|customers?|partner compan(?:y|ies)|partner firms?|employers?)"
_THIRD_PARTY = pattern(
    r"\bwe (?:recruit|hire|staff|source talent) (?:\w+ ){0,3}for (?:several|various|many|other|different|"
    r"leading) (?:\w+ ){0,2}"
    r"(?:companies|employers|firms|clients|organizations)\b",
    r"\bwe(?: are|[’']re) (?:an? |the )?(?:[\w-]+ ){0,3}(?:staffing|recruiting|recruitment|temp|talent|"
    r"placement|headhunting) "
    r"(?:agency|agencies|firm|company|platform|partner)\b",
    rf"\b(?:recruit\w*|hir(?:e|ing)|search\w*|looking|sourc\w+) (?:\w+ ){{0,5}}(?:on behalf of|for) "
    rf"(?:our|a|an|one of our|several|various|an undisclosed|a confidential) (?:\w+ ){{0,3}}{_CLIENT}\b",
    rf"\b(?:our|the|a confidential|an undisclosed) (?:end )?{_CLIENT},? (?:[\w,.&’'-]+ ){{0,6}}(?:is|are) (?:now |"
    rf"currently )?"
    r"(?:hiring|recruiting|looking for|seeking|in need of) (?:an? )?(?:\w+ )?(?:interns?|students?|analysts?|"
    r"developers?|talent)\b",
    rf"\b(?:confidential|undisclosed|unnamed) {_CLIENT}\b|\bname of the {_CLIENT}\b",
    rf"\b(?:placed|assigned|seconded) (?:with|at|to) (?:one of )?(?:our|a|various) (?:\w+ )?{_CLIENT}\b",
    rf"\b(?:resumes?|profiles?|candidates?|applications?) (?:\w+ )?(?:forwarded|passed on|submitted|shared|"
    rf"presented) "
    rf"(?:to|with) (?:our|the|a) (?:\w+ )?{_CLIENT}\b",
)
_NOT_THIRD = pattern(
    r"\b(?:not|no|never|n[’']t) (?:[\w-]+ ){0,4}(?:agency|agencies|recruiters?|third[ -]part(?:y|ies)|clients?)\b"
)

_TERMS = pattern(
    r"\b(?:24|48|72) hours to (?:accept|decide|sign|answer|respond)\b|\b(?:answer|decision|"
    r"reply)(?: \w+){0,3} on the spot\b",
    r"\b(?:accept|decide|sign|confirm)(?: \w+){0,4} (?:within|in) (?:\w+ )?(?:24|48|72|"
    r"twenty-four|forty-eight) hours\b",
    r"\b(?:offers?|decisions?)(?: \w+){0,4} (?:on the spot|same[ -]day|immediately|within (?:24|48|72) hours|"
    r"(?:24|48|72) hours)\b",
    r"\b(?:exploding|same-day) offers?\b|\bdecide on the spot\b",
    r"\b(?:penalt(?:y|ies)|fines?|forfeit\w*|repay|pay back|liquidated damages)\b.{0,60}\b(?:leave|quit|"
    r"withdraw|drop|early|renege|back out|late)",
    r"\b(?:leave|quit|withdraw|drop out|leaving|quitting)\b.{0,60}\b(?:penalt(?:y|ies)|fined?|forfeit\w*|repay|"
    r"pay back|unpaid|not be paid)\b",
    r"\bnon-?compete\b|\bmay not (?:apply|interview|work) (?:with |for |at |elsewhere|anywhere)",
)
_FAIR_TERMS = pattern(
    r"\b(?:campaign|article|guide|stud(?:y|ies)|history) (?:\w+ )?(?:against|on|about|of)\b",
    r"\b(?:read|compare|collect|review)\b.{0,40}\bnon-?compete",
    r"\b(?:no|without|not|never|n[’']t) (?:[\w-]+ ){0,4}(?:penalt(?:y|ies)|exploding|non-?competes?|fines?|"
    r"on the spot)\b",
    r"\b(?:model|stud(?:y|ies)|analy[sz]e|research|data|predict|customers?|subscribers?|memo|law|clauses?)\b.{0,80}"
    r"\b(?:leave|quit|withdraw|penalt(?:y|ies)|non-?compete\w*|offers?|fines?)\b",
)

_FRAUD = pattern(
    r"\b(?:receive|get) (?:\w+ ){0,3}checks?,? (?:and|which|that) (?:you )?(?:then )?(?:deposit|cash|forward)\b",
    r"\b(?:deposit|cash) (?:\w+ ){0,4}(?:checks?|cheques?)\b(?!-)|\b(?:wire|forward|transfer|"
    r"send) (?:\w+ ){0,4}(?:money|funds|payments?|the balance)\b",
    r"\b(?:buy|purchase|send)(?: \w+){0,4} gift cards?\b|\bgift card codes?\b|\b(?:your|"
    r"personal) bank (?:account|details|login)\b",
    r"\b(?:re-?ship|repackage|receive packages?|packages? at (?:your )?home)\b|\bsocial security number\b|\bssn\b",
    r"\b(?:earn|make) (?:up to )?\$\d[\d,]*\+? ?(?:a |per |/ ?)?(?:day|week|weekly|daily)\b|\bno (?:interview|"
    r"experience) (?:is )?(?:needed|required),? (?:start|earn|hired)",
    r"\b(?:recruit|sign up|enroll) (?:your )?(?:friends|family|classmates|people)\b.{0,60}\b(?:earn|bonus|"
    r"commission|downline|team)\b|\bdownline\b",
)
_ABOUT_FRAUD = pattern(
    r"\b(?:detect\w*|prevent\w*|fraud|scams?|stud(?:y|ies)|warn\w*|never|not|n[’']t|anti-|classif\w+|phishing|"
    r"train(?:ing)? (?:staff|users))\b",
)

_UNSAFE = pattern(
    r"\b(?:driv(?:e|ing)|operat(?:e|ing)) (?:an? |the |our |your )?(?:\w+ )?(?:forklifts?|cranes?|excavators?|"
    r"chainsaws?|company (?:truck|van)s?)\b",
    r"\b(?:handl(?:e|ing)|work(?:ing)? with|transport(?:ing)?|deliver(?:ing)?|trimming|packing) (?:\w+ ){0,3}"
    r"(?:cannabis|marijuana|explosives?|firearms?|asbestos|radioactive|pathogens?|controlled substances)\b",
    r"\b(?:climb(?:ing)? (?:\w+ ){0,3}(?:roofs?|towers?|scaffold\w*)|roofing work|high[ -]voltage (?:work|lines))\b",
    r"\b(?:stay|work|sleep) (?:alone )?overnight (?:alone|with (?:a |the )?(?:patient|client|child)\w*)\b|"
    r"\bunaccompanied with (?:children|minors|patients)\b",
)
_ABOUT_DANGER = pattern(
    r"\b(?:never|n[’']t|do not|does not|without|nothing)\b",
    r"\b(?:data|stud(?:y|ies)|research|policy|policies|market|law|report|survey|software|simulat\w+|campaign)\b",
)

CHECKS = (
    Check(
        "engagement",
        Severity.STAFF,
        _engagement,
        "Students are not classed as contractors or direct hires by default: which engagements are listed is a "
        "policy of "
        "the career office. With CPT a contractor is a question for the international office.",
        "Choose another engagement, or talk to the career office before you submit.",
        sources.CONTRACTORS,
        Reason.ENGAGEMENT,
    ),
    Check(
        "contractor_words",
        Severity.STAFF,
        _contractor_words,
        "How a student is engaged decides who pays taxes and who is insured: the posting says one thing throughout.",
        "Let the text and the engagement agree; choose another engagement, or take the words out.",
        sources.CONTRACTORS,
        Reason.ENGAGEMENT,
    ),
    Check(
        "third_party",
        Severity.STAFF,
        words("The text reads as if you recruit for somebody else.", _THIRD_PARTY, but=_NOT_THIRD),
        "Students learn before they apply for whom they work and who mentors them, so whoever has the work posts it.",
        "Let the organization that has the work post it. Is it your own project? Say so in the brief.",
        sources.LAUNCH_NOTE,
        Reason.THIRD_PARTY,
    ),
    Check(
        "offer_terms",
        Severity.MEND,
        words("The text presses for a quick answer, or threatens with a penalty.", _TERMS, but=_FAIR_TERMS),
        "Students have the business days that the career office sets to decide on an offer, and owe nothing if they "
        "go.",
        "Take it out: the offer that you write here has the right deadline by itself.",
        sources.STUDENT_PAGE,
        Reason.OFFER_TERMS,
    ),
    Check(
        "fraud",
        Severity.STAFF,
        words("The text has words that false postings use.", _FRAUD, but=_ABOUT_FRAUD),
        "Checks to cash, money to forward, goods to resend and bank details are how students are robbed.",
        "Take it out, or tell the career office what it is for.",
        sources.FRAUD,
        Reason.FRAUD,
    ),
    Check(
        "unsafe",
        Severity.STAFF,
        words("The text speaks of work that is dangerous or regulated.", _UNSAFE, but=_ABOUT_DANGER),
        "The university lists no work that needs a license, or puts a student or those in their care at risk.",
        "Take that part out of the project, or tell the career office how it is made safe.",
        sources.YOUNG_WORKERS,
        Reason.UNSAFE,
    ),
)
