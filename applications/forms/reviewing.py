from typing import Any

from django import forms

from applications.models import LONGEST_NOTE
from applications.wording import kind_words, plain_text
from postings.models import Posting

LONGEST_WORDS = 2000


class NonSelectionForm(forms.Form):
    """What the mail says. Untouched or emptied, our own words go out, as they read then."""

    words = forms.CharField(
        label="What the mail says",
        help_text="The student reads it as you leave it, after a greeting. Empty the box to send these words.",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 10}),
    )

    def __init__(self, *args: Any, posting: Posting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ours = plain_text(kind_words(posting.title, posting.organization.name))
        self.fields["words"].initial = self.ours

    def clean_words(self) -> str:
        words = plain_text(self.cleaned_data["words"])
        return "" if words == self.ours else words


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        help_text="For the people of your organization who manage this posting. Nobody else reads it.",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the note first."},
    )

    def clean_text(self) -> str:
        text = plain_text(self.cleaned_data["text"])
        if not text:
            raise forms.ValidationError("Write the note first.")
        return text
