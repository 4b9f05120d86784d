"""Addresses that are their own key, such as that of a calendar, as they may stand in a log."""

import logging
import re

SECRETS = re.compile(r"^(/calendar/|/notifications/unsubscribe/|/previews/)[^/]+(\.ics|/)$")


def without_secrets(path: str) -> str:
    """As "/calendar/-.ics"; the pages of a calendar are no secrets."""
    return path if path == "/calendar/revocation/" else SECRETS.sub(r"\1-\2", path)


class WithoutSecrets(logging.Filter):
    """For what Django says of an answer: "Not Found: /calendar/-.ics"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_secrets(one) if isinstance(one, str) else one for one in record.args)
        return True
