import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.template.defaultfilters import date, filesizeformat

from applications.models import DocumentVersion, GuidelinesText, Material, MaterialKind
from core import clock
from core.forms import Fieldset
from core.uploads import CHOOSE, Upload, UploadField
from postings.models import MaterialKind as Asked
from postings.models import Posting

LETTER_LENGTH = 6000
ANSWER_LENGTH = 2000
DRAFT_LENGTH = 50_000  # a draft also keeps what is too long to be sent
# What may come as words or a link instead of a file: the field for the words stands under this name.
TYPED = {MaterialKind.COVER_LETTER: "cover_letter_text", MaterialKind.PORTFOLIO: "portfolio_link"}
# What one has one of: the newest is chosen beforehand. A letter or a sample is another one each time.
CHOSEN_BEFOREHAND = (MaterialKind.RESUME, MaterialKind.TRANSCRIPT)

MISSING = {
    MaterialKind.COVER_LETTER: "Choose a file, or type your cover letter.",
    MaterialKind.PORTFOLIO: "Choose a file, or give a link to your portfolio.",
}
ONE_TOO_MANY = "You gave this as a file too. Empty this box to send the file."
NOT_ASKED = "The host no longer asks a question that you answered here. Read the questions again before you send."


class Difference(NamedTuple):
    """A part of the application that stands one way in the draft and another in this window."""

    field: str
    label: str
    stored: str
    here: str


class LibraryField(forms.ChoiceField):
    """One of the student's documents. The form, which knows what came besides, says when one is missing."""

    def __init__(self, versions: list[DocumentVersion], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.versions: list[DocumentVersion] = []
        self.offer(*sorted(versions, key=lambda version: version.added_at, reverse=True))

    def offer(self, *versions: DocumentVersion) -> None:
        self.versions += [version for version in versions if version not in self.versions]
        self.choices = [("", "None of these"), *((str(version.pk), _listed(version)) for version in self.versions)]

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ApplyForm(forms.Form):
    """What this posting asks for. What the draft has already need not be given again."""

    def __init__(
        self,
        *args: Any,
        posting: Posting,
        kept: list[Material],
        library: list[DocumentVersion],
        guidelines: GuidelinesText | None,
        finishing: bool = True,
        **kwargs: Any,
    ) -> None:
        """`guidelines` are the text to acknowledge, and None where that is done."""
        super().__init__(*args, **kwargs)
        self.posting, self.guidelines, self.finishing = posting, guidelines, finishing
        self.elsewhere: list[Difference] = []  # what another window has saved since this one was opened
        self.version = version_of(kept)
        self.kept = {(material.kind, material.question): material for material in kept}
        self.versions = {str(version.pk): version for version in library}
        self.versions |= {str(material.version_id): material.version for material in kept if material.version}
        self.asked = [MaterialKind.RESUME, MaterialKind.COVER_LETTER, *self._extra()]
        for kind in self.asked:
            self._add_material(kind)
        for question in posting.questions:
            self.fields[answer_to(question)] = _words(question, ANSWER_LENGTH, rows=5)
        if guidelines:
            self.fields["guidelines"] = forms.BooleanField(
                label="I have read the recruiting guidelines and will keep to them",
                error_messages={"required": "Read the recruiting guidelines and tick the box to keep to them."},
            )
        self.fieldsets = list(self._groups())
        self._fill_in()
        if not finishing:
            self._let_go()

    @property
    def file_names(self) -> str:
        """The fields that are left out while the form saves itself."""
        return ",".join(name for name, field in self.fields.items() if isinstance(field, forms.FileField))

    def _extra(self) -> list[MaterialKind]:
        return [MaterialKind(kind) for kind in self.posting.extra_materials if kind != Asked.SHORT_ANSWERS]

    def _add_material(self, kind: MaterialKind) -> None:
        typed, documents = TYPED.get(kind), [one for one in self.versions.values() if one.document.kind == kind]
        if documents:
            label = f"{kind.label} from your documents"
            self.fields[from_library(kind)] = LibraryField(documents, label=label, required=not typed)
        self.fields[kind.value] = UploadField(
            label=f"{kind.label} as a {'new ' if documents else ''}file" if typed or documents else kind.label,
            required=not typed and not documents,
            help_text=f"{CHOOSE} It joins your documents.",
            error_messages={"required": f"Choose the file of your {kind.label.lower()}: PDF or Word (.docx)."},
        )
        if kind == MaterialKind.COVER_LETTER:
            self.fields["cover_letter_text"] = _words(
                "Or type your cover letter", LETTER_LENGTH, rows=10, required=False
            )
        if kind == MaterialKind.PORTFOLIO:
            self.fields["portfolio_link"] = forms.URLField(
                label="Or a link to your portfolio", required=False, assume_scheme="https"
            )

    def _groups(self) -> Iterator[Fieldset]:
        names = tuple(name for kind in self.asked[:2] for name in _names(kind))
        yield Fieldset(
            "Resume and cover letter", names, hint="The letter is a document, a new file, or typed: one is enough."
        )
        extra = tuple(name for kind in self._extra() for name in _names(kind))
        if extra:
            yield Fieldset("What this host asks for besides", extra)
        answers = tuple(name for name in self.fields if _is_answer(name))
        if answers:
            yield Fieldset("Questions of the host", answers)
        if "guidelines" in self.fields:
            yield Fieldset("Recruiting guidelines", ("guidelines",))

    def _fill_in(self) -> None:
        """What is known: the words and files of the draft, and the newest of what one has one of."""
        for kind in CHOSEN_BEFOREHAND:
            field = self.fields.get(from_library(kind))
            if isinstance(field, LibraryField) and (kind.value, "") not in self.kept:
                self.initial.setdefault(from_library(kind), str(field.versions[0].pk))
        for material in self.kept.values():
            if material.kind == MaterialKind.ANSWER:
                if material.question in self.posting.questions:
                    self.initial.setdefault(answer_to(material.question), material.text)
            elif material.kind in self.fields:
                self._show_material(material)

    def _show_material(self, material: Material) -> None:
        kind = MaterialKind(material.kind)
        if material.text:
            self.initial.setdefault(TYPED.get(kind, ""), material.text)
        elif material.version and from_library(kind) in self.fields:
            self.initial.setdefault(from_library(kind), str(material.version_id))
        else:
            field = self.fields[kind.value]
            field.required = False
            hint = (
                f"We have “{material.name}” ({filesizeformat(material.size)}). Choose another file only to replace it."
            )
            field.help_text = self[kind.value].help_text = hint  # a bound field keeps a copy

    def _let_go(self) -> None:
        """A draft may lack anything, and holds more words than can be sent."""
        for field in self.fields.values():
            field.required = False
            if isinstance(field, forms.CharField) and field.max_length:
                longer = [check for check in field.validators if not isinstance(check, MaxLengthValidator)]
                field.validators = [*longer, MaxLengthValidator(DRAFT_LENGTH)]

    def show_kept(self, kept: list[Material]) -> None:
        """On a form that comes back: a file that was uploaded with it is in the draft now, and not asked for again."""
        self.kept = {(material.kind, material.question): material for material in kept}
        for material in kept:
            if material.kind in self.fields and material.file:
                self._show_material(material)
                self._choose(material)

    def _choose(self, material: Material) -> None:
        if from_library(material.kind) in self.fields and material.version:
            self.choose(material.version)

    def choose(self, version: DocumentVersion) -> None:
        """Have the form come back with this document chosen."""
        kind = MaterialKind(version.document.kind)
        name = from_library(kind)
        if name not in self.fields:
            self.fields[name] = LibraryField([], label=f"{kind.label} from your documents", required=False)
        cast(LibraryField, self.fields[name]).offer(version)
        self._enter(name, str(version.pk))

    def _enter(self, name: str, value: str) -> None:
        """What the field shows when the form comes back, instead of what was sent."""
        data = cast(QueryDict, self.data).copy()
        data[name] = value
        self.data = data

    def clean(self) -> dict[str, Any]:
        for kind in self.asked:
            typed = TYPED.get(kind, "")
            chosen = self.finishing and self.cleaned_data.get(from_library(kind))
            if self.cleaned_data.get(typed) and (self.cleaned_data.get(kind.value) or chosen):
                self.add_error(typed, ONE_TOO_MANY)
            elif self.finishing and not self._has(kind, typed):
                missing = MISSING.get(kind, f"Choose the file of your {kind.label.lower()}: PDF or Word (.docx).")
                offered = from_library(kind) in self.fields
                words = missing.replace("Choose ", "Choose one of your documents, or ", 1) if offered else missing
                self.add_error(from_library(kind) if offered else kind.value, words)
        if any(words.strip() for name, words in self.data.items() if _is_answer(name) and name not in self.fields):
            self.add_error(None, NOT_ASKED)
        if self.guidelines and self._read_another_version():
            self.add_error("guidelines", "The guidelines have changed since you opened this page. Read them again.")
        return self.cleaned_data

    def _has(self, kind: MaterialKind, typed: str) -> bool:
        names = (kind.value, typed, from_library(kind))
        if any(name in self.errors or self.cleaned_data.get(name) for name in names):
            return True
        kept = self.kept.get((kind.value, ""))
        return bool(kept and kept.file and not self._unchosen(kept))

    def _unchosen(self, kept: Material) -> bool:
        """The draft holds a document, and the student has chosen none."""
        return bool(kept.version and self.data.get(from_library(kept.kind)) == "")

    def _read_another_version(self) -> bool:
        current = str(self.guidelines.version if self.guidelines else "")
        changed = self.cleaned_data.get("guidelines") and self.data.get("guidelines_version", current) != current
        if changed:
            self._enter("guidelines", "")
        return bool(changed)

    def uploads(self) -> Iterator[tuple[str, Upload]]:
        """The files that were accepted, whatever became of the rest of the form."""
        for kind in self.asked:
            upload = self.cleaned_data.get(kind.value)
            if upload:
                yield kind.value, upload

    def chosen(self) -> Iterator[tuple[str, DocumentVersion | None]]:
        """Kind and document, or none where the draft holds one that is to go. A file or words go before."""
        for kind in self.asked:
            typed, kept = TYPED.get(kind, ""), self.kept.get((kind.value, ""))
            given = [self.cleaned_data.get(name) or name in self.errors for name in (kind.value, typed)]
            version = self.versions.get(self.cleaned_data.get(from_library(kind), ""))
            if not any(given) and (version or (kept and self._unchosen(kept))):
                yield kind.value, version

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Kind, question and words. Words beside a file of the same kind are left out: a material is one of the two."""
        for kind, typed in TYPED.items():
            kept = self.kept.get((kind.value, ""))
            upload = self.cleaned_data.get(kind.value)
            has_file = self.cleaned_data.get(from_library(kind)) or (kept and kept.file)
            words = self.cleaned_data.get(typed)
            if typed in self.cleaned_data and (words or not has_file) and not upload:
                yield kind.value, "", words or ""
        for question in self.posting.questions:
            if answer_to(question) in self.cleaned_data:
                yield MaterialKind.ANSWER.value, question, self.cleaned_data[answer_to(question)]


def version_of(kept: list[Material]) -> str:
    """Of a draft: another after every change, since a material that changes is a new one."""
    return hashlib.sha256(" ".join(sorted(str(material.pk) for material in kept)).encode()).hexdigest()[:16]


def from_library(kind: str) -> str:
    """The name of the field that offers the documents of this kind."""
    return f"{MaterialKind(kind).value}_document"


def answer_to(question: str) -> str:
    """The name of the field for its answer. By its place, words would land under another question when the host's
    changes are approved while the form is open."""
    return f"answer_{hashlib.sha256(question.encode()).hexdigest()[:8]}"


def _is_answer(name: str) -> bool:
    return name.startswith("answer_")


def _names(kind: MaterialKind) -> list[str]:
    """The fields for one material, in reading order; not every form has them all."""
    return [name for name in (from_library(kind), kind.value, TYPED.get(kind, "")) if name]


def _words(label: str, length: int, *, rows: int, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=length,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=f"At most {length:,} characters.",
    )


def _listed(version: DocumentVersion) -> str:
    return f"{version.document.name} (version {version.number}, {date(clock.today(version.added_at), 'M j, Y')})"
