"""What students and hosts are told. Hosts read the one sentence about a clearance; why it stands so, nobody writes."""

from typing import Any

from authorization.rules import World
from core import clock
from notifications.mail import Context, Mail
from placements.models import DateProposal, Placement, ProposalOutcome
from placements.rules import begins_late, clearance, footing, last_cleared_day, start_is_lost_from
from placements.workflow import TO_COME, UNDER_WAY, WAITING, Status
from postings.models import Posting


def _placement(*statuses: str) -> Context:
    """Wanted as long as the placement stands in one of these, by whoever still has to do with it."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        placement = Placement.objects.with_people().filter(pk=subject_id, status__in=statuses).first()
        if placement is None or not _is_concerned(placement, recipient):
            return None
        return {
            "placement": placement,
            "posting": placement.posting,
            "organization": placement.posting.organization,
            "student": placement.student,
            "is_student": recipient == placement.student,
            "clearance": clearance(placement),
            "begins_late": begins_late(placement),
            "last_cleared_day": last_cleared_day(placement),
        }

    return context


def _is_concerned(placement: Placement, recipient: Any) -> bool:
    if recipient == placement.student:
        return True
    return Posting.objects.managed_by(recipient).filter(pk=placement.posting.pk).exists()


def _held_back(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """Not wanted once a clearance stands again."""
    waiting = _placement(*WAITING)(subject_id, recipient, version)
    return waiting or _footing("stop")(subject_id, recipient, version)


def _footing(move: str) -> Context:
    """Of work under way, as long as it stands so."""

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        found = _placement(*UNDER_WAY)(subject_id, recipient, version)
        return found if found and footing(found["placement"], clock.today())[0] == move else None

    return context


def _start_must_move(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
    """The version is the first day that cannot be met: wanted while it stands, and nothing has come of it."""
    found = _placement(Status.AWAITING_AUTHORIZATION)(subject_id, recipient, version)
    if found is None or found["placement"].starts_on.isoformat() != version:
        return None
    lost = start_is_lost_from(found["placement"], World.load())
    return found if lost and lost <= clock.today() else None


def _proposal(outcome: str) -> Context:
    """Of a proposal of dates, while that is what came of it; of dates that moved, while they are still those."""
    concerned = _placement(*TO_COME, *UNDER_WAY)

    def context(subject_id: int, recipient: Any, version: str) -> dict[str, Any] | None:
        proposal = DateProposal.objects.filter(pk=subject_id, outcome=outcome).first()
        found = concerned(proposal.placement_id, recipient, version) if proposal else None
        if proposal is None or found is None:
            return None
        stand = found["placement"].starts_on, found["placement"].ends_on
        if outcome == ProposalOutcome.AGREED and stand != (proposal.starts_on, proposal.ends_on):
            return None
        return found | {"proposal": proposal}

    return context


# That one was cleared, or was not, tells staff who read the outbox that something was needed.
OF_A_CLEARANCE = "authorization.view_authorizationrecord"


def _mail(kind: str, context: Context, audience: str, restricted_to: str = "") -> Mail:
    template = f"placements/mail/{kind.removeprefix('placement.')}"
    return Mail(kind, template, context, audience=audience, must_arrive=True, restricted_to=restricted_to)


ready = _mail("placement.ready", _placement(Status.READY), "student", OF_A_CLEARANCE)
ready_host = _mail("placement.ready_host", _placement(Status.READY), "host", OF_A_CLEARANCE)
held_back = _mail("placement.held_back", _held_back, "host", OF_A_CLEARANCE)
stop_after = _mail("placement.stop_after", _footing("stop_after"), "host", OF_A_CLEARANCE)
go_on = _mail("placement.go_on", _footing("go_on"), "host", OF_A_CLEARANCE)
begun = _mail("placement.begun", _placement(Status.ACTIVE), "")
deliverable = _mail("placement.deliverable", _placement(Status.DELIVERABLE_SUBMITTED), "host")
completed = _mail("placement.completed", _placement(Status.COMPLETED), "student")
dates_moved = _mail("placement.dates_moved", _placement(*TO_COME, *UNDER_WAY), "")
dates_proposed = _mail("placement.dates_proposed", _proposal(""), "student")
dates_agreed = _mail("placement.dates_agreed", _proposal(ProposalOutcome.AGREED), "host")
dates_declined = _mail("placement.dates_declined", _proposal(ProposalOutcome.DECLINED), "host")
dates_taken_back = _mail("placement.dates_taken_back", _proposal(ProposalOutcome.TAKEN_BACK), "student")
start_must_move = _mail("placement.start_must_move", _start_must_move, "host", OF_A_CLEARANCE)
ended_early = _mail("placement.ended_early", _placement(Status.ENDED_EARLY), "")
