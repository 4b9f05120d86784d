"""Whatever is sent in, nobody meets a server error: query strings, forms, files, addresses, bodies that are no forms.

The forms and the parameters are read off the pages themselves, so a new field is fuzzed without a word here. A form
is filled in believably and then spoiled in a field or three: what is wrong everywhere is refused at the door.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, quote_from_bytes, urldefrag, urlsplit

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from applications import actions
from authorization.actions import advise, approve, declare, file, open_record
from core.admin import ObjectActionsAdmin
from microintern.demo.paper import pdf
from postings.models import SavedSearch
from postings.workflow import Status
from tests.factories import make_host, make_organization, make_posting
from tests.house.reading import Field, Form, Page
from tests.house.test_access import address_of, addresses, readers
from tests.house.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]

ROLES = {
    "admin": ("moderator", "international", "superuser"),
    "site": ("visitor", "student", "classmate", "host", "moderator", "international"),
}
EVERYBODY = {role for roles in ROLES.values() for role in roles}
fast = partial(
    examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False
)

WORDS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "🙂" * 40,
    "\u202eevil",
    "مرحبا",
    "x" * 10_000,
    "%s %(a)s {0} {{ b }}",
    "a\r\nB: c",
]
NUMBERS = ["-1", "0", "1.5", "NaN", "-Infinity", "1e400", "1e-400", "٣", "32768", "2147483648", "9" * 20, "9" * 5000]
DAYS = ["0001-01-01", "9999-12-31", "2027-02-30", "0000-00-00", "10000-01-01"]
TIMES = ["0001-01-01T00:00", "9999-12-31T23:59", "2027-03-14T02:30"]
CHOICES = ["no-such-choice", "on", "None", "__all__", "1,2", "[]", "../..", "' OR 1=1 --"]
ADDRESSES = ["http://[", "javascript:alert(1)", "//evil.example/", "a@" + "b" * 300 + ".org", '"odd one"@例え.テスト']
NASTY = [word.encode("utf-8", "surrogatepass") for word in (*WORDS, *NUMBERS, *DAYS, *TIMES, *CHOICES, *ADDRESSES)]
values = st.sampled_from([*NASTY, b"\xff\xfe", b"%zz"]) | st.text(max_size=30).map(str.encode) | st.binary(max_size=30)


@dataclass(frozen=True)
class File:
    name: str
    kind: str
    content: bytes


RESUME = pdf(["Sana Iyer"], title="Resume")
files = st.builds(
    File,
    st.sampled_from(["a.pdf", "a.docx", "", "../../a.pdf", "a\0.pdf", "🙂.pdf", "x" * 400 + ".pdf", "a.exe", ".pdf"]),
    st.sampled_from(["application/pdf", "text/html", "", "nonsense", "image/png; charset=utf-16"]),
    st.sampled_from([b"", b"%PDF-", RESUME, RESUME[:-30], b"PK\3\4", b"PK\5\6" + 18 * b"\0"]) | st.binary(max_size=40),
)

Value = bytes | File
Payload = list[tuple[str, Value]]


def believable(field: Field) -> list[Value]:
    """What is there, or what somebody could have entered."""
    if field.kind == "file":
        return [File("Resume.pdf", "application/pdf", RESUME)] if field.required else []
    if field.value or field.kind == "hidden":
        return [field.value.encode()]
    if field.options:
        return [next((option for option in field.options if option), "").encode()]
    if field.name == "slug":
        return [b"plain-words"]
    usual = {
        "time": b"09:00",
        "number": b"10",
        "email": b"somebody@student.example.edu",
        "url": b"https://example.org/",
        "date": b"2027-03-01",
        "datetime-local": b"2027-01-11T14:30",
    }
    return [usual.get(field.kind, b"Plain words"[: field.length])]


def filled_in(form: Form) -> dict[str, list[Value]]:
    """As somebody would who presses the first button; its token is not asked for here."""
    buttons = [name for name, field in form.fields.items() if field.kind == "submit"]
    left_out = {"csrfmiddlewaretoken", *buttons[1:]}
    return {name: believable(field) for name, field in form.fields.items() if name not in left_out}


@st.composite
def payloads(draw: Any, form: Form) -> Payload:
    filled = filled_in(form)
    spoiled = draw(st.lists(st.sampled_from([*filled, "unheard_of"]), min_size=1, max_size=2, unique=True))
    for name in spoiled:
        filled[name] = draw(st.lists(values | files if form.multipart else values, max_size=2))
    return [(name, value) for name, entered in filled.items() for value in entered]


@st.composite
def queries(draw: Any, names: list[str]) -> str:
    known = st.sampled_from([*names, "page", "q", "unheard_of", "id__in", "a\0b", "x" * 300])
    pairs = draw(st.lists(st.tuples(known, values), min_size=1, max_size=4))
    return "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in pairs)


def body(payload: Payload, *, multipart: bool) -> tuple[bytes, str]:
    if not multipart:
        pairs = [(name, value) for name, value in payload if isinstance(value, bytes)]
        text = "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in pairs)
        return text.encode(), "application/x-www-form-urlencoded"
    return b"".join(part(name, value) for name, value in payload) + b"--frontier--\r\n", MULTIPART


MULTIPART = "multipart/form-data; boundary=frontier"


def part(name: str, value: Value) -> bytes:
    head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"'
    if isinstance(value, bytes):
        return head.encode() + b"\r\n\r\n" + value + b"\r\n"
    head += f'; filename="{value.name}"\r\nContent-Type: {value.kind}\r\n\r\n'
    return head.encode() + value.content + b"\r\n"


# What leaves the commit nothing to refuse.
HARMLESS = ("SELECT ", "SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT ")


class Writing:
    """Whether a statement was run after which the constraints have to be asked."""

    seen = False

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.seen = self.seen or not str(sql).startswith(HARMLESS)
        return execute(sql, params, many, context)


class Prober:
    """Asks as somebody, leaves no trace, and keeps one line for each way in which an answer failed."""

    def __init__(self, world: World) -> None:
        self.clients = {role: world.client(role) for role in EVERYBODY}
        self.cookies = {role: client.cookies.copy() for role, client in self.clients.items()}
        self.asked = 0
        self.statuses: dict[int, int] = {}
        self.faults: dict[tuple[str, str], str] = {}

    def ask(self, role: str, method: str, path: str, data: bytes = b"", kind: str = "", query: str = "") -> Any:
        client = self.clients[role]
        client.cookies = self.cookies[role].copy()
        if method != "GET":
            cache.clear()  # or the limits of attempts answer instead of the forms
        writing = Writing()
        with transaction.atomic(), connection.execute_wrapper(writing):
            response = client.generic(method, path, data, kind or "text/plain", QUERY_STRING=query)
            if response.streaming:
                response.getvalue()  # or the file stays open
            fault = self.fault(response, written=writing.seen)
            transaction.set_rollback(True)
        self.asked += 1
        self.statuses[response.status_code] = self.statuses.get(response.status_code, 0) + 1
        if fault:
            self.faults.setdefault((path, fault), f"{role} {method} {path}?{query} {data[:3000]!r}: {fault}")
        return response

    def fail_on_faults(self) -> None:
        if self.faults:
            pytest.fail("\n".join(self.faults.values()), pytrace=False)

    @staticmethod
    def fault(response: Any, *, written: bool) -> str:
        if response.status_code >= 500:
            kind, error, _ = response.exc_info or (None, None, None)
            return f"{response.status_code} {kind.__name__ if kind else ''} {str(error)[:200]}"
        try:
            if written:
                connection.check_constraints()
        except Error as error:
            return f"{type(error).__name__} at the commit: {error}"
        return ""


def pages_with_buttons() -> Iterator[str]:
    """For each button, the page of the first thing that shows it."""
    for model, its_admin in admin.site._registry.items():
        if isinstance(its_admin, ObjectActionsAdmin):
            things = model._default_manager.order_by("pk")
            for action in its_admin.object_actions:
                thing = next((thing for thing in things if action.shown(thing)), None)
                if thing:
                    yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[thing.pk])


def more_of_the_board(world: World) -> list[str]:
    """Things in the states that the world lacks, so that every form is met where it can be sent."""
    asked = {"questions": ["Why you?"], "extra_materials": ["portfolio", "transcript", "short_answers"]}
    asking = make_posting(host=world.omar, now=world.now, **asked)
    unpaid = {"pay_kind": "unpaid", "pay_amount": None, "unpaid_basis": "Charity", "travel_costs_covered": True}
    make_posting(Status.ON_HOLD, host=world.omar, now=world.now)
    make_posting(Status.SUBMITTED, host=world.omar, now=world.now, **unpaid)
    make_host(alumnus=True)
    actions.suspend_organization(make_organization(), by=world.people["moderator"], reason="A report.")
    records_on_the_way(world)
    actions.acknowledge_guidelines(world.theo.user)
    fresh = world.sent(world.theo, world.posting)
    met = world.sent(world.theo, make_posting(host=world.omar, now=world.now))
    actions.invite_to_interview(met, by=world.omar.user, times=[world.now + dt.timedelta(days=2)], mode="video")
    pages = [f"/applications/{one.pk}/{page}" for one in (fresh, met) for page in ("", "interview/", "offer/")]
    pages += [f"/postings/{world.draft.pk}/{page}/" for page in ("edit", "preview")]
    return [*pages, f"/postings/{asking.pk}/apply/", f"/applications/{world.accepted.application_id}/"]


def records_on_the_way(world: World) -> None:
    day, by = world.now.date(), world.people["international"]
    declare(world.theo, needs="yes", route="cpt", by=world.theo.user)
    advised, filed, approved = (
        open_record(world.theo, purpose="A project", starts=day, ends=day, by=by) for _ in range(3)
    )
    advise(advised, by=by)
    for record in (filed, approved):
        file(advise(record, by=by), filed_on=day - dt.timedelta(days=2), by=by)
    approve(approved, valid_from=day, valid_until=day, by=by)


def all_addresses(world: World) -> dict[str, set[str]]:
    """And who may get a page there: what the others get is in the table, and asked for where the table is."""
    more = more_of_the_board(world)
    own = {address_of(route, entry, world): readers(route) for route, entry in addresses() if "/action/" not in route}
    return own | dict.fromkeys([*more, *pages_with_buttons()], EVERYBODY)


def pages(prober: Prober, world: World, where: str) -> Iterator[tuple[str, Page]]:
    """Every page that somebody can open; of the admin's one visit is enough, of ours each role sees another."""
    known = all_addresses(world)
    waiting = [address for address in known if address.startswith("/admin/") == (where == "admin")]
    for address in waiting:
        for role in [role for role in ROLES[where] if role in known.get(address, EVERYBODY)]:
            path, _, query = address.partition("?")
            response = prober.ask(role, "GET", path, query=query)
            if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
                page = Page(address, response.content.decode())
                yield role, page
                if where == "admin":
                    links = [urldefrag(link).url for link in page.links if "/action/" in link]
                    waiting += [link for link in links if link not in waiting]
                    break


def with_parameters(seen: list[tuple[str, Page]]) -> list[tuple[str, str, list[str]]]:
    """Each page once for everybody to whom it offers other parameters."""
    found = {(urlsplit(page.address).path, frozenset(page.parameters)): role for role, page in seen}
    return [(role, path, sorted(names)) for (path, names), role in found.items()]


def forms_of(seen: list[tuple[str, Page]]) -> list[tuple[str, Form]]:
    """Each form once, with somebody who can send it: by where it goes and what can be entered."""
    found: dict[tuple[str, frozenset[str]], tuple[str, Form]] = {}
    for role, page in seen:
        for form in page.forms:
            if form.method == "POST":
                found.setdefault((form.action, frozenset(form.fields)), (role, form))
    return list(found.values())


def for_each(strategy: Any, most: int, run: Callable[[Any], Any]) -> None:
    @fast(max_examples=most)
    @given(strategy)
    def spoil(drawn: Any) -> None:
        run(drawn)

    spoil()


def look(prober: Prober, role: str, path: str, query: str) -> None:
    prober.ask(role, "GET", path, query=query)


def send(prober: Prober, role: str, form: Form, payload: Payload) -> Any:
    data, kind = body(payload, multipart=form.multipart)
    return prober.ask(role, "POST", urlsplit(form.action).path, data, kind)


@pytest.mark.parametrize("where", ROLES)
def test_no_query_string_and_no_form_is_a_server_error(world, where):
    prober = Prober(world)
    seen = list(pages(prober, world, where))
    for role, path, names in with_parameters(seen):
        for_each(queries(names), 2 + min(len(names), 3), partial(look, prober, role, path))
    forms = forms_of(seen)
    accepted = 0
    for role, form in forms:
        plain = [(name, value) for name, entered in filled_in(form).items() for value in entered]
        accepted += send(prober, role, form, plain).status_code == 302
        for_each(payloads(form), 2 + min(len(form.fields), 5), partial(send, prober, role, form))
    prober.fail_on_faults()
    assert accepted > len(forms) / 2  # or the spoiled ones never come further than the form


ODD_BODIES = [
    (b"", "multipart/form-data"),
    (b"--frontier\r\nContent-Disposition: form-data; name=x", MULTIPART),
    (b"\xff\xfe=\x00&&&=&%", "application/x-www-form-urlencoded"),
    (b"a=b", "application/x-www-form-urlencoded; charset=no-such-thing"),
    (b"&".join(b"a%d=1" % number for number in range(1500)), "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
]


def test_no_body_is_a_server_error(world):
    """Also where no page has a form: what takes no POST refuses it, whatever is in it."""
    prober = Prober(world)
    for route, entry in addresses():
        role = "superuser" if route.startswith("/admin/") else "student"
        for content, kind in ODD_BODIES[:: 1 if role == "student" else 4]:
            prober.ask(role, "POST", address_of(route, entry, world), content, kind)
    prober.fail_on_faults()
    assert set(prober.statuses) >= {400, 404, 405, 422}


ODD_KEYS = {
    "pk": ["0", "9" * 20, "9" * 5000, "٣", "%00", "-1", "1.0"],
    "object_id": ["9" * 20, "%00", "_00", "🙂"],
    "": ["%00", "🙂", "%ED%A0%80", "x" * 3000, "-", "a:b:c"],
}


def with_odd_keys(route: str, entry: Any, world: World) -> Iterator[str]:
    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route).replace("^", "").replace("$", "")
    for blank in re.findall(r"<(?:\w+:)?(\w+)>", path):
        for odd in ODD_KEYS.get(blank, ODD_KEYS[""]):
            yield address_of(re.sub(rf"<(?:\w+:)?{blank}>", odd.replace("\\", ""), path), entry, world)


def test_no_address_is_a_server_error(world):
    prober = Prober(world)
    for route, entry in addresses():
        role = "superuser" if route.startswith("/admin/") else "student"
        for path in with_odd_keys(route, entry, world):
            prober.ask(role, "GET", path)
    prober.fail_on_faults()
    assert prober.asked > 300


@pytest.mark.parametrize("path", ["/postings/{}/", "/applications/{}/", "/offers/{}/", "/items/{}/"])
def test_a_number_beyond_the_database_names_nothing(world, path):
    assert Prober(world).ask("student", "GET", path.format("9" * 20)).status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/admin/notifications/outboxmail/", "kind=a%00b", 200),  # PostgreSQL takes no NUL
        ("/admin/notifications/outboxmail/", "kind=a%%0000b", 200),
        ("/admin/postings/posting/1/change/", "_to_field=", 400),  # an empty name of a field
        ("/admin/accounts/user/", "q=%00&p=-1&o=99", 200),
    ],
)
def test_what_was_found_once(world, path, query, status):
    prober = Prober(world)
    assert prober.ask("moderator", "GET", path, query=query).status_code == status
    assert prober.faults == {}


@pytest.mark.parametrize("key", ["", "a", "٣", "9" * 20, "9" * 5000])
def test_a_ticked_row_that_cannot_be(world, key):
    data = f"action=send_again&_selected_action={quote(key)}".encode()
    kind = "application/x-www-form-urlencoded"
    assert Prober(world).ask("moderator", "POST", "/admin/notifications/outboxmail/", data, kind).status_code == 400


def test_a_fault_would_be_found(world, monkeypatch):
    prober = Prober(world)
    monkeypatch.setattr("postings.finding.query.clean", lambda text: 1 / 0)
    prober.ask("visitor", "GET", "/postings/", query="q=a")
    assert [line.partition(": ")[2] for line in prober.faults.values()] == ["500 ZeroDivisionError division by zero"]


def test_what_the_commit_refuses_would_be_found(world, monkeypatch):
    """Also where only something was asked for, and had no business to write."""
    prober = Prober(world)
    monkeypatch.setattr("postings.finding.query.clean", lambda text: SavedSearch.objects.update(student=0) and text)
    prober.ask("visitor", "GET", "/postings/", query="q=a")
    assert [fault.partition(" at the commit: ")[:2] for _, fault in prober.faults] == [
        ("IntegrityError", " at the commit: ")
    ]
