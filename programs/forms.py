from typing import Any

from django import forms
from django.db.models import QuerySet
from django_countries import countries

from accounts.models import User
from accounts.roles import Role
from campus.models import HOME_COUNTRY
from programs.models import Program, ProgramCountry


class CountryForm(forms.ModelForm):
    country = forms.ChoiceField(
        choices=lambda: [("", "Choose a country"), *((code, name) for code, name in countries if code != HOME_COUNTRY)]
    )

    class Meta:
        model = ProgramCountry
        fields = ["country"]


class NoteForm(forms.Form):
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text="The student reads it on the record’s page.",
    )


class ReasonForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].label = "Reason"


class ClearanceForm(NoteForm):
    cleared_from = forms.DateField(label="Cleared from", widget=forms.DateInput(attrs={"type": "date"}))
    cleared_until = forms.DateField(label="Cleared until", widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["cleared_from", "cleared_until", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("cleared_from"), cleaned.get("cleared_until")
        if first and last and last < first:
            self.add_error("cleared_until", "The last cleared day must not be before the first.")
        return cleaned


class AssignmentForm(forms.Form):
    program = forms.ModelChoiceField(
        Program.objects.filter(active=True), help_text="From then on the program decides, and your office no longer."
    )


def _managers() -> QuerySet[User]:
    holds = {"staff_roles__role": Role.PROGRAM_MANAGER, "staff_roles__revoked_at": None}
    return User.objects.filter(is_active=True, **holds).order_by("name")


class ManagerForm(forms.Form):
    user = forms.ModelChoiceField(User.objects.none(), label="Manager")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = _managers()


class PlainForm(forms.Form):
    """A button that asks for nothing more."""
