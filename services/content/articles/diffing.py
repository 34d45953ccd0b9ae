"""What differs between two texts, by lines: the shortest way from one to the other, as long as it is short. Pure."""

from collections.abc import Sequence
from typing import Final, Literal

Op = Literal["same", "added", "removed"]

MOST_DIFFERENT: Final = 200
"""Lines. What differs more is shown as all removed and all added: to find the shortest way then takes too long."""


def diff(before: Sequence[str], after: Sequence[str]) -> list[tuple[Op, str]]:
    """The lines of both in one order; what leads from one to the other by Myers, `An O(ND) Difference Algorithm` (1986)."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    middle = _between(before[start : len(before) - end], after[start : len(after) - end])
    last = before[len(before) - end :]
    return [*(("same", line) for line in before[:start]), *middle, *(("same", line) for line in last)]


def _between(before: Sequence[str], after: Sequence[str]) -> list[tuple[Op, str]]:
    """`furthest[d][k]` is how many lines of `before` are passed with `d` differences on the diagonal `k`."""
    trail: list[dict[int, int]] = []
    reached = {1: 0}
    for differences in range(min(len(before) + len(after), MOST_DIFFERENT) + 1):
        trail.append(dict(reached))
        for k in range(-differences, differences + 1, 2):
            x = _step(reached, k, differences)
            while x < len(before) and 0 <= x - k < len(after) and before[x] == after[x - k]:
                x += 1
            reached[k] = x
            if x >= len(before) and x - k >= len(after):
                return _back(trail, before, after)
    return [*(("removed", line) for line in before), *(("added", line) for line in after)]


def _step(reached: dict[int, int], k: int, differences: int) -> int:
    down = k == -differences or (k != differences and reached[k - 1] < reached[k + 1])
    return reached[k + 1] if down else reached[k - 1] + 1


def _back(trail: list[dict[int, int]], before: Sequence[str], after: Sequence[str]) -> list[tuple[Op, str]]:
    x, y = len(before), len(after)
    found: list[tuple[Op, str]] = []
    for differences in range(len(trail) - 1, -1, -1):
        reached, k = trail[differences], x - y
        down = k == -differences or (k != differences and reached[k - 1] < reached[k + 1])
        from_k = k + 1 if down else k - 1
        from_x = reached[from_k]
        from_y = from_x - from_k
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            found.append(("same", before[x]))
        if differences:
            found.append(("added", after[from_y]) if down else ("removed", before[from_x]))
        x, y = from_x, from_y
    return found[::-1]
