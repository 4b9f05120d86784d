from collections.abc import Iterator
from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat

from applications import uploads
from applications.models import Material, MaterialKind
from applications.uploads import Upload
from core.forms import Fieldset
from postings.models import MaterialKind as Asked
from postings.models import Posting

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
