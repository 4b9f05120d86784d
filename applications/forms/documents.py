from typing import Any

from django import forms

from applications import uploads
from applications.models import DOCUMENT_KINDS

CHOOSE = "PDF or Word (.docx), at most 5 MB."
NAME_LENGTH = 100


class MaterialField(forms.FileField):
    """An uploaded file, inspected in full; cleaned to an Upload."""

    widget = forms.FileInput(attrs={"accept": f".pdf,.docx,{uploads.PDF},{uploads.DOCX}"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return uploads.accept(file) if file else None


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=NAME_LENGTH, **kwargs)

    def clean(self, value: Any) -> Any:
        return " ".join(super().clean(value).split())


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label="What it is", choices=DOCUMENT_KINDS)
    file = MaterialField(help_text=CHOOSE)
    name = NameField(
        required=False, help_text="For your own list. Without one it takes the file's. Hosts see the file's."
    )


class VersionForm(forms.Form):
    file = MaterialField(label="The new version", help_text=CHOOSE)


class NameForm(forms.Form):
    name = NameField(help_text="For your own list. Hosts see the name of the file.")
