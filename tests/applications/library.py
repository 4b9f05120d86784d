"""A student's documents, for the tests of them."""

from applications import actions
from applications.models import Document, MaterialKind
from core.uploads import PDF, Upload
from tests.applications.making import RESUME
from tests.core.documents import pdf
from tests.factories import NOW

SECOND = Upload(pdf(pages=2), "resume 2026.pdf", PDF)


def add(student, *, kind=MaterialKind.RESUME, upload=RESUME, name="", now=NOW):
    return actions.add_document(kind=kind, upload=upload, name=name, by=student.user, now=now)


def listed(student):
    mine = Document.objects.visible_to(student.user)
    return [(document.name, [version.number for version in document.versions.all()]) for document in mine]


def sent_resume(application):
    return application.materials.get(kind=MaterialKind.RESUME)
