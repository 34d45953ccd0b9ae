"""What happens on the ladder that higher features follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class LevelReached:
    """A member reached a level, at the time of the entry that crossed its rung."""

    member_id: UUID
    community_id: UUID
    code: str
    title_zh: str
    title_en: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LevelsReached:
    """The levels that members reached in one batch; their wallets are locked."""

    levels: Sequence[LevelReached]
    now: datetime


levels_reached: Occasion[LevelsReached, None] = Occasion("levels reached")
"""The changes are written."""
