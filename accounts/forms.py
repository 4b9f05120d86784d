from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.http import HttpRequest
from django_countries import countries

from accounts import actions
from accounts.models import Host, Level, Organization, StudentProfile, User
from accounts.roles import Role
from campus.models import ProgramSettings


class SignupForm(AllauthSignupForm):
    kind = forms.ChoiceField(
        label="You are",
        choices=[(Role.STUDENT.value, "A student"), (Role.HOST.value, "A host: I have a project to offer")],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label="Full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    level = forms.ChoiceField(
        label="Level of study",
        help_text="Students only.",
        choices=[("", "Choose a level"), *Level.choices],
        required=False,
    )
    field_order = ["kind", "name", "email", "level", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Email address"
        self.fields["email"].help_text = "Students: your university address."
        self.fields["password1"].help_text = "At least 8 characters, not only digits."
        self.fields["password2"].label = "The same password again"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("kind") == Role.STUDENT:
            self._check_student(data)
        return data

    def _check_student(self, data: dict[str, Any]) -> None:
        program = ProgramSettings.load()
        if data.get("email") and not program.is_student_address(data["email"]):
            endings = " or ".join(program.student_email_domains)
            self.add_error("email", f"Students sign up with a university address, one that ends in {endings}.")
        if not data.get("level"):
            self.add_error("level", "Choose undergraduate or graduate.")

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        if self.cleaned_data["kind"] == Role.STUDENT:
            actions.enroll_student(user, level=self.cleaned_data["level"])
        else:
            actions.enroll_host(user)
        return user


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class _ProfileForm(forms.ModelForm):
    """A role's own fields, and the name, which stands on the user."""

    name = forms.CharField(label="Full name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.instance.user.name

    def save(self, commit: bool = True) -> Any:
        self.instance.user.name = self.cleaned_data["name"]
        self.instance.user.save(update_fields=["name"])
        return super().save(commit)


class StudentForm(_ProfileForm):
    class Meta:
        model = StudentProfile
        fields = ["name", "level", "program", "program_starts", "program_ends"]
        widgets = {
            "program_starts": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "program_ends": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }


class HostForm(_ProfileForm):
    class Meta:
        model = Host
        fields = ["name", "title", "claims_alumnus", "class_year"]
        help_texts = {
            "claims_alumnus": "Staff verify this before your postings carry the alumni-host label.",
        }

    def clean_class_year(self) -> int | None:
        year: int | None = self.cleaned_data["class_year"]
        if year is not None and not 1900 <= year <= 2100:
            raise forms.ValidationError("Enter the year in four digits, such as 2012.")
        return year


class OrganizationForm(forms.ModelForm):
    country = forms.ChoiceField(
        choices=lambda: list(countries),
        initial="US",
        error_messages={"invalid_choice": "Choose a country from the list."},
    )
    website = forms.URLField(assume_scheme="https", required=False)

    class Meta:
        model = Organization
        fields = ["name", "kind", "website", "city", "country", "about"]
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"about": "Two or three sentences for students."}


class OrganizationDetailsForm(OrganizationForm):
    """Without the name: students apply to it and staff have approved postings under it, so staff alone change it."""

    class Meta(OrganizationForm.Meta):
        fields = [name for name in OrganizationForm.Meta.fields if name != "name"]


class InvitationForm(forms.Form):
    email = forms.EmailField(label="Email address", help_text="They join when they sign in with this address.")
