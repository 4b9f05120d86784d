"""Staff see which deadlines a closure moves before they save it, and what they see is what happens."""

import datetime as dt
from collections import Counter

import pytest
import time_machine
from django.urls import reverse

from accounts.roles import Role
from applications.models import Offer, OfferEvent
from campus import closures
from campus.actions import preview_closures
from campus.admin import _shown
from campus.closures import Moved, Moves
from campus.models import Closure
from notifications.models import OutboxMail
from tests.applications.making import make_offer
from tests.factories import NOW, make_staff

pytestmark = pytest.mark.django_db
SNOW = {"name": "Snow", "first_day": "2026-03-04", "last_day": "2026-03-05", "source": "", "last_verified": ""}
ADD, IMPORT = "/admin/campus/closure/add/", "/admin/campus/closure/import/"
BEFORE, AFTER = dt.date(2026, 3, 9), dt.date(2026, 3, 11)


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def offer():
    return make_offer()


@pytest.fixture
def mo(client):
    client.force_login(make_staff(Role.MODERATOR), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def last_day(offer):
    return Offer.objects.get(pk=offer.pk).last_day


def test_a_look_changes_nothing(offer):
    mails = OutboxMail.objects.count()
    closure = Closure(name="Snow", first_day=dt.date(2026, 3, 4), last_day=dt.date(2026, 3, 5))
    assert preview_closures(added=[closure]) == Moves(Counter({(BEFORE, AFTER): 1}), (Moved(offer, BEFORE, AFTER),))
    assert (last_day(offer), Closure.objects.count(), OutboxMail.objects.count()) == (BEFORE, 0, mails)
    assert not OfferEvent.objects.filter(move="recount").exists()


def test_a_closure_by_hand_is_saved_after_its_preview(mo, offer):
    page = mo.post(ADD, SNOW)
    assert (page.status_code, Closure.objects.count(), last_day(offer)) == (200, 0, BEFORE)
    text = page.content.decode()
    assert "1 open deadline would move" in text
    assert str(offer) in text
    assert ("Mon, Mar 9, 2026" in text, "Wed, Mar 11, 2026" in text) == (True, True)
    posted = dict(page.context["posted"])
    assert {name: posted[name] for name in SNOW} == SNOW
    done = mo.post(ADD, posted | {"confirmed": "Save"}, follow=True)
    assert str(next(iter(done.context["messages"]))) == "1 open deadline moved."
    assert (Closure.objects.get().name, last_day(offer)) == ("Snow", AFTER)


def test_a_change_that_moves_nothing_asks_nothing(mo, offer):
    assert mo.post(ADD, SNOW | {"first_day": "2026-12-24", "last_day": "2026-12-24"}).status_code == 302
    closure = Closure.objects.get()
    change = reverse("admin:campus_closure_change", args=[closure.pk])
    assert mo.post(change, SNOW | {"first_day": "2026-12-25", "last_day": "2026-12-25"}).status_code == 302
    assert mo.post(change, SNOW).status_code == 200
    closure.refresh_from_db()
    assert (closure.first_day, last_day(offer)) == (dt.date(2026, 12, 25), BEFORE)
    assert mo.post(change, SNOW | {"confirmed": "Save"}).status_code == 302
    assert last_day(offer) == AFTER


def test_what_is_wrong_is_said_before_anything_is_previewed(mo, offer):
    page = mo.post(ADD, SNOW | {"last_day": "2026-03-03"})
    assert page.status_code == 200
    assert "The last day must not be before the first day." in page.content.decode()
    assert "moved" not in page.context


def test_a_list_says_what_it_moves(mo, offer):
    page = mo.post(IMPORT, {"rows": "Snow, 2026-03-04, 2026-03-05", "preview": "1"})
    assert [(one.row, one.before, one.after) for one in page.context["moved"]] == [(offer, BEFORE, AFTER)]
    assert (Closure.objects.count(), last_day(offer)) == (0, BEFORE)
    mo.post(IMPORT, {"rows": page.context["text"], "source": "", "apply": "1"})
    assert last_day(offer) == AFTER


def test_of_very_many_the_first_are_named_and_the_others_counted(mo, offer, monkeypatch):
    monkeypatch.setattr(closures, "MOST_SHOWN", 2)
    others = [make_offer(days=days) for days in (7, 5, 7)]
    page = mo.post(ADD, SNOW)
    text = " ".join(page.content.decode().split())
    shown = [str(one) in text for one in (offer, *others)]
    assert (shown, page.context["unnamed"]) == ([True, False, True, False], 2)
    assert page.context["moves"].groups == [(BEFORE, AFTER, 2), (AFTER, dt.date(2026, 3, 13), 2)]
    assert "4 open deadlines would move" in text
    assert "The first 2 of these offers, the soonest deadline first" in text
    assert "2 more are not listed here one by one." in text


def test_how_many_moved_is_said_of_an_imported_list(mo, offer):
    done = mo.post(IMPORT, {"rows": "Snow, 2026-03-04, 2026-03-05", "source": "", "apply": "1"}, follow=True)
    assert [str(message) for message in done.context["messages"]] == ["1 closure added; 1 open deadline moved."]


def test_whoever_may_not_read_offers_reads_numbers(offer):
    moved = Moved(offer, BEFORE, AFTER)
    moves = Moves(Counter({(BEFORE, AFTER): 1}), (moved,))
    assert _shown(moves, make_staff(Role.MODERATOR)) == {"moved": [moved], "moves": moves, "unnamed": 0}
    assert _shown(moves, make_staff(Role.INTERNATIONAL_ADVISER)) == {"moved": [], "moves": moves, "unnamed": 1}
