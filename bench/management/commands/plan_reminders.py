import json
import resource
import time
from typing import Any

from django.core.management.base import BaseCommand

from notifications.reminders import plan_all


class Command(BaseCommand):
    help = "Plan the reminders that fell due, and say how many, in how many seconds, and with how many megabytes."

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        planned = plan_all()
        seconds = time.monotonic() - begun
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(json.dumps({"planned": planned, "seconds": round(seconds, 2), "megabytes": megabytes}))
