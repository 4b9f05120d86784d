"""Which mails a person may switch off, and the signed address that does so without signing in."""

import datetime as dt
from collections.abc import Callable
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
class Each:
    """For a group whose mails are each about a thing of the person's own: one click stops that thing, not the group.

    `label` names the thing to whoever holds the mail. Both get the keys of the person and of the mail's subject, and
    must do with a thing that is gone by then, or is somebody else's.
    """

    label: Callable[[int, int], str]
    hint: str
    stop: Callable[[int, int], None]


@dataclass(frozen=True)
class Group:
    """Mails that go on or off together. Declaring it puts it on the preferences page of those it is for.

    digest = Group("digests", "New postings", "Once a week, the micro-internships that fit your streams.", "student")
    """

    name: str
    label: str
    hint: str
    audience: str = ""
    each: Each | None = None

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


@dataclass(frozen=True)
class Switch:
    """What the address in a mail switches off: in words, and how."""

    label: str
    hint: str
    off: Callable[[], None]


def unsubscribe_url(user_id: int, group: str, subject_id: int) -> str:
    """It does not end: a mail read years later must still be able to stop the next."""
    each = group in GROUPS and GROUPS[group].each
    about = f"{user_id}:{group}:{subject_id}" if each else f"{user_id}:{group}"
    return settings.BASE_URL + reverse("unsubscribe", args=[_signer().sign(about)])


def read_token(token: str) -> Switch | None:
    try:
        user_id, name, *subject = _signer().unsign(token).split(":")
    except BadSignature:
        return None
    group = GROUPS.get(name)
    if group is None or not get_user_model()._default_manager.filter(pk=user_id).exists():
        return None
    return _switch(int(user_id), group, int(subject[0]) if subject else None)


def _switch(user_id: int, group: Group, subject_id: int | None) -> Switch:
    each = group.each
    if each is None or subject_id is None:
        return Switch(group.label, group.hint, lambda: switch(user_id, group.name, on=False))
    return Switch(each.label(user_id, subject_id), each.hint, lambda: each.stop(user_id, subject_id))
