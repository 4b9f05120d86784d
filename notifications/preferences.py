"""Which mails a person may switch off, and the signed address that does so without signing in."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core import clock
from notifications.models import SwitchedOff

GROUPS: dict[str, "Group"] = {}


@dataclass(frozen=True)
class Group:
    """Mails that go on or off together. Declaring it puts it on the preferences page of those it is for.

    digest = Group("digests", "New postings", "Once a week, the micro-internships that fit your streams.", "student")
    """

    name: str
    label: str
    hint: str
    audience: str = ""

    def __post_init__(self) -> None:
        if self.name in GROUPS:
            raise ValueError(f"The group {self.name} is declared twice.")
        GROUPS[self.name] = self


def groups_for(user: Any) -> list[Group]:
    return [group for group in GROUPS.values() if not group.audience or user.has_role(group.audience)]


def is_off(user_id: int, group: str) -> bool:
    return SwitchedOff.objects.filter(user_id=user_id, group=group).exists()


def switch(user_id: int, group: str, *, on: bool, now: dt.datetime | None = None) -> None:
    if on:
        SwitchedOff.objects.filter(user_id=user_id, group=group).delete()
    else:
        SwitchedOff.objects.get_or_create(user_id=user_id, group=group, defaults={"at": now or clock.now()})


def _signer() -> Signer:
    return Signer(salt="notifications.unsubscribe")


def unsubscribe_url(user_id: int, group: str) -> str:
    """It does not end: a mail read years later must still be able to stop the next."""
    return settings.BASE_URL + reverse("unsubscribe", args=[_signer().sign(f"{user_id}:{group}")])


def read_token(token: str) -> tuple[int, Group] | None:
    try:
        user_id, _, name = _signer().unsign(token).partition(":")
    except BadSignature:
        return None
    known = name in GROUPS and get_user_model()._default_manager.filter(pk=user_id).exists()
    return (int(user_id), GROUPS[name]) if known else None
