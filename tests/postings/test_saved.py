"""Saving postings and searches: the pages, whose they are, and what is kept of them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.template import engines

from accounts.roles import Role
from core.workflow import MoveRefused
from notifications.preferences import switch
from postings import actions
from postings.actions.saving import MOST_SEARCHES
from postings.models import ALERTS, Alert, Announcement, Frequency, SavedPosting, SavedSearch
from postings.workflow import Status
from tests.conftest import copy_out
from tests.factories import NOW, make_host, make_posting, make_staff, make_student

pytestmark = pytest.mark.django_db


@pytest.fixture
def sana():
    return make_student("Sana Iyer")


@pytest.fixture
def theo():
    return make_student("Theo Marsh")


@pytest.fixture
def posting():
    return make_posting(title="Churn analysis for a bike-share")


@pytest.fixture
def page(client, sana):
    """Sana's browser."""
    client.force_login(sana.user)
    return client


def saved_by(student):
    return list(SavedPosting.objects.filter(student=student).values_list("posting", flat=True))


def search_of(student, address="stream=data-analytics", frequency=Frequency.NONE, **options):
    return actions.save_search(address, by=student.user, frequency=frequency, now=NOW, **options)


# Postings


def test_saving_twice_is_saving_and_taking_out_twice_is_taking_out(sana, posting):
    first = actions.save_posting(posting, by=sana.user, now=NOW)
    assert actions.save_posting(posting, by=sana.user) == first
    assert saved_by(sana) == [posting.pk]
    for _ in range(2):
        actions.unsave_posting(posting, by=sana.user)
    assert saved_by(sana) == []


def test_hosts_and_staff_save_nothing(posting):
    for user in (posting.host.user, make_staff(Role.MODERATOR)):
        with pytest.raises(MoveRefused, match="Only students"):
            actions.save_posting(posting, by=user)
        with pytest.raises(MoveRefused, match="Only students"):
            actions.save_search("", by=user, frequency=Frequency.NONE)
    assert SavedPosting.objects.count() == SavedSearch.objects.count() == 0


def test_the_button_saves_and_goes_back_to_where_it_was_pressed(page, sana, posting):
    answer = page.post(f"/postings/{posting.pk}/saving/", headers={"referer": "http://testserver/postings/?q=bike"})
    assert (answer.status_code, answer.url) == (302, "http://testserver/postings/?q=bike")
    assert saved_by(sana) == [posting.pk]
    answer = page.post(f"/postings/{posting.pk}/saving/removal/", headers={"referer": "http://testserver/saved/"})
    assert (answer.status_code, answer.url, saved_by(sana)) == (302, "http://testserver/saved/", [])


def test_with_htmx_the_button_turns_and_says_so(page, sana, posting):
    headers = {"HX-Request": "true", "HX-Target": f"saving-{posting.pk}"}
    turned = page.post(f"/postings/{posting.pk}/saving/", headers=headers).content.decode()
    assert f'action="/postings/{posting.pk}/saving/removal/"' in turned
    assert "data-announce=" in turned
    assert "<html" not in turned
    back = page.post(f"/postings/{posting.pk}/saving/removal/", headers=headers).content.decode()
    assert f'action="/postings/{posting.pk}/saving/"' in back
    assert page.get("/saved/").context["messages"]._loaded_data == []


def test_whoever_signs_in_on_the_way_comes_to_the_posting(client, page, sana, posting):
    assert client.get(f"/postings/{posting.pk}/saving/").url == posting.get_absolute_url()
    assert saved_by(sana) == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.ON_HOLD, Status.DECLINED])
def test_what_a_student_does_not_see_is_not_saved(page, sana, status):
    hidden = make_posting(status)
    assert page.post(f"/postings/{hidden.pk}/saving/").status_code == 404
    assert page.post(f"/postings/{hidden.pk}/saving/removal/").status_code == 404
    assert saved_by(sana) == []


def test_the_page_shows_what_is_open_what_is_over_and_that_something_is_not_shown(page, sana, posting):
    over, held = make_posting(title="Tide tables"), make_posting(title="Quick money at home")
    for one in (posting, over, held):
        actions.save_posting(one, by=sana.user)
    actions.close(over, by=over.host.user)
    actions.hold(held, by=make_staff(Role.MODERATOR), note="A report.")
    rows = page.get("/saved/").context["rows"]
    assert [(row.posting_id, shown and shown.title, is_open) for row, shown, is_open in rows] == [
        (held.pk, None, False),
        (over.pk, "Tide tables", False),
        (posting.pk, "Churn analysis for a bike-share", True),
    ]
    text = page.get("/saved/").content.decode()
    assert ("Quick money" in text, "Not shown now" in text, "Closed" in text) == (False, True, True)
    assert page.post(f"/postings/{held.pk}/saving/removal/").status_code == 302
    assert saved_by(sana) == [over.pk, posting.pk]


def test_many_saved_postings_come_in_pages(page, sana):
    host = make_host()
    for _ in range(21):
        actions.save_posting(make_posting(host=host), by=sana.user)
    assert [len(page.get(f"/saved/?page={number}").context["rows"]) for number in (1, 2)] == [20, 1]


def test_an_empty_page_says_what_to_do(page):
    text = page.get("/saved/").content.decode()
    assert ("No saved postings" in text, "No saved searches" in text) == (True, True)


def test_a_posting_is_saved_once_whatever_the_code_forgets(sana, posting):
    SavedPosting.objects.create(student=sana, posting=posting, at=NOW)
    with pytest.raises(IntegrityError, match="posting_saved_once"), transaction.atomic():
        SavedPosting.objects.create(student=sana, posting=posting, at=NOW)


# Searches


def test_a_search_is_saved_as_the_list_reads_it(sana):
    search = search_of(sana, "unknown=1&stream=data-analytics&q=bike&stream=no-such&after=99")
    assert (search.query, search.name) == ("q=bike&stream=data-analytics", "“bike”, Data & analytics")
    assert (search.frequency, search.alerts_since, search.due_at, search.seen) == (Frequency.NONE, None, None, "")


def test_without_a_filter_it_is_everything(sana):
    search = search_of(sana, "")
    assert (search.query, search.name) == ("", "All postings")


def test_where_a_typo_was_mended_the_mended_word_is_saved(sana, posting):
    assert search_of(sana, "q=anaylsis").query == "q=analysis"


def test_the_same_search_is_saved_once_and_takes_the_new_frequency(sana, theo):
    first = search_of(sana, "stream=data-analytics&q=bike")
    again = search_of(sana, "q=bike&stream=data-analytics", Frequency.AT_ONCE)
    assert (again.pk, again.frequency, again.alerts_since) == (first.pk, Frequency.AT_ONCE, NOW)
    assert search_of(theo, "q=bike&stream=data-analytics").pk != first.pk


def test_there_is_an_end_to_it(sana, theo):
    for number in range(MOST_SEARCHES):
        search_of(sana, f"q=word{number}")
    with pytest.raises(MoveRefused, match="50 saved searches"):
        search_of(sana, "q=another")
    assert search_of(sana, "q=word7", Frequency.DAILY).frequency == Frequency.DAILY
    assert search_of(theo, "q=another").pk


def test_the_form_on_the_list_saves_and_comes_back_to_it(page, sana):
    data = {"query": "stream=data-analytics", "frequency": "weekly"}
    answer = page.post("/saved/searches/", data)
    search = SavedSearch.objects.get()
    assert (answer.status_code, answer.url) == (302, search.get_absolute_url())
    assert page.get(answer.url).url == "/postings/?stream=data-analytics"
    assert (search.student, search.frequency, search.hour, search.weekday) == (sana, "weekly", 9, 0)


@pytest.mark.parametrize(
    "data",
    [
        {"query": "q=bike"},
        {"query": "q=bike", "frequency": "hourly"},
        {"query": "q=bike", "frequency": "daily", "hour": "24"},
        {"query": "q=bike", "frequency": "weekly", "weekday": "7"},
        {"query": "x" * 8001, "frequency": "daily"},
    ],
)
def test_what_cannot_be_saved_is_asked_for_again(page, data):
    answer = page.post("/saved/searches/", data)
    assert (answer.status_code, SavedSearch.objects.count()) == (422, 0)
    assert f'name="query" value="{data["query"]}"' in answer.content.decode()


def test_an_alert_is_changed_on_its_page(page, sana):
    search = search_of(sana, frequency=Frequency.AT_ONCE)
    form = page.get(f"/saved/searches/{search.pk}/alert/").context["form"]
    assert {name: form[name].initial for name in form.fields} == {"frequency": "at_once", "hour": 9, "weekday": 0}
    assert page.post(f"/saved/searches/{search.pk}/alert/", {}).status_code == 422
    answer = page.post(f"/saved/searches/{search.pk}/alert/", {"frequency": "weekly", "hour": "18", "weekday": "4"})
    assert (answer.status_code, answer.url) == (302, "/saved/")
    assert "Fridays at 6 p.m." in page.get("/saved/").content.decode()


def test_a_search_is_deleted(page, sana):
    search = search_of(sana)
    assert page.post(f"/saved/searches/{search.pk}/removal/").url == "/saved/"
    assert SavedSearch.objects.count() == 0


def test_a_search_that_was_deleted_in_another_window_is_told_calmly(sana):
    search = search_of(sana)
    actions.delete_search(search, by=sana.user)
    for late in (actions.delete_search, lambda one, by: actions.change_search(one, by=by, frequency=Frequency.DAILY)):
        with pytest.raises(MoveRefused, match="not among those you have saved"):
            late(search, by=sana.user)


def test_a_search_whose_filter_is_gone_says_so(page, sana):
    abroad = make_posting(country="PT")
    search_of(sana, "country=PT")
    assert "not offered at the moment" not in page.get("/saved/").content.decode()
    actions.close(abroad, by=abroad.host.user)
    assert "not offered at the moment" in page.get("/saved/").content.decode()


def test_alerts_that_are_switched_off_whole_are_told(page, sana):
    search_of(sana, frequency=Frequency.DAILY)
    assert "Your alerts are switched off" not in page.get("/saved/").content.decode()
    switch(sana.user.pk, ALERTS, on=False, now=NOW)
    assert "Your alerts are switched off" in page.get("/saved/").content.decode()


@pytest.mark.parametrize("verb", ["", "alert/", "removal/"])
def test_a_search_of_somebody_else_is_not_there(client, sana, theo, verb):
    search = search_of(sana, frequency=Frequency.DAILY)
    for user in (theo.user, make_host().user, make_staff(Role.MODERATOR)):
        client.force_login(user)
        assert client.get(f"/saved/searches/{search.pk}/{verb}").status_code in {404, 405}
        assert client.post(f"/saved/searches/{search.pk}/{verb}", {"frequency": "none"}).status_code in {404, 405}
    with pytest.raises(MoveRefused):
        actions.change_search(search, by=theo.user, frequency=Frequency.NONE)
    with pytest.raises(MoveRefused):
        actions.delete_search(search, by=theo.user)
    assert SavedSearch.objects.get().frequency == Frequency.DAILY


def test_saved_things_have_no_place_in_the_admin():
    assert {SavedPosting, SavedSearch, Alert, Announcement} & set(admin.site._registry) == set()


# What the components draw


@pytest.fixture
def drawn(rf):
    def draw(source, user, **context):
        request = rf.get("/postings/?q=bike")
        request.user = user
        return engines["django"].from_string("{% load posting_tags %}" + source).render(context, request)

    return draw


BUTTON, SEARCH = "{% save_button key title saved %}", "{% save_search address %}"


def test_a_student_gets_the_form_a_visitor_the_way_to_sign_in_and_nobody_else_anything(drawn, sana, posting):
    context = {"key": posting.pk, "title": posting.title, "saved": {posting.pk}, "address": "q=bike&pay=paid"}
    assert f'action="/postings/{posting.pk}/saving/removal/"' in drawn(BUTTON, sana.user, **context)
    assert f'action="/postings/{posting.pk}/saving/"' in drawn(BUTTON, sana.user, **context | {"saved": set()})
    assert 'value="q=bike&amp;pay=paid"' in drawn(SEARCH, sana.user, **context)
    ways = [drawn(source, AnonymousUser(), **context) for source in (BUTTON, SEARCH)]
    links = [urlsplit(way.split('href="')[1].split('"')[0].replace("&amp;", "&")) for way in ways]
    assert [link.path for link in links] == ["/accounts/login/"] * 2
    assert [parse_qs(link.query)["next"] for link in links] == [
        [posting.get_absolute_url()],
        ["/postings/?q=bike&pay=paid"],
    ]
    assert [drawn(source, posting.host.user, **context).strip() for source in (BUTTON, SEARCH)] == ["", ""]


# What is kept


def test_what_somebody_looks_for_cannot_be_read_in_the_table(sana):
    make_posting()
    search = search_of(sana, "q=zebrunelle&authorization=cpt&stream=data-analytics", Frequency.DAILY)
    table = copy_out("postings_savedsearch")
    assert [word for word in ("zebrunelle", "cpt", "CPT", "data", "Data") if word in table] == []
    assert SavedSearch.objects.get().query == search.query == "q=zebrunelle&stream=data-analytics&authorization=cpt"
    assert str(search) == f"saved search {search.pk}"


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"frequency": "hourly", "due_at": None}, "saved_search_frequency_known"),
        ({"hour": 24}, "saved_search_hour_of_a_day"),
        ({"weekday": 7}, "saved_search_weekday_known"),
        ({"alerts_since": None}, "saved_search_alerts_since_a_moment"),
        ({"due_at": None}, "saved_search_due_by_the_clock"),
        ({"frequency": "none", "due_at": None}, "saved_search_alerts_since_a_moment"),
        ({"frequency": "at_once"}, "saved_search_due_by_the_clock"),
    ],
)
def test_the_database_refuses_what_the_code_forgot(sana, fields, constraint):
    search = search_of(sana, frequency=Frequency.DAILY)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SavedSearch.objects.filter(pk=search.pk).update(**fields)
