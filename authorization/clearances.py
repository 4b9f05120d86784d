"""Who must know when a clearance changes: that of an AuthorizationRecord, or of another record whose word is needed
before work begins. Apps above register here; nothing is imported from them."""

import datetime as dt
from typing import Any, Protocol


class OnChange(Protocol):
    def __call__(self, record: Any, *, by: Any, now: dt.datetime) -> object: ...


_callbacks: list[OnChange] = []


def on_change(callback: OnChange) -> None:
    """Call `callback(record, by=…, now=…)` whenever a clearance is given, amended or taken back, or its record closed,
    in the same transaction and with the record locked: if it fails, so does the change. Registering twice is
    registering once."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def changed(record: Any, *, by: Any, now: dt.datetime) -> None:
    for callback in _callbacks:
        callback(record, by=by, now=now)
