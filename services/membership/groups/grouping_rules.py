"""Who comes into which group, so that groups are alike: pure, and the same for the same people and seed, in whatever order they are given."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heapify, heapreplace
from typing import Final, Literal
from uuid import UUID

from services.membership.groups.rules import LARGEST

MOST_COUNT: Final = 5000
"""Groups of one grouping."""
MOST_SEED: Final = 2**31 - 1

GroupingStatus = Literal["planning", "planned", "applying", "applied"]
By = Literal["department", "skill"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is to come into a group."""

    member_id: UUID
    department: str | None = None
    skills: frozenset[str] = frozenset()


def how_many(people: int, *, size: int | None, count: int | None) -> int:
    """How many groups there are: of at most `size`, or `count` of them, and more where one would hold more than a group may.

    Never more than there are people.
    """
    wanted = count if count is not None else -(-people // size) if size else 1
    return min(people, max(wanted, -(-people // LARGEST), 1))


def balanced(candidates: Iterable[Candidate], *, groups: int, seed: int) -> list[list[UUID]]:
    """Deal people to groups, department by department, going on where the one before ended.

    So sizes differ by at most 1, and so do the members of each department in the groups. Within a department, and of departments, the
    order is drawn by the seed.
    """
    dealt: list[list[UUID]] = [[] for _ in range(groups)]
    for place, one in enumerate(in_drawn_order(candidates, seed)):
        dealt[place % groups].append(one.member_id)
    return dealt


def joining_smallest(
    candidates: Iterable[Candidate], sizes: Mapping[UUID, int], *, seed: int
) -> list[tuple[UUID, UUID]]:
    """Put those who come late into the smallest group each, one after the other: pairs of member and group. A group that is as large as one may be takes nobody."""
    heap = [(size, str(group_id)) for group_id, size in sizes.items() if size < LARGEST]
    heapify(heap)
    placed = []
    for one in in_drawn_order(candidates, seed):
        if not heap or heap[0][0] >= LARGEST:
            break
        size, group_id = heap[0]
        placed.append((one.member_id, UUID(group_id)))
        heapreplace(heap, (size + 1, group_id))
    return placed


def spread(places: Iterable[Collection[UUID]]) -> tuple[int, int]:
    """How many are in the smallest group and in the largest one; 0 where there is none."""
    sizes = [len(group) for group in places]
    return (min(sizes), max(sizes)) if sizes else (0, 0)


def lot(what: str, seed: int) -> bytes:
    """What something draws: its place among others, the same for the same seed on any machine."""
    return blake2b(what.encode(), key=seed.to_bytes(8, "big"), digest_size=8).digest()


def in_drawn_order(candidates: Iterable[Candidate], seed: int) -> list[Candidate]:
    """People department by department; of departments, and within one, in the order that is drawn."""
    departments: dict[str | None, tuple[bytes, str]] = {}
    keyed = []
    for one in candidates:
        if one.department not in departments:
            code = one.department or ""
            # Those without a department are one of their own, whatever a code is.
            departments[one.department] = (lot(f"{one.department is None}{code}", seed), code)
        keyed.append((departments[one.department], lot(str(one.member_id), seed), one.member_id, one))
    return [one for *_, one in sorted(keyed, key=lambda each: each[:3])]
