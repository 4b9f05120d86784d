"""Two windows on one draft. A page of the form carries the version of the draft that it shows, a name of its own, and
a number that grows with all it sends: what it saves counts while the draft is still of that version, or this very page
was the last to change it and has since sent nothing newer, which may have overtaken this on its way. A button that is
pressed is never overtaken by what its own page saves by itself."""

import re
import secrets
from collections.abc import Iterator

from applications.forms.applying import TYPED, ApplyForm, Difference, answer_to, from_library, version_of
from applications.models import Application, Material, MaterialKind

VERSION, WINDOW, TURN = "draft_version", "draft_window", "draft_turn"  # the hidden fields
ELSEWHERE = (
    "This draft was saved in another window after you opened this one. Nothing was overwritten: compare the two, and "
    "save again what you want to keep."
)
TYPED_ELSEWHERE = (
    "This draft was saved in another window after you opened this one. What you typed is still here: press “Save as a "
    "draft” to see both side by side."
)
SAVED_ELSEWHERE = "Something else is stored here. Both stand above."


def new_window() -> str:
    return secrets.token_hex(8)


def window_of(form: ApplyForm) -> str:
    window = form.data.get(WINDOW, "")
    return window if re.fullmatch(r"[0-9a-f]{16}", window) else ""


def turn_of(form: ApplyForm) -> int:
    """Zero as long as no script counts."""
    turn = form.data.get(TURN, "")
    return int(turn) if re.fullmatch(r"[0-9]{1,15}", turn) else 0


def is_stale(form: ApplyForm, application: Application, kept: list[Material], *, by_itself: bool) -> bool:
    """A page from before there were versions carries none, and is trusted."""
    seen, window = form.data.get(VERSION), window_of(form)
    if window and window == application.saved_from:
        return by_itself and turn_of(form) < application.saved_turn
    return seen is not None and seen != version_of(kept)


def differences(form: ApplyForm, kept: list[Material]) -> list[Difference]:
    """Where saving the form would change the draft."""
    stored = {(material.kind, material.question): material for material in kept}
    return [*_of_words(form, stored), *_of_documents(form, stored)]


Stored = dict[tuple[str, str], Material]


def _of_words(form: ApplyForm, stored: Stored) -> Iterator[Difference]:
    places = [(name, (kind.value, "")) for kind, name in TYPED.items()]
    places += [(answer_to(question), (MaterialKind.ANSWER.value, question)) for question in form.posting.questions]
    for name, part in places:
        if name not in form.fields:
            continue
        here = form.cleaned_data.get(name) or form.data.get(name, "").strip()
        there = (stored[part].text or stored[part].name) if part in stored else ""
        if here != there:
            kind, question = part
            yield Difference(name, question or MaterialKind(kind).label, there, here)


def _of_documents(form: ApplyForm, stored: Stored) -> Iterator[Difference]:
    uploads = dict(form.uploads())
    for kind in form.asked:
        name, material = from_library(kind), stored.get((kind.value, ""))
        there = material.name if material else ""
        if kind.value in uploads:
            yield Difference(kind.value, kind.label, there, uploads[kind.value].name)
        elif name in form.fields and name in form.data:
            chosen = form.data[name]
            if chosen != (str(material.version_id or "") if material else ""):
                version = form.versions.get(chosen)
                yield Difference(name, kind.label, there, version.file_name if version else "")


def show_differences(form: ApplyForm, found: list[Difference]) -> None:
    form.elsewhere = found
    form.add_error(None, ELSEWHERE)
    for one in found:
        if one.field not in form.errors:
            form.add_error(one.field, SAVED_ELSEWHERE)
