"""Immigration data. What rows say of a person is ciphertext; docs/decisions tells what stays readable, and why."""

from authorization.models.record import AuthorizationEvent, AuthorizationRecord, Declaration, OwnQuerySet
from authorization.models.route import Route

__all__ = ["AuthorizationEvent", "AuthorizationRecord", "Declaration", "OwnQuerySet", "Route"]
