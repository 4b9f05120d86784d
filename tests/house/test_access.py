"""Every address, by every role, by GET and by POST: what access.txt says, and nothing that it does not name.

The table is read by people when it changes. A line is: method, address, one outcome for each role in world.ROLES.
`login` is the way to the sign-in page; `302` any other redirect; the rest are status codes.
A failing line is printed as it is now, to be copied once somebody has agreed with it.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from postings.views.crawlers import PART
from tests.house.guarding import faults
from tests.house.world import ROLES, World, content_type_of, routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
TABLE = Path(__file__).with_name("access.txt")
METHODS = ("GET", "POST")
LOOKED_AT = ("visitor", "student", "moderator")  # what their answers tell the browser to refuse, see guarding.py


@lru_cache(maxsize=1)
def expected() -> dict[tuple[str, str], list[str]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return {(method, address): outcomes for method, address, *outcomes in lines}


def readers(route: str) -> set[str]:
    """Who gets a page there."""
    return {role for role, found in zip(ROLES, expected().get(("GET", route), []), strict=False) if found == "200"}


def addresses() -> list[tuple[str, Any]]:
    """The site's routes once each, and every verb of the admin as a route of its own."""
    seen: dict[str, Any] = {}
    for route, entry in routes():
        for address in verbs(f"/{route}", entry):
            seen.setdefault(address, entry)
    return list(seen.items())


def verbs(route: str, entry: Any) -> list[str]:
    actions = getattr(getattr(entry.callback, "model_admin", None), "object_actions", ())
    if "<slug:name>" in route and actions:
        return [route.replace("<slug:name>", action.name) for action in actions]
    return [route]


def address_of(route: str, entry: Any, world: World) -> str:
    """The route with its blanks filled from the world."""
    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route).replace("^", "").replace("$", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: blank(match[1], route, entry, world), path)


def blank(name: str, route: str, entry: Any, world: World) -> str:
    if route.startswith("/admin/"):
        return admin_blank(name, entry, world)
    things = {
        "/organizations/": world.organization,
        "/invitations/": world.invitation,
        "/memberships/": world.organization.memberships.order_by("pk").first(),
        "/authorization/records/": world.record,
        "/authorization/documents/": world.proof,
        "/postings/": world.posting,
        "/host/postings/": world.posting,
        "/applications/": world.application,
        "/offers/": world.offer,
        "/requests/": world.request,
        "/documents/versions/": world.version,
        "/documents/": world.document,
        "/materials/": world.material,
        "/items/": world.record,
        "/interviews/": world.interview,
        "/notes/": world.note,
        "/placements/": world.hours.placement,
        "/dates/": world.proposal,
        "/hours/": world.hours,
        "/saved/searches/": world.saved_search,
        "/global/programs/": world.partner,
        "/global/records/": world.abroad,
    }
    if name == "pk":
        return str(next(thing.pk for start, thing in things.items() if route.startswith(start)))
    if route.startswith("/previews/"):
        return str(world.preview.get_absolute_url().split("/")[2])
    known = {"slug": "micro-internship", "number": str(world.posting.pk // PART), "secret": world.feed.secret}
    step = world.step if route.startswith("/authorization/") else world.abroad.steps.get(name="Preparation")
    known |= {"step": str(step.pk), "question": str(world.question.pk)}
    return known.get(name) or {"name": "nothing.eml", "token": "nothing", "key": "nothing", "uidb36": "1"}[name]


def admin_blank(name: str, entry: Any, world: World) -> str:
    admin = getattr(entry.callback, "model_admin", None)
    if name == "object_id":
        return str(world.one_of(admin.model) if admin else world.posting.pk)
    return {
        "app_label": "postings",
        "url": "nothing",
        "content_type_id": str(content_type_of(type(world.posting))),
    }.get(name, "1")


def ask(client: Any, method: str, address: str) -> Any:
    """The answer, without leaving a trace for the next question."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, address)
        if response.streaming:
            response.getvalue()  # or the file stays open
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def outcome(response: Any) -> str:
    location = response.headers.get("Location", "")
    if response.status_code == 302 and location.startswith(("/accounts/login/", "/admin/login/")):
        return "login"
    return str(response.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_the_table_says_what_each_role_may(world, role):
    client = world.client(role)
    wrong, unguarded = [], []
    for route, entry in addresses():
        address = address_of(route, entry, world)
        for method in METHODS:
            response = ask(client, method, address)
            found = outcome(response)
            said = dict(zip(ROLES, expected().get((method, route), []), strict=False)).get(role, "missing")
            if found != said:
                wrong.append(f"{method} {route}: {role} gets {found}, the table says {said}")
            if method == "GET" and role in LOOKED_AT:
                unguarded += [f"{found} {address}: {fault}" for fault in faults(response, address, role != "visitor")]
    assert wrong == []
    assert unguarded == []


def test_the_table_names_nothing_that_is_gone():
    known = {(method, route) for route, _ in addresses() for method in METHODS}
    assert set(expected()) - known == set()


def test_no_role_meets_a_server_error():
    assert [line for line, outcomes in expected().items() if any(code.startswith("5") for code in outcomes)] == []
