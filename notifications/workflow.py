"""The life of one mail in the outbox."""

from django.db.models import TextChoices

from core.workflow import Move, Workflow


class State(TextChoices):
    PENDING = "pending", "Waiting"
    CLAIMED = "claimed", "In hand"
    SENDING = "sending", "Being handed over"
    SENT = "sent", "Sent"
    FAILED = "failed", "Refused for good"
    DEAD = "dead", "Out of tries"
    SUPERSEDED = "superseded", "No longer needed"
    EXPIRED = "expired", "Too late to send"
    UNCERTAIN = "uncertain", "Perhaps sent"


IN_HAND = (State.CLAIMED, State.SENDING)
WITH_ERROR = (State.FAILED, State.DEAD)

OUTBOX = Workflow(
    [
        Move("claim", (State.PENDING,), State.CLAIMED, ("system",)),
        Move("hand over", (State.CLAIMED,), State.SENDING, ("system",)),
        Move("accepted", IN_HAND, State.SENT, ("system",)),
        Move("try later", IN_HAND, State.PENDING, ("system",)),
        Move("refuse", IN_HAND, State.FAILED, ("system",)),
        Move("give up", IN_HAND, State.DEAD, ("system",)),
        Move("lose sight", (State.SENDING,), State.UNCERTAIN, ("system",)),
        Move("expire", IN_HAND, State.EXPIRED, ("system",)),
        Move("supersede", (State.PENDING, State.CLAIMED), State.SUPERSEDED, ("system",)),
        Move(
            "send again",
            (State.FAILED, State.DEAD, State.UNCERTAIN),
            State.PENDING,
            ("moderator",),
            label="Send again",
        ),
    ],
    noun="mail",
)
