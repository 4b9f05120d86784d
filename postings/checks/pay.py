"""What an hour comes to, beside the floor, the minimum wage of the place and the band; and pay that is none."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from postings import rules
from postings.checks import sources
from postings.checks.check import Check, Found, Place, Rows, Severity
from postings.checks.states import STATES
from postings.checks.wording import pattern, places, words
from postings.models import HOME_CURRENCY, PayFloor, PayKind, Posting
from postings.workflow import Reason

ODD = 3  # times the upper end of the band


def floor_for(posting: Posting, floors: Iterable[PayFloor]) -> PayFloor | None:
    """The highest floor that holds at the posting's place, in its currency."""
    holding = [
        floor
        for floor in floors
        if floor.currency == posting.currency
        and _plain(floor.country) in ("", _plain(posting.country))
        and _holds_in(floor.region, posting)
    ]
    return max(holding, key=lambda floor: floor.hourly, default=None)


def _holds_in(region: str, posting: Posting) -> bool:
    """Washington the state is not Washington, DC; New York without a state may be either."""
    if not region.strip():
        return True
    if posting.region.strip() and _state(region) in STATES.values():
        return _state(region) == _state(posting.region)
    return _plain(region) == _plain(posting.region) or _city(region) == _city(posting.place)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _state(name: str) -> str:
    """As two letters, whichever way it is written."""
    plain = _plain(name).replace(".", "")
    return STATES.get(plain, plain)


def _city(name: str) -> str:
    """New York and New York City are one."""
    return _plain(name).removesuffix(" city")


def _least(posting: Posting) -> Decimal | None:
    """Of paid work alone: what an hour comes to at the least."""
    pay = rules.effective_pay(posting)
    return None if pay is None or posting.pay_kind == PayKind.UNPAID else pay.least


def _under(posting: Posting, rows: Rows, *, of_a_place: bool) -> PayFloor | None:
    least, floor = _least(posting), floor_for(posting, rows.floors)
    if least is None or floor is None or bool(floor.country or floor.region) != of_a_place:
        return None
    return floor if least < floor.hourly else None


def _under_floor(posting: Posting, rows: Rows) -> Iterator[Found]:
    if floor := _under(posting, rows, of_a_place=False):
        yield Found(f"{_an_hour(posting)}, under the floor of {floor.hourly} ({floor.place}).", (Place("pay_amount"),))


def _under_wage(posting: Posting, rows: Rows) -> Iterator[Found]:
    if floor := _under(posting, rows, of_a_place=True):
        text = f"{_an_hour(posting)}, under the minimum wage of {floor.hourly} ({floor.place})."
        yield Found(text, (Place("pay_amount"),))


def _an_hour(posting: Posting) -> str:
    return f"An hour comes to {_least(posting)} {posting.currency} at the least"


def _under_band(posting: Posting, rows: Rows) -> Iterator[Found]:
    """Where it is not under a floor already."""
    least, kind, floor = _least(posting), posting.opportunity_type, floor_for(posting, rows.floors)
    if least is None or kind is None or kind.pay_low is None or posting.currency != HOME_CURRENCY:
        return
    if least < kind.pay_low and (floor is None or least >= floor.hourly):
        text = f"{_an_hour(posting)}, under the typical {kind.pay_low}–{kind.pay_high}."
        yield Found(text, (Place("pay_amount"),))


def _no_floor(posting: Posting, rows: Rows) -> Iterator[Found]:
    if _least(posting) is not None and floor_for(posting, rows.floors) is None:
        yield Found("No pay floor is known for this currency or place.", (Place("currency"),))


def _pay_odd(posting: Posting, rows: Rows) -> Iterator[Found]:
    least, kind = _least(posting), posting.opportunity_type
    if least is None or kind is None or not kind.pay_high or posting.currency != HOME_CURRENCY:
        return
    if least > ODD * kind.pay_high:
        yield Found(
            f"{_an_hour(posting)}, far above the typical {kind.pay_low}–{kind.pay_high}. "
            "Students may take it for a fraud.",
            (Place("pay_amount"),),
        )


def _unpaid(posting: Posting, rows: Rows) -> Iterator[Found]:
    if posting.pay_kind == PayKind.UNPAID:
        yield Found(
            "This project is unpaid. It is listed only after a conversation with the career office.",
            (Place("pay_kind"),),
        )


_KIND_OF_WORK = r"(?:role|position|internship|micro-internship|project|job|opportunity|work)"
_NO_PAY = pattern(
    r"\b(?:pay|compensation|payment|salary): (?:\w+ )?(?:equity|commission|exposure|experience|none|credit)\b",
    rf"\bunpaid (?:[\w-]+ )?{_KIND_OF_WORK}\b|\b{_KIND_OF_WORK} (?:is|will be) (?:currently )?(?:unpaid|"
    rf"volunteer|voluntary)\b",
    rf"\bvolunteer {_KIND_OF_WORK}\b",
    r"\b(?:commission|equity|tips?|stipend|credit|exposure)[ -]only\b|\bonly (?:by|on|in) (?:commission|equity)\b",
    r"\b(?:paid|pay|compensation|compensated)(?: \w+){0,4} (?:in|on|by|via|through) "
    r"(?:a )?(?:commissions?|equity|gift cards?|crypto\w*|bitcoin|exposure|store credit|tips)\b",
    r"\b(?:equity|stock options|exposure|experience|a reference) (?:instead of|in lieu of|rather than) (?:pay|"
    r"payment|wages|cash)\b",
    r"\b(?:paid|pay|payment)(?: \w+){0,3} (?:only )?(?:once|if|when|after) (?:we|the company)(?: \w+){0,2} "
    r"(?:raise|funding|profit\w*|close[sd]? (?:our|the|a) round)\b",
    r"\bdeferred (?:pay|compensation|salary)\b|\btrial (?:period|week|day) (?:is|without) (?:unpaid|pay)\b|"
    r"\bunpaid trial\b",
)
_STUDIES_NO_PAY = pattern(
    r"\b(?:not|never|no) (?:an? )?unpaid\b",
    r"\b(?:stud(?:y|ies)|research|survey|analy[sz]e|analysis|compare|interview\w*|history|paper|report) "
    r"(?:of |on |about )?(?:[\w,’'-]+ ){0,6}(?:unpaid|volunteer|deferred|commission)\b",
)


def _no_pay(posting: Posting, rows: Rows) -> Iterator[Found]:
    found = () if posting.pay_kind == PayKind.UNPAID else places(posting, _NO_PAY, _STUDIES_NO_PAY)
    if found:
        yield Found("The text reads as if the work were not paid in money, or not for sure.", found)


_FEE = pattern(
    r"\b(?:applicants?|candidates?|interns?|students?|you) pay (?:us )?(?:an? |the )(?:[\w$-]+ ){0,3}(?:fee|"
    r"deposit|charge)\b",
    r"\b(?:fee|deposit) of \$?\d[\d,.]* (?:is|must|will)\b",
    r"\byou[’']ll (?:have|need) to (?:buy|purchase|pay)\b",
    r"\b(?:training|application|registration|equipment|onboarding|certification|background[ -]check|processing|"
    r"enrollment|starter[ -]kit) (?:fee|deposit|charge)\b(?! waivers?)|\brefundable deposit\b",
    r"\bpay for (?:your|the) training\b|\bat (?:your|their|the student[’']s) own (?:cost|expense)\b",
    r"\b(?:you|students?|interns?)\b.{0,50} and (?:will )?(?:need|have) to (?:buy|purchase|pay)\b",
    r"\b(?:you|students?|interns?|applicants?|candidates?) (?:must|have to|has to|need to|needs to|will|shall|"
    r"(?:is|are) (?:asked|expected|required) to) (?:first )?(?:buy|purchase|pay)\b(?! (?:close |"
    r"special )?(?:attention|heed))",
)
_NO_FEE = pattern(
    r"\b(?:no|without|nor|any) (?:[\w-]+ ){0,4}(?:fees?|deposits?|charges?|costs?)\b",
    r"\b(?:not|never|n[’']t) (?:have to |need to |be asked to |ever )?(?:pay|buy|purchase|charge)\b|"
    r"\bpays? (?:for )?nothing\b",
    r"\bwe (?:will |do |also )?(?:pay|cover|waive)\b|\b(?:covered|waived|paid) by (?:us|the (?:host|company|lab|"
    r"office))\b",
    r"\b(?:compare|comparison|stud(?:y|ies)|survey|analy[sz]e|analysis|estimate|model|research|dashboard|data)\b"
    r".{0,80}\b(?:fees?|deposits?|charges?)\b",
    r"\b(?:how much|how many|what|whether|why|which|willing\w*)\b.{0,40}\b(?:buy|purchase|pay)\b",
)

_WHY_PAY = (
    "Students are paid what the work is worth, and never under the minimum wage. A fixed fee is spread over the "
    "most hours that the posting allows."
)
_AMOUNT = "Raise the amount or reduce the hours."

CHECKS = (
    Check("under_floor", Severity.MEND, _under_floor, _WHY_PAY, _AMOUNT, sources.HANDOUT, Reason.PAY),
    Check("under_wage", Severity.MEND, _under_wage, _WHY_PAY, _AMOUNT, sources.MINIMUM_WAGES, Reason.PAY),
    Check(
        "under_band",
        Severity.WARN,
        _under_band,
        "Projects that pay less than is typical get few applications.",
        "Raise the amount, reduce the hours, or tell the career office why it is so.",
        sources.HANDOUT,
        Reason.PAY,
    ),
    Check(
        "no_floor",
        Severity.STAFF,
        _no_floor,
        "Without a row for the place nobody has looked up what the law asks there.",
        "Nothing to change: the career office compares the pay with what is usual there.",
        sources.STUDENT_PAGE,
        Reason.PAY,
    ),
    Check(
        "pay_odd",
        Severity.STAFF,
        _pay_odd,
        "Pay far above what is usual is the commonest sign of a false posting, and of a slip of the pen.",
        "Check the amount, and whether it is by the hour or a fixed fee.",
        sources.FRAUD,
        Reason.FRAUD,
    ),
    Check(
        "unpaid",
        Severity.STAFF,
        _unpaid,
        "Work without pay shuts out whoever cannot afford it, and the law allows it to companies only where the "
        "student "
        "is the one who gains most.",
        "Pay at least the floor if you can; otherwise fill in the worksheet, expect our call, and cover local "
        "travel costs.",
        sources.FLSA,
        Reason.UNPAID,
    ),
    Check(
        "no_pay",
        Severity.MEND,
        _no_pay,
        "Commission, equity, credit or a promise is no pay: students are paid for the hours they work.",
        "State the pay in money, or choose “Unpaid” and say why.",
        sources.STUDENT_PAGE,
        Reason.PAY,
    ),
    Check(
        "fee",
        Severity.MEND,
        words("The text seems to ask the student to pay something.", _FEE, but=_NO_FEE),
        "Whoever works does not pay for it: no fee, no deposit, no kit to buy.",
        "A student never pays to apply or to work: take the cost out, or say that you bear it.",
        sources.STUDENT_PAGE,
        Reason.COST_TO_STUDENT,
    ),
)
