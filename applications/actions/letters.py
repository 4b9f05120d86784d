import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from applications import letter
from applications.actions.moving import lock_offer, note_on_offer, refuse_if_suspended, roles_of
from applications.models import Offer, OfferLetter
from core import clock
from core.workflow import MoveRefused

OVER = "This offer is no longer open and was not accepted, so there is no letter of it."


@transaction.atomic
def complete_letter(offer: Offer, *, by: User, facts: Mapping[str, str], now: dt.datetime | None = None) -> OfferLetter:
    """Put words of the host's into the letter; an empty one is the posting's again."""
    moment = now or clock.now()
    offer = lock_offer(offer)
    if "host" not in roles_of(by, offer.application):
        raise MoveRefused("The host writes the letter.")
    refuse_if_suspended(offer.application)
    if not letter.stands(offer, moment):
        raise MoveRefused(OVER)
    before = OfferLetter.objects.filter(offer=offer).first()
    changed = [name for name in letter.WORDS if facts.get(name, "") != (getattr(before, name) if before else "")]
    if before and not changed:
        return before
    values = {name: facts.get(name, "") for name in letter.WORDS}
    row, _ = OfferLetter.objects.update_or_create(
        offer=offer, defaults={**values, "filled_by": by, "filled_at": moment}
    )
    note_on_offer(offer, "letter", by=by, now=moment, note=", ".join(letter.WORDS[name] for name in changed))
    return row
