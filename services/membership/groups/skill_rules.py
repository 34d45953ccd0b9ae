"""Who comes into which group, so that what people can do is spread over the groups: pure, and the same for the same people and seed.

Greedy, skill by skill, the rarest first: each of its holders comes into a group in which nobody has it yet, of those into the smallest. Where
there is none left with room, into one of those in which the fewest have it. So every holder is placed with those few groups in mind that have
the skill already, and a skill costs what it has holders, however many groups there are.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from uuid import UUID

from services.membership.groups.grouping_rules import Candidate, in_drawn_order, lot


def balanced_by_skill(candidates: Iterable[Candidate], *, groups: int, seed: int) -> list[list[UUID]]:
    """Deal people to groups whose sizes differ by at most 1, each skill as evenly as its holders' other skills allow.

    Who has no skill that somebody else has comes last, department by department, into the smallest groups. Of skills that as many have,
    of people and of groups, the seed says who is first.
    """
    people = in_drawn_order(candidates, seed)
    table = _Table(groups, len(people))
    having = _by_skill(people, seed)
    for holders in _rarest_first(having, seed):
        table.spread(holders)
    table.fill(people)
    return table.dealt


def _by_skill(people: Iterable[Candidate], seed: int) -> dict[str, list[Candidate]]:
    having: dict[str, list[Candidate]] = {}
    for one in people:
        for skill in one.skills:
            having.setdefault(skill, []).append(one)
    return having


def _rarest_first(having: dict[str, list[Candidate]], seed: int) -> Iterator[list[Candidate]]:
    # What one person alone can do is in one group wherever they come.
    shared = [(len(holders), lot(skill, seed), skill) for skill, holders in having.items() if len(holders) > 1]
    for *_, skill in sorted(shared):
        yield having[skill]


class _Table:
    """The groups while people are dealt to them: `base` to each, and one more to `larger` of them."""

    def __init__(self, groups: int, people: int) -> None:
        self.dealt: list[list[UUID]] = [[] for _ in range(groups)]
        self._base, self._larger = divmod(people, groups) if groups else (0, 0)
        # The smallest on top. What is said of a group that has grown meanwhile counts no more; `_top` takes it away.
        self._smallest = [(0, place) for place in range(groups)]
        self._group_of: dict[UUID, int] = {}

    def spread(self, holders: Iterable[Candidate]) -> None:
        """Place those of a skill's holders who are not placed yet."""
        has: dict[int, int] = {}
        coming = []
        for one in holders:
            place = self._group_of.get(one.member_id)
            if place is None:
                coming.append(one)
            else:
                has[place] = has.get(place, 0) + 1
        fewest = [(count, len(self.dealt[place]), place) for place, count in has.items()]
        heapify(fewest)
        in_hand = set()
        for one in coming:
            while (top := self._top()) is not None and top[1] in has:
                in_hand.add(heappop(self._smallest)[1])
            if top is not None and self._has_room(top[0]):
                count, place = 0, heappop(self._smallest)[1]
            else:
                count, size, place = heappop(fewest)
                while not self._has_room(size):
                    count, size, place = heappop(fewest)
            has[place] = count + 1
            heappush(fewest, (count + 1, self._put(one, place), place))
            in_hand.add(place)
        for place in in_hand:
            heappush(self._smallest, (len(self.dealt[place]), place))

    def fill(self, people: Iterable[Candidate]) -> None:
        """Place everybody else, one after the other into the smallest group."""
        for one in people:
            if one.member_id not in self._group_of and (top := self._top()) is not None:
                heappush(self._smallest, (self._put(one, top[1]), top[1]))

    def _top(self) -> tuple[int, int] | None:
        while self._smallest and self._smallest[0][0] != len(self.dealt[self._smallest[0][1]]):
            heappop(self._smallest)
        return self._smallest[0] if self._smallest else None

    def _has_room(self, size: int) -> bool:
        return size < self._base or (size == self._base and self._larger > 0)

    def _put(self, one: Candidate, place: int) -> int:
        group = self.dealt[place]
        # Only so many groups have one more than the others.
        self._larger -= len(group) == self._base
        group.append(one.member_id)
        self._group_of[one.member_id] = place
        return len(group)
