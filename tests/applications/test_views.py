import datetime as dt

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import set_staff_roles
from applications import actions
from applications.models import Application, Interview, MaterialAccess, Offer
from applications.workflow import OfferStatus
from authorization.actions import declare
from campus.models import Closure
from tests.applications.making import host_of, make_application, make_draft, make_offer, student_of
from tests.applications.viewing import A, apply_url, complete
from tests.core.documents import upload
from tests.factories import make_host, make_posting, make_staff, make_student

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def test_a_refused_move_stands_on_the_form_with_what_was_typed(client):
    application = make_application()
    actions.withdraw(application, by=application.student.user)
    client.force_login(host_of(application))
    response = client.post(f"{application.get_absolute_url()}offer/", OFFER)
    form = response.context["form"]
    assert (response.status_code, form["note"].value()) == (422, "Laptop by mail.")
    assert form.non_field_errors() == ["This application is withdrawn now, so that is no longer possible."]
    assert form.non_field_errors()[0] in response.content.decode()


def test_an_extension_that_is_refused_keeps_its_reason(client):
    offer = make_offer()
    client.force_login(host_of(offer.application))
    response = client.post(f"/offers/{offer.pk}/extension/", {"last_day": "2026-03-06", "reason": "Exams"})
    form = response.context["form"]
    assert (response.status_code, form["reason"].value()) == (422, "Exams")
    assert form.non_field_errors() == ["Name a day after March 9, 2026."]


def test_only_students_find_the_form(client):
    client.force_login(make_host().user)
    assert client.get(apply_url(make_posting())).status_code == 403
    assert client.get("/applications/").status_code == 403


def test_a_huge_file_is_refused_by_the_form(client, sana):
    response = client.post(apply_url(make_posting()), complete(resume=upload(b"%PDF-" + b"0" * 9_000_000)))
    assert response.context["form"].errors == {
        "resume": ["“resume.pdf” is larger than 5 MB. Choose a PDF or a Word document (.docx) of at most 5 MB."]
    }


def test_strangers_get_404_everywhere(client):
    offer = make_offer()
    application = offer.application
    material = application.materials.get(kind="resume")
    gets = [
        application.get_absolute_url(),
        offer.get_absolute_url(),
        material.get_absolute_url(),
        f"/host/postings/{application.posting_id}/applications/",
        *(f"/applications/{application.pk}/{noun}/" for noun in ("withdrawal", "interview", "offer", "non-selection")),
        *(f"/offers/{offer.pk}/{noun}/" for noun in ("declination", "extension", "rescission")),
    ]
    posts = [
        *gets[4:],
        f"/applications/{application.pk}/review/",
        f"/applications/{application.pk}/restart/",
        f"/offers/{offer.pk}/acceptance/",
    ]
    for stranger in (make_student().user, make_host().user, make_staff("international_adviser")):
        client.force_login(stranger)
        assert {url: client.get(url).status_code for url in gets} == dict.fromkeys(gets, 404)
        assert {url: client.post(url).status_code for url in posts} == dict.fromkeys(posts, 404)


def test_the_other_side_of_the_table_has_its_own_urls(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    for noun in ("interview", "offer", "non-selection"):
        assert client.get(f"/applications/{offer.application_id}/{noun}/").status_code == 404
    for noun in ("extension", "rescission"):
        assert client.post(f"/offers/{offer.pk}/{noun}/").status_code == 404
    client.force_login(host_of(offer.application))
    assert client.post(f"/applications/{offer.application_id}/withdrawal/").status_code == 404
    assert client.post(f"/offers/{offer.pk}/acceptance/").status_code == 404


def test_a_draft_is_invisible_to_the_host(client):
    draft = make_draft()
    client.force_login(host_of(draft))
    assert client.get(draft.get_absolute_url()).status_code == 404
    page = client.get(f"/host/postings/{draft.posting_id}/applications/")
    assert list(page.context["rows"]) == []


def test_a_host_moves_an_application_along(client):
    application = make_application()
    client.force_login(host_of(application))
    url = application.get_absolute_url()
    assert client.post(f"{url}review/").headers["Location"] == url
    data = {"time_1": "2026-03-05T10:00", "minutes": "30", "mode": "video", "note": "Bring a pen."}
    assert client.post(f"{url}interview/", data).status_code == 302
    assert Interview.objects.get().times.get().starts_at == dt.datetime(2026, 3, 5, 15, tzinfo=dt.UTC)
    assert "Thursday, March 5, 2026, 10:00 a.m. New York time (EST)" in client.get(url).content.decode()
    application.refresh_from_db()
    assert application.status == A.INTERVIEW


OFFER = {
    "starts_on": "2026-05-04",
    "ends_on": "2026-05-29",
    "hours_week": "12",
    "pay_kind": "hourly",
    "pay_amount": "20",
    "currency": "usd",
    "note": "Laptop by mail.",
    "days": "5",
}


def test_an_offer_of_two_days_is_refused_with_a_sentence_and_what_was_typed_is_kept(client):
    application = make_application()
    client.force_login(host_of(application))
    url = f"{application.get_absolute_url()}offer/"
    assert client.get(url).context["form"]["days"].value() == 7
    response = client.post(url, OFFER | {"days": "2"})
    assert response.status_code == 422
    (message,) = response.context["form"].errors["days"]
    assert message.startswith("Students get at least 5 business days to decide")
    assert response.context["form"].errors.keys() == {"days"}
    assert response.context["form"]["note"].value() == "Laptop by mail."
    response = client.post(url, OFFER)
    offer = Offer.objects.get()
    assert response.headers["Location"] == offer.get_absolute_url()
    assert (offer.policy_days, offer.currency, offer.note) == (5, "USD", "Laptop by mail.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": "2026-03-02"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"ends_on": "2026-05-03"}, "ends_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"hours_week": "0"}, "hours_week"),
        ({"pay_kind": "unpaid"}, "pay_kind"),
        ({"pay_amount": ""}, "pay_amount"),
        ({"pay_amount": "-3"}, "pay_amount"),
        ({"currency": "$$$"}, "currency"),
        ({"days": "x"}, "days"),
    ],
)
def test_offer_terms_that_cannot_be(client, change, field):
    application = make_application()
    client.force_login(host_of(application))
    response = client.post(f"{application.get_absolute_url()}offer/", OFFER | change)
    assert (response.status_code, set(response.context["form"].errors)) == (422, {field})


def test_the_offer_page_counts_the_days_and_names_the_closures(client):
    Closure.objects.create(name="Founders Day", first_day=dt.date(2026, 3, 4), last_day=dt.date(2026, 3, 4))
    offer = make_offer()
    client.force_login(student_of(offer))
    page = client.get(offer.get_absolute_url())
    assert [day["number"] for day in page.context["days"]] == [1, None, 2, 3, None, None, 4, 5]
    text = page.content.decode()
    assert "Founders Day, not counted" in text
    assert "Tuesday, March 10, 2026, 23:59 New York time (EDT)" in text


def test_only_the_student_reads_on_the_open_offer_whether_there_is_time_for_authorization(client):
    offer = make_offer()
    student = offer.application.student
    declare(student, needs="yes", route="cpt", by=student.user)
    others = (host_of(offer.application), make_staff("moderator"), make_staff("adviser"))
    for user, sees in ((student.user, True), *((other, False) for other in others)):
        client.force_login(user)
        page = client.get(offer.get_absolute_url())
        assert (bool(page.context["checks"]), "work authorization" in page.content.decode()) == (sees, sees)
    client.force_login(student.user)
    (check,) = client.get(offer.get_absolute_url()).context["checks"]
    assert (check.start, check.route.kind) == (offer.starts_on, "cpt")
    actions.decline_offer(offer, by=student.user)
    assert client.get(offer.get_absolute_url()).context["checks"] == []


def test_a_student_who_needs_no_authorization_reads_nothing_of_it_on_the_offer(client):
    offer = make_offer()
    for needs in ("", "no"):
        if needs:
            declare(offer.application.student, needs=needs, by=student_of(offer))
        client.force_login(student_of(offer))
        assert "work authorization" not in client.get(offer.get_absolute_url()).content.decode()


def test_a_student_accepts_and_both_sides_read_what_they_may(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    response = client.post(f"/offers/{offer.pk}/acceptance/")
    assert response.headers["Location"] == offer.application.get_absolute_url()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.ACCEPTED
    page = client.get(offer.application.get_absolute_url()).content.decode()
    assert "You are not cleared to begin yet." in page
    assert offer.authorization.get_absolute_url() in page
    client.force_login(host_of(offer.application))
    page = client.get(offer.application.get_absolute_url()).content.decode()
    assert "is not cleared to begin yet." in page
    assert offer.authorization.get_absolute_url() not in page
    assert (
        "ot cleared to begin yet"
        in client.get(f"/host/postings/{offer.application.posting_id}/applications/").content.decode()
    )


@pytest.mark.parametrize("role", ["moderator", "adviser"])
def test_staff_read_nothing_of_clearance_unless_the_posting_is_their_own(client, role):
    host = make_host()
    offer = make_offer(make_application(make_posting(host=host)))
    actions.accept_offer(offer, by=student_of(offer))
    urls = (offer.application.get_absolute_url(), f"/host/postings/{offer.application.posting_id}/applications/")
    set_staff_roles(host.user, roles=[role], by=None)
    host.user.refresh_from_db()
    for user, sees in ((make_staff(role), False), (host.user, True)):
        client.force_login(user)
        pages = [client.get(url).content.decode() for url in urls]
        assert ["cleared to begin" in page for page in pages] == [sees, sees]


def test_nothing_of_clearance_stands_anywhere_before_acceptance(client):
    offer = make_offer()
    for user in (host_of(offer.application), student_of(offer), make_staff("moderator")):
        client.force_login(user)
        for url in (offer.application.get_absolute_url(), offer.get_absolute_url()):
            assert "cleared to begin" not in client.get(url).content.decode()


def test_accepting_twice_or_too_late_is_a_calm_message(client):
    offer = make_offer()
    client.force_login(student_of(offer))
    with time_machine.travel(offer.deadline, tick=False):
        response = client.post(f"/offers/{offer.pk}/acceptance/", follow=True)
    assert "The deadline for this offer has passed." in response.content.decode()
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN


@pytest.mark.parametrize(
    ("noun", "data", "status"),
    [
        ("declination", {"reason": "Exams"}, OfferStatus.DECLINED),
        ("rescission", {"reason": "Budget"}, OfferStatus.RESCINDED),
        ("extension", {"last_day": "2026-03-12", "reason": ""}, OfferStatus.OPEN),
    ],
)
def test_answers_asked_on_a_page_of_their_own(client, noun, data, status):
    offer = make_offer()
    client.force_login(student_of(offer) if noun == "declination" else host_of(offer.application))
    url = f"/offers/{offer.pk}/{noun}/"
    assert client.get(url).status_code == 200
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN
    assert client.post(url, data).status_code == 302
    offer.refresh_from_db()
    assert offer.status == status


def test_a_reason_that_must_be_given(client):
    offer = make_offer()
    client.force_login(host_of(offer.application))
    response = client.post(f"/offers/{offer.pk}/rescission/", {"reason": " "})
    assert response.status_code == 422
    assert response.context["form"].errors == {"reason": ["Give the reason in a sentence or two."]}


def test_not_selecting_and_withdrawing(client):
    first, second = make_application(), make_application()
    client.force_login(host_of(first))
    url = f"{first.get_absolute_url()}non-selection/"
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    client.force_login(second.student.user)
    assert client.post(f"{second.get_absolute_url()}withdrawal/", {"reason": ""}).status_code == 302
    assert client.post(f"{second.get_absolute_url()}restart/").headers["Location"] == apply_url(second.posting)
    statuses = [Application.objects.get(pk=one.pk).status for one in (first, second)]
    assert statuses == [A.NOT_SELECTED, A.DRAFT]


def test_a_suspended_host_finds_no_button_and_no_form(client):
    application = make_application()
    client.force_login(host_of(application))
    url = application.get_absolute_url()
    assert client.get(url).context["may"] == {"review", "interview", "offer", "not_select"}
    actions.suspend_organization(application.posting.organization, by=make_staff(), reason="A report")
    assert client.get(url).context["may"] == set()
    assert client.get(f"{url}offer/").status_code == 302


def test_a_form_for_a_move_that_is_over_is_a_calm_message(client):
    application = make_application()
    actions.withdraw(application, by=application.student.user)
    client.force_login(host_of(application))
    response = client.get(f"{application.get_absolute_url()}offer/", headers={"referer": "http://testserver/postings/"})
    assert (response.status_code, response.headers["Location"]) == (302, "http://testserver/postings/")


def test_a_material_is_served_as_an_attachment_in_a_sandbox_and_logged(client):
    application = make_application()
    material = application.materials.get(kind="resume")
    url = material.get_absolute_url()
    client.force_login(host_of(application))
    assert client.head(url).status_code == 405
    assert not MaterialAccess.objects.exists()
    response = client.get(url)
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    headers = ("Content-Disposition", "Content-Type", "X-Content-Type-Options", "Content-Security-Policy")
    assert [response.headers[name] for name in headers] == [
        'attachment; filename="resume.pdf"',
        "application/pdf",
        "nosniff",
        "default-src 'none'; sandbox",
    ]
    assert MaterialAccess.objects.get().user == host_of(application)
    client.force_login(application.student.user)
    assert b"".join(client.get(url).streaming_content).startswith(b"%PDF-")
    assert MaterialAccess.objects.count() == 1


def test_a_typed_letter_and_a_lost_file_are_404(client):
    application = make_application()
    client.force_login(application.student.user)
    assert client.get(application.materials.get(kind="cover_letter").get_absolute_url()).status_code == 404
    resume = application.materials.get(kind="resume")
    resume.file.storage.delete(resume.file.name)
    assert client.get(resume.get_absolute_url()).status_code == 404


def test_uploads_lie_outside_the_web_root(client, uploads_folder):
    application = make_application()
    name = application.materials.get(kind="resume").file.name
    assert (uploads_folder / name).exists()
    for folder in (django_settings.STATIC_ROOT, *django_settings.STATICFILES_DIRS):
        assert django_settings.BASE_DIR.joinpath(folder) not in (uploads_folder / name).parents
    client.force_login(application.student.user)
    assert {client.get(f"/{prefix}{name}").status_code for prefix in ("", "media/", "static/")} == {404}


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_lists_take_as_many_queries_at_fifty_rows_as_at_one(client):
    posting, student = make_posting(positions=60), make_student()
    offer = make_offer(make_application(posting, student))
    actions.accept_offer(offer, by=student.user)
    url = f"/host/postings/{posting.pk}/applications/"

    def count():
        client.force_login(host_of(offer.application))
        host_side = queries(client, url), queries(client, offer.application.get_absolute_url())
        client.force_login(student.user)
        return *host_side, queries(client, "/applications/"), queries(client, offer.get_absolute_url())

    at_one = count()
    for _ in range(24):
        other = make_offer(make_application(posting))
        actions.accept_offer(other, by=student_of(other))
        make_offer(make_application(student=student))
    assert count() == at_one
    assert len(client.get("/applications/").context["rows"]) == 25


def test_the_lists_are_paged_and_forgive_what_they_do_not_know(client, sana):
    make_application(student=sana)
    for page in ("2", "x", "-1"):
        assert client.get("/applications/", {"page": page}).status_code == 200


def test_hosts_filter_applicants_by_where_they_stand(client):
    posting = make_posting()
    waiting, offered = make_application(posting), make_offer(make_application(posting)).application
    client.force_login(host_of(offered))
    url = f"/host/postings/{posting.pk}/applications/"

    def shown(**chosen):
        return [application.pk for application, *_ in client.get(url, chosen).context["rows"]]

    assert shown() == [waiting.pk, offered.pk]
    assert shown(status="offered") == [offered.pk]
    assert shown(status=["offered", "submitted"]) == [waiting.pk, offered.pk]
    assert shown(status="draft") == shown(status="no-such") == [waiting.pk, offered.pk]
    assert "Nobody stands there" in client.get(url, {"status": "withdrawn"}).content.decode()


def test_a_student_without_applications_is_shown_the_way(client, sana):
    assert "No applications yet" in client.get("/applications/").content.decode()
    assert reverse("posting_list") in client.get("/applications/").content.decode()
