"""Who must know when the closed days change. Apps above register here; nothing is imported from them."""

import datetime as dt
from typing import Any, Protocol


class OnChange(Protocol):
    def __call__(self, *, by: Any, now: dt.datetime) -> object: ...


_callbacks: list[OnChange] = []


def on_change(callback: OnChange) -> None:
    """Call `callback(by=…, now=…)` after every change of closures, in the same transaction: if it fails, so does
    the change. Registering twice is registering once."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def changed(*, by: Any, now: dt.datetime) -> None:
    for callback in _callbacks:
        callback(by=by, now=now)
