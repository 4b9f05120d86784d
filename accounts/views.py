from typing import Any

from allauth.account.views import SignupView as AllauthSignupView
from allauth.mfa.totp.views import ActivateTOTPView
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, second_factor
from accounts.forms import (
    HostForm,
    InvitationForm,
    NameForm,
    OrganizationDetailsForm,
    OrganizationForm,
    StudentForm,
)
from accounts.models import Invitation, Membership, Organization
from accounts.roles import Role
from core.decorators import role_required
from core.http import page, submitted


@login_not_required
@require_safe
def signup_as(request: HttpRequest, kind: str) -> HttpResponse:
    query = QueryDict(mutable=True)
    query["kind"] = kind
    return redirect(f"{reverse('account_signup')}?{query.urlencode()}")


class SignupView(AllauthSignupView):
    """Allauth's sign-up, with the kind of account chosen on the way there filled in."""

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"kind": self.request.GET.get("kind", "")}


class SecondFactorView(ActivateTOTPView):
    """Allauth's page. The code that switched the second factor on counts for this session, too."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_needed": self.request.user.is_staff}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        second_factor.count_as_proved(self.request, self.request.user)
        return response

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Where a person lands after signing in: at what waits for them."""
    user = request.user
    if user.is_student:
        return redirect("application_list")
    if user.is_host:
        return redirect("host_postings" if user.memberships.exists() else "organization_list")
    return redirect("admin:index" if user.is_staff else "home")


def profile(request: HttpRequest) -> HttpResponse:
    form = _profile_form(request)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("profile")
    return page(request, "accounts/profile.html", {"form": form}, status=422 if form.is_bound else 200)


def _profile_form(request: HttpRequest):
    data = submitted(request)
    if request.user.is_student:
        return StudentForm(data, instance=request.user.student)
    if request.user.is_host:
        return HostForm(data, instance=request.user.host)
    return NameForm(data, instance=request.user)


@role_required(Role.HOST)
@require_safe
def organization_list(request: HttpRequest) -> HttpResponse:
    organizations = Organization.objects.filter(memberships__user=request.user)
    invitations = _open_invitations(request).select_related("organization", "invited_by")
    return page(
        request, "accounts/organization_list.html", {"organizations": organizations, "invitations": invitations}
    )


@role_required(Role.HOST)
def organization_new(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(submitted(request))
    if request.method == "POST" and form.is_valid():
        organization = actions.found_organization(form.save(commit=False), by=request.user)
        messages.success(request, f"{organization} is set up. Next: post a project.")
        return redirect("posting_new")
    status = 422 if form.is_bound else 200
    return page(request, "accounts/organization_form.html", {"form": form}, status=status)


def organization(request: HttpRequest, pk: int) -> HttpResponse:
    """The organization's own page, for its members: what it says of itself, who belongs, who is invited."""
    mine = Organization.objects.filter(memberships__user=request.user)
    seen = mine if request.method == "POST" else Organization.objects.visible_to(request.user)
    organization = get_object_or_404(seen, pk=pk)
    form = OrganizationDetailsForm(submitted(request), instance=organization)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect(organization)
    return _organization_page(request, organization, form, InvitationForm(), status=422 if form.is_bound else 200)


@require_POST
def invitation_new(request: HttpRequest, pk: int) -> HttpResponse:
    organization = get_object_or_404(Organization.objects.filter(memberships__user=request.user), pk=pk)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _organization_page(
            request, organization, OrganizationDetailsForm(instance=organization), form, status=422
        )
    invitation = actions.invite(organization, email=form.cleaned_data["email"], by=request.user)
    messages.success(request, f"{invitation.email} can join {organization} by signing in with that address.")
    return redirect(organization)


@role_required(Role.HOST)
@require_POST
def invitation_acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    membership = actions.accept_invitation(get_object_or_404(_open_invitations(request), pk=pk), by=request.user)
    messages.success(request, f"You are now a member of {membership.organization}.")
    return redirect(membership.organization)


@require_POST
def invitation_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Invitation.objects.filter(organization__memberships__user=request.user)
    invitation = get_object_or_404(mine, pk=pk)
    actions.withdraw_invitation(invitation, by=request.user)
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect(invitation.organization)


@require_POST
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave an organization, or let a colleague go who has left it."""
    mine = Organization.objects.filter(memberships__user=request.user)
    membership = get_object_or_404(Membership.objects.filter(organization__in=mine), pk=pk)
    actions.end_membership(membership, by=request.user)
    if membership.user_id == request.user.pk:
        messages.success(request, f"You have left {membership.organization}.")
        return redirect("organization_list")
    messages.success(request, f"{membership.user} no longer belongs to {membership.organization}.")
    return redirect(membership.organization)


def _open_invitations(request: HttpRequest):
    """Those for the addresses that this person has proved to own."""
    addresses = request.user.emailaddress_set.filter(verified=True).values("email")
    return Invitation.objects.filter(
        email__in=addresses, accepted_at=None, withdrawn_at=None, organization__suspended_at=None
    )


def _organization_page(request, organization, form, invitation_form, *, status=200) -> HttpResponse:
    context = {
        "organization": organization,
        "form": form,
        "invitation_form": invitation_form,
        "members": organization.memberships.select_related("user__host").order_by("since", "pk"),
        "invitations": organization.invitations.filter(accepted_at=None, withdrawn_at=None).order_by("pk"),
        "is_member": organization.memberships.filter(user=request.user).exists(),
    }
    return page(request, "accounts/organization.html", context, status=status)
