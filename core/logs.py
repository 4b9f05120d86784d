"""Addresses that are their own key, such as that of a calendar, or tell of a person, as they may stand in a log."""

import logging
import re

SECRETS = re.compile(r"^(/calendar/|/notifications/unsubscribe/|/previews/)[^/]+(\.ics|/)$")
# Which step, and that something was filed or denied, tells of immigration.
RECORDS = re.compile(r"^((?:/admin/authorization/authorizationrecord|/authorization/(?:records|documents)|/items)/).+")


def without_secrets(path: str) -> str:
    """As "/calendar/-.ics"; the pages of a calendar are no secrets."""
    return path if path == "/calendar/revocation/" else SECRETS.sub(r"\1-\2", RECORDS.sub(r"\1-", path))


class WithoutSecrets(logging.Filter):
    """For what Django says of an answer: "Not Found: /calendar/-.ics"."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_secrets(one) if isinstance(one, str) else one for one in record.args)
        return True
