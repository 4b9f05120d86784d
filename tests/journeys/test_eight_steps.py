"""The whole of it once: post, moderate, find, apply, offer, decide, be authorized; every letter on its day."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from applications.models import Application, Offer
from authorization.actions import declare, verify_route
from authorization.models import Route
from microintern.demo.paper import docx, pdf
from postings.models import EngagementType, OpportunityType, Posting, Stream
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db
TITLE = "Churn analysis for a bike-share"
PASSWORD = "correct horse battery"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def posting_form(**changes):
    return {
        "opportunity_type": OpportunityType.objects.get(slug="micro-internship").pk,
        "stream": Stream.objects.get(slug="data-analytics").pk,
        "title": TITLE,
        "brief": "Riders leave after their first winter. **Say who leaves and why**, from two years of trips.",
        "deliverable": "A notebook and a page of advice.",
        "learning_goals": "Survival analysis on real trips.",
        "skills": "Python, SQL",
        "levels": ["undergraduate", "graduate"],
        "weeks_min": 2,
        "weeks_max": 4,
        "hours_week_min": 10,
        "hours_week_max": 15,
        "total_hours": "",
        "start_earliest": "2026-05-04",
        "start_latest": "2026-05-25",
        "location_mode": "remote",
        "place": "Boston",
        "region": "MA",
        "country": "US",
        "street_address": "",
        "supplies": ["software"],
        "supplies_note": "",
        "pay_kind": "hourly",
        "pay_amount": "12",
        "currency": "USD",
        "unpaid_basis": "",
        "engagement_type": EngagementType.objects.filter(allowed=True).first().pk,
        "mentor_name": "Ana Ruiz",
        "mentor_title": "Head of data",
        "mentor_email": "ana@fenwick.example",
        "feedback_plan": "A call every Friday.",
        "positions": 1,
        "opens_at": "",
        "apply_by": "",
        "answer_within": "",
        "questions": "",
        "then": "preview",
    } | changes


def sign_up_host(post_office):
    client = Client()
    data = {"kind": "host", "name": "Omar Haddad", "email": "omar@fenwick.example", "level": ""}
    client.post("/accounts/signup/", data | {"password1": PASSWORD, "password2": PASSWORD})
    (letter,) = post_office.letters("omar@fenwick.example")
    link = next(word for word in letter.body.split() if "/confirm-email/" in word)
    client.post(link)
    organization = {"name": "Fenwick Labs", "kind": "startup", "website": "", "city": "Boston", "country": "US"}
    response = client.post("/organizations/new/", organization)
    assert (response.status_code, response.headers["Location"]) == (302, "/postings/new/")
    return client


def upload(name, content, content_type):
    return SimpleUploadedFile(name, content, content_type=content_type)


def test_from_a_host_who_signs_up_to_a_student_who_may_begin(calendar, post_office, university, as_user):
    mo, ines = make_staff(Role.MODERATOR, "Mo Castellanos"), make_staff(Role.INTERNATIONAL_ADVISER, "Ines Duarte")
    theo, sana = make_student("Theo Marsh"), make_student("Sana Iyer")
    for route in Route.objects.all():
        verify_route(route, by=ines)
    declare(sana, needs="yes", route="cpt", by=sana.user)
    declare(theo, needs="no", by=theo.user)
    post_office.letters()

    # 1. A host signs up, confirms, founds an organization, posts, previews and submits.
    omar_client = sign_up_host(post_office)
    omar = User.objects.get(email="omar@fenwick.example")
    response = omar_client.post("/postings/new/", posting_form())
    posting = Posting.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/postings/{posting.pk}/preview/")
    preview = omar_client.get(response.headers["Location"]).content.decode()
    assert TITLE in preview
    assert "<strong>Say who leaves and why</strong>" in preview
    omar_client.post(f"/postings/{posting.pk}/submission/", {"expectations_read": "on"})
    assert Client().get(f"/postings/{posting.pk}/").status_code == 404, "nobody sees it before a moderator did"

    # 2. A moderator asks for a change; the host reads it, mends it and submits again; the moderator approves.
    mo_client = as_user(mo)
    queue = mo_client.get("/admin/postings/posting/")
    assert TITLE in queue.content.decode()
    asked = {"reason": "pay", "comment": "Twelve dollars is below our floor of fifteen."}
    act(mo_client, posting, "changes", asked)
    (letter,) = post_office.letters(omar.email)
    assert "Twelve dollars is below our floor of fifteen." in letter.body
    assert "Twelve dollars" in omar_client.get(f"/postings/{posting.pk}/edit/").content.decode()
    omar_client.post(f"/postings/{posting.pk}/edit/", posting_form(pay_amount="20"))
    omar_client.post(f"/postings/{posting.pk}/submission/", {"expectations_read": "on"})
    act(mo_client, posting, "approval", {"comment": ""})
    assert [to for to, _ in post_office.letters()] == [omar.email]
    grace = make_host("Grace Okafor", alumnus=True)
    graces = make_posting(
        host=grace, title="Tide gauges and insurance claims", location_mode="on_site", place="Baltimore"
    )
    shown = labels_of(Client().get(f"/postings/{posting.pk}/"))
    assert shown == ["Micro-internship"]
    assert labels_of(Client().get(f"/postings/{graces.pk}/")) == ["Micro-internship", "Alumni host"]

    # 3. One student types, the other filters; the page says whether an alumnus hosts it.
    theo_client, sana_client = as_user(theo.user), as_user(sana.user)
    typed = theo_client.get("/postings/?q=micro-intern").content.decode()
    assert (TITLE in typed, "Tide gauges" in typed) == (True, True)
    filtered = sana_client.get("/postings/?label=micro-internship&stream=data-analytics&location=remote")
    assert (TITLE in filtered.content.decode(), "Tide gauges" in filtered.content.decode()) == (True, False)
    page = sana_client.get(f"/postings/{posting.pk}/").content.decode()
    assert re.search(r"Alumni host</dt>\s*<dd[^>]*>No</dd>", page)
    assert "confirm with the international office" in page.lower()

    # 4. Both apply; a renamed program is refused with a reason, and what was typed is kept.
    apply_url = f"/postings/{posting.pk}/apply/"
    letter_text = "I have ridden every line of your network and kept notes."
    program = upload("resume.pdf", b"MZ\x90\x00 this is a program", PDF)
    refused = theo_client.post(apply_url, {"resume": program, "cover_letter_text": letter_text, "guidelines": "on"})
    assert refused.status_code == 422
    assert "a Windows program" in refused.context["form"].errors["resume"][0]
    assert letter_text in refused.content.decode()
    resume = upload("Theo Marsh resume.pdf", pdf(["Theo Marsh"], title="Resume"), PDF)
    sent = theo_client.post(apply_url, {"resume": resume, "cover_letter_text": letter_text, "guidelines": "on"})
    assert sent.status_code == 302
    files = {
        "resume": upload("Sana Iyer.docx", docx(["Sana Iyer"]), DOCX),
        "cover_letter": upload("Letter.pdf", pdf(["Dear Fenwick Labs"], title="Letter"), PDF),
    }
    assert sana_client.post(apply_url, files | {"guidelines": "on"}).status_code == 302
    theos, sanas = (Application.objects.get(student=student) for student in (theo, sana))
    assert sorted(to for to, _ in post_office.letters()) == sorted(
        [theo.user.email, sana.user.email, omar.email, omar.email]
    )

    # 5. The host reads both, moves the second to interview, and offers; two business days are too few.
    calendar.at("2026-03-09 11:00")
    for application in (theos, sanas):
        page = omar_client.get(f"/applications/{application.pk}/").content.decode()
        assert "F-1" not in page
        material = application.materials.get(kind="resume")
        download = omar_client.get(f"/materials/{material.pk}/")
        assert download.headers["Content-Disposition"].startswith("attachment")
        assert len(download.getvalue()) == material.size
        assert material.accesses.get().user == omar
    assert omar_client.post(f"/applications/{sanas.pk}/review/").status_code == 302
    talk = {"time_1": "2026-03-10T10:00", "minutes": "30", "mode": "video", "note": "Bring a laptop."}
    assert omar_client.post(f"/applications/{sanas.pk}/interview/", talk).status_code == 302
    assert [to for to, _ in post_office.letters()] == [sana.user.email]
    terms = {
        "starts_on": "2026-05-04",
        "ends_on": "2026-05-29",
        "hours_week": 12,
        "pay_kind": "hourly",
        "pay_amount": "20",
        "currency": "USD",
        "note": "",
    }
    refused = omar_client.post(f"/applications/{sanas.pk}/offer/", terms | {"days": 2})
    assert refused.status_code == 422
    assert "Students get at least 5 business days to decide" in refused.context["form"].errors["days"][0]
    assert omar_client.post(f"/applications/{sanas.pk}/offer/", terms | {"days": 5}).status_code == 302
    offer = Offer.objects.get()

    # 6. The offer arrives, the reminders leave at their dates, and the student accepts in time.
    # With it a word that an item waits: there is a route to be seen to.
    assert [to for to, _ in post_office.letters()] == [sana.user.email] * 2
    assert "Monday, March 16, 2026" in sana_client.get(f"/offers/{offer.pk}/").content.decode()
    coming = io.StringIO()
    call_command("preview_reminders", sana.user.email, days=10, stdout=coming)
    planned = [line.split()[1] for line in coming.getvalue().splitlines() if "offer.reminder" in line]
    assert planned == ["2026-03-12", "2026-03-13", "2026-03-16"]
    calendar.at("2026-03-12 08:59")
    assert post_office.letters() == []
    calendar.at("2026-03-12 09:00")
    assert [to for to, _ in post_office.letters()] == [sana.user.email]
    calendar.at("2026-03-13 09:01")
    assert [to for to, _ in post_office.letters()] == [sana.user.email]
    calendar.at("2026-03-13 12:00")
    assert sana_client.post(f"/offers/{offer.pk}/acceptance/").status_code == 302
    letters = post_office.letters()
    assert {to for to, _ in letters} == {sana.user.email, omar.email, theo.user.email}
    assert f"All positions are taken: “{posting.title}”" in [
        subject for to, subject in letters if to == theo.user.email
    ]
    assert Posting.objects.get(pk=posting.pk).status == "filled"
    assert Application.objects.get(pk=theos.pk).status == "submitted", "the decision is the host's to tell"
    words = {"words": "Your letter stayed with us. Do write again in May."}
    assert omar_client.post(f"/applications/{theos.pk}/non-selection/", words).status_code == 302
    (letter,) = post_office.letters(theo.user.email)
    assert words["words"] in letter.body
    assert "not selected" in theo_client.get(f"/applications/{theos.pk}/").content.decode().lower()

    # 7. A record is open; its reminders run; the international advisor approves it, and the host hears "cleared".
    record = sana.authorization_records.get()
    assert "Sana Iyer is not cleared to begin yet." in omar_client.get(f"/applications/{sanas.pk}/").content.decode()
    calendar.at("2026-03-20 12:01")
    weekly = post_office.letters(sana.user.email)
    assert [("CPT" in letter.body, "visa" in letter.body.lower()) for letter in weekly] == [(False, False)]
    sana_client, omar_client, ines_client = as_user(sana.user), as_user(omar), as_user(ines)  # a session lasts 14 days
    record_url = f"/admin/authorization/authorizationrecord/{record.pk}/action"
    noted = sana_client.post(f"/authorization/records/{record.pk}/advising/", follow=True)
    assert told(noted) == ["Noted: you have met the international advisor."]
    assert (
        sana_client.post(f"/authorization/records/{record.pk}/filing/", {"filed_on": "2026-03-20"}).status_code == 302
    )
    dates = {"valid_from": "2026-05-04", "valid_until": "2026-05-29", "note": ""}
    assert as_user(mo).post(f"{record_url}/approval/", dates).status_code == 403
    approved = ines_client.post(f"{record_url}/approval/", dates)
    assert approved.status_code == 302, approved.context["form"].errors
    assert (
        "Sana Iyer is cleared to begin from Mon, May 4, 2026."
        in omar_client.get(f"/applications/{sanas.pk}/").content.decode()
    )


def act(client, posting, name, data):
    """A moderator's verb, by the button of the posting's page; it carries the version that was looked at."""
    buttons = client.get(f"/admin/postings/posting/{posting.pk}/change/").context["object_actions"]
    (url,) = [url for action, url in buttons if action.name == name]
    form = client.get(url).context["form"]
    looked_at = {field.html_name: field.value() for field in form.hidden_fields()}
    assert client.post(url, data | looked_at).status_code == 302


def labels_of(response):
    """Those of the page itself; similar postings below it have theirs."""
    head = response.content.decode().partition("page-header__labels")[2].partition("</p>")[0]
    return re.findall(r"<span>([^<]+)</span>", head)


def told(response):
    """What the page says to the person who acted, who may come from several pages that said nothing yet."""
    return [str(message) for message in response.context["messages"]][-1:]
