import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from programs import actions
from programs.workflow import Status, StepState
from tests.factories import make_host, make_posting, make_staff, make_student, make_user

from .conftest import NOW, PURPOSE, settle

pytestmark = pytest.mark.django_db


def as_(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def step_url(record, name):
    return f"{record.get_absolute_url()}steps/{record.steps.get(name=name).pk}/"


def buttons(response):
    return {line["step"].name: [state for state, _ in line["buttons"]] for line in response.context["steps"]}


def test_everybody_reads_how_it_works(client, iberia, nordic, mo):
    iberia.how_it_works = "First we talk.\n\nThen you fly."
    iberia.save()
    page = client.get("/global/")
    assert [partner.name for partner in page.context["partners"]] == ["Iberia Program", "Nordic Program"]
    assert "Portugal, Spain" in page.content.decode()
    own = client.get(iberia.get_absolute_url()).content.decode()
    assert "<p>First we talk.</p>\n\n<p>Then you fly.</p>" in own
    assert "?country=ES&amp;country=PT" in own
    actions.retire(nordic, by=mo)
    assert client.get(nordic.get_absolute_url()).status_code == 404
    assert [partner.name for partner in client.get("/global/").context["partners"]] == ["Iberia Program"]


def test_the_page_of_programs_asks_the_same_for_few_and_for_many(client, make_program):
    counts = []
    for countries in (["PT"], ["ES", "SE", "NO", "DK", "FI", "IS"]):
        for country in countries:
            make_program(f"Program {country}", country)
        client.get("/global/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/global/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_student_finds_her_projects_and_what_comes_next(open_record, iberia, sana):
    record = open_record()
    client = as_(sana.user)
    assert f'href="{record.get_absolute_url()}"' in client.get("/global/").content.decode()
    page = client.get(record.get_absolute_url())
    assert buttons(page) == {
        "Funding": [],
        "Preparation": ["done"],
        "Logistics": ["done"],
        "Insurance": [],
        "Visa of the host country": ["done"],
    }
    assert page.context["road"] == [("Offer accepted", "done"), ("Checklist", "current"), ("Decision", "todo")]
    assert "5 steps of the checklist are open" in page.content.decode()
    assert as_(make_student().user).get("/global/").context["records"] == []


def test_a_student_marks_a_step_and_opens_it_again(open_record, iberia, sana):
    record, client = open_record(), as_(sana.user)
    url = step_url(record, "Preparation")
    for state in (StepState.DONE, StepState.OPEN):
        response = client.post(url, {"state": state})
        assert (response.status_code, response.url) == (302, record.get_absolute_url())
        assert record.steps.get(name="Preparation").state == state
    for state in ("not_needed", "finished", ""):
        assert client.post(url, {"state": state}).status_code == 302
        assert record.steps.get(name="Preparation").state == StepState.OPEN


def test_a_manager_has_every_button_until_it_is_decided(open_record, iberia, kenji):
    record, client = open_record(), as_(kenji)
    page = client.get(record.get_absolute_url())
    assert {tuple(shown) for shown in buttons(page).values()} == {("done", "not_needed")}
    assert client.post(step_url(record, "Funding"), {"state": "not_needed"}).status_code == 302
    assert record.steps.get(name="Funding").state == StepState.NOT_NEEDED
    decided = client.get(open_record(Status.CLEARED).get_absolute_url())
    assert {tuple(shown) for shown in buttons(decided).values()} == {()}


@pytest.mark.parametrize("who", ["classmate", "host", "other manager", "moderator", "international", "superuser"])
def test_a_record_is_not_there_for_others(open_record, iberia, nordic, kenji, mo, who):
    record = open_record()
    person = {
        "classmate": lambda: make_student().user,
        "host": lambda: make_host().user,
        "other manager": lambda: nordic.managers.get().user,
        "moderator": lambda: mo,
        "international": lambda: make_staff(Role.INTERNATIONAL_ADVISER),
        "superuser": lambda: make_user(is_staff=True, is_superuser=True),
    }[who]()
    addresses = [record.get_absolute_url(), step_url(record, "Funding")]
    assert as_(person).get(addresses[0]).status_code == 404
    assert as_(person).post(addresses[1], {"state": "done"}).status_code == 404
    assert as_(kenji).get(addresses[0]).status_code == 200
    assert as_(kenji).post(addresses[1], {"state": "done"}).status_code == 302


def test_a_step_of_another_record_is_not_there(open_record, iberia, sana):
    record, other = open_record(), open_record(student=make_student())
    step = other.steps.get(name="Preparation")
    assert as_(sana.user).post(f"{record.get_absolute_url()}steps/{step.pk}/", {"state": "done"}).status_code == 404


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.CLEARED, "The program has cleared you."),
        (Status.NOT_CLEARED, "The lab has closed."),
        (Status.CLOSED, "nothing is awaited here anymore"),
    ],
)
@time_machine.travel(NOW)
def test_the_page_says_how_it_ended(open_record, iberia, sana, status, words):
    assert words in as_(sana.user).get(open_record(status).get_absolute_url()).content.decode()


@time_machine.travel(NOW)
def test_all_settled_is_a_decision_to_wait_for(open_record, iberia, sana, kenji):
    record = open_record()
    settle(record, by=kenji)
    page = as_(sana.user).get(record.get_absolute_url())
    assert page.context["road"][1:] == [("Checklist", "done"), ("Decision", "current")]
    assert "The program decides next" in page.content.decode()


def test_a_start_that_passed_is_said(open_record, iberia, sana):
    with time_machine.travel(NOW):
        record = open_record()
        before = as_(sana.user).get(record.get_absolute_url()).context["late"]
    with time_machine.travel(NOW.replace(month=4, day=6)):
        after = as_(sana.user).get(record.get_absolute_url()).context["late"]
    assert (before, after) == (False, True)


def test_the_page_of_a_record_asks_the_same_for_few_and_for_many_steps(open_record, iberia, sana, kenji):
    counts = []
    for number in (0, 20):
        for one in range(number):
            iberia.steps.create(name=f"Step {one}")
        record = open_record()
        settle(record, by=kenji)
        client = as_(sana.user)
        client.get(record.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            assert PURPOSE in client.get(record.get_absolute_url()).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_posting_abroad_names_its_program_at_once(client, iberia, mo):
    posting = make_posting(country="PT")
    other = make_posting(country="JP")
    home = make_posting()
    assert f'<a href="{iberia.get_absolute_url()}">Iberia Program</a>' in body(client, posting)
    assert "in a country that no program administers" in body(client, other)
    assert "A global posting" not in body(client, home)
    iberia.name = "Lisbon and Madrid Program"
    iberia.save()
    assert "Lisbon and Madrid Program</a> administers it" in body(client, posting)
    iberia.countries.filter(country="PT").delete()
    assert "in a country that no program administers" in body(client, posting)


def body(client, posting):
    return client.get(posting.get_absolute_url()).content.decode()


def test_a_host_reads_what_global_means_before_it_is_published(iberia):
    host = make_host()
    words = "This is a global posting"
    shown = [
        words
        in as_(host.user)
        .get(f"/postings/{make_posting('draft', host=host, country=country).pk}/preview/")
        .content.decode()
        for country in ("PT", "US")
    ]
    assert shown == [True, False]


def test_the_menu_leads_to_a_project_abroad_where_there_is_one(open_record, iberia, sana, kenji):
    entry = ">Abroad</a>"
    assert entry not in as_(sana.user).get("/applications/").content.decode()
    record = open_record()
    client, counts = as_(sana.user), []
    for _ in range(2):  # the menu of any page, the list behind it, the record: two clicks
        menu = client.get("/applications/").content.decode().partition(entry)[0].rpartition('href="')[2]
        assert f'href="{record.get_absolute_url()}"' in client.get(menu.partition('"')[0]).content.decode()
        with CaptureQueriesContext(connection) as queries:
            client.get("/applications/")
        counts.append(len(queries))
        open_record()
    assert counts[0] == counts[1]
    for other in (make_student().user, kenji, make_host().user):
        assert entry not in as_(other).get("/global/").content.decode()
