"""Who must know when an acceptance is withdrawn. Apps above register here; nothing is imported from them."""

import datetime as dt
from typing import Protocol

from accounts.models import User
from applications.models import Offer


class OnWithdrawal(Protocol):
    def __call__(self, offer: Offer, *, by: User, reason: str, now: dt.datetime) -> object: ...


_callbacks: list[OnWithdrawal] = []


def on_withdrawal(callback: OnWithdrawal) -> None:
    """Call `callback(offer, by=…, reason=…, now=…)` whenever an acceptance is withdrawn, in the same transaction: if it
    refuses, so does the withdrawal. Registering twice is registering once."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def withdrawn(offer: Offer, *, by: User, reason: str, now: dt.datetime) -> None:
    for callback in _callbacks:
        callback(offer, by=by, reason=reason, now=now)
