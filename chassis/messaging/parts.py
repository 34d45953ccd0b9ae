"""Messages about many members come in parts: one that names a whole company is too large to be read at once."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

MOST_MEMBERS: Final = 500
"""Of one message."""


class MembersPart(NamedTuple):
    """A part of some members: it is the `part`-th `of` so many."""

    member_ids: tuple[UUID, ...]
    part: int
    of: int


def in_parts(member_ids: Sequence[UUID]) -> list[MembersPart]:
    """The parts in which so many members are told, in their order; none for nobody."""
    parts = [tuple(member_ids[first : first + MOST_MEMBERS]) for first in range(0, len(member_ids), MOST_MEMBERS)]
    return [MembersPart(some, number, len(parts)) for number, some in enumerate(parts, 1)]
