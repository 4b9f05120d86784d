"""That a start can no longer be met is told to the hosts, at nine on the board's clock: not why, only that the first
day has to move. The student and the international advisors are told by their own mail."""

import datetime as dt
from collections.abc import Iterable

from applications.actions.moving import hosts_of
from authorization.reminders import nine
from authorization.rules import World
from core import clock
from notifications.reminders import Planned, Reminder, register
from placements.emails import start_must_move
from placements.models import Placement
from placements.rules import start_is_lost_from
from placements.workflow import Status

INSTANT = dt.timedelta(microseconds=1)


def plan(since: dt.datetime, until: dt.datetime, *, recipient_id: int | None = None) -> Iterable[Planned]:
    """What became impossible before the last look is made up for: the key of the mail keeps it one."""
    waiting = Placement.objects.filter(status=Status.AWAITING_AUTHORIZATION, ends_on__gte=clock.today(until))
    world = World.load()
    for placement in waiting.with_people():
        lost = start_is_lost_from(placement, world)
        if lost is None:
            continue
        due = max(nine(lost), since + INSTANT)
        if due <= until:
            for host in hosts_of(placement.posting):
                if recipient_id in (None, host.pk):
                    yield Planned(host.pk, placement.pk, "", placement.starts_on.isoformat(), due)


register(Reminder(mail=start_must_move, plan=plan))
