"""Habits of the house that a linter does not know."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
APPS = [config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at():
    assert {"core", "accounts", "postings", "applications"} <= set(APPS)
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_swallows_every_exception(path):
    broad = {"Exception", "BaseException"}
    caught = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in broad))
        and not any(isinstance(inner, ast.Raise) or logs_it_whole(inner) for inner in ast.walk(node))
    ]
    assert caught == []


def logs_it_whole(node: ast.AST) -> bool:
    """`logger.exception(...)`: where one failure must not hold up the others, it is at least told with its trace."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "exception"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_signals(path):
    assert re.findall(r"\b(?:pre|post)_(?:save|delete)\b", path.read_text()) == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_modules_stay_readable(path):
    assert len(path.read_text().splitlines()) <= 450, "split it by use case or by who is looking"


STATUS_FIELDS = {"status"}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_status_is_assigned_in_actions_alone(path):
    if path.stem == "actions" or "actions" in path.parts or path.is_relative_to(ROOT / "microintern"):
        return
    assigned = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr in STATUS_FIELDS
    ]
    assert assigned == []


def patterns(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route, entry


def test_our_addresses_name_things_and_not_verbs():
    verbs = {"approve", "decline", "submit", "withdraw", "accept", "reject", "close", "delete", "edit-now", "cancel"}
    ours = [route for route, entry in patterns(get_resolver()) if not route.startswith(("admin/", "accounts/"))]
    assert [route for route in ours if verbs & set(route.strip("/").split("/"))] == []
