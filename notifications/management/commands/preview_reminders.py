import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import clock
from notifications.upcoming import Coming, upcoming


class Command(BaseCommand):
    help = "List the mails that a person is going to get, in the board's local time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=30, help="How far to look ahead (default 30).")

    def handle(self, *args: Any, email: str, days: int, **options: Any) -> None:
        person = get_user_model()._default_manager.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        now = clock.now()
        coming = upcoming(person, now=now, until=now + dt.timedelta(days=days))
        if not coming:
            self.stdout.write(f"No mail is coming to {email} within {days} days.")
            return
        rows = [("When", "Standing", "Kind", "Subject"), *(_row(mail) for mail in coming)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
            self.stdout.write("  ".join([*cells, row[3]]))


def _row(mail: Coming) -> tuple[str, str, str, str]:
    local = mail.at.astimezone(timezone.get_default_timezone())
    return (f"{local:%a %Y-%m-%d %H:%M %Z}", mail.standing, mail.kind, mail.subject)
