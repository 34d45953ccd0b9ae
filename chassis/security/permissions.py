"""Permissions as rows of one table: who may do a thing, by what they are in the community.

A row is written as in the contract: one cell for each column of `COLUMNS`. Cells: `y` all in the community, `o` what is the
caller's own, `a` what they are assigned to, `v` where the community's visibility shows it, `–` refused; `o/a` is both.
A row that ends before the last column, which is that of guests, refuses them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Literal

Column = Literal["N", "S", "X", "U", "M", "L", "D", "O", "W", "A", "svc", "G"]

COLUMNS: tuple[Column, ...] = ("N", "S", "X", "U", "M", "L", "D", "O", "W", "A", "svc", "G")
"""N nobody, S logged in and no member here, X suspended, U muted, M member and mentor, L lecturer, D moderator, O operator,
W owner, A platform administrator, svc service account, G a guest, who is assigned to one activity."""
_PLACES: dict[Column, int] = {column: place for place, column in enumerate(COLUMNS)}

ROLE_COLUMNS: dict[str, Column] = {"lecturer": "L", "moderator": "D", "operator": "O", "owner": "W"}


class Reach(StrEnum):
    """How far a permission goes."""

    ALL = "y"
    OWN = "o"
    ASSIGNED = "a"
    VISIBLE = "v"


@dataclass(frozen=True)
class Permission:
    """One row of the table."""

    name: str
    cells: tuple[frozenset[Reach], ...]
    writes: bool
    platform_roles: frozenset[str] = frozenset({"admin"})

    def reach(self, columns: Iterable[Column]) -> frozenset[Reach]:
        """How far someone in these columns may go; empty means not at all."""
        of = frozenset(columns)
        reach = self._found.get(of)
        if reach is None:
            reach = self._found[of] = frozenset().union(*(self.cells[_PLACES[column]] for column in of))
        return reach

    @cached_property
    def _found(self) -> dict[frozenset[Column], frozenset[Reach]]:
        """What the row says of each set of columns that was asked about: a list asks three times for each item."""
        return {}

    @property
    def for_service_accounts(self) -> bool:
        """Whether it can be a service account's scope."""
        return bool(self.cells[_PLACES["svc"]])

    @property
    def for_guests(self) -> bool:
        """Whether guests have it, for the activity that they were invited to."""
        return bool(self.cells[_PLACES["G"]])

    @property
    def for_anyone(self) -> bool:
        """Whether it may be used without logging in."""
        return bool(self.cells[0])

    @cached_property
    def of_the_platform(self) -> bool:
        """Whether a platform role alone decides it: no membership of any kind gives it."""
        return not any(self.cells[:9]) and not self.for_guests

    @cached_property
    def to_read(self) -> "Permission":
        """The same row for an operation that only reads what the permission is for: an archived community does not refuse it."""
        return replace(self, writes=False)

    @cached_property
    def denied_when_muted(self) -> bool:
        """Whether muted members may not do this; then outdated knowledge of their status is not good enough."""
        return not self.cells[_PLACES["U"]]

    @cached_property
    def narrower_when_muted(self) -> bool:
        """Whether muted members, and who has not acknowledged the rules in time, may do less of this than other members."""
        return any(cell - self.cells[_PLACES["U"]] for cell in self.cells[_PLACES["M"] : _PLACES["A"]])


catalogue: dict[str, Permission] = {}
"""Every declared permission by its name."""


def names_within(columns: frozenset[Column]) -> tuple[str, ...]:
    """The permissions that these columns have in a community, by name."""
    return _names_within(columns, len(catalogue))


@lru_cache(maxsize=1000)
def _names_within(columns: frozenset[Column], _declared: int) -> tuple[str, ...]:
    return tuple(sorted(name for name, one in catalogue.items() if not one.of_the_platform and one.reach(columns)))


def names_of_the_platform(roles: Collection[str]) -> tuple[str, ...]:
    """The permissions that these platform roles give, by name."""
    return _names_of_the_platform(frozenset(roles), len(catalogue))


@lru_cache(maxsize=100)
def _names_of_the_platform(roles: frozenset[str], _declared: int) -> tuple[str, ...]:
    return tuple(sorted(name for name, one in catalogue.items() if one.of_the_platform and one.platform_roles & roles))


_READING_VERBS = frozenset({"read", "list"})


def permission(
    name: str, row: str, *, writes: bool | None = None, platform_roles: Iterable[str] = ("admin",)
) -> Permission:
    """Declare a permission by its row.

    `writes` (refused in an archived community) follows from the name unless given. `platform_roles` share column A where the
    permission is the platform's alone: `hr` for people, `auditor` for the audit.
    """
    cells = tuple(_cell(text) for text in row.split())
    if len(cells) == len(COLUMNS) - 1:
        cells += (frozenset(),)
    if len(cells) != len(COLUMNS):
        raise ValueError(f"permission {name!r} has {len(cells)} cells, not {len(COLUMNS)}")
    if not cells[_PLACES["G"]] <= {Reach.ASSIGNED}:
        raise ValueError(f"permission {name!r} gives guests more than what they are assigned to")
    reads = name.rpartition(".")[2] in _READING_VERBS
    declared = Permission(
        name=name,
        cells=cells,
        writes=not reads if writes is None else writes,
        platform_roles=frozenset(platform_roles),
    )
    if catalogue.setdefault(name, declared) != declared:
        raise ValueError(f"permission {name!r} is declared twice with different rows")
    return declared


def _cell(text: str) -> frozenset[Reach]:
    if text in {"–", "-"}:
        return frozenset()
    return frozenset(Reach(letter) for letter in text.split("/"))
