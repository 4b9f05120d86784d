from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from campus.models import ProgramSettings


def program(request: HttpRequest | None) -> dict[str, object]:
    """`program` in every template: read when first used, once a request."""
    if request is None:
        return {"program": SimpleLazyObject(_load)}
    if not hasattr(request, "_program"):
        request._program = SimpleLazyObject(_load)  # type: ignore[attr-defined]
    return {"program": request._program}  # type: ignore[attr-defined]


def give(request: HttpRequest, settings: ProgramSettings) -> None:
    """For a view that has them in hand already, known to be what the database says."""
    request._program = settings  # type: ignore[attr-defined]


def _load() -> ProgramSettings:
    # The page that says the database is down is drawn from the same base template.
    try:
        return ProgramSettings.load()
    except DatabaseError:
        return ProgramSettings(pk=1)
