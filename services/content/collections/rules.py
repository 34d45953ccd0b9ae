"""How deep and how wide the tree of collections is."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

DEEPEST: Final = 6
MOST: Final = 500
"""Collections of one community."""


def path_to(parents: Mapping[UUID, UUID | None], key: UUID | None) -> list[UUID]:
    """The collections from this one to the top."""
    path: list[UUID] = []
    while key is not None:
        path.append(key)
        key = parents[key]
    return path


def depth_below(parents: Mapping[UUID, UUID | None], key: UUID) -> int:
    """How many levels hang on this one, itself counted."""
    paths = (path_to(parents, one) for one in parents)
    return max(path.index(key) + 1 for path in paths if key in path)
