import datetime as dt

from django.db import transaction

from accounts.models import User
from applications.actions.moving import lock_offer, roles_of
from applications.models import Case, CaseLook
from applications.workflow import STAFF
from core import clock
from core.workflow import MoveRefused


@transaction.atomic
def look_at(case: Case, *, by: User, note: str, now: dt.datetime | None = None) -> CaseLook:
    """Put on record that the career office looked into it. It is done once: who comes second is told who was first."""
    offer = lock_offer(case.offer)
    roles = roles_of(by, offer.application)
    if not roles & set(STAFF) or roles & {"student", "host"}:
        raise MoveRefused("Only the career office can do that, and nobody in a case of their own.")
    first = CaseLook.objects.select_related("by").filter(event=case.pk).first()
    if first:
        day = clock.today(first.at)
        raise MoveRefused(f"{first.by.display_name} looked at this on {day:%B} {day.day}, {day.year}.")
    if not Case.objects.filter(pk=case.pk).exists():
        raise MoveRefused("The acceptance was withdrawn meanwhile: that is the case now.")
    if not note.strip():
        raise MoveRefused("Write in a sentence what came of it.")
    return CaseLook.objects.create(event_id=case.pk, by=by, at=now or clock.now(), note=note.strip())
