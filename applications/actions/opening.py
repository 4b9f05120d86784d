"""What others open of a student's is written down, for the student to read. These are the only writes of a GET."""

import datetime as dt
from collections.abc import Iterable

from django.utils.text import capfirst, get_text_list

from accounts.models import User
from applications.models import Application, Material, MaterialAccess, MaterialKind, Offer
from core import clock

LETTER = "Offer letter"


def open_material(material: Material, *, by: User, now: dt.datetime | None = None) -> None:
    """Somebody other than the student opens the file."""
    _note(material.application, material.name, by, now, material=material)


def open_letter(offer: Offer, *, by: User, now: dt.datetime | None = None) -> None:
    """Likewise, the letter of the student's offer."""
    _note(offer.application, LETTER, by, now)


def open_words(applications: Iterable[Application], *, by: User, now: dt.datetime | None = None) -> None:
    """Typed letters and answers stand on a page, which is come back to for much else: noted once a day on the board's
    clock. Reads prefetched materials."""
    moment = now or clock.now()
    MaterialAccess.objects.bulk_create(
        [
            MaterialAccess(application=one, name=name, user=by, at=moment, day=clock.today(moment))
            for one in applications
            if one.student.user_id != by.pk and (name := words_of(one))
        ],
        ignore_conflicts=True,
    )


def words_of(application: Application) -> str:
    """What was typed, as the log names it: cover letter, portfolio and 2 answers."""
    typed = [material.kind for material in application.materials.all() if material.text]
    answers = typed.count(MaterialKind.ANSWER)
    kinds = [kind.label.lower() for kind in MaterialKind if kind in typed and kind != MaterialKind.ANSWER]
    counted = [f"{answers} answer{'s' if answers > 1 else ''}"] if answers else []
    return capfirst(get_text_list([*kinds, *counted], "and"))


def _note(
    application: Application, name: str, by: User, now: dt.datetime | None, *, material: Material | None = None
) -> None:
    if application.student.user_id != by.pk:
        MaterialAccess.objects.create(
            application=application, material=material, name=name, user=by, at=now or clock.now()
        )
