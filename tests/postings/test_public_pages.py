"""What visitors and students see of the postings."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from core import clock
from postings.models import OpportunityType, Posting
from postings.workflow import Status
from tests.factories import make_host, make_posting, make_staff, make_student
from tests.postings.viewing import answers, signed_in

pytestmark = pytest.mark.django_db

# Reading


@pytest.mark.parametrize("path", ["/", "/postings/", "/for-hosts/"])
def test_public_pages_stand_with_and_without_postings(client, path):
    assert client.get(path).status_code == 200
    make_posting(now=clock.now())
    assert client.get(path).status_code == 200


def test_a_posting_says_whether_an_alumnus_hosts_it(client):
    alumni = make_posting(host=make_host("Grace", alumnus=True), title="With alumna")
    plain = make_posting(title="Without")
    assert b"Yes, an alumnus or alumna" in client.get(f"/postings/{alumni.pk}/").content
    page = client.get(f"/postings/{plain.pk}/").content.decode()
    assert "Alumni host" in page
    assert "Yes, an alumnus or alumna" not in page


def test_the_page_states_what_students_ask(client):
    posting = make_posting(
        pay_kind="fixed_fee",
        pay_amount=800,
        total_hours=40,
        supplies=["laptop", "printer"],
        mentor_name="Ana Silva",
        mentor_email="ana@hidden.example",
        street_address="12 Hidden Street",
        positions=2,
        answer_within=5,
    )
    text = client.get(f"/postings/{posting.pk}/").content.decode()
    for stated in (
        "$800 fixed fee",
        "$20 an hour",
        "$15–$25 an hour",
        "2–4 weeks",
        "40 hours",
        "Laptop, printer",
        "Ana Silva",
        "5–7 business days",
        "answered within 5 business days",
        "Rolling",
        "Undergraduates and graduate students",
    ):
        assert stated in text
    assert "hidden.example" not in text
    assert "Hidden Street" not in text


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.SCHEDULED, Status.ON_HOLD, Status.DECLINED])
def test_what_is_not_up_is_not_there(client, status):
    posting = make_posting(status, now=clock.now())
    assert client.get(f"/postings/{posting.pk}/").status_code == 404
    assert signed_in(make_student().user).get(f"/postings/{posting.pk}/").status_code == 404


def test_what_is_over_is_gone_and_shows_what_is_like_it(client):
    posting = make_posting(Status.FILLED)
    make_posting(title="A similar one")
    response = client.get(f"/postings/{posting.pk}/")
    assert response.status_code == 410
    assert b"A similar one" in response.content


def test_only_students_and_visitors_are_offered_to_apply(client):
    posting = make_posting()
    apply = reverse("application_new", args=[posting.pk]).encode()
    path = f"/postings/{posting.pk}/"
    assert apply in client.get(path).content
    assert apply in signed_in(make_student().user).get(path).content
    assert apply not in signed_in(make_host().user).get(path).content


def test_micro_intern_finds_it_through_the_page(client):
    make_posting(title="Churn analysis")
    make_posting(title="Wet lab", opportunity_type=OpportunityType.objects.get(slug="internship"))
    page = client.get("/postings/", {"q": "micro-intern"}).content.decode()
    assert "Churn analysis" in page
    assert "Wet lab" not in page
    assert "1 posting" in page


def test_unknown_filters_are_noted_and_nothing_breaks(client):
    make_posting(title="Still here")
    page = client.get("/postings/?label=nonsense&hours=1e9&page=99999999999999999999&sort=up&q=%00").content.decode()
    assert "there is no such filter: nonsense, 1e9, up" in page
    assert "Still here" in page


def test_htmx_gets_the_results_alone(client):
    make_posting(title="Churn analysis")
    response = client.get("/postings/", headers={"HX-Request": "true", "HX-Target": "results"})
    text = response.content.decode()
    assert "Churn analysis" in text
    assert "<html" not in text


def test_an_empty_list_shows_the_way_back(client):
    page = client.get("/postings/?q=nowhere").content.decode()
    assert "No postings" in page
    assert "Clear all filters" in page


def test_pages_of_results_keep_the_filters(client):
    oldest, *_, last_shown = [make_posting() for _ in range(21)][:2]
    page = client.get("/postings/?label=micro-internship").content.decode()
    assert f"?label=micro-internship&amp;after={last_shown.pk}" in page
    page = client.get(f"/postings/?label=micro-internship&after={last_shown.pk}").content.decode()
    assert f"?label=micro-internship&amp;before={oldest.pk}" in page


@pytest.mark.parametrize("path", ["/", "/postings/", "/postings/?q=parking&label=alumni-host&sort=pay"])
def test_queries_do_not_grow_with_rows(client, path, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    queries()  # the process learns what there is
    make_posting(host=make_host(alumnus=True))
    one = queries()
    for _ in range(49):
        make_posting(host=make_host(alumnus=True))
    assert queries() == one


def test_queries_of_the_hosts_list_do_not_grow(omar):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(omar.user)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/host/postings/")
        return len(captured)

    make_posting(host=omar)
    one = queries()
    for status in Status.values:
        make_posting(status, host=omar)
    assert queries() == one


def test_moderators_see_what_is_not_up_yet():
    posting = make_posting(Status.SUBMITTED)
    assert signed_in(make_staff(Role.MODERATOR)).get(f"/postings/{posting.pk}/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/postings/99999999999999999999999/",
        "/postings/99999999999999999999999/edit/",
        "/postings/99999999999999999999999/preview/",
    ],
)
def test_numbers_beyond_the_database_are_not_there(omar, path):
    assert signed_in(omar.user).get(path).status_code == 404


@pytest.mark.parametrize("value", ["99999999999999999999999", "1e400", "NaN", "-1", "\x00", "x" * 9000, "½", "[]"])
def test_nothing_typed_into_the_form_breaks_it(omar, value):
    """Text may take some of these; no field answers with an error of ours."""
    form = dict.fromkeys(answers(), value) | {"title": "Kept"}
    assert signed_in(omar.user).post("/postings/new/", form).status_code == 422
    assert Posting.objects.count() == 0
