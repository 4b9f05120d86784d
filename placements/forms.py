from decimal import Decimal
from typing import Any

from django import forms

from core import clock
from placements.actions.dates import why_not_these
from placements.models import Placement
from placements.rules import begins_late

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


def _day(label: str, hint: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-05-18."},
    )


class DatesForm(forms.Form):
    starts_on = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 4}), help_text="Student and host both read it."
    )


class ProposalForm(forms.Form):
    """Of work that has begun the last day alone."""

    starts_on = _day("First day", "The first day of work, orientation included.")
    ends_on = _day("Last day", "The last day of work.")
    reason = forms.CharField(
        label="Why?",
        help_text="A sentence or two. The student reads it, and the career office.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, placement: Placement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.placement = placement
        self.fields["ends_on"].initial = placement.ends_on
        if placement.has_begun:
            del self.fields["starts_on"]
        else:
            self.fields["starts_on"].initial = begins_late(placement) or placement.starts_on

    def clean(self) -> dict[str, Any]:
        given = {"starts_on": self.placement.starts_on, **self.cleaned_data}
        if not self.errors:
            field, words = why_not_these(self.placement, given["starts_on"], given["ends_on"], clock.today())
            if words:
                self.add_error(field, words)
        return given


class DeliverableForm(forms.Form):
    deliverable = forms.CharField(
        label="What you hand in",
        help_text="A link to it, or a few words on what you gave to whom. The host reads it, and the career office.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what you hand in, or where it is."},
    )
