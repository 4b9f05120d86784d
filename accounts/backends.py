from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied

from accounts.models import User


class RoleBackend(ModelBackend):
    """Permissions follow from a person's staff roles by the table in roles.py; there are no groups to drift, so what is
    not in the table is refused without asking allauth's backend, which would look for them in two queries."""

    def authenticate(self, request: Any, **credentials: Any) -> None:  # type: ignore[override]
        """Signing in is allauth's work alone: one door, one rate limit."""
        return

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        return user_obj.role_permissions

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return _or_refuse(perm in self.get_all_permissions(user_obj, obj))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return _or_refuse(any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions(user_obj)))


def _or_refuse(allowed: bool) -> bool:
    if not allowed:
        raise PermissionDenied
    return True
