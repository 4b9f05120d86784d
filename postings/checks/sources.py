"""Where the guidelines come from. The program's own are what hosts agree to when they submit."""

from postings.checks.check import Source

EXPECTATIONS = "/for-hosts/#expectations"

STUDENT_PAGE = Source("the career office's page for students, and its expectations for hosts", EXPECTATIONS)
HANDOUT = Source("the career-services handout on micro-internships, and the expectations for hosts", EXPECTATIONS)
USUAL_TERMS = Source("the usual terms that the career office has set for each opportunity type", "/for-hosts/")
LAUNCH_NOTE = Source("the note that launched the program, and the expectations for hosts", EXPECTATIONS)
ABROAD_ADVISOR = Source("a study-abroad advisor's guide to micro-internships", EXPECTATIONS)
MINIMUM_WAGES = Source(
    "U.S. Department of Labor: minimum wage laws of the states", "https://www.dol.gov/agencies/whd/minimum-wage/state"
)
CONTRACTORS = Source(
    "U.S. Department of Labor: employee or independent contractor",
    "https://www.dol.gov/agencies/whd/flsa/misclassification",
)
FLSA = Source(
    "U.S. Department of Labor: Fact Sheet 71, interns under the Fair Labor Standards Act",
    "https://www.dol.gov/agencies/whd/fact-sheets/71-flsa-internships",
)
NACE = Source(
    "NACE: position statement on U.S. internships",
    "https://www.naceweb.org/about-us/advocacy/position-statements/position-statement-us-internships",
)
CITIZENSHIP = Source(
    "U.S. Department of Justice: discrimination by citizenship, immigration status or national origin",
    "https://www.justice.gov/crt/immigrant-and-employee-rights-section",
)
EQUAL_CHANCES = Source(
    "U.S. Equal Employment Opportunity Commission: prohibited practices",
    "https://www.eeoc.gov/prohibited-employment-policiespractices",
)
FRAUD = Source("U.S. Federal Trade Commission: job scams", "https://consumer.ftc.gov/articles/job-scams")
YOUNG_WORKERS = Source("U.S. Department of Labor: safety at work", "https://www.osha.gov/young-workers")
