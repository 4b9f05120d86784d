import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.template.defaultfilters import filesizeformat

from applications import uploads
from applications.actions import Terms
from applications.actions.offers import too_few_days
from applications.models import Application, InterviewMode, Material, MaterialKind
from applications.uploads import Upload
from applications.wording import place_name
from core import clock
from core.forms import Fieldset
from postings.models import MaterialKind as Asked
from postings.models import PayKind, Posting

YEAR = dt.timedelta(days=366)
LETTER_LENGTH = 6000
ANSWER_LENGTH = 2000
CHOOSE = "PDF or Word (.docx), at most 5 MB."
# What may come as words or a link instead of a file: the field for the words stands under this name.
TYPED = {MaterialKind.COVER_LETTER: "cover_letter_text", MaterialKind.PORTFOLIO: "portfolio_link"}

MISSING = {
    MaterialKind.COVER_LETTER: "Choose a file, or type your cover letter.",
    MaterialKind.PORTFOLIO: "Choose a file, or give a link to your portfolio.",
}


class MaterialField(forms.FileField):
    """An uploaded file, inspected in full; cleaned to an Upload."""

    widget = forms.FileInput(attrs={"accept": f".pdf,.docx,{uploads.PDF},{uploads.DOCX}"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return uploads.accept(file) if file else None


class ApplyForm(forms.Form):
    """What this posting asks for. What the draft has already need not be given again."""

    def __init__(
        self,
        *args: Any,
        posting: Posting,
        kept: list[Material],
        acknowledged: bool,
        finishing: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.posting = posting
        self.finishing = finishing
        self.asked = [MaterialKind.RESUME, MaterialKind.COVER_LETTER, *self._extra()]
        for kind in self.asked:
            self._add_material(kind)
        for number, question in enumerate(posting.questions):
            self.fields[f"answer_{number}"] = forms.CharField(
                label=question, max_length=ANSWER_LENGTH, widget=forms.Textarea(attrs={"rows": 5})
            )
        if not acknowledged:
            self.fields["guidelines"] = forms.BooleanField(
                label="I have read the recruiting guidelines and will keep to them",
                error_messages={"required": "Read the recruiting guidelines and tick the box to keep to them."},
            )
        self.fieldsets = list(self._groups())
        self.show_kept(kept)
        if not finishing:
            for field in self.fields.values():
                field.required = False

    def _extra(self) -> list[MaterialKind]:
        return [MaterialKind(kind) for kind in self.posting.extra_materials if kind != Asked.SHORT_ANSWERS]

    def _add_material(self, kind: MaterialKind) -> None:
        typed = TYPED.get(kind)
        self.fields[kind.value] = MaterialField(
            label=f"{kind.label} as a file" if typed else kind.label,
            required=not typed,
            help_text=CHOOSE,
            error_messages={"required": f"Choose the file of your {kind.label.lower()}: PDF or Word (.docx)."},
        )
        if kind == MaterialKind.COVER_LETTER:
            self.fields["cover_letter_text"] = forms.CharField(
                label="Or type your cover letter",
                required=False,
                max_length=LETTER_LENGTH,
                widget=forms.Textarea(attrs={"rows": 10}),
            )
        if kind == MaterialKind.PORTFOLIO:
            self.fields["portfolio_link"] = forms.URLField(
                label="Or a link to your portfolio", required=False, assume_scheme="https"
            )

    def _groups(self) -> Iterator[Fieldset]:
        names = ("resume", "cover_letter", "cover_letter_text")
        yield Fieldset("Resume and cover letter", names, hint="The letter is a file or typed: one is enough.")
        extra = [name for kind in self._extra() for name in (kind.value, TYPED.get(kind, "")) if name]
        if extra:
            yield Fieldset("What this host asks for besides", tuple(extra))
        answers = tuple(name for name in self.fields if name.startswith("answer_"))
        if answers:
            yield Fieldset("Questions of the host", answers)
        if "guidelines" in self.fields:
            yield Fieldset("Recruiting guidelines", ("guidelines",))

    def show_kept(self, kept: list[Material]) -> None:
        """Say which files the draft holds, and fill in the words that it holds."""
        self.kept = {(material.kind, material.question): material for material in kept}
        for material in kept:
            if material.kind == MaterialKind.ANSWER:
                if material.question in self.posting.questions:
                    self.initial.setdefault(f"answer_{self.posting.questions.index(material.question)}", material.text)
            elif material.kind in self.fields:
                self._show_material(material)

    def _show_material(self, material: Material) -> None:
        if material.text:
            self.initial.setdefault(TYPED.get(MaterialKind(material.kind), ""), material.text)
            return
        field = self.fields[material.kind]
        field.required = False
        hint = f"We have “{material.name}” ({filesizeformat(material.size)}). Choose another file only to replace it."
        field.help_text = self[material.kind].help_text = hint  # a bound field keeps a copy

    def clean(self) -> dict[str, Any]:
        for kind, typed in TYPED.items():
            if self.cleaned_data.get(kind.value) and self.cleaned_data.get(typed):
                self.add_error(typed, "You gave this as a file too. Empty this box to send the file.")
            elif self.finishing and kind in self.asked and not self._has(kind, typed):
                self.add_error(kind.value, MISSING[kind])
        return self.cleaned_data

    def _has(self, kind: MaterialKind, typed: str) -> bool:
        kept = self.kept.get((kind.value, ""))
        refused = kind.value in self.errors or typed in self.errors
        given = self.cleaned_data.get(kind.value) or self.cleaned_data.get(typed)
        return bool(refused or given or (kept and kept.file))

    def uploads(self) -> Iterator[tuple[str, Upload]]:
        """The files that were accepted, whatever became of the rest of the form."""
        for kind in self.asked:
            upload = self.cleaned_data.get(kind.value)
            if upload:
                yield kind.value, upload

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Kind, question and words. Words beside a file of the same kind are left out: a material is one of the two."""
        for kind, typed in TYPED.items():
            kept = self.kept.get((kind.value, ""))
            has_file = self.cleaned_data.get(kind.value) or (kept and kept.file)
            words = self.cleaned_data.get(typed)
            if typed in self.cleaned_data and (words or not has_file) and not self.cleaned_data.get(kind.value):
                yield kind.value, "", words or ""
        for number, question in enumerate(self.posting.questions):
            if f"answer_{number}" in self.cleaned_data:
                yield MaterialKind.ANSWER.value, question, self.cleaned_data[f"answer_{number}"]


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str = "Reason", hint: str = "", required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = hint
        self.fields["reason"].required = required
        self.fields["reason"].error_messages["required"] = "Give the reason in a sentence or two."


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


def _date(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-03-02."},
    )


NO_AMOUNT = "Enter the amount, above zero."


class OfferForm(forms.Form):
    starts_on = _date("First day")
    ends_on = _date("Last day")
    hours_week = forms.IntegerField(label="Hours a week", min_value=1, max_value=80)
    pay_kind = forms.ChoiceField(label="How it is paid", widget=forms.RadioSelect)
    pay_amount = forms.DecimalField(
        label="Amount",
        help_text="For each hour, or the whole fee.",
        max_digits=9,
        decimal_places=2,
        error_messages={"required": NO_AMOUNT},
    )
    currency = forms.CharField(label="Currency", min_length=3, max_length=3, help_text="Three letters, such as USD.")
    note = forms.CharField(
        label="What else is agreed", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    days = forms.IntegerField(label="Business days to decide", min_value=1, max_value=250)

    fieldsets = [
        Fieldset("When", ("starts_on", "ends_on", "hours_week")),
        Fieldset("Pay", ("pay_kind", "pay_amount", "currency")),
        Fieldset("Anything else", ("note",)),
        Fieldset("Time to decide", ("days",)),
    ]

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        kwargs["initial"] = self._from_posting(application) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.application = application
        unpaid = application.posting.is_unpaid
        self.fields["pay_kind"].choices = [  # type: ignore[attr-defined]
            choice for choice in PayKind.choices if choice[0] != PayKind.UNPAID or unpaid
        ]
        self.fields["pay_amount"].required = not unpaid
        self.fields["days"].help_text = (
            f"At least {application.least_days}. The day of the offer does not count, nor do weekends and the days "
            "on which the university is closed."
        )

    @staticmethod
    def _from_posting(application: Application) -> dict[str, Any]:
        posting = application.posting
        start, weeks = posting.start_earliest, posting.weeks_max
        kind = posting.opportunity_type
        return {
            "starts_on": start,
            "ends_on": start + dt.timedelta(weeks=weeks, days=-1) if start and weeks else None,
            "hours_week": posting.hours_week_max,
            "pay_kind": posting.pay_kind,
            "pay_amount": posting.pay_amount,
            "currency": posting.currency,
            "days": application.waived_days or (kind.offer_days_recommended if kind else None),
        }

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if not (currency.isascii() and currency.isalpha()):
            raise forms.ValidationError("Enter the currency's three letters, such as USD.")
        return currency

    def clean_days(self) -> int:
        days: int = self.cleaned_data["days"]
        if days < self.application.least_days:
            raise forms.ValidationError(too_few_days(self.application))
        return days

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and not clock.today() < starts_on < clock.today() + 2 * YEAR:
            self.add_error("starts_on", "The first day must be after today, and within two years.")
        elif starts_on and ends_on and not starts_on <= ends_on < starts_on + 2 * YEAR:
            self.add_error("ends_on", "The last day must not be before the first day, nor two years after it.")
        self._clean_pay(data)
        return data

    def _clean_pay(self, data: dict[str, Any]) -> None:
        if data.get("pay_kind") == PayKind.UNPAID:
            data["pay_amount"] = None
        elif "pay_amount" in data and not (data["pay_amount"] and data["pay_amount"] > 0):
            self.add_error("pay_amount", NO_AMOUNT)

    @property
    def terms(self) -> Terms:
        return Terms(**{name: value for name, value in self.cleaned_data.items() if name != "days"})


class ExtensionForm(forms.Form):
    last_day = _date("New last day", hint="The offer stays open until the end of this day.")
    reason = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="The student reads it."
    )


class NoQuestion(forms.Form):
    """Nothing to fill in: the button is the answer."""
