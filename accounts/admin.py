from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from accounts import actions
from accounts.models import User
from accounts.roles import STAFF_ROLES

admin.site.unregister(Group)


class UserForm(forms.ModelForm):
    roles_held = forms.MultipleChoiceField(
        label="Roles in the career office",
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = User
        fields = ["email", "name", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["roles_held"].initial = list(self.instance.staff_role_names)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    form = UserForm
    fields = ["email", "name", "is_active", "roles_held", "date_joined", "last_login"]
    readonly_fields = ["date_joined", "last_login"]
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
        actions.set_staff_roles(obj, roles=form.cleaned_data["roles_held"], by=request.user)
