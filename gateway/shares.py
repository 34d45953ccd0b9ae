"""Slots and memory are shared: no caller may take more than a limited part."""

from collections.abc import Hashable

from chassis.problems import ProblemType, too_much_at_once


class Shares:
    """How much of a thing is in use, in all and by each holder: a caller, or an address for requests without a token."""

    def __init__(self, most: int, each: int, *, used_up: ProblemType) -> None:
        self.most = most
        self.each = each
        self.taken = 0
        self._used_up = used_up
        self._of: dict[Hashable, int] = {}

    def take(self, holder: Hashable | None, amount: int = 1) -> None:
        """Take some of it. Raises `RATE_LIMITED` if the holder has too much already, the declared problem if all is in use.

        Without a holder (requests of the gateway itself) no share is counted.
        """
        mine = self._of.get(holder, 0) + amount
        if holder is not None and mine > self.each:
            raise too_much_at_once()
        if self.taken + amount > self.most:
            raise self._used_up()
        self.taken += amount
        if holder is not None:
            self._of[holder] = mine

    def give_back(self, holder: Hashable | None, amount: int = 1) -> None:
        """Give back what was taken."""
        self.taken -= amount
        if holder is None:
            return
        left = self._of[holder] - amount
        if left:
            self._of[holder] = left
        else:
            del self._of[holder]
