import re
from pathlib import Path

import pytest
from django.conf import settings

from microintern.management.commands.write_diagrams import TARGET, text

ROOT = Path(settings.BASE_DIR)
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_state_diagrams_are_those_of_the_code():
    assert TARGET.read_text() == text(), "run manage.py write_diagrams"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_the_text_exist(page):
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|html|css|txt|toml))`", page.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
