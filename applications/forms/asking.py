import datetime as dt
from typing import Any

from django import forms

from applications.actions.requests import wrong_wish
from applications.models import Offer
from core import clock


def _words(label: str, hint: str) -> forms.CharField:
    return forms.CharField(label=label, help_text=hint, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


class MoreTimeForm(forms.Form):
    wished_day = forms.DateField(
        label="Until when?",
        help_text="The offer would stay open until the end of this day.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-03-02."},
    )
    words = _words("Why?", "A sentence or two. The host reads it.")

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer

    def clean_wished_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["wished_day"]
        refusal = wrong_wish(self.offer, day, clock.now())
        if refusal:
            raise forms.ValidationError(refusal)
        return day


class TalkForm(forms.Form):
    words = _words(
        "What is it about?",
        "A sentence or two, for the career office alone; the host does not see it. Say when you can be reached.",
    )


class GoingBackForm(forms.Form):
    words = _words("What has happened?", "For the career office alone: they talk with you before anybody else is told.")


class TalkNoteForm(forms.Form):
    note = forms.CharField(
        label="What was said",
        help_text="For the career office alone. The student sees that the talk is on record.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class OthersForm(forms.Form):
    """The student's other running applications, each with a box; `choices` are pairs of key and words."""

    applications = forms.MultipleChoiceField(
        label="Which do you let go?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one, or go back: you may keep them all.",
            "invalid_choice": "One of them has moved in the meantime. Look at the list as it is now.",
        },
    )
    reason = forms.CharField(
        label="A word to the hosts",
        help_text="Each of them reads it.",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applications"].choices = choices  # type: ignore[attr-defined]
