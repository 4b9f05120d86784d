"""Who must know when the closed days change. Apps above register here; nothing is imported from them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection


@dataclass(frozen=True)
class Moved:
    """A deadline that was counted again: of which row, its last day as it was and as it is."""

    row: Any
    before: dt.date
    after: dt.date


class OnChange(Protocol):
    def __call__(self, *, by: Any, now: dt.datetime) -> Iterable[Moved]: ...


_callbacks: list[OnChange] = []


def on_change(callback: OnChange) -> None:
    """Call `callback(by=…, now=…)` after every change of closures, in the same transaction: if it fails, so does
    the change. Registering twice is registering once."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def hold() -> None:
    """Nobody changes the closed days until this transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE campus_closure IN SHARE MODE")


def changed(*, by: Any, now: dt.datetime) -> list[Moved]:
    return [moved for callback in _callbacks for moved in callback(by=by, now=now)]
