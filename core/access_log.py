"""What the web server writes down of a request, without the secrets that stand in addresses.

What can still go wrong: a proxy in front has a log of its own.
"""

from typing import Any

from gunicorn import glogging

from core.logs import without_secrets


class Logger(glogging.Logger):
    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(*args, **kwargs)
        return {**found, "U": without_secrets(str(found["U"]))}
