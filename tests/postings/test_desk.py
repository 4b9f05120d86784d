"""Moderators at their desk: what waits, who reads it, what changed, several at once, and previews for others."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from campus.models import Closure, ProgramSettings
from core import clock
from core.logs import without_secrets
from core.workflow import MoveRefused
from postings import actions
from postings.admin.judging import ReasonForm
from postings.models import IDLE, Claim, Posting, PreviewLink
from postings.reasons import WORDS
from postings.waiting import clock_of
from postings.workflow import Reason, Status
from tests.factories import NOW, make_host, make_posting, make_staff
from tests.postings.acting import at_once, edited, suspend, text

pytestmark = pytest.mark.django_db
QUEUE = "/admin/postings/posting/"
DESK = f"{QUEUE}desk/"
MINUTE = dt.timedelta(minutes=1)


def waiting(number=1, **fields):
    """So many that wait, the oldest first."""
    host, start = fields.pop("host", None) or make_host(), clock.now() - dt.timedelta(hours=number)
    return [
        make_posting(
            Status.SUBMITTED, host=host, title=f"Posting {n}", submitted_at=start + n * MINUTE, **{"now": NOW, **fields}
        )
        for n in range(1, number + 1)
    ]


def change(posting):
    return f"{QUEUE}{posting.pk}/change/"


def signed_in(user):
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def told(client, address, data=None):
    response = client.post(address, data or {}, follow=True)
    return response.redirect_chain[-1][0], [str(message) for message in response.context["messages"]]


def statuses(*postings):
    return [Posting.objects.get(pk=posting.pk).status for posting in postings]


# Claims


def test_the_desk_leads_from_the_oldest_to_the_next(mo):
    first, second = waiting(2)
    browser = signed_in(mo)
    assert told(browser, DESK) == (change(first), [])
    assert Claim.objects.get().posting == first
    assert told(browser, DESK, {"after": first.pk}) == (change(second), [])
    assert Claim.objects.get().posting == second
    through = "Nothing else waits after this one that nobody is reviewing."
    assert told(browser, DESK, {"after": second.pk}) == (QUEUE, [through])
    assert Claim.objects.count() == 0
    assert told(browser, DESK, {"after": "\0"}) == (change(first), [])


def test_a_decision_on_the_page_leads_to_the_next_and_ends_the_claim(mo):
    first, second = waiting(2)
    browser = signed_in(mo)
    browser.post(DESK)
    address, _ = told(browser, f"{QUEUE}{first.pk}/action/approval/", {"version": 1, "next": 1})
    assert (address, Claim.objects.get().posting, statuses(first, second)) == (
        change(second),
        second,
        [Status.OPEN, Status.SUBMITTED],
    )


def test_who_reads_is_shown_and_others_take_over_deliberately(mo):
    dana = make_staff(Role.MODERATOR, "Dana")
    [posting] = waiting()
    actions.claim(posting, by=mo)
    actions.claim(posting, by=mo)
    browser = signed_in(dana)
    assert [row.reader for row in browser.get(QUEUE).context["cl"].result_list] == ["Mo"]
    assert [row.reader for row in signed_in(mo).get(QUEUE).context["cl"].result_list] == ["You"]
    page = browser.get(change(posting)).content.decode()
    assert "Mo is reviewing it" in page
    assert "action/approval" not in page
    assert f"{QUEUE}{posting.pk}/action/approval/" in signed_in(mo).get(change(posting)).content.decode()
    claim = f"{QUEUE}{posting.pk}/claim/"
    assert told(browser, claim) == (change(posting), ["Mo is reviewing this posting."])
    with pytest.raises(MoveRefused, match="Take it over before you decide"):
        actions.approve(posting, by=dana)
    assert told(browser, claim, {"take_over": 1}) == (change(posting), [])
    assert Claim.objects.get().moderator == dana
    assert [(event.move, event.by, event.note) for event in posting.events.all()] == [("take_over", dana, "From Mo")]
    assert actions.approve(posting, by=dana).status == Status.OPEN


def test_a_claim_ends_after_some_minutes_without_a_sign(mo):
    dana = make_staff(Role.MODERATOR, "Dana")
    [posting] = waiting()
    actions.claim(posting, by=mo, now=NOW)
    actions.claim(posting, by=mo, now=NOW + 9 * MINUTE)
    assert Claim.objects.get().claimed_at == NOW
    over = NOW + 9 * MINUTE + IDLE
    with pytest.raises(MoveRefused, match="Mo is reviewing"):
        actions.claim(posting, by=dana, now=over - dt.timedelta(seconds=1))
    assert actions.claim_next(by=dana, now=over - dt.timedelta(seconds=1)) is None
    assert actions.claim_next(by=dana, now=over).moderator == dana
    assert Claim.objects.count() == 1


def test_the_database_knows_one_claim_of_a_posting(mo):
    [posting] = waiting()
    actions.claim(posting, by=mo, now=NOW)
    with pytest.raises(IntegrityError, match="posting_id"), transaction.atomic():
        Claim.objects.create(posting=posting, moderator=make_staff(), claimed_at=NOW, active_at=NOW)


def test_only_moderators_claim_and_only_what_waits(mo):
    [posting], is_open = waiting(), make_posting()
    for person in (make_staff(Role.ADVISER), posting.host.user):
        with pytest.raises(MoveRefused, match="You cannot"):
            actions.claim(posting, by=person)
        with pytest.raises(MoveRefused, match="You cannot"):
            actions.claim_next(by=person)
    with pytest.raises(MoveRefused, match="does not wait for review: it is “open”"):
        actions.claim(is_open, by=mo)
    assert actions.claim(posting, by=mo).moderator == mo


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_decides_and_the_other_is_told():
    mo, dana = make_staff(Role.MODERATOR, "Mo"), make_staff(Role.MODERATOR, "Dana")
    for _ in range(5):
        [posting] = waiting()
        outcomes = at_once(
            lambda posting=posting: str(actions.approve(posting, by=mo, version=1)),
            lambda posting=posting: str(
                actions.decline(posting, by=dana, reason="duplicate", comment="Twice.", version=1)
            ),
        )
        posting.refresh_from_db()
        status = posting.get_status_display().lower()
        refusal = f"{posting.decided_by} has decided on this posting already: it is “{status}” now."
        assert sorted(outcomes) == sorted([str(posting), refusal])
        assert [event.by for event in posting.events.all()] == [posting.decided_by]


@pytest.mark.django_db(transaction=True)
def test_moderators_who_go_on_at_once_read_different_postings():
    staff = [make_staff() for _ in range(4)]
    keys = {posting.pk for posting in waiting(4)}
    outcomes = at_once(*(lambda by=by: actions.claim_next(by=by).posting_id for by in staff))
    assert sorted(outcomes) == sorted(keys)


# What changed


def test_a_second_look_shows_what_changed_since_changes_were_asked_for(mo):
    host = make_host()
    posting = make_posting(Status.DRAFT, host=host, brief="Count the bikes by hand.", pay_amount=20)
    actions.submit(posting, by=host.user, expectations_read=True, now=NOW)
    browser = signed_in(mo)

    def changes():
        return [
            (one.name, text(one.before), text(one.after))
            for one in browser.get(change(posting)).context["desk"].changes
        ]

    assert changes() == []
    actions.write(edited(posting, brief="Count the bikes by machine."), by=host.user, now=NOW + MINUTE)
    assert changes() == [("project brief", "Count the bikes by hand.", "Count the bikes by machine.")]
    actions.request_changes(posting, by=mo, reason="pay", comment="Pay more.", now=NOW + 2 * MINUTE)
    assert changes() == []
    actions.write(edited(posting, pay_amount=25, supplies=["laptop"]), by=host.user, now=NOW + 3 * MINUTE)
    actions.submit(posting, by=host.user, expectations_read=True, now=NOW + 4 * MINUTE)
    assert changes() == [("pay amount", "20.00", "25.00"), ("supplies", "–", "Laptop")]
    page = browser.get(change(posting)).content.decode()
    assert "<del>" in page
    assert "25.00</ins>" in page


# Reasons


def test_a_reason_brings_its_words_and_the_moderator_goes_on_from_there(mo):
    assert set(WORDS) == set(Reason.values)
    assert ReasonForm(initial={"reason": "fee"})["comment"].initial == ""
    [posting] = waiting()
    browser = signed_in(mo)
    address = f"{QUEUE}{posting.pk}/action/changes/"
    response = browser.post(address, {"words": 1, "reason": "contact", "version": 1}, follow=True)
    assert response.context["form"]["comment"].initial == WORDS["contact"]
    assert response.context["form"]["version"].initial == "1"
    assert f'data-words="{WORDS["contact"]}"' in browser.get(change(posting)).content.decode()
    assert statuses(posting) == [Status.SUBMITTED]


# Several at once


def several(browser, name, postings, **data):
    chosen = {"action": name, "_selected_action": [posting.pk for posting in postings]}
    return browser.post(f"{QUEUE}?queue=all", chosen | data, follow=True)


def confirmed(browser, page, name, **data):
    taken = page.context["taken"]
    versions = [f"{posting.pk}:{posting.version}" for posting in taken]
    return several(browser, name, taken, confirmed=1, version=versions, **data)


def test_several_are_approved_at_once_and_the_unpaid_are_left_out(mo):
    first, second = waiting(2)
    [unpaid] = waiting(pay_kind="unpaid", pay_amount=None, unpaid_basis="A charity", travel_costs_covered=True)
    [claimed], is_open = waiting(), make_posting()
    actions.claim(claimed, by=make_staff(Role.MODERATOR, "Dana"))
    browser = signed_in(mo)
    page = several(browser, "approve_selected", [first, second, unpaid, claimed, is_open])
    assert page.context["taken"] == [first, second]
    assert dict(page.context["left_out"]) == {
        unpaid: "It is unpaid: approve it on its own page, after the talk with its host.",
        claimed: "Dana is reviewing it.",
        is_open: "It does not wait for review: it is “open”.",
    }
    assert statuses(first, second) == [Status.SUBMITTED] * 2
    actions.write(edited(second, brief="Another brief."), by=second.host.user)
    done = confirmed(browser, page, "approve_selected", comment="Welcome.")
    left = "This posting has changed since you opened it. Look at it again before you decide."
    assert [str(message) for message in done.context["messages"]] == [
        f"“{second}” is left as it is. {left}",
        "1 posting approved.",
    ]
    assert statuses(first, second, unpaid) == [Status.OPEN, Status.SUBMITTED, Status.SUBMITTED]
    assert Posting.objects.get(pk=first.pk).decision_comment == "Welcome."


@pytest.mark.parametrize(
    ("name", "status"),
    [("request_changes_selected", Status.CHANGES_REQUESTED), ("decline_selected", Status.DECLINED)],
)
def test_several_are_sent_back_or_declined_for_one_reason(mo, name, status):
    postings, browser = waiting(2), signed_in(mo)
    page = several(browser, name, postings)
    refused = confirmed(browser, page, name)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"reason", "comment"})
    confirmed(browser, page, name, reason="duplicate", comment="On the board already.")
    assert statuses(*postings) == [status] * 2


def test_others_of_the_office_have_no_such_choice():
    postings = waiting(2)
    page = several(signed_in(make_staff(Role.ADVISER)), "approve_selected", postings, confirmed=1)
    assert page.status_code == 200
    assert statuses(*postings) == [Status.SUBMITTED] * 2


# Previews


def test_a_preview_is_seen_by_whoever_has_the_link_until_it_is_taken_back(mo):
    [posting] = waiting(brief="**Count** the bikes.")
    browser, visitor = signed_in(mo), Client()
    browser.post(f"{QUEUE}{posting.pk}/action/preview/", {"days": "7"})
    link = PreviewLink.objects.get()
    assert link.address in browser.get(change(posting)).content.decode()
    page = visitor.get(link.get_absolute_url())
    assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex")
    assert "no-store" in page["Cache-Control"]
    assert "<strong>Count</strong> the bikes." in page.content.decode()
    assert "A preview from the career office" in page.content.decode()
    assert visitor.get(f"/previews/{link.pk}:forged/").status_code == 404
    browser.post(f"{QUEUE}{posting.pk}/action/preview-removal/")
    assert visitor.get(link.get_absolute_url()).status_code == 404
    again = actions.make_preview(posting, by=mo, days=1)
    assert visitor.get(again.get_absolute_url()).status_code == 200
    assert without_secrets(again.get_absolute_url()) == "/previews/-/"


def test_a_preview_expires_and_shows_nothing_that_should_not_be_seen(mo):
    [posting] = waiting()
    link = actions.make_preview(posting, by=mo, days=7, now=NOW)
    token = link.get_absolute_url().split("/")[2]
    assert PreviewLink.objects.of(token, NOW + dt.timedelta(days=7, seconds=-1)).get() == link
    assert not PreviewLink.objects.of(token, NOW + dt.timedelta(days=7)).exists()
    newer = actions.make_preview(posting, by=mo, days=7)
    visitor, address = Client(), newer.get_absolute_url()
    assert PreviewLink.objects.filter(taken_back_at=None).get() == newer
    assert visitor.get(address).status_code == 200
    actions.approve(posting, by=mo)
    assert visitor.get(address)["Location"] == posting.get_absolute_url()
    actions.hold(posting, by=mo, note="A report.")
    assert visitor.get(address).status_code == 404
    with pytest.raises(MoveRefused, match="on its way"):
        actions.make_preview(posting, by=mo, days=7)
    with pytest.raises(MoveRefused, match="You cannot"):
        actions.make_preview(posting, by=posting.host.user, days=7)


def test_nothing_of_a_suspended_organization_is_previewed(mo):
    [posting] = waiting()
    address = actions.make_preview(posting, by=mo, days=7).get_absolute_url()
    assert Client().get(address).status_code == 200
    suspend(posting.organization, mo)
    assert Client().get(address).status_code == 404


# The clock


def test_host_and_moderator_read_the_same_clock(mo, settings):
    friday = dt.datetime(2026, 3, 6, 15, tzinfo=dt.UTC)
    [posting] = waiting()
    Posting.objects.filter(pk=posting.pk).update(submitted_at=friday)
    posting.refresh_from_db()
    Closure.objects.create(name="Storm", first_day=dt.date(2026, 3, 10), last_day=dt.date(2026, 3, 10))

    def at(day):
        found = clock_of(posting, dt.datetime(2026, 3, day, 15, tzinfo=dt.UTC))
        return str(found), found.within, found.is_late

    assert at(8) == ("less than a business day", 3, False)
    assert at(9) == ("1 business day", 3, False)
    assert at(12) == ("3 business days", 3, False)
    assert at(13) == ("4 business days", 3, True)
    ProgramSettings.objects.update_or_create(pk=1, defaults={"review_within": 4})
    assert at(13) == ("4 business days", 4, False)
    browser = signed_in(posting.host.user)
    said = f"Submitted {clock_of(posting)} ago; the career office usually answers within 4 business days."
    assert said in browser.get(f"/postings/{posting.pk}/preview/").content.decode()
    assert said in browser.get(posting.get_absolute_url()).content.decode()
    row = signed_in(mo).get(QUEUE).content.decode()
    assert f"{clock_of(posting)}, longer than the usual 4" in row
    assert clock_of(make_posting()) is None


def test_the_queue_asks_as_often_for_fifty_as_for_one(mo):
    browser = signed_in(mo)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(QUEUE).status_code == 200
        return len(captured)

    [first] = waiting()
    actions.claim(first, by=make_staff())
    one = queries()
    for posting in waiting(49):
        actions.claim(posting, by=mo)
    assert queries() == one
    assert one <= 25
