from authorization.models import AuthorizationRecord
from authorization.workflow import Status

TONES = {
    Status.NOT_STARTED: "waiting",
    Status.ADVISED: "waiting",
    Status.FILED: "active",
    Status.APPROVED: "success",
    Status.DENIED: "danger",
    Status.NOT_NEEDED: "success",
}


def tone(record: AuthorizationRecord) -> str:
    """How the status of a record is drawn."""
    return "ended" if record.is_closed else TONES[Status(record.status)]
