import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from authorization.workflow import Needs, RouteKind
from core import clock


class DeclarationForm(forms.Form):
    needs = forms.ChoiceField(
        label="Do you need work authorization before you can begin a project?",
        choices=[
            (Needs.YES.value, "Yes, for example on an F-1 or J-1 visa"),
            (Needs.NO.value, "No"),
            (Needs.UNSAID.value, "Prefer not to say"),
        ],
        widget=forms.RadioSelect,
        help_text="Only you and the international advisors can read this. Hosts and career staff cannot.",
        error_messages={"required": "Choose Yes, No or Prefer not to say."},
    )
    route = forms.ChoiceField(
        label="If yes, by which route?",
        choices=[
            (kind.value, kind.label)
            for kind in (RouteKind.CPT, RouteKind.OPT, RouteKind.AT, RouteKind.VISA, RouteKind.UNSURE)
        ],
        widget=forms.RadioSelect,
        required=False,
        help_text="“Not sure” is a fine answer: every route is shown to you then.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("needs") == Needs.YES and not cleaned.get("route") and "route" not in self.errors:
            self.add_error("route", "Choose a route, or “Not sure”.")
        return cleaned


def _planned(label: str, help_text: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a date, for example 2027-01-11."},
        validators=[
            MinValueValidator(dt.date(2000, 1, 1), "Enter a year after 2000."),
            MaxValueValidator(dt.date(2099, 12, 31), "Enter a year before 2100."),
        ],
        **more,
    )


class PlanForm(forms.Form):
    """Sent by GET: nothing is stored."""

    start = _planned("I would like to start on", "The first day of work. Orientation counts as work.")
    end = _planned("Last day of work", "An approval that you have already must cover it too.", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].error_messages["required"] = "Enter the day on which you would like to start."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", "The last day of work must not be before the first.")
        return cleaned


class FilingForm(forms.Form):
    filed_on = forms.DateField(
        label="Filed on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The day your request went to the office that decides.",
        error_messages={"required": "Enter the day you filed.", "invalid": "Enter a date, for example 2026-09-07."},
    )

    def clean_filed_on(self) -> Any:
        day = self.cleaned_data["filed_on"]
        if day > clock.today():
            raise forms.ValidationError("The day of filing cannot be in the future.")
        return day


class NoteForm(forms.Form):
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
        help_text="The student reads it on the record's page.",
    )


class ReasonForm(NoteForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = True
        self.fields["note"].label = "Reason"


class AdviserFilingForm(FilingForm, NoteForm):
    field_order = ["filed_on", "note"]


class ApprovalForm(NoteForm):
    valid_from = forms.DateField(label="Approved from", widget=forms.DateInput(attrs={"type": "date"}))
    valid_until = forms.DateField(label="Approved until", widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ["valid_from", "valid_until", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", "The last approved day must not be before the first.")
        return cleaned
