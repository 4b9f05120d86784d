from typing import Any

from django import forms


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str = "Reason", hint: str = "", required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = hint
        self.fields["reason"].required = required
        self.fields["reason"].error_messages["required"] = "Give the reason in a sentence or two."


class NoQuestion(forms.Form):
    """Nothing to fill in: the button is the answer."""
