"""The forms with which moderators decide."""

from typing import Any

from django import forms

from postings.reasons import WORDS
from postings.workflow import Reason

comment_box = forms.Textarea(attrs={"rows": 5})


class _VersionedForm(forms.Form):
    """The decision is on what was read: the version comes with the button."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def talk() -> forms.BooleanField:
    return forms.BooleanField(
        label="I have talked with the host about why this is unpaid, and about travel costs in the contract",
        error_messages={"required": "An unpaid project is approved only after a conversation with the host."},
    )


class ApprovalForm(_VersionedForm):
    comment = forms.CharField(
        label="Words for the host", help_text="They stand in the mail.", required=False, widget=comment_box
    )


class TalkForm(ApprovalForm):
    unpaid_talk = talk()


class ReasonSelect(forms.Select):
    """Each reason carries the words that it starts with."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-words"] = WORDS.get(str(value), "")
        return option


class ReasonForm(forms.Form):
    """A reason brings its words, which the moderator goes on to edit."""

    reason = forms.ChoiceField(choices=[("", "Choose a reason"), *Reason.choices], widget=ReasonSelect)
    comment = forms.CharField(label="What the host reads", max_length=4000, widget=comment_box)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"comment": WORDS.get(self.initial.get("reason", ""), ""), **self.initial}


class JudgmentForm(_VersionedForm, ReasonForm):
    field_order = ["reason", "comment", "version"]


class HoldForm(forms.Form):
    note = forms.CharField(label="Why", help_text="The host reads it.", max_length=2000, widget=comment_box)


class ResumeForm(forms.Form):
    note = forms.CharField(label="Words for the host", max_length=2000, required=False, widget=comment_box)


class CloseForm(forms.Form):
    comment = forms.CharField(label="Why", max_length=2000, widget=comment_box)


class PreviewForm(forms.Form):
    days = forms.TypedChoiceField(
        label="It works for",
        choices=[(1, "1 day"), (7, "7 days"), (14, "14 days")],
        initial=7,
        coerce=int,
        help_text="Whoever has the link sees the posting as students will. You can take it back at any time.",
    )
