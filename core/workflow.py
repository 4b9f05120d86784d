"""One table of moves for each thing that has a status: the rules, the buttons, the diagrams and the tests read it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass


class MoveRefused(Exception):  # noqa: N818  a refusal is an answer to a person, not a fault
    """A move that the table does not allow; the message is written for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Move:
    """`who` names roles, or "system" for what happens by the clock."""

    name: str
    sources: tuple[str, ...]
    target: str
    who: tuple[str, ...]
    label: str = ""


class Workflow:
    def __init__(self, moves: Iterable[Move], *, noun: str) -> None:
        self.moves = {move.name: move for move in moves}
        self.noun = noun

    def __iter__(self) -> Iterator[Move]:
        return iter(self.moves.values())

    def allows(self, name: str, status: str, roles: Collection[str]) -> bool:
        move = self.moves[name]
        return status in move.sources and any(role in move.who for role in roles)

    def available(self, status: str, roles: Collection[str]) -> list[Move]:
        """The moves that these roles may make now, in the table's order."""
        return [move for move in self if self.allows(move.name, status, roles)]

    def target(self, name: str, status: str, roles: Collection[str]) -> str:
        """The status after the move; raises MoveRefused when the table does not allow it."""
        move = self.moves[name]
        if status not in move.sources:
            raise MoveRefused(
                f"This {self.noun} is {str(status).replace('_', ' ')} now, so that is no longer possible."
            )
        if not any(role in move.who for role in roles):
            raise MoveRefused(f"You cannot do that with this {self.noun}.")
        return move.target

    def diagram(self) -> str:
        """A Mermaid state diagram of the table."""
        lines = ["stateDiagram-v2"]
        for move in self:
            actors = ", ".join(who.replace("_", " ") for who in move.who)
            lines += [f"    {source} --> {move.target}: {move.name} ({actors})" for source in move.sources]
        return "\n".join(lines)
