from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


class Command(BaseCommand):
    help = "Take away the second factor of somebody who has lost it; staff set up another at the next sign-in."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        forgotten, _ = Authenticator.objects.filter(user=user).delete()
        self.stdout.write(f"{user.email}: {'forgotten' if forgotten else 'had none'}")
