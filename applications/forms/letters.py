from typing import Any

from django import forms

from applications import letter
from applications.models import Offer
from applications.models.letter import PHONE
from core.forms import Fieldset
from postings.models import LocationMode

CONTACT = {"supervisor_email", "supervisor_phone"}
SPELLING = "As the letter prints it: in Latin letters, for the student as in the passport."


def _line(label: str, most: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, **more)


class LetterForm(forms.Form):
    """What the letter says beside the terms of the offer. It is filled in with what the posting says."""

    student_name = _line("Student's name", 120, help_text=SPELLING)
    title = _line("Title of the project", 120, help_text=SPELLING)
    organization_name = _line("Organization", 120, help_text=SPELLING)
    duties = _line(
        "Duties",
        10_000,
        help_text="What the student does, and hands over. A line that begins with a dash becomes an item of a list.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    address = _line("Street address where the work is done", 400, help_text="With city, state and country.")
    supervisor_name = _line("Name", 120)
    supervisor_title = _line("Role", 120, required=False)
    supervisor_email = forms.EmailField(label="Email address", required=False)
    supervisor_phone = _line("Phone number", 40, required=False, validators=[PHONE])

    fieldsets = [
        Fieldset("Names", letter.NAMES),
        Fieldset("Work", ("duties", "address")),
        Fieldset(
            "Supervisor",
            ("supervisor_name", "supervisor_title", "supervisor_email", "supervisor_phone"),
            hint="Give an email address, a phone number or both.",
        ),
    ]

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        kwargs["initial"] = letter.words(offer)
        super().__init__(*args, **kwargs)
        self.posting_says = {name: letter.clean(text) for name, text in letter.posting_words(offer).items()}
        for name, default in self.posting_says.items():
            if not letter.may_differ(name, default):
                del self.fields[name]
        if offer.application.posting.location_mode == LocationMode.REMOTE:
            field = self.fields["address"]
            field.label, field.required = "Street address of the organization", False
            field.help_text = "The letter says that the work is remote; an address stands beside that."

    def clean(self) -> dict[str, Any]:
        data = {name: letter.clean(text) for name, text in self.cleaned_data.items()}
        for name, text in data.items():
            self._check_cleaned(name, text)
        if not (data.get("supervisor_email") or data.get("supervisor_phone") or self.errors.keys() & CONTACT):
            self.add_error("supervisor_email", "Enter an email address or a phone number of the supervisor.")
        return data

    def _check_cleaned(self, name: str, text: str) -> None:
        """Cleaning may leave nothing of a text, and a few signs are longer afterwards."""
        field = self.fields[name]
        if letters := letter.unprintable(text):
            self.add_error(name, letter.unprinted(letter.WORDS[name], letters))
        elif field.required and not text:
            self.add_error(name, forms.ValidationError(field.error_messages["required"], code="required"))
        elif len(text) > (most := getattr(field, "max_length", None) or len(text)):
            self.add_error(name, f"Shorten it to {most} characters.")

    @property
    def facts(self) -> dict[str, str]:
        """What differs from the posting; the rest follows it."""
        return {name: "" if text == self.posting_says[name] else text for name, text in self.cleaned_data.items()}
