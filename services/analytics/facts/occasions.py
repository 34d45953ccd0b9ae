"""What counting changes, and higher features have to follow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.occasions import Occasion

PAST: Final = timedelta(days=2)
"""A day is past when it is so long over: then it is over in every zone, and by every clock that goes a few hours wrong."""


@dataclass(frozen=True, slots=True)
class PastChanged:
    """Communities in which something counts otherwise on a day that is past, and the first such day of each."""

    first: Mapping[UUID, date]

    @property
    def community_ids(self) -> Collection[UUID]:
        """Which communities these are."""
        return self.first.keys()


@dataclass(frozen=True, slots=True)
class HistoryTold:
    """Communities of which history was told: what was done days or years ago, imported or told once more."""

    community_ids: Collection[UUID]
    at: datetime


past_changed: Occasion[PastChanged, None] = Occasion("past changed")
"""What is kept of past days is to be looked up again."""

history_told: Occasion[HistoryTold, None] = Occasion("history told")
"""What is found in figures soon afterwards may have been so for years."""
