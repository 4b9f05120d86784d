import datetime as dt
import re

import pytest
import time_machine
from django.db import transaction
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.models import User
from applications import actions, letter
from applications.models import Offer, OfferLetter
from core.workflow import MoveRefused
from postings.models import Posting
from tests.applications.making import host_of, make_application, make_offer, make_unpaid_offer, student_of
from tests.applications.reading import opened, squashed, tags, text
from tests.factories import NOW, make_host, make_organization, make_posting, make_staff, make_student
from tests.notifications.test_declared import IMMIGRATION

pytestmark = pytest.mark.django_db
PHONE = "+1 617 555 0100"
REACHED = {"mentor_email": "ana@fenwick.example"}
CONTACT = "How to reach the supervisor: an email address or a phone number."
ADDRESS = "The street address where the work is done. Only remote work needs none."


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def offered(student="Sana Iqbal", **posting):
    host = make_host("Omar Haddad", organization=make_organization("Fenwick Labs"))
    values = {"title": "Survey of parking habits", **REACHED, **posting}
    return make_offer(make_application(make_posting(host=host, **values), make_student(student)))


def fresh(offer):
    return Offer.objects.with_people().select_related("letter").get(pk=offer.pk)


def made(offer):
    return letter.make(fresh(offer))


def says(content, *facts):
    found = text(content)
    return [fact for fact in facts if squashed(fact) not in found]


def missing(offer):
    return [(gap.field, gap.text) for gap in letter.missing(fresh(offer))]


def typed(**changes):
    return {
        "duties": "Count cars.\n- Write a report",
        "address": "12 Mill Street, Boston, MA, United States",
        "supervisor_name": "Ana Mentor",
        "supervisor_email": "ana@fenwick.example",
    } | changes


def test_the_letter_says_every_fact(client):
    offer = offered(mentor_title="Head of research")
    assert missing(offer) == []
    content = made(offer)
    assert (
        says(
            content,
            *("Fenwick Labs", "March 2, 2026", "Offer letter", "To Sana Iqbal", "Survey of parking habits"),
            "Fenwick Labs offers Sana Iqbal the micro-internship “Survey of parking habits” on the terms below.",
            *("First day: Monday, May 4, 2026", "Last day: Friday, May 29, 2026", "12 hours a week", "$20 an hour"),
            letter.REMOTE,
            "Read two years of parking counts and say which lots fill first.",
            "To be handed over: A ten-page report with charts.",
            *("Name: Ana Mentor", "Role: Head of research", "Email: ana@fenwick.example"),
            *("For Fenwick Labs", "Student: Sana Iqbal", "Signature", "Date", "Page 1 of 1"),
        )
        == []
    )
    assert says(content, "Theo Marsh") == ["Theo Marsh"]
    assert text(content).count("Signature") == 3  # the heading, and one for each side


def test_the_letter_is_tagged_for_screen_readers():
    content = made(offered(brief="Read the counts.\n\n- Clean them\n- Chart them"))
    with opened(content) as document:
        assert document.Root.MarkInfo.Marked is True
        assert str(document.Root.Lang) == "en-US"
        assert document.Root.ViewerPreferences.DisplayDocTitle is True
        with document.open_metadata() as metadata:
            assert metadata["dc:title"] == "Offer letter: Survey of parking habits, Fenwick Labs"
            assert metadata["pdfuaid:part"] == "1"
    found = tags(content)
    assert found[:6] == ["Document", "P", "Title", "P", "P", "H1"]
    assert [found.count(tag) for tag in ("H1", "L", "LI")] == [4, 3, 7 + 2 + 2]
    order = ["Offer letter", "To Sana Iqbal", "Terms", "Duties", "Clean them", "Supervisor", "Signatures"]
    places = [text(content).index(squashed(words)) for words in order]
    assert places == sorted(places)


def test_the_same_data_make_the_same_letter():
    offer = offered()
    assert made(offer) == made(offer)


def test_the_letter_mentions_no_immigration_status():
    offer = offered()
    actions.complete_letter(offer, by=host_of(offer.application), facts={"supervisor_phone": PHONE})
    assert re.findall(IMMIGRATION, text(made(offer))) == []
    assert re.findall(IMMIGRATION, letter.SOURCE.read_text()) == []


@pytest.mark.parametrize(
    "name",
    ["José Núñez", "Zoë Šťastný", "Иванов Пётр", "Ελένη", "Nguyễn Thị Ánh", "O’Brien-Łukasz", "עברית", "محمد علي"],
)
def test_names_of_many_scripts_are_printed_as_they_are(name):
    offer = offered(name)
    assert missing(offer) == []
    with opened(made(offer)) as document, document.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
    if letter.unicodedata.bidirectional(name[0]) == "L":
        assert letter.unicodedata.normalize("NFC", squashed(name))[:4] in text(made(offer))


@pytest.mark.parametrize("name", ["李", "李明 (Ming)", "한국어", "สมชาย", "शर्मा"])
def test_a_name_that_the_fonts_lack_is_spelled_by_the_host(client, name):
    offer = offered(name)
    letters = "".join(sign for sign in dict.fromkeys(name) if not sign.isascii())
    assert missing(offer) == [
        (
            "student_name",
            f"The letter cannot be printed with “{letters}” in the student's name. Spell it in Latin letters.",
        )
    ]
    client.force_login(host_of(offer.application))
    address = f"/offers/{offer.pk}/letter/"
    page = client.get(address)
    assert next(iter(page.context["form"].fields)) == "student_name"
    assert client.get(f"/offers/{offer.pk}/letter.pdf").status_code == 302
    still = client.post(address, typed(student_name=name))
    assert (still.status_code, list(still.context["form"].errors)) == (422, ["student_name"])
    assert client.post(address, typed(student_name="Li Ming")).status_code == 302
    assert says(client.get(f"/offers/{offer.pk}/letter.pdf").content, "To Li Ming") == []


def test_a_name_that_can_be_printed_is_put_no_other_way():
    offer = offered("李")
    host = host_of(offer.application)
    actions.complete_letter(offer, by=host, facts={"student_name": "Li", "title": "Something else"})
    assert says(made(offer), "To Li", "Title: Survey of parking habits") == []
    User.objects.filter(student__applications=offer.application_id).update(name="Li Ming")
    assert says(made(offer), "To Li Ming") == []


def test_signs_that_the_fonts_lack_come_out_in_words():
    offer = offered(title="🚀 Data 👩\u200d💻 for all", brief="Be kind 🎉")
    assert missing(offer) == []
    assert says(made(offer), "[rocket] Data [woman][personal computer] for all", "Be kind [party popper]") == []


def test_what_cannot_be_seen_is_left_out():
    assert letter.clean("a\u202eb\x00c\ufe0f\u200b\r\n\r\n d\te ") == "abc\nd e"
    assert letter.clean("می\u200cخواهم") == "می\u200cخواهم"


def test_a_letter_that_pdf_ua_refuses_is_made_all_the_same(monkeypatch):
    """Should a sign slip past us: tagged as before, with an empty box."""
    offer = offered("李")
    monkeypatch.setattr(letter, "in_words", lambda words: words)
    content = made(offer)
    with opened(content) as document:
        assert document.Root.MarkInfo.Marked is True
        assert "/StructTreeRoot" in document.Root
    assert says(content, "Survey of parking habits") == []


HOSTILE = [
    '#panic("caught")',
    "#import sys: inputs",
    '#read("/etc/passwd")',
    '"); panic("caught',
    "$ x^2 $ @label <label> *bold* _it_ `raw` = Head",
    "\\u{41} \\ # [ ] { } ~ -- ... // not a comment /* nor this */",
    "https://evil.example/#[x]",
    "%s {0} {{ x }} <script>",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_type_is_never_code(words):
    offer = offered(words, title=words, brief="Read.", deliverable=words, mentor_name=words, mentor_title=words)
    organization = offer.application.posting.organization
    organization.name = words
    organization.save()
    content = made(offer)
    assert says(content, f"To {words}", f"Title: {words}", f"To be handed over: {words}", f"Name: {words}") == []
    assert text(content).count(squashed(words)) >= 8


@examples(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=80))
def test_no_text_breaks_it(words):
    printed = letter.in_words(words)
    assert letter.in_words(printed).isascii() or letter.unprintable(words) == letter.unprintable(printed)
    content = dict.fromkeys(("document_title", "organization", "date", "student", "opening"), printed) | {
        "year": 2026,
        "month": 1,
        "day": 12,
        "terms": [{"name": "a", "value": printed}],
        "duties": letter._blocks(printed),
        "supervisor": [],
    }
    strict = bool(printed) and not letter.unprintable(words)
    inputs = {"letter": letter.json.dumps(content)}
    assert letter._compile(letter.SOURCE.read_bytes(), inputs, strict=strict).startswith(b"%PDF-")


def test_a_word_without_end_goes_on_in_the_next_line():
    assert letter.in_words("x" * 120) == "\u200b".join(["x" * 50, "x" * 50, "x" * 20])
    assert letter.in_words("x" * 50) == "x" * 50


def test_the_duties_are_the_brief_without_its_marks():
    brief = "# Counts\n\nRead *two* years\nof [counts](https://a.example).\n\n- Clean\n- Chart `all`\n\n```\nx = 1\n```"
    offer = offered(brief=brief)
    assert letter.words(offer)["duties"].splitlines() == [
        "Counts",
        "Read two years of counts.",
        "- Clean",
        "- Chart all",
        "x = 1",
        "To be handed over: A ten-page report with charts.",
    ]


ON_SITE = {"location_mode": "on_site", "place": "Boston", "region": "MA"}


@pytest.mark.parametrize(
    ("posting", "gaps"),
    [
        ({}, []),
        ({"mentor_email": ""}, [("supervisor_email", CONTACT)]),
        (ON_SITE, [("address", ADDRESS)]),
        (ON_SITE | {"location_mode": "hybrid"}, [("address", ADDRESS)]),
        (ON_SITE | {"street_address": "12 Mill Street"}, []),
        (ON_SITE | {"mentor_email": ""}, [("address", ADDRESS), ("supervisor_email", CONTACT)]),
    ],
)
def test_what_is_missing_is_listed_with_the_field_that_mends_it(client, posting, gaps):
    offer = offered(**posting)
    assert missing(offer) == gaps
    client.force_login(host_of(offer.application))
    page = client.get(f"/offers/{offer.pk}/letter/")
    links = re.findall(r'<a href="#(id_\w+)">([^<]+)</a>', page.content.decode())
    assert links == [(f"id_{field}", words) for field, words in gaps]
    assert all(f'id="{target}"' in page.content.decode() for target, _ in links)
    pdf = client.get(f"/offers/{offer.pk}/letter.pdf")
    assert (pdf.status_code, pdf.headers.get("Location")) == (
        (302, f"/offers/{offer.pk}/letter/") if gaps else (200, None)
    )


@pytest.mark.parametrize(
    ("posting", "place"),
    [
        (ON_SITE | {"street_address": "12 Mill Street"}, "Place of work: 12 Mill Street, Boston, MA, United States"),
        (
            ON_SITE | {"street_address": "12 Mill Street", "location_mode": "hybrid"},
            "Place of work: Partly remote, partly at 12 Mill Street, Boston, MA, United States",
        ),
        ({"street_address": "12 Mill Street"}, f"Place of work: {letter.REMOTE}"),
    ],
)
def test_the_letter_says_where_the_work_is_done(posting, place):
    assert says(made(offered(**posting)), place) == []


def test_the_letter_of_an_unpaid_offer_says_so_and_who_pays_the_fares():
    offer = make_unpaid_offer()
    Posting.objects.filter(pk=offer.application.posting_id).update(**REACHED)
    organization = offer.application.posting.organization.name
    assert says(made(offer), "Pay: Unpaid", f"Local travel: {organization} bears the costs.") == []
    assert says(made(offered()), "Local travel") == ["Local travel"]


def test_the_host_adds_what_is_missing_and_the_student_gets_the_letter(client):
    offer = offered(**ON_SITE, mentor_email="")
    host, student = host_of(offer.application), student_of(offer)
    client.force_login(student)
    page = client.get(f"/offers/{offer.pk}/letter/")
    assert (page.context["form"], [gap.field for gap in page.context["missing"]]) == (
        None,
        ["address", "supervisor_email"],
    )
    client.force_login(host)
    response = client.post(f"/offers/{offer.pk}/letter/", typed(supervisor_email="", supervisor_phone=PHONE))
    assert (response.status_code, response.headers["Location"]) == (302, f"/offers/{offer.pk}/letter/")
    row = OfferLetter.objects.get()
    assert (row.filled_by, row.filled_at, row.supervisor_phone) == (host, NOW, PHONE)
    assert (row.supervisor_name, row.student_name) == ("", "")  # as the posting has them
    for reader in (student, host):
        client.force_login(reader)
        content = client.get(f"/offers/{offer.pk}/letter.pdf").content
        assert says(content, "12 Mill Street, Boston", "Count cars.", f"Phone: {PHONE}", "Ana Mentor") == []
    assert "To be handed over" not in text(content)


def test_the_letter_comes_as_a_file_that_no_browser_runs_or_keeps(client):
    offer = offered()
    client.force_login(student_of(offer))
    response = client.get(f"/offers/{offer.pk}/letter.pdf")
    assert response.status_code == 200
    names = (
        "Content-Type",
        "Content-Disposition",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Cache-Control",
    )
    assert [response.headers[name] for name in names] == [
        "application/pdf",
        f'attachment; filename="offer-letter-{offer.pk}.pdf"',
        "default-src 'none'; sandbox",
        "nosniff",
        "private, no-store",
    ]


def test_the_letter_is_made_of_what_the_data_are(client):
    offer = offered()
    host = host_of(offer.application)
    actions.complete_letter(offer, by=host, facts={"supervisor_title": "Head of research"})
    Posting.objects.filter(pk=offer.application.posting_id).update(mentor_name="Bo Later", mentor_title="Intern")
    assert says(made(offer), "Name: Bo Later", "Role: Head of research") == []
    actions.complete_letter(offer, by=host, facts={})
    assert says(made(offer), "Role: Intern") == []


def test_what_the_host_typed_is_kept_and_the_errors_say_how_to_mend_it(client):
    offer = offered(**ON_SITE, mentor_email="")
    client.force_login(host_of(offer.application))
    wrong = typed(duties="\u200b", address="", supervisor_email="", supervisor_phone="call me", supervisor_title="Head")
    response = client.post(f"/offers/{offer.pk}/letter/", wrong)
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "duties": ["This field is required."],
        "address": ["This field is required."],
        "supervisor_phone": ["Enter a phone number, for example +1 617 555 0100."],
    }
    assert "Fill in “Duties”." in response.content.decode()
    assert response.context["form"]["supervisor_title"].value() == "Head"
    neither = client.post(f"/offers/{offer.pk}/letter/", typed(supervisor_email=""))
    assert neither.context["form"].errors == {
        "supervisor_email": ["Enter an email address or a phone number of the supervisor."]
    }
    longer = client.post(f"/offers/{offer.pk}/letter/", typed(supervisor_name="\ufb2a" * 100))
    assert longer.context["form"].errors == {"supervisor_name": ["Shorten it to 120 characters."]}
    assert not OfferLetter.objects.exists()


def test_who_put_what_into_the_letter_is_written_down_once():
    offer = offered()
    host = host_of(offer.application)
    for _ in range(2):
        actions.complete_letter(offer, by=host, facts={"duties": "Count.", "supervisor_phone": PHONE}, now=NOW)
    event = offer.events.get(move="letter")
    assert (event.by, event.at, event.note) == (host, NOW, "the duties, the supervisor's phone number")


def outsiders(offer):
    yield make_student("Theo Marsh").user
    yield make_host("Lena Brandt").user


def test_the_letter_is_not_there_for_strangers(client):
    offer = offered()
    for user in outsiders(offer):
        client.force_login(user)
        for address in (f"/offers/{offer.pk}/letter/", f"/offers/{offer.pk}/letter.pdf"):
            assert client.get(address).status_code == 404
    client.force_login(student_of(offer))
    assert client.get(f"/offers/{offer.pk}/letter.pdf").status_code == 200


def test_only_who_manages_the_posting_writes_the_letter(client):
    offer = offered()
    adviser = make_staff("adviser")
    for user in (student_of(offer), adviser):
        client.force_login(user)
        assert client.get(f"/offers/{offer.pk}/letter/").context["form"] is None
        assert client.post(f"/offers/{offer.pk}/letter/", typed()).status_code == 404
        with pytest.raises(MoveRefused, match="The host writes the letter"):
            actions.complete_letter(offer, by=user, facts={})
    assert not OfferLetter.objects.exists()


ENDS = {
    "declined": lambda offer: actions.decline_offer(offer, by=student_of(offer)),
    "rescinded": lambda offer: actions.rescind_offer(offer, by=host_of(offer.application), reason="Money"),
    "expired": lambda offer: actions.expire_offer(offer, now=offer.deadline),
    "on hold": lambda offer: actions.suspend_organization(
        offer.application.posting.organization, by=make_staff("moderator"), reason="Fraud"
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_of_an_offer_that_is_over_there_is_no_letter(client, end):
    offer = offered()
    host = host_of(offer.application)
    client.force_login(host)
    assert client.get(f"/offers/{offer.pk}/letter.pdf").status_code == 200
    ENDS[end](offer)
    assert client.get(f"/offers/{offer.pk}/letter.pdf").status_code == 302
    page = client.get(f"/offers/{offer.pk}/letter/")
    assert (page.status_code, page.context["form"]) == (200, None)
    assert "There is no letter of this offer" in page.content.decode()
    assert client.post(f"/offers/{offer.pk}/letter/", typed()).status_code == 422
    with transaction.atomic(), pytest.raises(MoveRefused):
        actions.complete_letter(offer, by=host, facts={"duties": "Count."})
    assert not OfferLetter.objects.exists()


def test_an_accepted_offer_has_its_letter_and_one_past_its_deadline_none(client):
    offer, late = offered(), offered("Theo Marsh")
    actions.accept_offer(offer, by=student_of(offer))
    with time_machine.travel(late.deadline + dt.timedelta(minutes=1), tick=False):
        for one, status in ((offer, 200), (late, 302)):
            client.force_login(student_of(one))
            assert client.get(f"/offers/{one.pk}/letter.pdf").status_code == status


def test_the_offer_leads_to_its_letter(client):
    offer = offered()
    client.force_login(student_of(offer))
    assert f'href="/offers/{offer.pk}/letter/"' in client.get(f"/offers/{offer.pk}/").content.decode()
