"""Who all mails come from, as `DEFAULT_FROM_EMAIL` says it."""

from email.utils import parseaddr
from functools import cache
from typing import NamedTuple

from django.conf import settings


class Sender(NamedTuple):
    name: str
    address: str


def sender() -> Sender:
    return parsed(settings.DEFAULT_FROM_EMAIL)


@cache
def parsed(words: str) -> Sender:
    return Sender(*parseaddr(words))
