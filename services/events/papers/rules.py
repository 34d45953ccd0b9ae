"""Which questions the draws of a paper get. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MOST_SECTIONS: Final = 20
MOST_DRAWS: Final = 50
"""Of a paper, and of one section."""
MOST_QUESTIONS: Final = 500
"""Of a version, of which each person gets some or all."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the document of a version."""
MOST_EDITORS: Final = 20


@dataclass(frozen=True, slots=True)
class Shortage:
    """A draw that cannot be served: of `wanted` questions there are `found`, when all the others are served first."""

    draw: int
    wanted: int
    found: int


def allot(able: Sequence[Sequence[UUID]], counts: Sequence[int]) -> tuple[list[list[UUID]], list[Shortage]]:
    """Questions for each draw, none twice, and which draws are short.

    `able`: which questions each draw may take, in the order in which it would. Whatever way there is to serve all of them is found: where a draw
    has nothing left, another one that took what this one needs takes something else. Those with the least choice begin.
    """
    taken: dict[UUID, int] = {}
    for draw in sorted(range(len(able)), key=lambda one: (len(able[one]), one)):
        for _ in range(counts[draw]):
            if not _serve(draw, able, taken):
                break
    found: list[list[UUID]] = [[] for _ in able]
    for draw, some in enumerate(able):
        found[draw] = [one for one in some if taken.get(one) == draw]
    short = [Shortage(draw, count, len(found[draw])) for draw, count in enumerate(counts) if len(found[draw]) < count]
    return found, short


def _serve(draw: int, able: Sequence[Sequence[UUID]], taken: dict[UUID, int]) -> bool:
    """Give a draw one more question, which may pass one on from draw to draw."""
    came: dict[int, tuple[int, UUID]] = {}
    waiting, seen = deque([draw]), {draw}
    while waiting:
        one = waiting.popleft()
        for question in able[one]:
            holder = taken.get(question)
            if holder is None:
                _pass_on(one, question, came, taken)
                return True
            if holder not in seen:
                seen.add(holder)
                came[holder] = (one, question)
                waiting.append(holder)
    return False


def _pass_on(draw: int, question: UUID, came: Mapping[int, tuple[int, UUID]], taken: dict[UUID, int]) -> None:
    while True:
        taken[question] = draw
        if draw not in came:
            return
        # What this draw held goes to the one that looked for it, which looks no further.
        draw, question = came[draw]


def widened(
    found: Sequence[Sequence[UUID]], able: Sequence[Sequence[UUID]], counts: Sequence[int], most: int
) -> list[list[UUID]]:
    """The same with what is left over, up to `most` in all, so that each person's paper is drawn from more: to whichever draw has least for
    what it gives.
    """
    pools = [list(some) for some in found]
    taken = {one for some in pools for one in some}
    room = most - len(taken)
    following = [iter(some) for some in able]
    going = {draw for draw, count in enumerate(counts) if count}
    while room > 0 and going:
        draw = min(going, key=lambda one: (len(pools[one]) / counts[one], one))
        question = next((one for one in following[draw] if one not in taken), None)
        if question is None:
            going.discard(draw)
            continue
        pools[draw].append(question)
        taken.add(question)
        room -= 1
    return pools
