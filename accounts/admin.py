from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import actions
from accounts.models import Host, HostEvent, StudentProfile, User
from accounts.roles import STAFF_ROLES, Role
from core.admin import ObjectAction, ObjectActionsAdmin

# Groups are not used; addresses and second factors are their owner's, changed where the owner proves to be one.
for model in (Group, EmailAddress, Authenticator):
    admin.site.unregister(model)


class UserForm(forms.ModelForm):
    roles_held = forms.MultipleChoiceField(
        label="Roles in the career office",
        choices=[(role.value, role.label) for role in STAFF_ROLES if role != Role.INTERNATIONAL_ADVISER],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = User
        fields = ["name", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["roles_held"].initial = list(self.instance.staff_role_names)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    form = UserForm
    fields = ["email", "name", "is_active", "roles_held", "date_joined", "last_login"]
    # The address is proved by its owner. Whoever could set it here could ask for a new password as that person.
    readonly_fields = ["email", "date_joined", "last_login"]
    list_display = ["email", "name", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    ordering = ["email"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves: an account made here would have an address nobody proved."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are switched off, not deleted: history keeps who did what."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: UserForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        kept = obj.staff_role_names & {Role.INTERNATIONAL_ADVISER}
        actions.set_staff_roles(obj, roles={*form.cleaned_data["roles_held"], *kept}, by=request.user)


class VerificationForm(forms.Form):
    note = forms.CharField(
        label="How it was verified", max_length=200, help_text="For example: registrar's list, class of 2009."
    )


class TakeBackForm(forms.Form):
    note = forms.CharField(label="Why it is taken back", max_length=200)


class HostEventInline(admin.TabularInline):
    model = HostEvent
    template = "admin/rows.html"
    fields = readonly_fields = ["at", "by", "verified", "note"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Host | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Host | None = None) -> bool:
        return request.user.has_perm("accounts.view_host")


@admin.register(Host)
class HostAdmin(ObjectActionsAdmin):
    """Verifying an alumnus: the alumni-host label of every posting follows from it, at once and both ways."""

    fields = readonly_fields = [
        "user",
        "title",
        "claims_alumnus",
        "class_year",
        "alumnus_verified_at",
        "alumnus_verified_by",
        "alumnus_note",
    ]
    list_display = ["user", "title", "claims_alumnus", "class_year", "alumnus_verified_at"]
    list_filter = ["claims_alumnus", ("alumnus_verified_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    inlines = [HostEventInline]
    object_actions = [
        ObjectAction(
            "verification",
            "Verify as alumnus",
            VerificationForm,
            actions.verify_alumnus,
            shown=lambda host: not host.is_verified_alumnus,
            kind="primary",
        ),
        ObjectAction(
            "verification-withdrawal",
            "Take the verification back",
            TakeBackForm,
            actions.take_back_verification,
            shown=lambda host: host.is_verified_alumnus,
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Host | None = None) -> bool:
        return False


@admin.register(StudentProfile)
class StudentProfileAdmin(admin.ModelAdmin):
    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """What hangs on a profile from above (who declared something, who has a record) is not to be guessed here."""
        own = {field.name for field in StudentProfile._meta.concrete_fields}
        return lookup.partition("__")[0] in own and super().lookup_allowed(lookup, value, request)

    list_display = ["user", "level", "program", "program_ends"]
    list_filter = ["level"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "program"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: StudentProfile | None = None) -> bool:
        return False
