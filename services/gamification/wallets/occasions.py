"""What is asked of other features when a wallet's entries are shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class Sources:
    """The things that entries were posted for, by the kind of thing."""

    ids: Mapping[str, frozenset[UUID]]


sources_shown: Occasion[Sources, Mapping[UUID, str]] = Occasion("sources of entries shown")
"""Each effect answers what things of its own kind are called, of one kind alone and at once."""
