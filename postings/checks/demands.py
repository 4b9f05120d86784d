"""Whom a posting shuts out: by citizenship, by grades, by major, by who they are."""

from postings.checks import sources
from postings.checks.check import Check, Severity
from postings.checks.wording import pattern, words
from postings.workflow import Reason

_HOME = r"u\.?\s?s\.?a?\.?|american|united states"
_STATUS = pattern(
    r"(?:\bcannot|n[’']t|\bunable to|\bnot) (?:hire|consider|accept|take|employ) (?:\w+ ){0,3}(?:international|"
    r"foreign|f-?1|j-?1|opt|cpt)\b",
    r"\bno (?:opt|cpt)\b",
    rf"\b(?:{_HOME}) (?:citizen(?:s|ship)?|nationals|persons?)\b|\bcitizens? only\b|\bonly (?:[\w.]+ )?citizens?\b",
    r"\b(?:are you|you are|be) (?:an? )?(?:\w+ )?citizens?\b|\bcitizenship (?:is )?(?:required|needed|mandatory)\b",
    r"\b(?:your|which|what|proof of|country of) (?:citizenship|nationality)\b|\bcitizenship status\b|\bcitizenship:",
    r"\bpermanent residen(?:ts?|cy)\b|\bgreen[\s-]?cards?\b|\b(?:immigration|residency|visa) status\b",
    r"\bvisa (?:type|category|holders?)\b|\b(?:your|which|what) visa\b",
    r"\b(?:need|hold|have|require) an? (?:\w+ )?visa\b",
    r"\b(?:f-?1|j-?1|h-?1b) (?:visas?|students?|status)\b",
    rf"\bborn in (?:the )?(?:{_HOME})(?!\w)",
    r"\bno (?:international|foreign) (?:students?|applicants?|candidates?|nationals)\b",
    r"\b(?:domestic|local) (?:students?|applicants?|candidates?) only\b|\b(?:cpt|opt) (?:students? )?(?:is |"
    r"are )?not accepted\b",
)
_OPEN_TO_ALL = pattern(
    r"\b(?:analy[sz]e|analysis|study how|chart|map|compare|history)\b.{0,60}\b(?:visas?|green cards?|"
    r"citizenship|residency)\b",
    r"\b(?:regardless|irrespective|independent(?:ly)?) of (?:[\w’'-]+,? ){0,4}(?:citizenship|nationality|"
    r"immigration|visa|residency)",
    r"(?:\bneed not|(?:\bnot|n[’']t|\bnever) (?:have to|need(?: to)?|required to|expected to|ask|look)) "
    r"(?:[\w.’'-]+ ){0,4}(?:citizens?|citizenship|nationality|permanent|green|visa|residency|immigration)\b",
    r"\bno (?:[\w.’'-]+ ){0,2}(?:citizenship|green card|visa|residency)\b(?! (?:holders?|students?))",
    r"\b(?:citizenship|green card|visa|residency) (?:is |are )?(?:not|n[’']t|irrelevant)\b",
    r"\bnon-?citizens\b|\binternational students? (?:are |is )?(?:very )?(?:welcome|encouraged|invited)\b",
    r"\b(?:welcome|open to|encourage)(?: \w+){0,4} (?:f-?1|j-?1|international|permanent)\b",
    r"\b(?:survey(?:s|ed|ing)?|stud(?:y|ies)|interviews?|data|records|attitudes|opinions?|lives|views|habits|rights|"
    r"number|sample|experiences?|history|stories|needs) (?:of|on|about|with|among|from|for) (?:[\w.’'-]+ ){0,4}"
    r"(?:citizens?|permanent|green|visa|nationals|f-?1|j-?1|h-?1b)",
    r"\b(?:citizens|residents|nationals|holders)[’']|\bcitizens? (?:science|assembl\w+|juries|petitions?|"
    r"engagement|services?)\b",
    r"\bapply(?:ing)? for (?:a )?(?:green cards?|visas?|citizenship|permanent residency)\b",
)

_GPA_WORD = r"\b(?:gpas?|g\.p\.a\.?|grade (?:point )?averages?)(?!\w)"
_ASKED = (
    r"(?:minimum|min\.?|at least|above|over|strong|high(?! school)|good|excellent|outstanding|required?|"
    r"requires|cut-?off|"
    r"your|must|submit|include|state|list|cumulative|[2-4][.,]\d{1,2})"
)
_GPA = pattern(
    rf"{_GPA_WORD}.{{0,30}}?(?<![\w.]){_ASKED}(?!\w)",
    rf"(?<![\w.]){_ASKED}(?!\w).{{0,30}}?{_GPA_WORD}",
    rf"^\W*{_GPA_WORD}\W*$",
)
_NO_GPA = pattern(
    rf"{_GPA_WORD} (?:calculator|dashboard|data|distribution|tool|app)\b",
    rf"\b(?:no|without an?|regardless of(?: your)?|irrespective of(?: your)?|beyond|whatever your|not your|"
    rf"never your) "
    rf"(?:\w+ ){{0,2}}{_GPA_WORD}",
    rf"\b(?:not|never|n[’']t) (?:ask (?:for|about)|look at|care about|consider|require|need|use|want|screen by|"
    rf"filter by|mind) "
    rf"(?:\w+ ){{0,3}}{_GPA_WORD}",
    rf"{_GPA_WORD} (?:\w+ )?(?:is|are|was|does|do|will|plays?|has)?\s?(?:not|n[’']t|never|no (?:role|part|"
    rf"matter)|irrelevant|unimportant)",
    rf"{_GPA_WORD} (?:not|never|isn[’']t|doesn[’']t|won[’']t|don[’']t|aren[’']t)\b",
    rf"\b(?:predict|explain|correlat\w+|effects? on|effects? of|model|distribution of|calculat\w+|comput(?:e|ed|ing)|"
    rf"dashboard)\b.{{0,60}}{_GPA_WORD}",
)

_MAJORS = pattern(
    r"\b(?:only|exclusively|solely)\b[^.\n]{0,60}\bmajors\b|\bmajors (?:only|required|preferred)\b",
    r"\b(?:must|have to|has to|need to|needs to|should) (?:be )?(?:\w+ )?major(?:ing)? in\b",
    r"\bmust be an? (?:[\w&/-]+ ){1,4}major\b",
    r"\b(?:restricted|limited|open only) to\b[^.\n]{0,60}\bmajor(?:s|ing)\b",
    r"\bmajoring in\b[^.\n]{0,60}\b(?:only|required)\b",
)
_ANY_MAJOR = pattern(
    r"\b(?:all|any|other|every|whatever) majors?\b",
    r"\bnot (?:only|just|limited to|restricted to)\b",
    r"\bno majors?\b",
)

_WHO_THEY_ARE = pattern(
    r"\b(?:looking for|seek\w*|want|need|prefer\w*) (?:an? )?(?:\w+,? ){0,2}(?:young|attractive|female|"
    r"male),? (?:\w+ )?"
    r"(?:wom[ae]n|m[ae]n|person|candidates?|students?|girls?|guys?|lady|ladies|applicants?)\b",
    r"\b(?:male|female|men|women|boys|girls|males|females|ladies) (?:candidates? |applicants? |"
    r"students? )?(?:only|preferred)\b",
    r"\b(?:only|prefer(?:ably)?) (?:an? )?(?:males?|females?|men|women|boys|girls|ladies) ?(?:candidates?|"
    r"applicants?|students?)?\b",
    r"\b(?:young|youthful|attractive|good-looking|christian|muslim|jewish|hindu|unmarried|able-bodied) "
    r"(?:and \w+ )?(?:candidates?|applicants?|students?|people|person|individuals?|wom[ae]n|"
    r"m[ae]n)\b(?= (?:only|preferred|wanted|needed))",
    r"\b(?:must|should|need to|has to|have to) be (?:\w+ )?(?:young|under \d\d|male|female|christian|attractive|"
    r"unmarried)\b",
    r"\bnative (?:[a-z]+ )?speakers?\b(?: (?:only|preferred|required|of))?|\b(?:recent|full-body|"
    r"head-?shot) photo(?:graph)? "
    r"(?:of yourself|required)\b|\b(?:send|attach|include) (?:us )?(?:a |your )(?:photo|picture|head-?shot)\b",
)
_WELCOMES = pattern(
    r"\b(?:all|every|any) (?:\w+ )?(?:genders?|ages?|backgrounds?|faiths?)\b|\bno need to be an? native\b",
    r"\b(?:not|n[’']t) (?:have to |need to )?be an? native\b|\bnative speakers? (?:or|and)\b|\bby native speakers?\b",
)

CHECKS = (
    Check(
        "citizens",
        Severity.MEND,
        words("The text asks for a citizenship, a residency or an immigration status.", _STATUS, but=_OPEN_TO_ALL),
        "The law forbids to choose by citizenship or immigration status unless a law or a contract of the government "
        "demands it, and students on a visa may work here once they are authorized.",
        "Ask only, and all candidates, whether they are authorized to work and need sponsorship now or later. Does "
        "a law "
        "demand a citizenship? Tell the career office which.",
        sources.CITIZENSHIP,
        Reason.DISCRIMINATORY,
    ),
    Check(
        "discriminatory",
        Severity.MEND,
        words("The text asks for people of a kind, and not for what they can do.", _WHO_THEY_ARE, but=_WELCOMES),
        "Gender, age, faith, looks and mother tongue say nothing about the work, and the law forbids to choose by "
        "them.",
        "Name the skill: “fluent in written Spanish”, not “a native speaker”. Take the rest out.",
        sources.EQUAL_CHANCES,
        Reason.DISCRIMINATORY,
    ),
    Check(
        "gpa",
        Severity.WARN,
        words("The text names a grade point average.", _GPA, but=_NO_GPA),
        "Hosts are asked to look beyond majors and grades: who works well on a project shows in other things.",
        "Describe the skill you need instead: good candidates have other marks of it.",
        sources.HANDOUT,
    ),
    Check(
        "majors",
        Severity.WARN,
        words("The text shuts out students by their major.", _MAJORS, but=_ANY_MAJOR),
        "Hosts are asked to look beyond majors and grades: what a project needs is learned in many of them.",
        "Name the courses or skills that the work needs: students of other majors may have them.",
        sources.HANDOUT,
    ),
)
