"""One word per thing, American spelling, and no promise that only an authority could make."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SOURCES = sorted(
    path
    for app in apps.get_app_configs()
    if Path(app.path).parent == ROOT
    for path in Path(app.path).rglob("*.*")
    if path.suffix in (".py", ".toml", ".txt", ".md")
)
ELIGIBLE = re.compile(r"\w*eligib\w*", re.IGNORECASE)
BRITISH = re.compile(
    r"\b(organis\w+|programmes?|advisers?|acknowledgement|cancelled|enrol|enrolled|favourite|recognis\w+|licence|centre)\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
CODE = re.compile(r"{%.*?%}|{{.*?}}|<[^>]+>", re.DOTALL)


def prose(path: Path) -> str:
    return CODE.sub(" ", COMMENT.sub(" ", path.read_text()))


def test_the_words_are_looked_for_in_a_text_that_has_them():
    assert BRITISH.findall("Programme advisers of the Organisation") == ["Programme", "advisers", "Organisation"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_are_written_in_american_english(path):
    assert BRITISH.findall(prose(path)) == []


@pytest.mark.parametrize("path", [*TEMPLATES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_is_told_that_they_are_eligible(path):
    """Neither in a template nor in any text that code holds: who may have what is said by an authority alone."""
    assert ELIGIBLE.findall(path.read_text()) == []


def test_the_search_sees_what_it_looks_for():
    assert ELIGIBLE.findall("You are eligible; INELIGIBLE; eligibility") == ["eligible", "INELIGIBLE", "eligibility"]
    assert {"authorization", "postings", "microintern"} <= {path.relative_to(ROOT).parts[0] for path in SOURCES}
