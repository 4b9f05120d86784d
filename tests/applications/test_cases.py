"""Who went back on what: the list that staff see, and that somebody looked."""

import datetime as dt

import pytest
import time_machine
from django.contrib import admin
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actions import set_staff_roles
from applications import actions
from applications.models import Case, CaseLook, Offer, OfferEvent
from applications.models.case import ASK
from core.admin import what_waits
from core.workflow import MoveRefused
from tests.applications.asking import accepted, ask_for_talk, ask_to_go_back
from tests.applications.making import host_of, make_application, make_offer, student_of
from tests.factories import NOW, make_host, make_posting, make_staff, make_student, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LIST = "/admin/applications/case/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


def offer_to(student=None, host=None, now=NOW):
    return make_offer(make_application(make_posting(host=host, now=now), student, now=now), now=now)


def yes(student=None, host=None, now=NOW):
    offer = offer_to(student, host, now)
    return actions.accept_offer(offer, by=student_of(offer), now=now)


def rescinded(offer=None, *, reason="Budget", now=NOW):
    offer = offer or make_offer(now=now)
    return actions.rescind_offer(offer, by=host_of(offer.application), reason=reason, now=now)


def withdrawn(offer=None, *, by=None, now=NOW, **said):
    offer = offer or accepted()
    return actions.withdraw_acceptance(offer, by=by or make_staff(), reason="Illness", now=now, **said)


def happened():
    return [(case.what, case.by, case.note) for case in Case.objects.order_by("pk")]


def page_of(client, case):
    return client.get(f"{LIST}{case.pk}/change/").content.decode()


# What is a case


def test_what_goes_back_on_a_word_is_a_case_and_nothing_else_is():
    adviser, declined, asked = make_staff(), make_offer(), make_offer()
    actions.decline_offer(declined, by=student_of(declined), now=NOW)
    ask_for_talk(asked)
    accepted()
    assert happened() == []
    offer = rescinded()
    for side in ("student", "host", "office"):
        withdrawn(by=adviser, gone_back=side)
    request = ask_to_go_back(accepted())
    assert happened() == [
        ("Offer rescinded", host_of(offer.application), "Budget"),
        ("Student went back on the acceptance", adviser, "Illness"),
        ("Host went back on the acceptance", adviser, "Illness"),
        ("Acceptance withdrawn", adviser, "Illness"),
        ("Going back on the acceptance asked for", request.student, "I am ill."),
    ]


def test_a_question_that_is_granted_becomes_one_case_with_the_withdrawal_and_one_refused_stays():
    adviser, granted, refused = make_staff(), accepted(), accepted()
    for offer in (granted, refused):
        ask_to_go_back(offer)
    assert [case.offer for case in Case.objects.order_by("pk")] == [granted, refused]
    withdrawn(granted, by=adviser, now=NOW + DAY)
    actions.refuse_request(refused.requests.get(), by=adviser, reason="Talk first.", now=NOW)
    found = Case.objects.described().order_by("offer_id")
    assert [(case.offer, case.move, case.outcome) for case in found] == [
        (granted, "withdraw_acceptance", ""),
        (refused, "ask_going_back", "refused"),
    ]


def test_a_question_says_what_came_of_it(client):
    dev = make_staff()
    client.force_login(dev)
    refused, taken_back, open_one = (ask_to_go_back(accepted()) for _ in range(3))
    actions.refuse_request(refused, by=dev, reason="Talk first.", now=NOW)
    actions.take_back_request(taken_back, by=taken_back.student, now=NOW)
    for request, words in ((refused, "refused"), (taken_back, "taken back"), (open_one, "not yet answered")):
        assert f"Going back on the acceptance asked for, {words}" in page_of(client, request.offer.events.get(move=ASK))


def test_what_is_refused_makes_no_case():
    offer = accepted()
    with pytest.raises(MoveRefused):
        withdrawn(offer, by=student_of(offer))
    with pytest.raises(MoveRefused):
        rescinded(offer)
    assert (happened(), Offer.objects.get(pk=offer.pk).gone_back) == ([], "")


def test_the_database_knows_whose_wish_it_was_of_withdrawn_acceptances_alone():
    offer = accepted()
    with pytest.raises(IntegrityError, match="offer_gone_back_on_after_acceptance"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(gone_back="host")
    assert withdrawn(offer, gone_back="host").gone_back == "host"


# How often


def counts(*, now=NOW):
    return [(case.of_student, case.of_organization) for case in Case.objects.described().order_by("at", "pk")]


def test_each_side_is_counted_by_offers_in_the_year_up_to_the_case():
    sana, host, day = make_student(), make_host(), iter(range(10))
    when = lambda: NOW + next(day) * DAY  # noqa: E731  the next day, each time
    withdrawn(yes(sana, host), now=when())
    withdrawn(yes(sana, host), now=when(), gone_back="host")
    rescinded(offer_to(make_student(), host), now=when())
    withdrawn(yes(sana, host), now=when(), gone_back="office")
    rescinded(now=when())  # of another organization, to another student
    offer = yes(sana)  # with another organization
    ask_to_go_back(offer, now=when())
    assert counts() == [(1, 0), (1, 1), (0, 2), (1, 2), (0, 1), (2, 0)]
    withdrawn(offer, now=when())
    assert counts()[-1] == (2, 0), "asked and withdrawn is one offer"


def test_what_is_a_year_old_counts_no_more():
    sana = make_student()
    withdrawn(yes(sana))
    almost, later = NOW + 364 * DAY, NOW + 365 * DAY
    withdrawn(yes(sana, now=almost), now=almost)
    withdrawn(yes(sana, now=later), now=later)
    assert counts() == [(1, 0), (2, 0), (2, 0)]


# Looking


def test_somebody_looks_once_and_who_comes_second_is_told_who_was_first():
    rescinded()
    case, dev, mo = Case.objects.get(), make_staff("adviser", "Dev"), make_staff("moderator", "Mo")
    assert list(Case.objects.waiting()) == [case]
    look = actions.look_at(case, by=dev, note=" Called Omar. ", now=NOW)
    assert (look.event_id, look.by, look.at, look.note) == (case.pk, dev, NOW, "Called Omar.")
    with pytest.raises(MoveRefused, match=r"^Dev looked at this on March 2, 2026\.$"):
        actions.look_at(case, by=mo, note="Me too.", now=NOW + DAY)
    assert (list(CaseLook.objects.all()), list(Case.objects.waiting())) == ([look], [])


@pytest.mark.parametrize("who", ["student", "host", "international_adviser", "program_manager"])
def test_nobody_else_looks(who):
    offer = rescinded()
    by = {"student": student_of(offer), "host": host_of(offer.application)}.get(who) or make_staff(who)
    with pytest.raises(MoveRefused, match="Only the career office"):
        actions.look_at(Case.objects.get(), by=by, note="Fine.", now=NOW)
    assert not CaseLook.objects.exists()


def test_an_adviser_does_not_look_at_a_case_of_their_own():
    student = make_student()
    dev = set_staff_roles(student.user, roles=["adviser"], by=None)
    rescinded(offer_to(student))
    with pytest.raises(MoveRefused, match="nobody in a case of their own"):
        actions.look_at(Case.objects.get(), by=dev, note="Fine.", now=NOW)
    actions.look_at(Case.objects.get(), by=make_staff(), note="Fine.", now=NOW)


def test_a_look_says_what_came_of_it():
    rescinded()
    case, dev = Case.objects.get(), make_staff()
    with pytest.raises(MoveRefused, match="what came of it"):
        actions.look_at(case, by=dev, note=" ", now=NOW)
    with pytest.raises(IntegrityError, match="case_look_with_a_note"), transaction.atomic():
        CaseLook.objects.create(event_id=case.pk, by=dev, at=NOW)
    actions.look_at(case, by=dev, note="Fine.", now=NOW)
    with pytest.raises(IntegrityError, match="caselook_event"), transaction.atomic():
        CaseLook.objects.create(event_id=case.pk, by=dev, at=NOW, note="Again.")


def test_a_question_that_was_granted_meanwhile_is_looked_at_no_more():
    offer, dev = accepted(), make_staff()
    ask_to_go_back(offer)
    asked = Case.objects.get()
    withdrawn(offer, by=dev)
    with pytest.raises(MoveRefused, match="withdrawn meanwhile"):
        actions.look_at(asked, by=dev, note="Fine.", now=NOW)


# The list


def test_what_waits_comes_first_and_the_oldest_of_it_at_the_top(client):
    dev = make_staff("adviser", "Dev")
    client.force_login(dev)
    for number in (3, 1, 2, 0):
        rescinded(reason=f"Reason {number}", now=NOW - number * DAY)
    by_age = list(Case.objects.order_by("at"))
    actions.look_at(by_age[0], by=dev, note="Called.", now=NOW)
    actions.look_at(by_age[1], by=dev, note="Called.", now=NOW + DAY)

    def listed(query):
        return [case.note for case in client.get(f"{LIST}{query}").context["cl"].result_list]

    assert listed("") == ["Reason 1", "Reason 0"]
    assert listed("?state=looked") == ["Reason 2", "Reason 3"]
    assert listed("?state=all") == ["Reason 1", "Reason 0", "Reason 2", "Reason 3"]


def test_the_list_by_side(client):
    client.force_login(make_staff())
    rescinded()
    for side in ("student", "host", "office"):
        withdrawn(gone_back=side)
    ask_to_go_back(accepted())

    def listed(side):
        cases = client.get(f"{LIST}?side={side}").context["cl"].result_list
        return sorted((case.move, case.offer.gone_back) for case in cases)

    assert listed("reneging") == [("ask_going_back", ""), ("withdraw_acceptance", "student")]
    assert listed("rescinding") == [("rescind", ""), ("withdraw_acceptance", "host")]
    assert len(listed("")) == 5


def test_the_page_says_who_what_when_why_how_often_and_how_long(client):
    client.force_login(make_staff("adviser", "Dev"))
    sana, host = make_student("Sana"), make_host("Omar")
    offer = offer_to(sana, host)
    rescinded(offer, reason="The <budget> is gone.", now=NOW - 3 * DAY)
    case = Case.objects.get()
    page = page_of(client, case)
    posting = offer.application.posting
    for words in (
        "Offer rescinded",
        "Sana",
        f"{posting}, {posting.organization}",
        "Omar",
        "The &lt;budget&gt; is gone.",
        "Went back, or asked to, on 0 offers",
        "Rescinded, or went back on, 1 offer<",
        "3\xa0days",
        "Mark as looked at",
        f"/admin/applications/offer/{offer.pk}/change/",
    ):
        assert words in page
    assert client.post(f"{LIST}{case.pk}/action/look/", {"note": ""}).status_code == 422
    assert client.post(f"{LIST}{case.pk}/action/look/", {"note": "Called Omar."}).status_code == 302
    page = page_of(client, case)
    assert ("Dev, March 2, 2026" in page, "Called Omar." in page, "Mark as looked at" in page) == (True, True, False)


def test_who_comes_second_is_told_and_keeps_what_was_written(client):
    rescinded()
    case, dev = Case.objects.get(), make_staff("adviser", "Dev")
    client.force_login(make_staff("moderator", "Mo"))
    url = f"{LIST}{case.pk}/action/look/"
    assert client.get(url).status_code == 200
    actions.look_at(case, by=dev, note="Called.", now=NOW)
    late = client.post(url, {"note": "I wrote to Omar."})
    page = late.content.decode()
    assert late.status_code == 422
    assert ("Dev looked at this on March 2, 2026." in page, "I wrote to Omar." in page) == (True, True)
    assert CaseLook.objects.get().by == dev


def test_what_was_found_about_the_question_stands_with_the_withdrawal(client):
    dev, offer = make_staff("adviser", "Dev"), accepted()
    client.force_login(dev)
    ask_to_go_back(offer)
    asked = Case.objects.get()
    assert "not yet answered" in page_of(client, asked)
    actions.look_at(asked, by=dev, note="A family matter.", now=NOW)
    withdrawn(offer, by=dev)
    case = Case.objects.get()
    assert case != asked
    assert "Dev, March 2, 2026: A family matter." in page_of(client, case)
    assert client.get(f"{LIST}{asked.pk}/change/").status_code == 302


# The first page of the admin


def waiting_for(rf, user):
    request = rf.get("/admin/")
    request.user = user
    return {one.name: one.number for one in what_waits(request, admin.site)}


def test_the_first_page_counts_what_waits_for_whom_it_waits(rf, client):
    dev, mo = make_staff("adviser"), make_staff("moderator")
    for _ in range(2):
        rescinded()
    ask_to_go_back(accepted())
    ask_for_talk(make_offer())
    actions.look_at(Case.objects.first(), by=dev, note="Fine.", now=NOW)
    office = {"Reneging and rescinding cases": 2, "Requests about offers": 2, "Projects abroad": 0}
    office |= {"Offers that lapse within 2 days": 0, "Postings with silent applications": 0}
    assert waiting_for(rf, dev) == office
    postings = {"Postings to moderate": 0, "Postings on hold": 0, "Changes to approved postings": 0, "Reports": 0}
    assert waiting_for(rf, mo) == office | postings | {"Mails that did not arrive": 0}
    own = {"Authorization records that wait": 1, "Routes not verified for 6 months": 5, "Mails that did not arrive": 0}
    assert waiting_for(rf, make_staff("international_adviser")) == own
    client.force_login(dev)
    page = client.get("/admin/").content.decode()
    assert '<a href="/admin/applications/case/">Reneging and rescinding cases</a>' in page
    client.force_login(make_staff("program_manager"))
    assert "Reneging" not in client.get("/admin/").content.decode()


def test_the_first_page_asks_as_often_for_fifty_cases_as_for_one(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))

    def count():
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/")
        return len(captured)

    offer = rescinded()
    count()
    at_one = count()
    OfferEvent.objects.bulk_create(OfferEvent(offer=offer, move="rescind", at=NOW) for _ in range(49))
    assert (Case.objects.count(), count()) == (50, at_one)


def test_a_question_that_was_refused_stays_a_case_whatever_comes_of_the_acceptance():
    request, staff = ask_to_go_back(accepted()), make_staff("adviser")
    actions.refuse_request(request, by=staff, reason="No", now=NOW)
    actions.withdraw_acceptance(request.offer, by=staff, reason="No money", gone_back="host", now=NOW)
    assert [case.what for case in Case.objects.order_by("pk")] == [
        "Going back on the acceptance asked for",
        "Host went back on the acceptance",
    ]


def test_a_question_is_not_granted_by_the_host_s_going_back():
    request = ask_to_go_back(accepted())
    actions.withdraw_acceptance(request.offer, by=make_staff("adviser"), reason="No money", gone_back="host", now=NOW)
    request.refresh_from_db()
    assert (request.outcome, Case.objects.count()) == ("void", 2)
