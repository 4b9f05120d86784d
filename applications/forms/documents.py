from typing import Any

from django import forms

from applications.models import DOCUMENT_KINDS
from core.uploads import CHOOSE, UploadField

NAME_LENGTH = 100


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **kwargs)

    def clean(self, value: Any) -> Any:
        return " ".join(super().clean(value).split())


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label="What it is", choices=DOCUMENT_KINDS)
    file = UploadField(help_text=CHOOSE)
    name = NameField(
        required=False, help_text="For your own list. Without one it takes the file's. Hosts see the file's."
    )


class VersionForm(forms.Form):
    file = UploadField(label="The new version", help_text=CHOOSE)


class NameForm(forms.Form):
    name = NameField(help_text="For your own list. Hosts see the name of the file.")
