from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from bench.load import MODERATOR, fill
from core import clock


class Command(BaseCommand):
    help = "Migrate an empty database and fill it up to a number of open postings, or go on with one of its own."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("size", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if User.objects.exclude(email__endswith=MODERATOR.partition("@")[2]).exists():
            raise CommandError("There are people in this database; the bench fills an empty one.")
        fill(options["size"], clock.now())
