from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import User
from microintern.demo.people import CAST, PASSWORD


class Command(BaseCommand):
    help = "Print who can sign in to the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        known = set(User.objects.values_list("email", flat=True))
        cast = [person for person in CAST if person.email in known]
        if not cast:
            self.stdout.write("No demo accounts here.")
            return
        self.stdout.write(f"Sign in with the password {PASSWORD} as")
        for person in cast:
            self.stdout.write(f"  {person.email:<26} {person.name}, {person.what}")
        if code := settings.MFA_TOTP_INSECURE_BYPASS_CODE:
            self.stdout.write(f"Career staff and the superuser are then asked for a code: {code}")
