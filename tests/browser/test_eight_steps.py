"""The whole story as its people live it: what they read, fill in and press, each in a browser of their own."""

import datetime as dt
import io
import re

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.roles import Role
from authorization.actions import verify_route
from authorization.models import Route
from campus.models import ProgramSettings
from core import clock
from microintern.demo.paper import docx, pdf
from notifications.delivery import drain
from notifications.models import OutboxMail
from notifications.sweep import tend
from tests.browser.conftest import NARROW, assert_accessible, assert_fits
from tests.factories import make_host, make_posting, make_staff, make_student

TITLE = "Churn analysis for a bike-share"
GRACES = "Tide gauges and insurance claims"
PASSWORD = "correct horse battery"
LETTER = "I have ridden every line of your network and kept notes."
FLOOR = "Twelve dollars is below our floor of fifteen."


@pytest.fixture
def ines(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"
    program = ProgramSettings.load()
    program.student_email_domains = ["student.example.edu"]
    program.save()
    ines = make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte", password=PASSWORD)
    for route in Route.objects.all():
        verify_route(route, by=ines)
    grace = make_host("Grace Okafor", alumnus=True)
    make_posting(host=grace, title=GRACES, location_mode="on_site", place="Baltimore", now=clock.now())
    return ines


@pytest.fixture
def papers(tmp_path):
    files = {
        "program.pdf": b"MZ\x90\x00 this is a program",
        "Theo Marsh.pdf": pdf(["Theo Marsh"], title="Resume"),
        "Sana Iyer.docx": docx(["Sana Iyer"]),
        "Letter.pdf": pdf(["Dear Fenwick Labs"], title="Letter"),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_from_a_host_who_signs_up_to_a_student_who_may_begin(open_page, ines, papers):
    theo, sana = make_student("Theo Marsh").user, make_student("Sana Iyer").user
    mo = make_staff(Role.MODERATOR, "Mo Castellanos", password=PASSWORD)
    omars, mos = open_page(), open_page()
    theos, sanas = open_page(theo), open_page(sana, width=NARROW)
    host_signs_up(omars)
    host_posts(omars)
    moderator_asks_for_a_change(mos, mo)
    host_mends(omars)
    moderator_approves(mos)
    student_types(theos)
    student_declares(sanas)
    student_filters(sanas)
    student_applies_on_paper_and_in_words(theos, papers)
    student_applies_with_files(sanas, papers)
    host_reads_and_invites(omars)
    host_offers(omars)
    student_accepts(sanas, sana)
    host_turns_the_other_down(omars)
    student_reads_it(theos)
    student_files(sanas)
    adviser_approves(open_page(width=NARROW), ines)
    host_sees_who_may_begin(omars)
    letters()
    due = OutboxMail.objects.filter(due__lte=clock.now()).exclude(state="superseded")
    assert set(due.values_list("state", flat=True)) == {"sent"}


# 1. A host signs up, confirms, founds an organization, posts, previews and submits.


def host_signs_up(page):
    page.goto("/")
    see(page, "Small projects. Real work.")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sign in").click()
    see(page, "Sign in")
    page.get_by_role("link", name="Create an account").click()
    see(page, "Create an account")
    page.get_by_label("A host: I have a project to offer").check()
    fill(page, {"Full name": "Omar Haddad", "Email address": "omar@fenwick.example", "Password": PASSWORD})
    fill(page, {"The same password again": PASSWORD})
    page.get_by_role("button", name="Create the account").click()
    see(page, "Look in your inbox")
    (letter,) = letters("omar@fenwick.example")
    page.goto(next(word for word in letter.body.split() if "/confirm-email/" in word))
    see(page, "Confirm your address")
    page.get_by_role("button", name="Yes, confirm it").click()


def host_posts(page):
    page.get_by_role("link", name="Post a project").first.click()
    see(page, "Your organization")
    fill(page, {"Name": "Fenwick Labs", "Kind": "Start-up", "City": "Boston", "Country": "United States of America"})
    page.get_by_role("button", name="Save and continue").click()
    see(page, "Post a project")
    page.get_by_role("button", name="Check and preview").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert_accessible(page)
    assert_fits(page)
    first_day = clock.today() + dt.timedelta(days=60)
    fill(
        page,
        {
            "Opportunity type": "Micro-internship",
            "Stream of work": "Data & analytics",
            "Title": TITLE,
            "Project brief": "Riders leave after their first winter. **Say who leaves and why.**",
            "Deliverable": "A notebook and a page of advice.",
            "Weeks, at least": "2",
            "Weeks, at most": "4",
            "Hours a week, at least": "10",
            "Hours a week, at most": "15",
            "Earliest start": first_day.isoformat(),
            "Latest start": (first_day + dt.timedelta(days=21)).isoformat(),
            "Amount": "12",
            "Mentor": "Ana Ruiz",
            "When and how does the student get feedback?": "A call every Friday.",
        },
    )
    for name in ("Undergraduate", "Graduate", "Remote", "By the hour", "Software licenses"):
        page.get_by_label(name, exact=True).check()
    engagement = page.get_by_label("How is the student engaged?")
    engagement.select_option(index=1)
    page.get_by_role("button", name="Check and preview").click()
    see(page, TITLE)
    expect(page.locator("strong", has_text="Say who leaves and why.")).to_be_visible()
    host_submits(page)


def host_submits(page):
    page.get_by_label("I have read the expectations for hosts").check()
    page.get_by_role("button", name="Submit for review").click()
    see(page, "My postings")
    expect(page.get_by_role("row", name=TITLE)).to_contain_text("Waiting for review")


# 2. A moderator asks for a change; the host reads it, mends it and submits again; the moderator approves.


def moderator_asks_for_a_change(page, mo):
    staff_signs_in(page, mo.email)
    page.get_by_role("row").get_by_role("link", name="Postings", exact=True).click()
    see(page, "Postings to moderate")
    page.get_by_role("link", name=TITLE).click()
    see(page, TITLE)
    page.locator("summary", has_text="Request changes").click()
    page.locator("form button", has_text="Request changes").click()
    see(page, "Request changes")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(page)
    fill(page, {"Reason": "Pay structure", "What the host reads": FLOOR})
    page.get_by_role("button", name="Request changes").click()
    see(page, TITLE)
    (letter,) = letters("omar@fenwick.example")
    assert FLOOR in letter.body


def host_mends(page):
    page.get_by_role("link", name="My postings", exact=True).first.click()
    page.get_by_role("link", name=f"Edit {TITLE}").click()
    see(page, "Edit a posting")
    expect(page.get_by_text(FLOOR)).to_be_visible()
    fill(page, {"Amount": "20"})
    page.get_by_role("button", name="Save and preview").click()
    see(page, TITLE)
    host_submits(page)


def moderator_approves(page):
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Postings", exact=True).last.click()
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="Approve").click()
    see(page, "Postings to moderate")
    expect(page.get_by_text("approve, done.")).to_be_visible()


# 3. One student types, the other filters; the page says whether an alumnus hosts it.


def student_types(page):
    page.goto("/")
    page.get_by_role("searchbox", name="Search postings").fill("micro-intern")
    page.get_by_role("button", name="Search").click()
    see(page, "Postings")
    expect(page.get_by_role("heading", name="2 postings")).to_be_visible()
    page.get_by_role("link", name=GRACES).click()
    see(page, GRACES)
    expect(fact(page, "Alumni host").first).to_have_text(re.compile("^Yes"))
    page.go_back()
    page.get_by_role("link", name=TITLE).click()
    see(page, TITLE)


def student_declares(page):
    page.goto("/")
    page.get_by_role("link", name="Work authorization").click()
    see(page, "Work authorization")
    page.get_by_label("Yes, for example on an F-1 or J-1 visa").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("F-1 CPT").check()
    page.get_by_role("button", name="Save").click()
    see(page, "Work authorization")


def student_filters(page):
    page.get_by_role("link", name="Browse").click()
    see(page, "Postings")
    page.get_by_text("Filters").click()
    page.get_by_role("group", name="Labeled by your school").get_by_label("Micro-internships").check()
    expect(page.get_by_role("heading", name="2 postings")).to_be_visible()
    page.get_by_role("group", name="Stream").get_by_label("Data & analytics").check()
    page.get_by_role("group", name="Location").get_by_label("Remote").check()
    expect(page.get_by_role("heading", name="1 posting")).to_be_visible()
    expect(page).to_have_url(re.compile("label=micro-internship&stream=data-analytics&location=remote"))
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name=TITLE).click()
    see(page, TITLE)
    expect(fact(page, "Alumni host").first).to_have_text(re.compile("^No"))
    expect(page.get_by_role("heading", name="Your work authorization and this start")).to_be_visible()


# 4. Both apply; a renamed program is refused with a reason, and what was typed is kept.


def student_applies_on_paper_and_in_words(page, papers):
    page.get_by_role("link", name="Apply").first.click()
    see(page, "Apply")
    page.get_by_label("Resume").set_input_files(papers / "program.pdf")
    fill(page, {"Or type your cover letter": LETTER})
    page.get_by_label("I have read the recruiting guidelines").check()
    page.get_by_role("button", name="Send the application").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("a Windows program")
    assert_accessible(page)
    expect(page.get_by_label("Or type your cover letter")).to_have_value(LETTER)
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Resume")).to_be_focused()
    page.get_by_label("Resume").set_input_files(papers / "Theo Marsh.pdf")
    page.get_by_role("button", name="Send the application").click()
    see(page, TITLE)
    expect(page.get_by_text("Your application is on its way to Fenwick Labs.")).to_be_visible()


def student_applies_with_files(page, papers):
    page.get_by_role("link", name="Apply").first.click()
    see(page, "Apply")
    page.get_by_label("Resume").set_input_files(papers / "Sana Iyer.docx")
    page.get_by_label("Cover letter as a file").set_input_files(papers / "Letter.pdf")
    page.get_by_label("I have read the recruiting guidelines").check()
    page.get_by_role("button", name="Send the application").click()
    see(page, TITLE)
    page.get_by_role("link", name="Applications", exact=True).click()
    see(page, "My applications")


# 5. The host reads both, invites the second to interview, and offers; two business days are too few.


def host_reads_and_invites(page):
    page.get_by_role("link", name="My postings", exact=True).first.click()
    page.get_by_role("link", name=f"2 applicants to {TITLE}").click()
    see(page, "Applicants")
    for name, file in (("Theo Marsh", "Theo Marsh.pdf"), ("Sana Iyer", "Sana Iyer.docx")):
        page.get_by_role("link", name=name, exact=True).click()
        see(page, name)
        assert "F-1" not in page.content()
        with page.expect_download() as download:
            page.get_by_role("link", name=file).click()
        assert download.value.suggested_filename == file
        page.get_by_role("link", name="Applicants", exact=True).click()
    page.get_by_role("link", name="Sana Iyer", exact=True).click()
    page.get_by_role("button", name="Start the review").click()
    expect(page.get_by_text("The review has begun.")).to_be_visible()
    page.get_by_role("link", name="Invite to an interview").click()
    see(page, "Invite Sana Iyer to an interview")
    talk = dt.datetime.combine(clock.today() + dt.timedelta(days=2), dt.time(10))
    fill(page, {"Time 1": talk.isoformat(timespec="minutes"), "What the student should know": "Half an hour."})
    page.get_by_label("Video").check()
    page.get_by_role("button", name="Send the invitation").click()
    see(page, "Sana Iyer")


def host_offers(page):
    page.get_by_role("link", name="Write an offer").click()
    see(page, "Write an offer to Sana Iyer")
    page.get_by_label("Business days to decide").fill("2")
    page.get_by_role("button", name="Send the offer").click()
    expect(page.get_by_role("alert")).to_contain_text("Students get at least 5 business days to decide")
    assert_accessible(page)
    page.get_by_label("Business days to decide").fill("5")
    page.get_by_role("button", name="Send the offer").click()
    see(page, "Offer")


# 6. The offer arrives, its reminders are planned, and the student accepts in time; the other is told kindly.


def student_accepts(page, sana):
    *_, offered = [letter for letter in letters(sana.email) if "/offers/" in letter.body]
    assert TITLE in offered.subject + offered.body
    coming = io.StringIO()
    call_command("preview_reminders", sana.email, days=20, stdout=coming)
    assert coming.getvalue().count("offer.reminder") == 3
    page.goto(next(word for word in offered.body.split() if "/offers/" in word))
    see(page, "Your offer")
    expect(page.get_by_text("Open until").first).to_be_visible()
    page.get_by_role("button", name="Accept the offer").click()
    expect(page.get_by_text("Accepted").first).to_be_visible()
    assert_accessible(page)


def host_turns_the_other_down(page):
    page.get_by_role("link", name="My postings", exact=True).first.click()
    page.get_by_role("link", name=f"2 applicants to {TITLE}").click()
    page.get_by_role("link", name="Sana Iyer", exact=True).click()
    expect(page.get_by_text("Sana Iyer is not cleared to begin yet.")).to_be_visible()
    page.get_by_role("link", name="Applicants", exact=True).click()
    page.get_by_role("link", name="Theo Marsh", exact=True).click()
    page.get_by_role("link", name="Do not select").click()
    see(page, "Do not select Theo Marsh?")
    page.get_by_role("button", name="Do not select").click()
    see(page, "Applicants")
    expect(page.get_by_role("row", name="Theo Marsh")).to_contain_text("Not selected")


def student_reads_it(page):
    page.get_by_role("link", name="Applications", exact=True).click()
    see(page, "My applications")
    page.get_by_role("link", name=TITLE).click()
    see(page, TITLE)
    expect(page.get_by_text("Not selected").first).to_be_visible()


# 7. A record is open; the student works through it, the international adviser approves it, and the host hears of it.


def student_files(page):
    page.get_by_role("link", name="See what is needed before your first day").click()
    see(page, re.compile(TITLE))
    page.get_by_role("button", name="I have met the advisor").click()
    expect(page.get_by_text("Noted: you have met the international advisor.")).to_be_visible()
    fill(page, {"Filed on": clock.today().isoformat()})
    page.get_by_role("button", name="I have filed").click()
    expect(page.get_by_text("Filed").first).to_be_visible()
    assert_accessible(page)


def adviser_approves(page, ines):
    staff_signs_in(page, ines.email)
    page.get_by_role("row").get_by_role("link", name="Authorization records", exact=True).click()
    see(page, re.compile("Work authorization"))
    page.get_by_role("link", name=re.compile("^#")).click()
    page.get_by_role("link", name="Approve").click()
    see(page, "Approve")
    first = clock.today() + dt.timedelta(days=60)
    fill(page, {"Approved from": first.isoformat(), "Approved until": (first + dt.timedelta(days=90)).isoformat()})
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("approve, done.")).to_be_visible()
    assert_accessible(page)


def host_sees_who_may_begin(page):
    page.get_by_role("link", name="Sana Iyer", exact=True).click()
    expect(page.get_by_text("Sana Iyer is cleared to begin from")).to_be_visible()


# What everybody does


def see(page, heading):
    """The page has come, and anybody could use it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert_accessible(page)
    assert_fits(page)


def fill(page, answers):
    for label, answer in answers.items():
        field = page.get_by_label(label, exact=True).or_(page.get_by_label(f"{label} (optional)", exact=True))
        if field.evaluate("field => field.tagName") != "SELECT":
            field.fill(answer)
        else:
            field.select_option(label=answer)


def fact(page, term):
    return page.get_by_role("term").filter(has_text=re.compile(f"^{term}$")).locator("+ dd")


def staff_signs_in(page, address):
    page.goto("/admin/")
    see(page, "Sign in")
    fill(page, {"Email": address, "Password": PASSWORD})
    page.get_by_role("button", name="Sign in").click()
    see(page, "Set up two-step sign-in")
    *_, now = yield_hotp_counters_from_time()
    code = format_hotp_value(hotp_value(page.locator("p > code").inner_text(), now))
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="Set up").click()
    see(page, "Recovery codes")
    page.get_by_role("link", name="I have kept them, go on").click()
    see(page, "What is here")


def letters(address=None):
    """What beat and the worker would have sent by now: to that person, since the last look."""
    tend()
    drain()
    sent = [letter for letter in mail.outbox if letter.to == [address]]
    mail.outbox.clear()
    return sent
