"""Which pieces of content a penalty hides, and what else still hides them. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from contracts.kinds import PIECES, PieceKind

Thing = tuple[PieceKind, UUID]

PENALTY: Final = "penalty."
"""How the cause of what a penalty hides begins; its id follows."""
_WHY: Final = {"author": "removed_by_author", "moderator": "removed_by_moderator", "hold": "held", "merge": "merged"}


def cause_of(penalty_id: UUID) -> str:
    """The live cause that a penalty is: each is one of its own."""
    return f"{PENALTY}{penalty_id}"


def hidden_by(objects: Iterable[tuple[str, UUID]], *, undone: bool) -> frozenset[Thing]:
    """What a penalty hides that was imposed for these objects, as of its greatest revision: they, until it is taken back."""
    if undone:
        return frozenset()
    return frozenset((kind, key) for kind, key in objects if kind in PIECES)


def with_cause(causes: Sequence[str], cause: str, *, live: bool) -> list[str]:
    """These causes with this one, or without it; any other stays as it is."""
    others = [one for one in causes if one != cause]
    return [*others, cause] if live else others


def still_hidden(causes: Sequence[str]) -> str | None:
    """Why something is not seen though a penalty was taken back; None where it is."""
    if not causes:
        return None
    return "other_penalty" if causes[0].startswith(PENALTY) else _WHY.get(causes[0], causes[0])
