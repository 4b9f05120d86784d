"""What a student tells about immigration is read by the student and the international advisers, and turns up nowhere.
What she settles with a program is read by her and by its managers.

Words that stand nowhere else are told through the pages as people would, then looked for on every page of everybody
else; what is about immigration in every mail, in the log, in the broker and in the tables as well. A second search
asks a harder question: do the pages of others change at all with what was told? They must not, or the difference tells
it.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator

import pytest
import time_machine
from celery.signals import before_task_publish
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.contrib import admin
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from redis import Redis

from authorization.models import AuthorizationRecord, Declaration, RouteStep
from core.fields import EncryptedTextField
from core.management.commands.reencrypt import encrypted_columns
from core.uploads import PDF
from microintern.demo.paper import pdf
from notifications import doorbell
from notifications.delivery import compose
from notifications.mail import MAILS
from notifications.models import OutboxMail
from notifications.reminders import plan_all
from postings.models import SavedSearch
from programs.actions import ANEW, mark_step, refuse
from programs.models import ProgramRecord
from programs.workflow import StepState
from tests.conftest import copy_out
from tests.house.test_access import address_of, addresses
from tests.house.world import ROLES, World
from tests.notifications.test_declared import IMMIGRATION

pytestmark = pytest.mark.django_db

NOTE, ROUTE, REASON = "quaxolotl", "zebrunelle", "ombrivane"
FILED = dt.date(2019, 7, 13)
CANARIES = {
    NOTE: NOTE,
    ROUTE: ROUTE,
    "the day of filing": r"2019-07-13|07/13/2019|Jul(y|\.)? 13, 2019|13 Jul(y|\.)? 2019",
}
STAFF = ("adviser", "moderator", "international", "program", "superuser")
# Made anew for each answer, so that no two are alike: the token of a form, the name of its window, and the secret of a
# second factor.
OF_THE_MOMENT = re.compile(r'name="(?:csrfmiddlewaretoken|draft_window)" value="\w+"')
EVER_NEW = {"/accounts/2fa/totp/activate/"}


def canaries_in(text: str) -> list[str]:
    return [name for name, words in CANARIES.items() if re.search(words, text)]


def told_in(found: dict[str, str]) -> dict[str, list[str]]:
    """By address, all that was told to whomever and stands there."""
    words = {address: [*canaries_in(text), *re.findall(REASON, text)[:1]] for address, text in found.items()}
    return {address: some for address, some in words.items() if some}


@pytest.fixture(autouse=True)
def _stopped_clock(world):
    """Two answers differ by what was told, and not by the second in which they were given."""
    with time_machine.travel(world.now, tick=False):
        yield


def tell(world: World) -> None:
    """Sana says that she needs authorization, files, ticks and answers; the adviser asks, comments and denies."""
    sana, ines = world.client("student"), world.client("international")
    action = f"/admin/authorization/authorizationrecord/{world.record.pk}/action"
    own = f"/authorization/records/{world.record.pk}"
    receipt = RouteStep.objects.get(kind="opt", asks_number=True).pk
    number = {f"step-{receipt}-number": NOTE, f"step-{receipt}-day": FILED.isoformat()}
    paper = {"file": SimpleUploadedFile(f"{NOTE}.pdf", pdf([NOTE], title=NOTE), PDF)}
    steps = [
        (sana, f"{own}/steps/{world.step.pk}/document/", paper),
        (sana, "/authorization/", {"needs": "yes", "route": "opt"}),
        (ines, f"{action}/advising/", {"note": NOTE}),
        (ines, f"{action}/filing/", {"filed_on": FILED.isoformat(), "note": NOTE}),
        (sana, f"{own}/steps/{receipt}/", number),
        (sana, f"{own}/questions/{world.question.pk}/", {f"question-{world.question.pk}-words": NOTE}),
        (ines, f"{action}/question/", {"note": NOTE}),
        (ines, f"{action}/comment/", {"note": NOTE}),
        (ines, f"{action}/denial/", {"note": NOTE}),
        (sana, f"{own}/advising/", {}),
        (sana, "/saved/searches/", {"query": "authorization=opt", "frequency": "at_once"}),
    ]
    for client, path, data in steps:
        assert client.post(path, data).status_code == 302, path
    # A route is one of a list: a word of our own stands in for it, since everybody may read what routes there are.
    AuthorizationRecord.objects.filter(pk=world.record.pk).update(route=ROUTE)
    Declaration.objects.filter(student=world.sana).update(route=ROUTE)


def take_back(world: World) -> None:
    """As though nothing had been told."""
    AuthorizationRecord.objects.filter(pk=world.record.pk).update(status="not_started", route="", filed_on="")
    world.record.events.all().delete()
    world.record.questions.all().delete()
    world.record.documents.all().delete()
    world.record.openings.all().delete()
    Declaration.objects.filter(student=world.sana).delete()
    SavedSearch.objects.filter(student=world.sana).exclude(pk=world.saved_search.pk).delete()


def settle(world: World) -> None:
    """Sana ticks a step of her project abroad, and Kenji refuses it."""
    mark_step(world.abroad.steps.get(name="Visa of the host country"), state=StepState.DONE, by=world.sana.user)
    refuse(world.abroad, note=REASON, by=world.people["program"])


def unsettle(world: World) -> None:
    """As though neither had."""
    ProgramRecord.objects.filter(pk=world.abroad.pk).update(status="open", **ANEW)
    world.abroad.steps.update(state=StepState.OPEN, settled_at=None, settled_by=None)
    world.abroad.events.exclude(move="open").delete()


def answers(world: World, role: str) -> Iterator[tuple[str, str]]:
    """Every answer to that person, head and body, but for what the sign-in page answers for the admin."""
    client = world.client(role)
    signed_in = client.cookies.copy()
    for route, entry in addresses():
        if route.startswith("/admin/") and role not in STAFF:
            continue
        client.cookies = signed_in.copy()
        address = address_of(route, entry, world)
        with transaction.atomic():
            response = client.get(address)
            body = response.getvalue() if response.streaming else response.content
            transaction.set_rollback(True)
        head = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        yield address, f"{response.status_code} {head} {OF_THE_MOMENT.sub('', body.decode(errors='replace'))}"


def where_it_may_stand(world: World) -> dict[str, dict[str, list[str]]]:
    own, abroad = f"/authorization/records/{world.record.pk}/", world.abroad.get_absolute_url()
    of_adviser = f"/admin/authorization/authorizationrecord/{world.record.pk}/change/"
    paper = world.proof.get_absolute_url()
    of_manager = f"/admin/programs/programrecord/{world.abroad.pk}/change/"
    return {
        "student": {own: [*CANARIES], paper: [NOTE], f"{paper}removal/": [NOTE], abroad: [REASON]},
        "international": {own: [*CANARIES], paper: [NOTE], of_adviser: [*CANARIES]},
        "program": {abroad: [REASON], of_manager: [REASON]},
    }


@pytest.mark.parametrize("role", ROLES)
def test_nobody_else_reads_it_or_notices_that_it_was_told(world, role):
    tell(world)
    settle(world)
    told = dict(answers(world, role))
    theirs = where_it_may_stand(world).get(role, {})
    assert told_in(told) == theirs
    assert any(text.startswith("200 ") for text in told.values())
    if role != "international":
        take_back(world)
    if role != "program":
        unsettle(world)
    untold = dict(answers(world, role))
    changed = {address for address in told if told[address] != untold[address]} - EVER_NEW
    if role == "student":  # or the comparison sees nothing
        assert changed >= theirs.keys()
    else:
        assert changed == set()


def test_no_mail_says_it(world):
    tell(world)
    for days in (0, 30, 60, 61, 80):
        plan_all(world.now + dt.timedelta(days=days))
    rows = OutboxMail.objects.all()
    letters = {row: compose(row, MAILS[row.kind], {}) for row in rows}
    written = {row.kind: str(letter.message()) for row, letter in letters.items() if letter}
    texts = [*written.values(), *(f"{letter.subject} {letter.body}" for letter in letters.values() if letter)]
    assert [found for text in texts for found in canaries_in(text)] == []
    assert {found.group() for text in texts for found in IMMIGRATION.finditer(text)} == set()
    assert [vars(row) for row in rows if canaries_in(str(vars(row)))] == []
    assert {kind for kind in written if kind.startswith("item.")} >= {"item.changed"}


def test_no_log_and_no_broker_holds_it(world, caplog, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)  # a test before this one may have met a broker that was down
    doorbell._connection.cache_clear()
    published = []

    def note(sender, body, **_):
        published.append((sender, list(body[0]), dict(body[1])))

    before_task_publish.connect(note)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    connection.force_debug_cursor = True  # every statement, as a database's own log would have it
    try:
        with django_capture_on_commit_callbacks(execute=True):
            tell(world)
        dict(answers(world, "moderator"))
    finally:
        connection.force_debug_cursor = False
        before_task_publish.disconnect(note)
    assert "UPDATE" in caplog.text
    assert canaries_in(caplog.text) == []
    with Redis.from_url(django_settings.REDIS_URL) as broker:
        cached = [broker.get(key) for key in broker.scan_iter(_type="string")]
    assert canaries_in(str(cached)) == []
    assert {sender for sender, _, _ in published} == {"notifications.tasks.deliver"}
    assert [(args, kwargs) for _, args, kwargs in published] == [([], {})] * len(published)


def test_no_table_holds_it(world):
    tell(world)
    tables = connection.introspection.django_table_names(only_existing=True)
    dumps = {table: copy_out(table) for table in tables}
    assert {table: canaries_in(text) for table, text in dumps.items() if canaries_in(text)} == {}
    of_students = [
        text for table, text in dumps.items() if table.startswith("authorization_") and "_route" not in table
    ]
    assert len(of_students) >= 4
    assert [word for text in of_students for word in re.findall(r"\b(yes|opt|cpt|denied|filed|advised)\b", text)] == []


def test_a_readable_column_would_be_found(world):
    """The same search, on a table that does hold it."""
    world.organization.about = NOTE
    world.organization.save()
    assert canaries_in(copy_out("accounts_organization")) == [NOTE]
    assert any(canaries_in(text) for _, text in answers(world, "moderator"))


RESTRICTED = {model for model, _ in encrypted_columns() if model._meta.app_label == "authorization"}


def test_what_is_written_of_a_person_is_encrypted():
    """A new column of words that is not is a decision: see docs/decisions/immigration-data.md."""
    words = {
        f"{model.__name__}.{field.name}"
        for model in RESTRICTED
        for field in model._meta.local_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField | models.FileField)
        and not isinstance(field, EncryptedTextField)
    }
    assert words == {"AuthorizationRecord.purpose"}
    assert {model.__name__ for model in RESTRICTED} == {
        *("AuthorizationDocument", "AuthorizationEvent", "AuthorizationQuestion", "AuthorizationRecord"),
        *("Declaration", "DocumentOpening"),
    }


def test_no_export_holds_it(world):
    tell(world)
    for model in RESTRICTED:
        assert model._default_manager.exists(), model
        with pytest.raises(TypeError, match="is encrypted and is not exported"):
            serializers.serialize("json", model._default_manager.all())


@pytest.mark.parametrize("role", ["student", "international"])
def test_no_error_says_it(world, role, monkeypatch, caplog, settings):
    """A fault while the words are at hand, and a key that does not open them: the page of a fault, and no words."""
    tell(world)
    address, client = f"/authorization/records/{world.record.pk}/", world.client(role)

    def fail(events):
        raise RuntimeError(str(len(events)))

    with monkeypatch.context() as patched:
        patched.setattr("authorization.views.showing.attempts", fail)
        broken = client.get(address)
    keys, settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS, [Fernet.generate_key().decode()]
    locked = client.get(address)
    refused = client.post(f"{address}advising/", {"route": "at"})
    settings.FIELD_ENCRYPTION_KEYS = keys
    for response in (broken, locked, refused):
        assert response.status_code == 500
        assert canaries_in(response.content.decode()) == []
    assert "UnreadableValueError" in caplog.text
    assert canaries_in(caplog.text) == []
    assert canaries_in(client.get(address).content.decode()) == [*CANARIES]


@pytest.mark.parametrize("role", [role for role in STAFF if role != "international"])
def test_no_list_of_staff_finds_it_by_searching(world, role):
    tell(world)
    client = world.client(role)
    lists = [f"/admin/{model._meta.label_lower.replace('.', '/')}/" for model in admin.site._registry]
    answers = {path: client.get(path, {"q": "Sana"}) for path in lists}
    found = {path: answer.content.decode() for path, answer in answers.items() if answer.status_code == 200}
    assert [path for path, text in found.items() if canaries_in(text)] == []
    assert found.keys() & {f"/admin/authorization/{name}/" for name in ("authorizationrecord", "route")} == set()
    assert found or role == "program"
