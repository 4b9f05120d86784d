"""Who sees which postings, and which are open at a moment."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.models import Host, Membership
from accounts.roles import Role
from core import clock
from postings.workflow import OVER, RevisionStatus, Status
from programs.models import managed_countries

if TYPE_CHECKING:  # named in the base classes below, where the linter does not read strings
    from postings.models.history import PostingRevision  # noqa: F401
    from postings.models.posting import Posting  # noqa: F401
    from postings.models.report import PostingReport  # noqa: F401


def is_campus(user: Any) -> bool:
    """Who sees what a host wants to show on campus only: students, and staff who look after postings."""
    return bool(user.is_authenticated and (user.is_student or user.has_perm("postings.view_posting")))


def _open(now: dt.datetime) -> Q:
    opened = Q(status=Status.OPEN) | Q(status=Status.SCHEDULED, opens_at__lte=now)
    return opened & (Q(apply_by=None) | Q(apply_by__gt=now))


def _shown(now: dt.datetime) -> Q:
    """Open, or over; nothing of a suspended organization, and nothing that ended while it was on hold."""
    event = apps.get_model("postings", "PostingEvent")
    hidden = event.objects.filter(posting=OuterRef("pk"), from_status=Status.ON_HOLD, to_status__in=OVER)
    return _open(now) | (Q(status__in=[*OVER, Status.OPEN], organization__suspended_at=None) & ~Q(Exists(hidden)))


def _manages(user: Any) -> Q:
    """Hosts and co-hosts are members. Whoever leaves the organization leaves its postings and applicants behind."""
    return Q(Exists(Membership.objects.filter(organization=OuterRef("organization"), user=user)))


def _looked_after(user: Any) -> Q:
    """Career staff look after all that was sent; whoever is a program manager alone, after that of the program."""
    sent = ~Q(status=Status.DRAFT)
    if user.is_superuser or user.has_role(Role.MODERATOR) or user.has_role(Role.ADVISER):
        return sent
    return sent & Q(country__in=managed_countries(user))


class PostingQuerySet(models.QuerySet["Posting"]):
    def open_at(self, now: dt.datetime | None = None) -> "PostingQuerySet":
        """What students can apply to at this moment, to the second, wherever the clock's task may be."""
        return self.filter(_open(now or clock.now()))

    def managed_by(self, user: Any) -> "PostingQuerySet":
        """Those of the organizations that the person belongs to."""
        return self.filter(_manages(user)) if user.is_authenticated else self.none()

    def looked_after_by(self, user: Any) -> "PostingQuerySet":
        return self.filter(_looked_after(user)) if user.has_perm("postings.view_posting") else self.none()

    def visible_to(self, user: Any, now: dt.datetime | None = None) -> "PostingQuerySet":
        """Everyone sees what is open, and that something was; hosts see theirs, staff what they look after."""
        shown = _shown(now or clock.now())
        if not is_campus(user):
            shown &= Q(campus_only=False)
        if not user.is_authenticated:
            return self.filter(shown)
        if user.has_perm("postings.view_posting"):
            return self.filter(shown | _manages(user) | _looked_after(user))
        return self.filter(shown | _manages(user))

    def shown_on_campus(self, now: dt.datetime | None = None) -> "PostingQuerySet":
        """What students see: open, or over."""
        return self.filter(_shown(now or clock.now()))

    def with_alumni_host(self) -> "PostingQuerySet":
        """Annotates `alumni_host`: a verified alumnus with an account who posts or co-hosts."""
        verified = Host.objects.filter(alumnus_verified_at__isnull=False, user__is_active=True)
        through = self.model.cohosts.through.objects.filter(posting=OuterRef("pk"), host__in=verified)
        return self.annotate(
            alumni_host=ExpressionWrapper(
                Exists(verified.filter(pk=OuterRef("host"))) | Exists(through), output_field=models.BooleanField()
            )
        )

    def hosts(self) -> dict[int, list[int]]:
        """Of each posting, by key, the people who look after it: the host and the co-hosts who are in the organization;
        where none of them is anymore, everybody who is. One query for any number."""
        member = "organization__memberships__user"
        cohosts = self.model.cohosts.through.objects.filter(posting=OuterRef("pk"), host__user=OuterRef(member))
        named = ExpressionWrapper(Q(host__user=F(member)) | Exists(cohosts), output_field=models.BooleanField())
        people: dict[int, dict[bool, list[int]]] = {}
        members = self.filter(organization__memberships__isnull=False).order_by(member)
        for posting, user, is_named in members.values_list("pk", member, named):
            people.setdefault(posting, {True: [], False: []})[is_named].append(user)
        return {posting: by_name[True] or by_name[False] for posting, by_name in people.items()}

    def for_cards(self) -> "PostingQuerySet":
        """Everything that a list shows of a posting, in a constant number of queries."""
        return (
            self.with_alumni_host()
            .select_related("organization", "stream", "opportunity_type")
            .prefetch_related("labels")
            .defer("search")
        )

    def for_page(self) -> "PostingQuerySet":
        """Everything that a posting's own page says."""
        return self.for_cards().select_related("engagement_type", "host__user").prefetch_related("cohosts__user")

    def waiting(self) -> "PostingQuerySet":
        """The moderation queue, oldest first."""
        return self.filter(status=Status.SUBMITTED).order_by("submitted_at", "pk")


class RevisionQuerySet(models.QuerySet["PostingRevision"]):
    def waiting(self) -> "RevisionQuerySet":
        return self.filter(status=RevisionStatus.WAITING).order_by("proposed_at", "pk")


class ReportQuerySet(models.QuerySet["PostingReport"]):
    def waiting(self) -> "ReportQuerySet":
        return self.filter(handled_at=None).order_by("reported_at", "pk")
