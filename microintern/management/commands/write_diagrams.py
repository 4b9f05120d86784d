"""Write docs/states.md from the workflow tables, so that the diagrams cannot drift from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from applications.workflow import APPLICATION, INTERVIEW, OFFER
from authorization.workflow import WORKFLOW as RECORD
from core.workflow import Workflow
from placements.workflow import PLACEMENT
from postings.workflow import revision_workflow, workflow
from programs.workflow import WORKFLOW as PROGRAM_RECORD

TARGET = Path(settings.BASE_DIR) / "docs" / "states.md"
HEAD = (
    "# States\n\nWritten by `manage.py write_diagrams` from each app's `workflow.py`; a test holds the two together.\n"
)
TITLES = {
    "Posting": workflow,
    "Revision of an approved posting": revision_workflow,
    "Application": APPLICATION,
    "Interview": INTERVIEW,
    "Offer": OFFER,
    "Work authorization record": RECORD,
    "Project abroad": PROGRAM_RECORD,
    "Placement": PLACEMENT,
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
