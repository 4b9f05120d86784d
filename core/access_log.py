"""What the web server writes down of a request, without the secrets that stand in addresses.

What can still go wrong: a proxy in front has a log of its own.
"""

import re
from typing import Any

from gunicorn import glogging

SECRETS = re.compile(r"^(/calendar/|/notifications/unsubscribe/)[^/]+(\.ics|/)$")


def without_secrets(path: str) -> str:
    """As "/calendar/-.ics"; the pages of a calendar are no secrets."""
    return path if path == "/calendar/revocation/" else SECRETS.sub(r"\1-\2", path)


class Logger(glogging.Logger):
    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(*args, **kwargs)
        return {**found, "U": without_secrets(str(found["U"]))}
