"""Immigration data. What rows say of a person is ciphertext; docs/decisions tells what stays readable, and why."""

from authorization.models.document import AuthorizationDocument, DocumentOpening
from authorization.models.record import (
    AuthorizationEvent,
    AuthorizationQuestion,
    AuthorizationRecord,
    Declaration,
    OwnQuerySet,
)
from authorization.models.route import FIGURES, Route, RouteChange, RouteStep

__all__ = [
    "FIGURES",
    "AuthorizationDocument",
    "AuthorizationEvent",
    "AuthorizationQuestion",
    "AuthorizationRecord",
    "Declaration",
    "DocumentOpening",
    "OwnQuerySet",
    "Route",
    "RouteChange",
    "RouteStep",
]
