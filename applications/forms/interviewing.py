import datetime as dt
from typing import Any

from django import forms
from django.conf import settings

from applications.models import InterviewMode
from applications.wording import place_name
from core import clock

YEAR = dt.timedelta(days=366)


class InterviewForm(forms.Form):
    starts_at = forms.DateTimeField(
        label="Date and time",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter the date and time, such as 2026-03-02 14:30."},
    )
    mode = forms.ChoiceField(label="How you meet", choices=InterviewMode, widget=forms.RadioSelect)
    note = forms.CharField(
        label="What the student should know",
        help_text="The link or address, who takes part, how long it takes. The student reads it.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].help_text = place_name(settings.TIME_ZONE, clock.now())

    def clean_starts_at(self) -> dt.datetime:
        starts_at: dt.datetime = self.cleaned_data["starts_at"]
        if not clock.now() < starts_at < clock.now() + YEAR:
            raise forms.ValidationError("Choose a time that is still to come, within a year.")
        return starts_at
