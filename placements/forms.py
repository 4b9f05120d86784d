from decimal import Decimal
from typing import Any

from django import forms

from core import clock

QUARTER = Decimal("0.25")


class HoursForm(forms.Form):
    day = forms.DateField(
        help_text="A calendar day on the board’s clock, today or before.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hours = forms.DecimalField(
        min_value=QUARTER,
        max_value=24,
        help_text="To a quarter of an hour, for example 2.25.",
        widget=forms.NumberInput(attrs={"step": "0.25"}),
        error_messages={"min_value": "Enter at least a quarter of an hour: 0.25.", "max_value": "A day has 24 hours."},
    )
    note = forms.CharField(
        label="What you worked on",
        required=False,
        max_length=300,
        help_text="The host reads it, and the career office.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = clock.today

    def clean_hours(self) -> Decimal:
        hours: Decimal = self.cleaned_data["hours"]
        if hours % QUARTER:
            raise forms.ValidationError("Enter the hours to a quarter, for example 2.25.")
        return hours


class DatesForm(forms.Form):
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text="Student and host both read it."
    )


class DeliverableForm(forms.Form):
    deliverable = forms.CharField(
        label="What you hand in",
        help_text="A link to it, or a few words on what you gave to whom. The host reads it, and the career office.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what you hand in, or where it is."},
    )
