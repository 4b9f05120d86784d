import datetime as dt
from collections.abc import Collection

from django.db import transaction

from accounts.emails import alumnus_verified, invitation_received
from accounts.models import Host, HostEvent, Invitation, Membership, Organization, StaffRole, StudentProfile, User
from accounts.roles import Role
from core import clock
from core.workflow import MoveRefused


def enroll_student(user: User, *, level: str) -> StudentProfile:
    return StudentProfile.objects.create(user=user, level=level)


def enroll_host(user: User) -> Host:
    return Host.objects.create(user=user)


@transaction.atomic
def found_organization(organization: Organization, *, by: User, now: dt.datetime | None = None) -> Organization:
    """Save a new organization; whoever makes it is its first member."""
    organization.created_by = by
    organization.created_at = now or clock.now()
    organization.save()
    Membership.objects.create(organization=organization, user=by, since=organization.created_at)
    return organization


@transaction.atomic
def invite(organization: Organization, *, email: str, by: User, now: dt.datetime | None = None) -> Invitation:
    """Open the organization to one address. Raises MoveRefused when its owner is a member already."""
    email = email.strip().lower()
    if organization.memberships.filter(user__email__iexact=email).exists():
        raise MoveRefused(f"{email} is a member of {organization} already.")
    if organization.is_suspended:
        raise MoveRefused(f"{organization} is suspended, so nobody can be invited now.")
    invitation, created = Invitation.objects.get_or_create(
        organization=organization,
        email=email,
        accepted_at=None,
        withdrawn_at=None,
        defaults={"invited_by": by, "invited_at": now or clock.now()},
    )
    if not created:
        raise MoveRefused(f"{email} has an open invitation already.")
    invited = User.objects.filter(email__iexact=email, host__isnull=False).first()
    if invited:
        invitation_received.queue(to=invited, subject_id=invitation.pk, now=now)
    return invitation


@transaction.atomic
def accept_invitation(invitation: Invitation, *, by: User, now: dt.datetime | None = None) -> Membership:
    moment = now or clock.now()
    if not by.is_host:
        raise MoveRefused("Only hosts join an organization.")
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise MoveRefused("This invitation is no longer open.")
    invitation.accepted_at = moment
    invitation.save(update_fields=["accepted_at"])
    membership, _ = Membership.objects.get_or_create(
        organization=invitation.organization, user=by, defaults={"since": moment, "added_by": invitation.invited_by}
    )
    return membership


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User, now: dt.datetime | None = None) -> None:
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise MoveRefused("This invitation is no longer open.")
    invitation.withdrawn_at = now or clock.now()
    invitation.save(update_fields=["withdrawn_at"])


@transaction.atomic
def end_membership(membership: Membership, *, by: User) -> None:
    """Leave, or be let go by a colleague. Raises MoveRefused for the last member: postings need somebody."""
    organization = Organization.objects.select_for_update().get(pk=membership.organization_id)
    members = set(organization.memberships.values_list("user", flat=True))
    if by.pk not in members:
        raise MoveRefused(f"Only members of {organization} can do that.")
    if members == {membership.user_id}:
        raise MoveRefused(f"{membership.user} is the last member of {organization}. Invite somebody first.")
    Membership.objects.filter(pk=membership.pk).delete()


@transaction.atomic
def verify_alumnus(host: Host, *, by: User, note: str, now: dt.datetime | None = None) -> Host:
    """Record that staff saw proof; the alumni-host label of every posting of this host follows from it."""
    host = Host.objects.select_for_update().get(pk=host.pk)
    if host.is_verified_alumnus:
        raise MoveRefused(f"{host} is verified already.")
    host.alumnus_verified_at, host.alumnus_verified_by, host.alumnus_note = now or clock.now(), by, note
    host.save(update_fields=["alumnus_verified_at", "alumnus_verified_by", "alumnus_note"])
    event = HostEvent.objects.create(host=host, at=host.alumnus_verified_at, by=by, verified=True, note=note)
    alumnus_verified.queue(to=host.user, subject_id=host.pk, version=str(event.pk), now=now)
    return host


@transaction.atomic
def take_back_verification(host: Host, *, by: User, note: str, now: dt.datetime | None = None) -> Host:
    host = Host.objects.select_for_update().get(pk=host.pk)
    if not host.is_verified_alumnus:
        raise MoveRefused(f"{host} is not verified.")
    host.alumnus_verified_at = host.alumnus_verified_by = None
    host.alumnus_note = ""
    host.save(update_fields=["alumnus_verified_at", "alumnus_verified_by", "alumnus_note"])
    HostEvent.objects.create(host=host, at=now or clock.now(), by=by, verified=False, note=note)
    return host


@transaction.atomic
def set_staff_roles(user: User, *, roles: Collection[str], by: User | None, now: dt.datetime | None = None) -> User:
    """Make these the person's roles in the career office, and the admin's door follow them. Nobody: the shell."""
    moment = now or clock.now()
    user = User.objects.select_for_update().get(pk=user.pk)
    held = user.staff_role_names
    if by and Role.INTERNATIONAL_ADVISER in set(roles) ^ held:
        raise MoveRefused("This role opens immigration data, so it is given and taken with manage.py set_roles alone.")
    user.staff_roles.filter(revoked_at=None).exclude(role__in=roles).update(revoked_by=by, revoked_at=moment)
    StaffRole.objects.bulk_create(
        StaffRole(user=user, role=role, granted_by=by, granted_at=moment) for role in sorted(set(roles) - held)
    )
    del user.staff_role_names
    user.is_staff = bool(roles) or user.is_superuser
    user.save(update_fields=["is_staff"])
    return user
