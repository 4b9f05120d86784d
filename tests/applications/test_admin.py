import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import actions
from applications.models import Application, GuidelinesText, Offer
from applications.workflow import OfferStatus
from postings.models import Posting
from tests.applications.making import make_application, make_draft, make_offer, student_of
from tests.factories import NOW, make_posting, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def as_staff(client):
    def sign_in(role):
        user = make_staff(role)
        client.force_login(user)
        return user

    return sign_in


def action_url(obj, name):
    return f"/admin/{obj._meta.app_label}/{obj._meta.model_name}/{obj.pk}/action/{name}/"


def test_an_adviser_extends_an_offer(client, as_staff):
    adviser, offer = as_staff("adviser"), make_offer()
    url = action_url(offer, "extension")
    assert client.get(url).status_code == 200
    refused = client.post(url, {"last_day": "2026-03-06", "reason": "Exams"})
    assert refused.status_code == 422
    assert "Name a day after March 9, 2026." in refused.content.decode()
    silent = client.post(url, {"last_day": "2026-03-12", "reason": ""})
    assert (silent.status_code, set(silent.context["form"].errors)) == (422, {"reason"})
    assert client.post(url, {"last_day": "2026-03-12", "reason": "Exams"}).status_code == 302
    assert Offer.objects.get().extensions.get().granted_by == adviser


def test_all_open_offers_are_extended_from_the_list(client, as_staff):
    as_staff("moderator")
    offers = [make_offer(), make_offer()]
    assert "Extend all open offers" in client.get("/admin/applications/offer/").content.decode()
    url = "/admin/applications/offer/extension/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"days": "0", "reason": "Outage"}).status_code == 422
    assert client.post(url, {"days": "2", "reason": "Outage"}).status_code == 302
    days = [Offer.objects.get(pk=offer.pk).last_day for offer in offers]
    assert days == [dt.date(2026, 3, 11)] * 2


def test_an_acceptance_is_withdrawn_and_an_offer_taken_back(client, as_staff):
    as_staff("adviser")
    accepted, open_offer = make_offer(), make_offer()
    said = {"reason": "Ill", "gone_back": "host"}
    actions.accept_offer(accepted, by=student_of(accepted))
    assert client.post(action_url(accepted, "acceptance-withdrawal"), {"reason": "Ill"}).status_code == 422
    assert client.post(action_url(accepted, "acceptance-withdrawal"), said).status_code == 302
    assert client.post(action_url(open_offer, "rescission"), {"reason": "Budget"}).status_code == 302
    assert [Offer.objects.get(pk=one.pk).status for one in (accepted, open_offer)] == [
        OfferStatus.ACCEPTANCE_WITHDRAWN,
        OfferStatus.RESCINDED,
    ]
    assert Offer.objects.get(pk=accepted.pk).gone_back == "host"


def test_before_an_acceptance_is_withdrawn_staff_read_what_that_gives_back(client, as_staff):
    as_staff("adviser")
    offer = make_offer(make_application(make_posting(positions=1)))
    actions.accept_offer(offer, by=student_of(offer))
    url = action_url(offer, "acceptance-withdrawal")
    assert "but a posting that was filled stays filled." in client.get(url).content.decode()
    client.post(url, {"reason": "Ill", "gone_back": "student"})
    assert Posting.objects.get(pk=offer.application.posting_id).status == "filled"


def test_an_adviser_allows_fewer_days(client, as_staff):
    adviser, application = as_staff("adviser"), make_application()
    data = {"days": "2", "reason": "The lab opens on Thursday."}
    assert client.post(action_url(application, "waiver"), data).status_code == 302
    application.refresh_from_db()
    assert (application.waived_days, application.waived_by) == (2, adviser)


def test_a_moderator_suspends_and_reinstates_an_organization(client, as_staff):
    as_staff("moderator")
    offer = make_offer()
    organization = offer.application.posting.organization
    assert client.post(action_url(organization, "suspension"), {"reason": ""}).status_code == 422
    assert client.post(action_url(organization, "suspension"), {"reason": "A report"}).status_code == 302
    offer.refresh_from_db()
    assert offer.status == OfferStatus.ON_HOLD
    assert client.post(action_url(organization, "reinstatement")).status_code == 302
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN


def test_who_may_not_change_sees_no_button_and_cannot_post(client, as_staff):
    application, organization = make_application(), make_posting().organization
    for role, thing, name in (
        ("adviser", organization, "suspension"),
        ("international_adviser", application, "waiver"),
        ("program_manager", organization, "suspension"),
    ):
        as_staff(role)
        assert client.post(action_url(thing, name), {"days": "2", "reason": "x"}).status_code == 403
    as_staff("international_adviser")
    for model in ("application", "offer"):
        assert client.get(f"/admin/applications/{model}/").status_code == 403
    assert client.post("/admin/applications/offer/extension/", {"days": "2", "reason": "x"}).status_code == 403


def test_the_timeline_stands_on_the_page_and_drafts_do_not_show(client, as_staff):
    as_staff("adviser")
    offer, draft = make_offer(), make_draft()
    page = client.get(f"/admin/applications/application/{offer.application_id}/change/").content.decode()
    assert "Offer written" in page
    assert "Draft begun" not in page
    assert "Allow fewer days" not in page
    assert "Offer written" in client.get(f"/admin/applications/offer/{offer.pk}/change/").content.decode()
    assert client.get(f"/admin/applications/application/{draft.pk}/change/").status_code == 302
    changed = client.post(f"/admin/applications/application/{offer.application_id}/change/", {"status": "accepted"})
    assert changed.status_code == 302
    assert Application.objects.get(pk=offer.application_id).status == "offered"


def test_a_published_text_is_never_edited_and_a_new_version_is_added(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    text = GuidelinesText.objects.latest()
    assert client.post(f"/admin/applications/guidelinestext/{text.pk}/change/", {"body": "x"}).status_code == 403
    add = "/admin/applications/guidelinestext/add/"
    assert client.get(add).context["adminform"].form.initial["version"] == 2
    data = {"version": "2", "body": "Be kind.", "published_at_0": "2026-03-02", "published_at_1": "10:00:00"}
    assert client.post(add, data).status_code == 302
    assert GuidelinesText.objects.latest().body == "Be kind."


@pytest.mark.parametrize("model", ["application", "offer"])
def test_lists_take_as_many_queries_at_fifty_rows_as_at_one(client, as_staff, model):
    as_staff("adviser")
    posting = make_posting(positions=60)

    def count():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/applications/{model}/").status_code == 200
        return len(captured)

    make_offer(make_application(posting))
    count()
    at_one = count()
    for _ in range(49):
        make_offer(make_application(posting))
    assert count() == at_one
