from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from bench.offers import fill_offers
from core import clock


class Command(BaseCommand):
    help = "Migrate an empty database and fill it with open offers, some of which are to be reminded of."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("offers", type=int)
        parser.add_argument("due", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if User.objects.exists():
            raise CommandError("There are people in this database; the bench fills an empty one.")
        fill_offers(options["offers"], options["due"], clock.now())
