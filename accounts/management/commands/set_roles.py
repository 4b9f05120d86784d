from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import set_staff_roles
from accounts.models import User
from accounts.roles import STAFF_ROLES


class Command(BaseCommand):
    help = "Make these a person's roles in the career office; none takes all of them back."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")
        parser.add_argument("roles", nargs="*", choices=[[], *(role.value for role in STAFF_ROLES)], metavar="role")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {options['email']}.")
        user = set_staff_roles(user, roles=options["roles"], by=None)
        self.stdout.write(f"{user.email}: {', '.join(sorted(user.staff_role_names)) or 'no roles'}")
