from typing import Any

from django import forms

from core import clock
from notifications.models import SwitchedOff
from notifications.preferences import groups_for, switch


class PreferencesForm(forms.Form):
    """One checkbox for each group of mails that this person may switch off."""

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        off = set(SwitchedOff.objects.filter(user=user).values_list("group", flat=True))
        for group in groups_for(user):
            self.fields[group.name] = forms.BooleanField(
                label=group.label, help_text=group.hint, required=False, initial=group.name not in off
            )

    def save(self) -> None:
        now = clock.now()
        for group, wanted in self.cleaned_data.items():
            switch(self.user.pk, group, on=wanted, now=now)
