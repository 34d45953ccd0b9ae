"""How much a job does at once: its transaction keeps locks, so it is to be short, and a larger one is sooner done with all."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

QUICK, SLOW = 0.05, 0.15
"""Seconds: after a chunk that took less the next is larger, after one that took more it is smaller."""


class Chunks:
    """The size of the next chunk, by how long the one before it took."""

    def __init__(self, first: int, most: int) -> None:
        self.size = first
        self._most = most

    @contextmanager
    def timed(self) -> Iterator[int]:
        """Around one chunk; gives how many it may have."""
        began = perf_counter()
        yield self.size
        took = perf_counter() - began
        if took < QUICK:
            self.size = min(self.size * 2, self._most)
        elif took > SLOW:
            self.size = max(self.size // 2, 1)
