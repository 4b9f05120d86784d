"""The cast of the demo: the same ten people stand in tests, documents and screenshots."""

from typing import NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.actions import set_staff_roles
from accounts.models import Host, Level, StudentProfile, User
from accounts.roles import Role

PASSWORD = "micro-intern-demo"  # noqa: S105  of demo data alone, and printed by bin/serve


class Person(NamedTuple):
    email: str
    name: str
    what: str


SANA = Person("sana@student.example.edu", "Sana Iyer", "student, F-1")
THEO = Person("theo@student.example.edu", "Theo Marsh", "student, no authorization needed")
OMAR = Person("omar@fenwick.example", "Omar Haddad", "host, Fenwick Labs")
PRIYA = Person("priya@fenwick.example", "Priya Nair", "host, Fenwick Labs")
LENA = Person("lena@harbor.example", "Lena Brandt", "host, Harbor Analytics")
GRACE = Person("grace@alum.example", "Grace Okafor", "verified alumni host, Tidewater Climate Studio")
MO = Person("mo@example.edu", "Mo Castellanos", "moderator")
DEV = Person("dev@example.edu", "Dev Raman", "career advisor")
INES = Person("ines@example.edu", "Ines Duarte", "international advisor")
KENJI = Person("kenji@example.edu", "Kenji Sato", "program manager")
ADMIN = Person("admin@example.edu", "Site Administrator", "superuser")

CAST = (SANA, THEO, OMAR, PRIYA, LENA, GRACE, MO, DEV, INES, KENJI, ADMIN)
STAFF = {MO: Role.MODERATOR, DEV: Role.ADVISER, INES: Role.INTERNATIONAL_ADVISER, KENJI: Role.PROGRAM_MANAGER}


class Door:
    """Makes people who can sign in. The password is hashed once: a hundred times would take a minute."""

    def __init__(self) -> None:
        self.password = make_password(PASSWORD)

    def user(self, email: str, name: str, **fields: bool) -> User:
        user = User(email=email, name=name, password=self.password, **fields)
        user.save()
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        return user

    def student(self, person: Person, *, level: str = Level.UNDERGRADUATE, program: str = "") -> StudentProfile:
        user = self.user(person.email, person.name)
        return StudentProfile.objects.create(user=user, level=level, program=program)

    def host(self, person: Person, *, title: str = "") -> Host:
        return Host.objects.create(user=self.user(person.email, person.name), title=title)

    def staff(self, person: Person) -> User:
        user = self.user(person.email, person.name)
        self.second_factor(user)
        return set_staff_roles(user, roles=[STAFF[person]], by=None)

    def superuser(self, person: Person) -> User:
        user = self.user(person.email, person.name, is_staff=True, is_superuser=True)
        self.second_factor(user)
        return user

    def second_factor(self, user: User) -> None:
        """Where the demo's code opens it. Elsewhere nobody knows the secret, and staff set up a factor of their own."""
        if settings.MFA_TOTP_INSECURE_BYPASS_CODE:
            TOTP.activate(user, generate_totp_secret())
