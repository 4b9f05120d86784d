"""Who must know when a posting ends. Apps above register here; nothing is imported from them."""

import datetime as dt
from typing import Protocol

from postings.models import Posting


class OnEnd(Protocol):
    def __call__(self, posting: Posting, *, now: dt.datetime) -> object: ...


_callbacks: list[OnEnd] = []


def on_end(callback: OnEnd) -> None:
    """Call `callback(posting, now=…)` whenever a posting is closed, filled or expired, in the same transaction: if it
    fails, so does the ending. Registering twice is registering once."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def ended(posting: Posting, *, now: dt.datetime) -> None:
    for callback in _callbacks:
        callback(posting, now=now)
