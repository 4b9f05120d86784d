import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.roles import PERMISSIONS, RESTRICTED_APPS, STAFF_ROLES, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by email address. What a person is (student, host, staff) stands in rows of their own."""

    email = models.EmailField("email address", unique=True)
    name = models.CharField("full name", max_length=120)
    is_staff = models.BooleanField("may enter the admin", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_case_insensitive")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email.split("@")[0]

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name.split()[0]

    @cached_property
    def staff_role_names(self) -> frozenset[str]:
        return frozenset(self.staff_roles.filter(revoked_at=None).values_list("role", flat=True))

    @cached_property
    def is_student(self) -> bool:
        return StudentProfile.objects.filter(user=self).exists()

    @cached_property
    def is_host(self) -> bool:
        return Host.objects.filter(user=self).exists()

    @cached_property
    def roles(self) -> frozenset[str]:
        own = {Role.STUDENT.value} if self.is_student else set()
        if self.is_host:
            own.add(Role.HOST.value)
        return frozenset(own | self.staff_role_names) if self.is_active else frozenset()

    def has_role(self, role: str) -> bool:
        """A role of staff asks for nothing else."""
        if role in STAFF_ROLES:
            return self.is_active and role in self.staff_role_names
        return role in self.roles

    @property
    def role_permissions(self) -> set[str]:
        return set().union(*(PERMISSIONS.get(role, set()) for role in self.staff_role_names))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """The superuser's blank check stops at immigration data, which takes the role itself."""
        if perm.split(".")[0] in RESTRICTED_APPS:
            return self.is_active and perm in self.role_permissions
        return super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        if app_label in RESTRICTED_APPS:
            return self.is_active and any(perm.startswith(f"{app_label}.") for perm in self.role_permissions)
        return super().has_module_perms(app_label)


class StaffRole(models.Model):
    """A role in the career office, with who gave it and who took it back. Rows stay: they say who could see what."""

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=24, choices=[(role.value, role.label) for role in STAFF_ROLES])
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(revoked_at=None), name="staff_role_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in STAFF_ROLES]), name="staff_role_is_a_staff_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.user}"


class Level(models.TextChoices):
    UNDERGRADUATE = "undergraduate", "Undergraduate"
    GRADUATE = "graduate", "Graduate"


class StudentProfile(models.Model):
    user = models.OneToOneField(User, models.CASCADE, related_name="student")
    level = models.CharField(max_length=16, choices=Level)
    program = models.CharField("program of study", max_length=120, blank=True)
    program_starts = models.DateField("program began on", null=True, blank=True)
    program_ends = models.DateField("expected graduation", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(program_ends__gt=models.F("program_starts")),
                name="student_program_in_order",
                violation_error_message="Expected graduation must be after the program began.",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class OrganizationKind(models.TextChoices):
    COMPANY = "company", "Company"
    STARTUP = "startup", "Start-up"
    NONPROFIT = "nonprofit", "Nonprofit"
    PUBLIC = "public", "Public body"
    LAB = "lab", "Lab or research group"
    PRACTITIONER = "practitioner", "Individual practitioner"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: Any) -> "OrganizationQuerySet":
        """Members see theirs, staff with the permission see all; what students see of one is on its postings."""
        if not user.is_authenticated:
            return self.none()
        if user.has_perm("accounts.view_organization"):
            return self
        return self.filter(memberships__user=user).distinct()


class Organization(models.Model):
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=OrganizationKind, default=OrganizationKind.COMPANY)
    website = models.URLField(blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, default="US", help_text="Two letters, ISO 3166.")
    about = models.TextField(max_length=1000, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    suspended_reason = models.TextField(blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_by=None)
                | (Q(suspended_at__isnull=False, suspended_by__isnull=False) & ~Q(suspended_reason="")),
                name="organization_suspended_by_someone_for_a_reason",
                violation_error_message="A suspension needs its moment, the person who suspended, and a reason.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.pk])

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None


class Membership(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    since = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organization"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.organization}"


class Invitation(models.Model):
    """An open door to one organization for one email address; it is answered once."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField("email address")
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
                violation_error_message="This address has an open invitation already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"


class Host(models.Model):
    """A person who posts. The alumni claim is the host's; the verification is the staff's, and only it counts."""

    user = models.OneToOneField(User, models.CASCADE, related_name="host")
    title = models.CharField("your role there", max_length=120, blank=True)
    claims_alumnus = models.BooleanField("I am an alumnus or alumna of this university", default=False)
    class_year = models.PositiveSmallIntegerField(null=True, blank=True)
    alumnus_verified_at = models.DateTimeField(null=True, blank=True)
    alumnus_verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    alumnus_note = models.CharField("how it was verified", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(alumnus_verified_at=None, alumnus_verified_by=None)
                | Q(alumnus_verified_at__isnull=False, alumnus_verified_by__isnull=False),
                name="host_alumnus_verified_by_someone",
                violation_error_message="A verification needs its moment and the person who made it.",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_verified_alumnus(self) -> bool:
        return self.alumnus_verified_at is not None


class HostEvent(models.Model):
    """Verifications given and taken back, so that a label on a posting can be explained later."""

    host = models.ForeignKey(Host, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verified = models.BooleanField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.host}: {'verified' if self.verified else 'taken back'} {dt.date.isoformat(self.at.date())}"
