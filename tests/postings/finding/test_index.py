"""What is kept in memory is never older than the database, whoever changed it, and in whatever order they commit."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from campus.models import Term
from postings import actions
from postings.finding import Query, board, find, forget, index
from postings.models import Change, Label, OpportunityType, Posting, Stream
from postings.workflow import HoldCause, Status
from tests.factories import NOW, make_host, make_posting, make_staff
from tests.postings.finding.making import found, posted

SECOND = dt.timedelta(seconds=1)


def keys(now=NOW, **chosen):
    shown = board(now)
    return set(find(Query(chosen=chosen), shown, campus=True).keys)


def as_if_new():
    """What a process that starts now would hold."""
    known = index._mine.board
    forget()
    fresh = board(NOW)
    index._mine.board = known
    return fresh


def agreed():
    """The state of this process, once a new one says the same: between the two looks some transaction of another
    database may end, and with it another part of the log is settled."""
    for _ in range(100):
        state = board(NOW).state
        if as_if_new().state == state:
            return state
    raise AssertionError("a new process never says the same")


def same(one, other):
    return (
        one.state == other.state
        and one.open == other.open
        and {name: sets for name, sets in one.index.sets.items() if sets}
        == {name: sets for name, sets in other.index.sets.items() if sets}
    )


@pytest.mark.django_db
def test_nothing_new_costs_one_query():
    posted("One")
    board(NOW)
    with CaptureQueriesContext(connection) as queries:
        board(NOW)
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_posting_is_on_the_list_from_its_opening_to_its_deadline_to_the_second():
    posting = posted("One", status=Status.SCHEDULED, opens_at=NOW, apply_by=NOW + 10 * SECOND)
    moments = [NOW - SECOND / 1000, NOW, NOW + 10 * SECOND - SECOND / 1000, NOW + 10 * SECOND]
    expected = [set(), {posting.pk}, {posting.pk}, set()]
    assert [keys(moment) for moment in moments] == expected
    assert [keys(moment) for moment in reversed(moments)] == expected[::-1]  # a test's clock may go back
    states = [board(moment).state for moment in moments]
    assert (states[1] == states[2], len(set(states))) == (True, 3)


@pytest.mark.django_db
def test_every_action_shows_in_the_next_list():
    mo, host = make_staff(), make_host()
    posting = make_posting(Status.SUBMITTED, host=host)
    assert keys() == set()
    actions.approve(posting, by=mo, now=NOW)
    assert keys() == {posting.pk}
    actions.hold(posting, by=mo, cause=HoldCause.REVIEW, note="A report.", now=NOW)
    assert keys() == set()
    actions.resume(posting, by=mo, now=NOW)
    assert keys() == {posting.pk}
    actions.close(posting, by=host.user, now=NOW)
    assert keys() == set()


@pytest.mark.django_db
def test_labels_hosts_and_rows_show_too():
    host, colleague = make_host(), make_host(alumnus=True)
    posting = make_posting(host=host)
    iap, global_ = Label.objects.get(slug="iap"), Label.objects.get(slug="global")
    assert (keys(label=("iap",)), keys(alumni=("yes",))) == (set(), set())
    posting.labels.add(iap)
    assert keys(label=("iap",)) == {posting.pk}
    posting.labels.remove(iap)
    assert keys(label=("iap",)) == set()
    posting.cohosts.add(colleague)
    assert keys(alumni=("yes",)) == {posting.pk}
    colleague.user.is_active = False
    colleague.user.save()
    assert keys(alumni=("yes",)) == set()
    host.alumnus_verified_at, host.alumnus_verified_by = NOW, make_staff()
    host.save()
    assert keys(alumni=("yes",)) == {posting.pk}
    global_.rule, global_.opportunity_type = "opportunity_type", OpportunityType.objects.get(slug="micro-internship")
    global_.save()
    assert keys(label=("global",)) == {posting.pk}
    assert board(NOW).choices("term") == []
    term = Term.objects.create(name="IAP", first_day=NOW.date(), last_day=NOW.date())
    assert board(NOW).choices("term") == [(str(term.pk), "IAP")]


@pytest.mark.django_db
def test_a_deleted_posting_is_gone():
    posting = make_posting()
    assert keys() == {posting.pk}
    posting.delete()
    assert keys() == set()


@pytest.mark.django_db
def test_text_is_asked_again_about_what_changed_alone():
    one, two = posted("Tides"), posted("Harbor")
    assert (found("q=tides"), found("q=harbor")) == (["Tides"], ["Harbor"])
    Posting.objects.filter(pk=two.pk).update(title="Tides of the year")
    assert (found("q=tides"), found("q=harbor")) == (["Tides of the year", "Tides"], [])
    Posting.objects.filter(pk=one.pk).update(title="Harbor")
    assert (found("q=tides"), found("q=harbor")) == (["Tides of the year"], ["Harbor"])


@pytest.mark.django_db
def test_any_change_leaves_the_same_as_a_new_start():
    postings = [posted(f"Posting {number}", pay_amount=15 + number) for number in range(6)]
    assert same(board(NOW), as_if_new())
    Posting.objects.filter(pk__in=[one.pk for one in postings[:2]]).update(pay_amount=99, country="JP")
    postings[2].delete()
    postings[3].labels.add(Label.objects.get(slug="iap"))
    Posting.objects.filter(pk=postings[4].pk).update(status=Status.OPEN, apply_by=NOW + SECOND)
    board(NOW)
    assert same(board(NOW), as_if_new())
    Posting.objects.filter(pk=postings[5].pk).update(stream=Stream.objects.get(slug="human-resources"))
    assert not same(index._mine.board, as_if_new())  # or the comparison could not fail


@pytest.mark.django_db(transaction=True)
def test_who_commits_late_is_seen_although_others_came_after():
    first, second = posted("First"), posted("Second")
    states = [board(NOW).state]
    begun, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Posting.objects.filter(pk=first.pk).update(country="JP")
            begun.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(10)
    Posting.objects.filter(pk=second.pk).update(country="JP")
    assert keys(country=("JP",)) == {second.pk}
    states.append(agreed())
    assert keys(country=("JP",)) == {second.pk}
    may_commit.set()
    thread.join()
    assert keys(country=("JP",)) == {first.pk, second.pk}
    states.append(agreed())
    assert len(set(states)) == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_there():
    posting = posted("First")
    before = list(Change.objects.values_list("pk", flat=True))

    class NeverMindError(Exception):
        pass

    def change():
        with transaction.atomic():
            Posting.objects.filter(pk=posting.pk).update(country="JP")
            raise NeverMindError

    with pytest.raises(NeverMindError):
        change()
    assert (keys(country=("JP",)), list(Change.objects.values_list("pk", flat=True))) == (set(), before)


@pytest.mark.django_db
def test_the_log_is_kept_for_longer_than_a_process_goes_without_reading_it(monkeypatch):
    posted("One")
    written = Change.objects.update(at=NOW)
    Change.objects.create(transaction=2**40, at=NOW)
    kept = dt.timedelta(seconds=2 * index.LONGEST_GAP)
    assert actions.forget_changes(now=NOW + kept) == 0
    assert actions.forget_changes(now=NOW + kept + SECOND) == written > 0
    assert list(Change.objects.values_list("transaction", flat=True)) == [2**40]  # pages are known by the newest
    Change.objects.all().delete()
    posting = posted("Two")
    board(NOW)
    monkeypatch.setattr(index._mine, "looked_at", index._mine.looked_at - index.LONGEST_GAP - 1)
    Posting.objects.filter(pk=posting.pk).update(country="JP")
    Change.objects.all().delete()
    assert keys(country=("JP",)) == {posting.pk}


# A browser that asks again


def ask(path="/postings/", tag="", **headers):
    return Client().get(path, headers={**({"If-None-Match": tag} if tag else {}), **headers})


@pytest.mark.parametrize("path", ["/", "/postings/", "/postings/?q=parking&country=US"])
@pytest.mark.django_db
def test_a_page_that_has_not_changed_is_not_sent_again(path):
    posting = posted("Parking")
    tag = ask(path)["ETag"]
    assert [ask(path, tag).status_code, ask(path, tag).content] == [304, b""]
    assert ask(path, tag, **{"HX-Request": "true", "HX-Target": "results"}).status_code == 200
    assert ask("/postings/?stream=data-analytics", tag).status_code == 200
    posting.organization.name = "Another"
    posting.organization.save()
    again = ask(path, tag)
    assert (again.status_code, b"Another" in again.content) == (200, True)


@pytest.mark.django_db
def test_somebody_signed_in_is_sent_the_page(client):
    membership = Membership.objects.select_related("user").get(user=posted("Parking").host.user)
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/postings/")
    assert ("ETag" in answer, answer["Cache-Control"]) == (False, "private, no-cache")


@pytest.mark.django_db
def test_a_drawn_card_is_drawn_again_when_its_posting_changes():
    posting = posted("Parking")
    assert b"Parking" in ask().content
    Posting.objects.filter(pk=posting.pk).update(title="Tides")
    page = ask().content
    assert (b"Tides" in page, b"Parking" in page) == (True, False)
    Stream.objects.filter(slug="data-analytics").update(name="Numbers")
    assert b"<span>Numbers</span></li>" in ask().content
