"""Write docs/states.md from the workflow tables, so that the diagrams cannot drift from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from applications.workflow import workflow as application
from authorization.workflow import workflow as record
from core.workflow import Workflow
from postings.workflow import revision_workflow as revision
from postings.workflow import workflow as posting

TARGET = Path(settings.BASE_DIR) / "docs" / "states.md"
HEAD = (
    "# States\n\nWritten by `manage.py write_diagrams` from each app's `workflow.py`; a test holds the two together.\n"
)
TITLES = {
    "Posting": posting,
    "Revision of an approved posting": revision,
    "Application": application,
    "Work authorization record": record,
}


def section(title: str, workflow: Workflow) -> str:
    return f"\n## {title}\n\n```mermaid\n{workflow.diagram()}\n```\n"


def text() -> str:
    return HEAD + "".join(section(title, workflow) for title, workflow in TITLES.items())


class Command(BaseCommand):
    help = "Write docs/states.md from the workflow tables."

    def handle(self, *args: Any, **options: Any) -> None:
        TARGET.write_text(text())
        self.stdout.write(f"{TARGET.relative_to(settings.BASE_DIR)} written.")
